"""Record the histories and fingerprints of tests/replay: `python -m tests.replay.record [NAME…]`; only the named ones.

Run it when a workflow is new, or after a change behind `workflow.patched` whose old branch the recorded histories still
walk: then give the new histories names of their own and keep the old ones, for as long as old batches live.
"""

import asyncio
import json
import re
import sys
from contextlib import suppress
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

from temporalio.client import Client, WorkflowHistory
from temporalio.service import RPCError
from temporalio.testing import WorkflowEnvironment

from models.correction.messages import CorrectLink, UsedLot
from models.fault import store as faults
from models.fault.messages import RetryFault
from models.hold.messages import PlaceHold
from models.kernel.fault import Trouble
from models.kernel.refusal import Refusal
from models.packing.messages import MoveUnit, PackLine, PackUnit, UnpackUnit
from models.receipt.messages import ReceiveLot
from models.reshape.messages import MergeLots, NewLot, ProposeDisposition, SplitLot
from models.stock.messages import MoveStock, RegisterSerials
from runtime.home import Home
from runtime.postgres import Postgres
from tests.process.sample import installed as samples
from tests.process.sample.kind import HINDERED
from tests.replay import breakdowns, calibrations, capas, changes, drifts, scars, suppliers
from tests.support import scratch
from tests.support.plant.aging import aged
from tests.support.plant.commands import commands
from tests.support.plant.plant import Plant, working
from tests.support.plant.recalling import Recalling, receivers
from tests.support.processes import waiting
from tests.support.servers import database as databases
from tests.support.servers import temporal
from tests.support.servers.until import born, ended, until
from workflows.background.drill_plan import DrillPlan
from workflows.background.trace_health import TraceHealth
from workflows.background.upkeep import Upkeep
from workflows.temporal.queues import QUALITY
from workflows.temporal.start import ensure_outbox, retry_fault

FOLDER = Path(__file__).parent / "histories"
FINGERPRINTS = Path(__file__).parent / "fingerprints.json"
PART = "Sample-part"
APART = (
    "Sample-",
    "Capa-",
    "Change-",
    "SupplierApproval-",
    "Calibration-",
    "OutOfTolerance-",
    "Breakdown-",
    "DriftLimits-",
    "SupplierAlert-",
)
"""What is played beside the main job, and alone where nothing else is asked for."""
SAMPLES = {"sample/H-DAY": "Sample-by-day", "sample/H-WORD": "Sample-by-word"}


async def recall_it(plant: Plant) -> str:
    """What was shipped is recalled, to the closing; answers the workflow that sent the notice."""
    recall = Recalling(plant)
    await recall.open("H-1")
    await recall.to_customers()
    (notice,) = recall.notices()
    sent = f"notice/{notice.public_id}/first"
    await ended(plant.client, sent)
    named = receivers(市一院=10)
    await recall.acknowledge(notice, 50, on_hand=40, will_return=40, passed_on=10, receivers=named, confirm=False)
    await born(plant.client, f"receivers/{recall.number}/1")
    await recall.confirm()
    await ended(plant.client, f"receivers/{recall.number}/1")
    await recall.draw("a")
    for row in recall.checks().rows:
        await recall.check(row)
    await recall.book("H-1", "40", command_id="return")
    with suppress(Refusal):
        await recall.book("H-1", "11", command_id="too-many")
    (back,) = recall.returns()
    await recall.dispose(back, "scrap", "40")
    await recall.do("follow_up", "sun.zhao", "done")
    await recall.do("close", "wu.jingli", "close", signed=True, reason="约定退回")
    return sent


async def send_for_goods(plant: Plant) -> None:
    """A batch on the line is held; somebody brings it back."""
    await plant.complete("R-2", "putaway", "li.cang", signed=False, form={"location": "RM-A1"})
    await plant.order("H-2", 2)
    taken = ({"lot_no": "R-2", "quantity": 2},)
    await plant.door.record_operation(
        plant.client, "H-2", plant.operation("H-2", 10, equipment=("M-07",), consumes=taken)
    )
    pulling = Recalling(plant, "RC-2026-002")
    await pulling.open("H-2")
    await pulling.freeze()
    await pulling.do("hold_all", "sun.zhao")
    await born(plant.client, "pull/RC-2026-002/1")
    await pulling.pull("WO-H-2", found="2", location="QA-01")


