"""A breakdown on the real database: out of use at once by rule, act and wall, batches named, twice is once, and two who act at the same instant."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
import pytest_asyncio
from sqlalchemy import text

from models.inspection.messages import MeasuredValue, RecordResults
from models.kernel.refusal import Refusal
from models.kernel.store.walls import WALL
from tests.support.plant.direct import do
from tests.support.plant.plant import Plant
from tests.support.processes.breaking import ago, broken, machine, mended, repaired, report, resumed, resumption
from tests.support.processes.calibrating import calibrated
from tests.support.processes.calibrating import machine as gauge
from tests.support.processes.matter import open_task, stages
from tests.support.record import refused
from tests.support.servers.database import past_walls
from tests.support.servers.together import in_line, split, together

FOUND = (
    "select array_agg(l.lot_no || ' ' || x.because order by l.lot_no) from breakdown_lot x join lot l on l.id = x.lot_id"
    " join breakdown d on d.id = x.breakdown_id where d.breakdown_no = :n"
)
DEVIATIONS = "select count(*) from nonconformance n join lot l on l.id = n.lot_id where l.lot_no = :lot and n.code = 'EQP-031' and n.kind = 'deviation'"
MACHINE = text("select from equipment where equipment_no = :lot for no key update")
HELD = "select exists (select from hold h join lot l on l.id = h.lot_id where l.lot_no = :lot and h.lifted_at is null)"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def shop(desk: Plant) -> Plant:
    await desk.material("BD-R", 9000)
    return desk


async def order(shop: Plant, *lots: str) -> None:
    for lot in lots:
        await shop.order(lot)


def work(shop: Plant, lot: str, number: str, began: datetime, ended: datetime | None = None, **more: Any) -> Any:
    consumes = ({"lot_no": "BD-R", "quantity": 50},)
    given = {
        "started_at": began,
        "finished_at": ended or datetime.now(UTC),
        "equipment": (number,),
        "consumes": consumes,
    }
    return partial(do, shop.engine, "record_operation", shop.operation(lot, 10, **given, **more))


async def test_it_is_out_of_use_at_once_and_the_batches_under_way_are_held_with_a_deviation(shop: Plant) -> None:
    number = machine(shop, "BD-M1")
    await order(shop, "BD-1", "BD-2", "BD-3", "BD-4")
    with past_walls(shop.engine) as connection:  # its order is older than the work that is told
        connection.execute(
            text(
                "update work_order set opened_at = now() - interval '9 days', created_at = now() - interval '9 days' where work_order_no like 'WO-BD-%'"
            )
        )
    work(shop, "BD-2", number, ago(hours=2), ago(minutes=10))()
    found = broken(shop, number, "BD-1", happened_at=ago(minutes=30))
    assert shop.scalar(FOUND, n=found) == ["BD-1 named", "BD-2 recorded"]
    for lot in ("BD-1", "BD-2"):
        assert (shop.scalar(DEVIATIONS, lot=lot), shop.scalar(HELD, lot=lot)) == (1, True)
    assert stages(shop, found) == ["repair"]
    following = work(shop, "BD-3", number, ago(minutes=20))
    with refused(shop.engine, "EQP-030"):
        following()
    late = work(shop, "BD-3", number, ago(minutes=20), ago(minutes=10))
    late()  # done whatever we say: a deviation, as of any machine that wasn't good
    assert (
        shop.scalar(
            "select count(*) from nonconformance n join lot l on l.id = n.lot_id where l.lot_no = 'BD-3' and n.code = 'EQP-030'"
        )
        == 1
    )
    work(shop, "BD-1", number, ago(minutes=50))()  # under way: recorded, with the deviation that the report has opened
    assert shop.scalar(DEVIATIONS, lot="BD-1") == 1
    work(shop, "BD-4", number, ago(minutes=40))()  # under way, and nobody had named it
    assert shop.scalar(DEVIATIONS, lot="BD-4") == 1
    repaired(shop, found)
    await order(shop, "BD-5")
    again = work(shop, "BD-5", number, ago(seconds=10))
    with refused(shop.engine, "EQP-030"):
        again()
    done = resumed(shop, found)
    assert done.data["minutes"] in (30, 31)
    work(shop, "BD-5", number, datetime.now(UTC))()
    assert shop.scalar(HELD, lot="BD-1") is True, "what is held stays held"
    early = report(shop, number, happened_at=ago(minutes=5))
    with refused(shop.engine, "EQP-033"):
        do(shop.engine, "report_breakdown", early)


async def test_reported_twice_it_is_one_and_later_batches_are_added(shop: Plant) -> None:
    number = machine(shop, "BD-M2")
    await order(shop, "BT-1", "BT-2")
    found = broken(shop, number, "BT-1")
    again = do(
        shop.engine, "report_breakdown", report(shop, number, "BT-2", "BT-1", login="lin.jian", said="冷却液泄漏")
    )
    assert (again.data["number"], again.data["again"], again.data["lots"]) == (found, True, 1)
    assert (
        shop.scalar(
            "select count(*) from breakdown_report r join breakdown d on d.id = r.breakdown_id where d.breakdown_no = :n",
            n=found,
        )
        == 2
    )
    assert shop.scalar(FOUND, n=found) == ["BT-1 named", "BT-2 named"]
    assert shop.scalar("select count(*) from process_run where workflow_id like :n", n=f"breakdown/{found}%") == 1


@pytest.mark.parametrize("first", [0, 1])
async def test_of_two_who_report_at_once_both_tell_of_one(shop: Plant, first: int) -> None:
    number = machine(shop, f"BD-T{first}")
    calls = [
        partial(do, shop.engine, "report_breakdown", report(shop, number, login=who))
        for who in ("wang.cao", "lin.jian")
    ]
    done, no = split(together(*(calls[first:] + calls[:first])))
    assert (len({one.data["number"] for one in done}), no) == (1, [])
    assert (
        shop.scalar(
            "select count(*) from breakdown d join equipment e on e.id = d.equipment_id where e.equipment_no = :n",
            n=number,
        )
        == 1
    )


@pytest.mark.parametrize("work_first", [True, False])
async def test_work_that_is_recorded_at_the_instant_of_the_report_has_its_deviation(
    shop: Plant, work_first: bool
) -> None:
    lot, number = f"BX-{int(work_first)}", machine(shop, f"BD-X{int(work_first)}")
    await order(shop, lot)
    with past_walls(shop.engine) as connection:
        connection.execute(
            text(
                "update work_order set opened_at = now() - interval '9 days', created_at = now() - interval '9 days' where work_order_no like 'WO-BX-%'"
            )
        )
    told = work(shop, lot, number, ago(hours=1))

    def twice() -> Any:
        """As an activity does it: what only the wall refused is asked once more."""
        try:
            return told()
        except Refusal as no:
            assert no.code == WALL.code  # noqa: PT017 - any other refusal is none of the wall
            return told()

    acts: list[Callable[[], Any]] = [
        twice,
        partial(do, shop.engine, "report_breakdown", report(shop, number, happened_at=ago(minutes=1))),
    ]
    # each has read what there was before it waits for the machine, and the first given goes on first
    done, no = split(in_line(shop.engine, number, *(acts if work_first else acts[::-1]), lock=MACHINE))
    assert (len(done), no) == (2, [])
    assert shop.scalar(DEVIATIONS, lot=lot) == 1


async def test_of_two_who_sign_at_once_one_does_and_a_repairer_never(shop: Plant) -> None:
    number = machine(shop, "BD-S")
    found = broken(shop, number)
    repaired(shop, found, login="zhao.liu")
    own = resumption(shop, found, login="zhao.liu")
    with refused(shop.engine, "TASK-005"):
        do(shop.engine, "complete_task", own)
    calls = [
        partial(do, shop.engine, "complete_task", resumption(shop, found, login=who))
        for who in ("chen.pi", "wu.jingli")
    ]
    done, no = split(together(*calls))
    assert (len(done), len(no)) == (1, 1)


async def test_what_needs_a_calibration_or_a_qualification_is_used_after_it(shop: Plant) -> None:
    number = gauge(shop, "BD-G", timedelta(days=300))
    await shop.receive("BD-L")
    found = broken(shop, number)
    task = shop.task("BD-L", "inspect")
    value = MeasuredValue(characteristic=2, sample_no=1, value="12.00", equipment_no=number)
    measure = RecordResults(command_id=str(uuid4()), task_id=task.public_id, by=shop.by("lin.jian"), values=(value,))
    with refused(shop.engine, "EQP-030"):
        do(shop.engine, "record_results", measure)
    repaired(shop, found, "calibration")
    assert stages(shop, number) == ["perform"], "its calibration is in the inbox at once"
    early = resumption(shop, found)
    with refused(shop.engine, "EQP-035"):
        do(shop.engine, "complete_task", early)
    calibrated(shop, number, at=datetime.now(UTC))
    resumed(shop, found)
    do(shop.engine, "record_results", measure)
    other = broken(shop, number)
    repaired(shop, other, "qualification")
    unsaid = resumption(shop, other)
    with refused(shop.engine, "EQP-036"):
        do(shop.engine, "complete_task", unsaid)
    resumed(shop, other, evidence="OQ-12 合格")


async def test_what_is_sent_back_is_repaired_again_or_used_no_more(shop: Plant) -> None:
    number = machine(shop, "BD-E")
    found = broken(shop, number)
    early = shop.completion(
        open_task(shop, found, "repair"), shop.by("zhao.liu"), signed=False, form=mended(at=ago(hours=1))
    )
    with refused(shop.engine, "EQP-039"):
        do(shop.engine, "complete_task", early)
    repaired(shop, found)
    resumed(shop, found, "again")
    assert stages(shop, found) == ["repair"]
    repaired(shop, found)
    resumed(shop, found, "retire")
    await order(shop, "BE-1")
    never = work(shop, "BE-1", number, datetime.now(UTC))
    with refused(shop.engine, "EQP-030"):
        never()
    assert broken(shop, number) == found, "whoever reports it again tells of the same"


async def test_what_can_not_be_reported_says_why(shop: Plant) -> None:
    number = machine(shop, "BD-N")
    for code, more in (
        ("EQP-001", {"equipment_no": "NOBODY"}),
        ("EQP-032", {"said": "  "}),
        ("MST-006", {"happened_at": datetime.now(UTC) + timedelta(days=1)}),
        ("LOT-001", {"lot_nos": ("NOBODY",)}),
        ("EQP-040", {"lot_nos": ("BD-R",)}),
    ):
        command = report(shop, number).model_copy(update=more)
        with refused(shop.engine, code):
            do(shop.engine, "report_breakdown", command)
