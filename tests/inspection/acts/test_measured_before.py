"""An inspection that is entered late is judged by when it was measured, says so, and opens no door (ALCOA+; ISO 13485 6.2, 7.6)."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text

from models.equipment.tables import Calibration, Equipment
from models.inspection.messages import MeasuredValue, RecordResults
from models.kernel.refusal import Refusal
from models.kernel.store.act import act, now, reading
from models.lot.store import lots
from models.release.rules import evidence
from models.release.store import batch_record
from tests.production.acts.test_past_work import DAY, NOW, Shop, shop
from tests.support.plant.direct import do
from tests.support.plant.plant import SETUP
from tests.support.record import refused

__all__ = ["shop"]
HOUR = timedelta(hours=1)
THEN = NOW - 3 * HOUR
WEEK = 7 * DAY
LOT = "(select id from lot where lot_no = :lot)"


async def waiting(shop: Shop, lot_no: str) -> None:
    """A batch that has waited for its inspection for a week."""
    await shop.receive(lot_no)
    shop.past(
        ("lot", "update lot set created_at = created_at - :by where lot_no = :lot"),
        ("human_task", f"update human_task set opened_at = opened_at - :by where lot_id = {LOT}"),  # noqa: S608 - ours
        lot=lot_no,
        by=WEEK,
    )


def gauge(shop: Shop, number: str, *calibrations: tuple[timedelta, timedelta]) -> None:
    """A caliper, calibrated so long ago and until then."""
    with act(shop.engine, SETUP) as session:
        made = Equipment(equipment_no=number, name="卡尺", kind="caliper", needs_calibration=True)
        session.add(made)
        session.flush()
        for ago, until in calibrations:
            session.add(Calibration(equipment_id=made.id, performed_at=NOW - ago, due_at=NOW - until))


def results(shop: Shop, lot_no: str, number: str, at: datetime | None = None, **more: Any) -> RecordResults:
    value = MeasuredValue(
        characteristic=2, sample_no=1, value="12.00", equipment_no=number, reason=more.pop("why", None)
    )
    return RecordResults(
        command_id=str(uuid4()),
        task_id=shop.task(lot_no, "inspect").public_id,
        by=shop.by("lin.jian"),
        values=(value,),
        measured_at=at,
        **more,
    )


async def test_a_gauge_is_judged_by_when_it_was_used(shop: Shop) -> None:
    gauge(shop, "G-31", (9 * DAY, HOUR))  # ran out since
    gauge(shop, "G-32", (9 * DAY, 5 * HOUR), (HOUR, -300 * DAY))  # had run out, and was calibrated since
    await waiting(shop, "MB-1")
    with refused(shop.engine, "EQP-002"):
        do(shop.engine, "record_results", results(shop, "MB-1", "G-31"))
    with refused(shop.engine, "EQP-002"):
        do(shop.engine, "record_results", results(shop, "MB-1", "G-32", THEN))
    do(shop.engine, "record_results", results(shop, "MB-1", "G-31", THEN))
    do(shop.engine, "record_results", results(shop, "MB-1", "G-32", why="用另一把卡尺复测"))
    told = shop.scalar(
        "select array_agg(r.measured_at order by r.id) from inspection_result r join inspection i on i.id = r.inspection_id"  # noqa: S608 - ours
        f" where i.lot_id = {LOT}",
        lot="MB-1",
    )
    assert told == [THEN, None]


async def test_an_inspector_is_judged_by_when_they_measured(shop: Shop) -> None:
    gauge(shop, "G-33", (9 * DAY, -300 * DAY))
    await waiting(shop, "MB-2")
    held = (
        "update qualification set valid_from = :since, valid_until = :until where code = 'inspection'"
        " and person_id = (select person_id from account where login = 'lin.jian')"
    )
    try:
        shop.past(("qualification", held), since=NOW - 90 * DAY, until=NOW - HOUR)  # lapsed since
        with refused(shop.engine, "INS-024", 403):
            do(shop.engine, "record_results", results(shop, "MB-2", "G-33"))
        do(shop.engine, "record_results", results(shop, "MB-2", "G-33", THEN))
        shop.past(("qualification", held), since=NOW - HOUR, until=None)  # proven since
        with refused(shop.engine, "INS-024", 403):
            do(shop.engine, "record_results", results(shop, "MB-2", "G-33", THEN - HOUR, why="更正"))
    finally:
        shop.past(("qualification", held), since=NOW - 90 * DAY, until=None)


@pytest.mark.parametrize(
    ("at", "code"),
    [
        (NOW + DAY, "INS-029"),
        (NOW - WEEK - 2 * DAY, "INS-029"),  # before anybody was asked to measure
        (datetime(1970, 1, 1, tzinfo=UTC), "INS-029"),
        (datetime(9999, 12, 31, 23, 59, tzinfo=UTC), "INS-029"),
        (NOW - 2 * DAY, "INS-030"),
    ],
)
async def test_times_that_cannot_be_and_late_entries_without_a_reason_are_refused(
    shop: Shop, at: datetime, code: str
) -> None:
    if not shop.scalar("select count(*) from lot where lot_no = 'MB-3'"):
        gauge(shop, "G-34", (30 * DAY, -300 * DAY))
        await waiting(shop, "MB-3")
    with refused(shop.engine, code, 422):
        do(shop.engine, "record_results", results(shop, "MB-3", "G-34", at, late_reason=" "))


async def test_a_late_entry_is_an_exception_that_shows_both_times(shop: Shop) -> None:
    gauge(shop, "G-35", (30 * DAY, -300 * DAY))
    await waiting(shop, "MB-4")
    do(shop.engine, "record_results", results(shop, "MB-4", "G-35", NOW - 2 * DAY, late_reason="系统停机"))
    await waiting(shop, "MB-5")
    do(shop.engine, "record_results", results(shop, "MB-5", "G-35", THEN, late_reason="不需要"))
    found = {}
    for lot_no in ("MB-4", "MB-5"):
        with reading(shop.engine) as session:
            record = batch_record.build(session, lots.get(session, lot_no))
            found[lot_no] = [
                (one.blocking, "系统停机" in one.zh, one.limit < one.value)
                for one in evidence.assess(record, now(session)).exceptions
                if one.code == "EV-METHOD-22"
            ]
            assert ("late" in record.inspections[0].model_dump(mode="json")) is (lot_no == "MB-4")
    assert found == {"MB-4": [(False, True, True)], "MB-5": []}


@pytest.mark.parametrize(
    ("measured_at", "reason", "state"),
    [
        (NOW - 30 * DAY, "理由", "BW316"),
        (NOW - 2 * DAY, None, "BW317"),
        (NOW + DAY, "理由", "BW160"),
    ],
)
async def test_the_database_says_so_too(shop: Shop, measured_at: datetime, reason: str | None, state: str) -> None:
    if not shop.scalar("select count(*) from lot where lot_no = 'MB-6'"):
        gauge(shop, "G-36", (60 * DAY, -300 * DAY))
        await waiting(shop, "MB-6")
        do(shop.engine, "record_results", results(shop, "MB-6", "G-36", THEN))
    again = text(
        "insert into inspection_result (inspection_id, characteristic_id, sample_no, value, text_value, passed,"
        " recorded_by_id, equipment_id, measured_at, late_reason)"
        " select r.inspection_id, r.characteristic_id, 2, r.value, r.text_value, r.passed, r.recorded_by_id, r.equipment_id,"
        " :at, :why from inspection_result r join inspection i on i.id = r.inspection_id join lot l on l.id = i.lot_id"
        " where l.lot_no = 'MB-6' order by r.id limit 1"
    )
    with pytest.raises(Refusal) as caught, act(shop.engine, SETUP) as session:
        session.connection().execute(again, {"at": measured_at, "why": reason})
    assert getattr(caught.value.__cause__.orig, "sqlstate", None) == state  # type: ignore[union-attr]