async def miss_a_deadline(plant: Plant, env: WorkflowEnvironment) -> dict[str, str]:
    """The plan of a recall was never filed: told before, told at the end, explained, then filed; the recall closes."""
    recall = Recalling(plant, "RC-2026-003")
    await recall.open("R-2-A")
    await recall.freeze()
    workflow_id = f"recall/{recall.number}"
    aged(plant.engine, workflow_id, timedelta(days=30))
    assert await env.fast_forward(plant.client.get_workflow_handle(workflow_id), timedelta(days=30))
    await until(lambda: plant.scalar("select count(*) from recall_deadline where missed_at is not null") == 2)
    task = recall.duty("cn.recall.plan")
    deadline = plant.workflow_of(task)
    await born(plant.client, deadline)
    said = plant.completion(task, plant.by("sun.zhao"), signed=False, form={"explanation": "系统故障"})
    await plant.door.complete_task(plant.client, deadline, said)
    await recall.file("plan", command_id="file-plan")
    return {workflow_id: "Recall-deadlines", deadline: "LegalDeadline-explained"}


async def play(plant: Plant, env: WorkflowEnvironment) -> dict[str, str]:
    """A small life with detours; answers file names by workflow id."""
    await ensure_outbox(plant.client)
    await plant.material("R-1", 50)
    await plant.make("H-1", "R-1", 50)
    hold = PlaceHold(command_id="place", by=plant.by("wu.jingli"), lot_nos=("H-1",), reason="投诉")
    placed = await plant.door.place_hold(plant.client, hold)
    with suppress(Refusal):
        await plant.ship("SH-0", "H-1", 1)
    lift = plant.lifting(placed.data["holds"][0], reason="已查明")
    await plant.door.lift_hold(plant.client, lift)
    await plant.complete("H-1", "review", "zhou.shen", "release")
    await plant.complete("H-1", "approve", "chen.pi", "review_again", reason="请再核对")
    await plant.complete("H-1", "review", "zhou.shen", "rework", reason="毛刺")
    await plant.complete("H-1", "disposition", "chen.pi", "rework", reason="毛刺")
    await plant.door.record_operation(plant.client, "H-1", plant.operation("H-1", 10, equipment=("M-07",)))
    reading = ({"quantity": "humidity", "value": 45, "unit": "%"},)
    await plant.door.record_operation(plant.client, "H-1", plant.operation("H-1", 20, environment=reading, produced=50))
    await plant.measure("H-1")
    await plant.complete("H-1", "inspect", "lin.jian", "accepted")
    await plant.pack("H-1", 50)
    await plant.complete("H-1", "review", "zhou.shen", "release", reason="返工一次")
    await plant.complete("H-1", "approve", "chen.pi", "release", reason="返工一次")
    await plant.complete("H-1", "putaway", "li.cang", signed=False, form={"location": "FG-A1"})
    await plant.ship("SH-1", "H-1", 50)
    sent = await recall_it(plant)
    await plant.client.execute_workflow(DrillPlan.run, id="drill-plan", task_queue=QUALITY)
    await plant.client.execute_workflow(TraceHealth.run, id="trace-health", task_queue=QUALITY)
    await plant.client.execute_workflow(Upkeep.run, "reconcile", id="reconcile", task_queue=QUALITY)
    for workflow_id in ("lot/R-1", "lot/H-1"):
        await plant.client.get_workflow_handle(workflow_id).result()
    await plant.receive("R-2", 10)
    await plant.measure("R-2", value="13")
    await plant.complete("R-2", "inspect", "lin.jian", "failed")
    await plant.complete("R-2", "disposition", "chen.pi", "reinspect", reason="量具")
    await plant.measure("R-2")
    with suppress(Refusal):
        await plant.complete("R-2", "inspect", "lin.jian", "failed")
    form = {"cause": "量具"}
    await plant.complete("R-2", "decide", "chen.pi", "unfounded", reason="量具", form=form)
    await plant.complete("R-2", "inspect", "lin.jian", "accepted")
    await send_for_goods(plant)
    await split_and_merge(plant)
    await correct_twice(plant)
    await pack_twice(plant)
    await register_twice(plant)
    await move_stock(plant)
    await plant.receive("R-3", 10)
    await plant.client.get_workflow_handle("lot/R-3").cancel()
    await until(lambda: plant.scalar("select count(*) from lot_fact where fact = 'process.not_cancelled'"))
    return {
        **await retry_twice(plant),
        **await miss_a_deadline(plant, env),
        "lot/R-1": "BatchLifecycle-material-by-act",
        "lot/H-1": "BatchLifecycle-product-by-act",
        "lot/R-3": "BatchLifecycle-not-cancelled",
        "inspection/R-2/1": "Inspection-by-act",
        "release/H-1/1": "Release-reworked-by-act",
        "release/H-1/2": "Release-by-act",
        "shipment/SH-0": "Act-shipment-refused",
        "shipment/SH-1": "Act-shipped",
        "hold/place": "Act-hold-placed",
        f"hold/{lift.command_id}": "Act-hold-lifted",
        "reshape/split": "Act-split",
        "reshape/merge": "Act-merger-refused",
        "reshape/propose": "Act-proposed",
        "disposition/R-2/1": "Disposition-by-act",
        "material-review/NC-R-2-1": "MaterialReview-decided",
        "correction/first": "Act-corrected",
        "packing/pack": "Act-packed",
        "stock/numbers": "Act-registered",
        "pull/RC-2026-002/1": "PullGoods-by-act",
        "pull-held/H-1/1": "PullHeld-lifted",
        sent: "NoticeMail-own-queue",
        "recall/RC-2026-001": "Recall-by-act",
        "receivers/RC-2026-001/1": "ConfirmReceivers-told",
        "recall-booking/return": "Act-returned",
        "drill-plan": "DrillPlan-drawn",
        "trace-health": "TraceHealth-judged",
        "reconcile": "Upkeep-reconciled",
        "outbox": "OutboxDispatch-at-work",
    }


