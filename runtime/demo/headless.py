"""`batchwright demo`: the main job on real servers in a temporary folder, with the refusals on the way, checked and told.

One document says what happened; `problems` is empty when everything was as it must be.
"""

import asyncio
import shutil
import tempfile
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from models.clock.store import moved_clock
from models.kernel.store.act import reading
from models.kernel.store.db import engine as connect
from models.plant.store import demo
from models.process.queries import facts
from runtime.demo import checks
from runtime.demo.aed import ACCEPTED, MainJob, Names
from runtime.demo.before.agenda import AsItHappens
from runtime.demo.company.ground import PASSWORD, furnish
from runtime.demo.parts import Part
from runtime.demo.people.drill import Drill
from runtime.demo.people.events import Events
from runtime.demo.people.office import Office, patiently
from runtime.demo.people.shift import Shift
from runtime.demo.refusals.attempts import Attempts
from runtime.demo.refusals.deciding import Deciding
from runtime.demo.refusals.making import Making
from runtime.demo.stories import ROD
from runtime.settings import Settings
from runtime.stack import ALL, Stack
from runtime.supervisor import running_stack


def run(say: Callable[[str], None], parts: Collection[Part] = tuple(Part)) -> dict[str, Any]:
    """Play the main job, a drill and what happens by itself on servers of its own; the document of `batchwright demo --json`.

    A document has the parts that were played; a drill without the main job is about a supplier's lot of years ago.
    """
    began = time.monotonic()

    def tell(said: str) -> None:
        say(f"{time.monotonic() - began:5.1f} s  {said}")

    with _servers(tell) as stack:
        record = connect(str(stack.settings.database_url), pool_size=2)
        goods = furnish(record, tell)
        office = Office(stack.api_url, PASSWORD)
        patiently(lambda: office["zhou.shen"])
        now = partial(moved_clock.now, record)
        job = MainJob(Shift(office, AsItHappens(now), goods, now), goods)
        attempts, document = Attempts(record), dict[str, Any]()
        if Part.MAIN in parts:
            approved = _play(job, attempts, tell)
            tell("追溯 / trace")
            document |= _document(office, approved, job.names)
        if Part.DRILL in parts:
            document["recall_drill"] = _drill(office, job.names.supplier_lot if Part.MAIN in parts else ROD, tell)
        if Part.EVENTS in parts:
            document["events"] = _events(job.shift, attempts, tell)
        document["refusals"] = attempts.refusals
        document["workflows"] = asyncio.run(
            _workflows(stack.settings, record, job.names if Part.MAIN in parts else None)
        )
        office.close()
        record.dispose()
        tell("停止 / stop")
    document["seconds"] = round(time.monotonic() - began, 1)
    document["problems"] = [*attempts.wrong, *checks.problems(document, job.names)]
    return document


def _events(shift: Shift, attempts: Attempts, tell: Callable[[str], None]) -> dict[str, Any]:
    """What follows from what was recorded, and how many facts caused something, in all that was played."""
    tell("不合格、CAPA 与变更 / nonconformance, CAPA and a change")
    played = Events(shift, attempts).play()
    with reading(attempts.engine) as session:
        total, caused = facts.counts(session)
    return {**played, "facts": {"total": total, "caused": caused, "not_caused": total - caused}}


def _drill(office: Office, supplier_lot: str, tell: Callable[[str], None]) -> dict[str, Any]:
    """A drill from the supplier's lot number to its score."""
    tell("召回演练 / recall drill")
    drill = Drill(office)
    drill.open(supplier_lot, title="季度召回演练", reason="年度计划 / yearly plan")
    drill.freeze()
    drill.finish()
    return drill.document()