async def retry_twice(plant: Plant) -> dict[str, str]:
    """A receipt that met a fault is done again; the second one under its number is refused."""
    found = {}
    for name, key in (("done", "first"), ("refused", "second")):
        given = ReceiveLot(
            command_id=f"receive-{key}",
            by=plant.by("li.cang"),
            lot_no="R-9",
            item_no="PEEK-20",
            quantity=Decimal(10),
            location="RCV-01",
        )
        matter = faults.Matter(
            key=f"receive_lot:{key}",
            act="receive_lot",
            workflow_id="lot/R-9",
            command=given.model_dump_json(),
            facts=given.model_dump(mode="json"),
            person_id=given.by.person_id,
            build="",
        )
        number = faults.write(plant.engine, matter, Trouble.BUG, 3, "a bug", "where it was")
        fault = UUID(str(plant.scalar("select public_id from act_fault where id = :id", id=number)))
        command = RetryFault(
            command_id=f"retry-{key}",
            by=plant.by("admin"),
            fault=fault,
            act="receive_lot",
            command=given.model_dump(mode="json"),
        )
        with suppress(Refusal):
            await retry_fault(plant.client, command, 3)
        found[f"fault/{fault}/3"] = f"FaultRetry-{name}"
    return found


async def split_and_merge(plant: Plant) -> None:
    """Material in two parts, and a merger that is refused."""
    parts = (NewLot(lot_no="R-2-A", quantity=Decimal(2)), NewLot(lot_no="R-2-B", quantity=Decimal(1)))
    split = SplitLot(command_id="split", by=plant.by("li.cang"), lot_no="R-2", parts=parts, reason="分批")
    await plant.door.reshape(plant.client, split)
    merge = MergeLots(command_id="merge", by=plant.by("li.cang"), lot_nos=("R-2-A",), into="R-2-M", reason="合并")
    with suppress(Refusal):
        await plant.door.reshape(plant.client, merge)
    rejected = NewLot(lot_no="R-2-NG", quantity=Decimal(1))
    propose = ProposeDisposition(
        command_id="propose", by=plant.by("lin.jian"), lot_no="R-2", rejected=rejected, reason="划伤"
    )
    await plant.door.reshape(plant.client, propose)
    await plant.complete("R-2", "disposition", "chen.pi", "reject_part", reason="划伤")
    await plant.client.get_workflow_handle("disposition/R-2/1").result()


async def correct_twice(plant: Plant) -> None:
    """Less was consumed than was recorded; who says the same again is refused."""
    for command_id in ("first", "second"):
        used = (UsedLot(lot_no="R-2", quantity=Decimal(1)),)
        command = CorrectLink(
            command_id=command_id, by=plant.by("wu.jingli"), lot_no="H-2", wrong="R-2", lots=used, reason="少用一根"
        )
        with suppress(Refusal):
            await plant.door.correct_link(plant.client, command)


async def pack_twice(plant: Plant) -> None:
    """Material in a case, more than there is refused; the case is moved and emptied."""
    for command_id, quantity in (("pack", 1), ("too-much", 1000)):
        line = PackLine(lot_no="R-2-A", quantity=Decimal(quantity))
        command = PackUnit(
            command_id=command_id,
            by=plant.by("li.cang"),
            unit_no="006141411234567890",
            contents=(line,),
            unit_kind="case",
            location="RM-A1",
        )
        with suppress(Refusal):
            await plant.door.pack(plant.client, command)
    by = plant.by("li.cang")
    move = MoveUnit(command_id="move", by=by, unit_no="006141411234567890", location="RCV-01")
    await plant.door.pack(plant.client, move)
    await plant.door.pack(plant.client, UnpackUnit(command_id="unpack", by=by, unit_no="006141411234567890"))


async def register_twice(plant: Plant) -> None:
    """Pieces get their numbers once."""
    for command_id in ("numbers", "same-numbers"):
        by = plant.by("wang.cao")
        command = RegisterSerials(command_id=command_id, by=by, lot_no="R-2-A", serials=("SN-1", "SN-2"))
        with suppress(Refusal):
            await plant.door.stock(plant.client, command)


async def move_stock(plant: Plant) -> None:
    """Goods go to another place."""
    command = MoveStock(
        command_id="move-stock", by=plant.by("li.cang"), lot_no="R-2-A", source="RCV-01", to="RM-A1", reason="上架"
    )
    await plant.door.stock(plant.client, command)


async def settle_samples(plant: Plant, env: WorkflowEnvironment) -> dict[str, str]:
    """Of every part of the kit once: one sample rests until its day, one until word comes and settles at the second try."""
    await ensure_outbox(plant.client)
    for number in ("H-DAY", "H-WORD"):
        run = samples.begin(plant.engine, number)
        await born(plant.client, run)
        await samples.do(plant, number, "lin.jian", form=samples.FORM)
        await samples.do(plant, number, "zhou.shen", "agree")
        await samples.do(plant, number, "chen.pi", "agree")
        for part in samples.parts(plant, number):
            await born(plant.client, part)
            await samples.do(plant, number, "lin.jian")
            await ended(plant.client, part)
    day, word = (plant.client.get_workflow_handle(f"sample/{number}") for number in ("H-DAY", "H-WORD"))
    assert await env.fast_forward(day, timedelta(days=400))
    waiting.answered(plant, day.id, "write", "due", waiting.today(plant)[1].isoformat())
    await env.fast_forward(day, timedelta(days=2000))  # to its end, which comes before they are over
    HINDERED["H-WORD"] = 1
    samples.word(plant.engine, "H-WORD")
    for one in (day, word):
        await ended(plant.client, one.id)
    part, _ = samples.parts(plant, "H-DAY")
    return {**SAMPLES, part: PART}


async def fetch(client: Client, workflow_id: str) -> WorkflowHistory:
    """The history, once the workflow has nothing more to do at once."""
    handle = client.get_workflow_handle(workflow_id)
    for _ in range(200):
        raw = (await handle.describe()).raw_description
        if not raw.HasField("pending_workflow_task"):
            break
        await asyncio.sleep(0.05)
    return await handle.fetch_history()


def anonymous(part: Any) -> Any:
    """Without the names of machines and folders that the recording happened on."""
    if isinstance(part, dict):
        return {key: anonymous(value) for key, value in part.items() if key != "stackTrace"}
    if isinstance(part, list):
        return [anonymous(one) for one in part]
    return "recorder" if isinstance(part, str) and re.match(r"\d+@", part) else part


async def record(only: list[str]) -> None:
    """Play, fetch, write; histories of earlier recordings stay, and have their fingerprints beside the new ones."""
    FOLDER.mkdir(exist_ok=True)
    server = Postgres(Home(scratch.folder()), fast=True)
    child = server.start()
    env = await temporal.start_time_skipping()
    try:
        databases.make_template(server)
        database = databases.copy_template(server)
        with env.with_time_skipping_disabled(), samples.handed_in():
            async with working(database.engine, env.client) as plant:
                samples.furnish(database.owner_url, plant.engine)
                apart = only and all(one.startswith(APART) for one in only)
                wanted = {} if apart else await play(plant, env)
                wanted |= await settle_samples(plant, env)
                wanted |= await capas.solve(plant)
                wanted |= await changes.control(plant)
                wanted |= await suppliers.approve(plant)
                wanted |= await calibrations.calibrate(plant)
                wanted |= await breakdowns.breakdown(plant)
                wanted |= await drifts.drift(plant)
                wanted |= await scars.ask(plant)
                histories = {
                    name: await fetch(env.client, workflow_id)
                    for workflow_id, name in wanted.items()
                    if not only or name in only
                }
        database.engine.dispose()
    finally:
        await env.shutdown()
        databases.leave(server)
        child.kill()
    for name, history in sorted(histories.items()):
        text = json.dumps(anonymous(json.loads(history.to_json())), ensure_ascii=False, separators=(",", ":"))
        if not only or name in only:
            (FOLDER / f"{name}.json").write_text(text + "\n", encoding="utf-8")
    with samples.handed_in():
        fingerprints = {
            file.stem: await commands(WorkflowHistory.from_json(file.stem, file.read_text(encoding="utf-8")))
            for file in sorted(FOLDER.glob("*.json"))
        }
    FINGERPRINTS.write_text(json.dumps(fingerprints, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    try:
        asyncio.run(record(sys.argv[1:]))
    except RPCError as error:
        sys.exit(str(error))