@contextmanager
def _servers(tell: Callable[[str], None]) -> Iterator[Stack]:
    """Everything on a folder of its own, whatever servers the environment names: nobody's record is played with."""
    home = Path(tempfile.mkdtemp(prefix="batchwright-demo-"))
    own = {"database_url": None, "database_owner_url": None, "temporal_address": None, "temporal_namespace": "default"}
    here = {"home": home, "port": 0, "host": "127.0.0.1", "temporal_ui": False, "secure_cookies": False}
    try:
        # PostgreSQL needn't wait for the disk: the folder is thrown away
        with running_stack(
            Settings.model_validate({**Settings().model_dump(), **own, **here}), ALL, tell, fast=True
        ) as stack:
            yield stack
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _play(job: MainJob, attempts: Attempts, tell: Callable[[str], None]) -> str:
    """The batch's life with the refusals between; answers the task of the second signature."""
    making, deciding = Making(job, attempts), Deciding(job, attempts)
    tell("收货与进料检验 / receipt and incoming inspection")
    job.order()
    making.receive()
    making.at_receipt()
    making.at_inspection()
    job.stock_batteries()
    tell("组件与成品 / sub-assemblies and the finished batch")
    job.boards()
    job.modules()
    making.at_making()
    job.assemble()
    making.at_finishing()
    job.burn_in()
    job.finish()
    tell("双人放行 / release by two people")
    deciding.at_review()
    job.shift.sign(job.names.device, "review", "release", reason=ACCEPTED)
    deciding.at_approval()
    approved = deciding.task(job.names.device, "approve")
    job.shift.sign(job.names.device, "approve", "release", reason=ACCEPTED)
    job.shift.put_away(job.names.device, "FG-A1")
    tell("发货 / shipment")
    deciding.at_shipping(approved)
    job.ship()
    deciding.at_the_door()
    return approved


def _document(office: Office, approved: str, names: Names) -> dict[str, Any]:
    auditor = office["zheng.shenji"]
    trace = auditor.get(f"/trace/{names.device}", direction="both")
    signed = auditor.get(f"/tasks/{approved}")["task"]["signatures"]
    return {
        "lots": [_lot(node, trace["edges"]) for node in trace["nodes"]],
        "release": {
            "lot_no": names.device,
            "signatures": [
                {
                    "person": one["person"],
                    "name": one["name"],
                    "meaning": one["meaning"],
                    "outcome": one["outcome"],
                    "time": one["at"],
                    "digest": one["digest"],
                }
                for one in signed
            ],
        },
        "shipments": _shipments(trace),
        "trace": trace,
        "trace_of_supplier_lot": auditor.get(f"/trace/{names.supplier_lot}", direction="forward"),
    }


def _lot(node: dict[str, Any], edges: list[dict[str, Any]]) -> dict[str, Any]:
    """A lot of the batch's family; `level` counts upwards from the finished batch."""
    kept = ("lot_no", "item_no", "item", "kind", "status", "quantity", "uom", "origin", "supplier", "supplier_lot_no")
    made_of = [
        {"lot_no": edge["parent"], "quantity": edge["quantity"], "uom": edge["uom"]}
        for edge in edges
        if edge["child"] == node["lot_no"]
    ]
    return {name: node[name] for name in kept} | {"level": -node["depth"], "made_of": made_of}


def _shipments(trace: dict[str, Any]) -> list[dict[str, Any]]:
    """Each shipment once, each of its batches once: pieces with numbers of their own leave line by line."""
    made: dict[str, dict[str, Any]] = {}
    for row in trace["customers"]:
        for one in row["shipments"]:
            shipment = made.setdefault(
                one["shipment_no"],
                {
                    "shipment_no": one["shipment_no"],
                    "order_no": one["order_no"],
                    "customer_no": row["customer_no"],
                    "customer": row["customer"],
                    "shipped_at": one["shipped_at"],
                    "lines": [],
                },
            )
            line = next((line for line in shipment["lines"] if line["lot_no"] == row["lot_no"]), None)
            if line is None:
                line = {"lot_no": row["lot_no"], "quantity": "0", "uom": row["uom"]}
                shipment["lines"].append(line)
            line["quantity"] = f"{Decimal(line['quantity']) + Decimal(one['quantity']):f}"
    return [made[number] for number in sorted(made)]


async def _workflows(settings: Settings, record: Engine, names: Names | None) -> list[dict[str, str]]:
    """What Temporal says of every workflow, once it has heard of what the record did last (within seconds)."""
    from worker import connect as to_temporal

    client = await to_temporal(settings)
    with reading(record) as session:
        cancelled = demo.cancelled(session)  # what was called off before Temporal heard of it never begins there
        ids = {*demo.workflow_ids(session)} - cancelled
        known = {*ids, *(f"shipment/{number}" for number in (names.sent if names else ()))}
    deadline = time.monotonic() + 20
    while True:
        listed = [
            {
                "id": one.id,
                "run": one.run_id,
                "type": one.workflow_type,
                "status": one.status.name if one.status else "UNKNOWN",
                "record": "cancelled" if one.id in cancelled else "",
            }
            async for one in client.list_workflows()
        ]
        found = sorted(listed, key=lambda one: one["id"])
        if not checks.workflow_problems(found, known, names) or time.monotonic() > deadline:
            return found
        await asyncio.sleep(0.3)
