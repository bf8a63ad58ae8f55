"""Other ways in which what became true afterwards would judge work that was done before (ALCOA+; ISO 13485 6.2, 7.6, 8.3)."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from models.equipment.tables import Calibration
from models.kernel.refusal import Refusal
from models.kernel.store.act import act, reading
from models.kernel.time.moments import plant_day
from models.lot.queries import one as queries_lot
from models.person.tables import Qualification
from tests.production.acts.test_past_work import AGO, DAY, NOW, Shop, consumes, deviations, shop, work
from tests.support.plant.direct import do
from tests.support.plant.plant import SETUP
from tests.support.record import refused
from tests.support.servers.database import past_walls

__all__ = ["shop"]
HOUR = timedelta(hours=1)
LONG: dict[str, Any] = {"late_reason": "系统停机"}


def change(shop: Shop, statement: str, **given: Any) -> None:
    """What somebody changes today."""
    with act(shop.engine, SETUP) as session:
        session.connection().execute(text(statement), given)


def was_held(shop: Shop, lot_no: str, placed: datetime, lifted: datetime) -> None:
    query = (
        "insert into hold (lot_id, reason, placed_by_id, placed_at, lifted_at, lifted_by_id, lift_reason)"
        " select l.id, '投诉', p.id, :placed, :lifted, p.id, '复检合格' from lot l, person p"
        " where l.lot_no = :lot order by p.id limit 1"
    )
    shop.past(("hold", query), lot=lot_no, placed=placed, lifted=lifted)


ACTIVE = "update person set active = :active where id = (select person_id from account where login = 'qian.xin')"
SERVICE = "update equipment set status = :status where equipment_no = 'W-03'"


async def test_who_has_left_since_did_the_work_all_the_same(shop: Shop) -> None:
    with act(shop.engine, SETUP) as session:
        person = shop.by("qian.xin").person_id
        session.add(Qualification(person_id=person, code="machining", valid_from=NOW - 9 * DAY, valid_until=NOW - HOUR))
    change(shop, ACTIVE, active=False)
    try:
        await shop.order("PS-1", 5)
        with refused(shop.engine, "OPR-016", 404):  # told as it happens: nobody works who has left
            live = shop.operation("PS-1", 10, people=("qian.xin",), equipment=("M-07",), **consumes("P-1"))
            do(shop.engine, "record_operation", live)
        told = work(shop, "PS-1", people=("qian.xin",), **consumes("P-1"))
        do(shop.engine, "record_operation", told)
    finally:
        change(shop, ACTIVE, active=True)
    assert deviations(shop, "PS-1") == []  # neither the leaving nor the skill that ran out since


async def test_who_was_away_when_the_work_was_done_cannot_have_done_it(shop: Shop) -> None:
    """Locked out then, and back since."""
    with act(shop.engine, SETUP) as session:
        person = shop.by("qian.xin").person_id
        session.add(Qualification(person_id=person, code="machining", valid_from=NOW - 9 * DAY))
    for active, at in ((False, NOW - 5 * HOUR), (True, NOW - 2 * HOUR)):
        change(shop, ACTIVE, active=active)
        newest = "(select max(id) from audit_event where table_name = 'person')"
        shop.past(("audit_event", f"update audit_event set at = :at where id = {newest}"), at=at)  # noqa: S608 - ours
    await shop.order("PS-2", 5)
    do(shop.engine, "record_operation", work(shop, "PS-2", people=("qian.xin",), **consumes("P-1")))
    assert deviations(shop, "PS-2") == ["OPR-054"]


async def test_a_machine_that_was_taken_out_of_service_since_was_good(shop: Shop) -> None:
    await shop.order("PS-3", 5)
    do(shop.engine, "record_operation", work(shop, "PS-3", ended=timedelta(hours=4), **consumes("P-1")))
    change(shop, SERVICE, status="out_of_service")
    readings = ({"quantity": "humidity", "value": 45, "unit": "%"},)
    try:
        told = work(shop, "PS-3", 20, ended=2 * HOUR, environment=readings, produced=5, equipment=("W-03",))
        do(shop.engine, "record_operation", told)
    finally:
        change(shop, SERVICE, status="in_service")
    assert deviations(shop, "PS-3") == []


async def test_a_calibration_that_failed_since_spoils_no_work_of_before(shop: Shop) -> None:
    with act(shop.engine, SETUP) as session:
        key = session.connection().execute(text("select id from equipment where equipment_no = 'M-07'")).scalar_one()
        session.add(Calibration(equipment_id=key, performed_at=NOW - 9 * DAY, due_at=NOW + 90 * DAY))
        session.add(Calibration(equipment_id=key, performed_at=NOW - HOUR, due_at=NOW + 90 * DAY, result="failed"))
    await shop.order("PS-4", 5)
    do(shop.engine, "record_operation", work(shop, "PS-4", **consumes("P-1")))
    assert deviations(shop, "PS-4") == []
    await shop.order("PS-5", 5)
    with refused(shop.engine, "EQP-005"):
        do(shop.engine, "record_operation", shop.operation("PS-5", 10, equipment=("M-07",), **consumes("P-1")))
    with act(shop.engine, SETUP) as session:
        session.add(Calibration(equipment_id=key, performed_at=NOW - HOUR / 2, due_at=NOW + 90 * DAY))


@pytest.mark.parametrize(
    ("lot_no", "placed", "lifted", "found"),
    [
        ("PS-H1", 5 * HOUR, 2 * HOUR, ["LOT-003"]),  # held when the work began
        ("PS-H2", 6 * HOUR, 5 * HOUR, []),  # lifted before
        ("PS-H3", 2 * HOUR, 1 * HOUR, []),  # placed after it had ended
    ],
)
async def test_work_on_a_batch_that_was_held_then_is_a_deviation_whoever_lifted_it_since(
    shop: Shop, lot_no: str, placed: timedelta, lifted: timedelta, found: list[str]
) -> None:
    await shop.order(lot_no, 5)
    was_held(shop, lot_no, NOW - placed, NOW - lifted)
    do(shop.engine, "record_operation", work(shop, lot_no, **consumes("P-1")))
    assert deviations(shop, lot_no) == found


async def test_material_that_was_held_and_freed_before_or_after_the_work_is_good(shop: Shop) -> None:
    for lot_no, placed, lifted in (("PS-M1", 9 * HOUR, 8 * HOUR), ("PS-M2", 2 * HOUR, HOUR)):
        await shop.old_material(lot_no)
        was_held(shop, lot_no, NOW - placed, NOW - lifted)
        await shop.order(f"{lot_no}-B", 5)
        do(shop.engine, "record_operation", work(shop, f"{lot_no}-B", **consumes(lot_no)))
        assert deviations(shop, f"{lot_no}-B") == []


async def test_a_retest_date_counts_on_the_day_of_the_work(shop: Shop) -> None:
    await shop.old_material("PS-RT")
    with past_walls(shop.engine) as connection:
        query = text("update lot set retest_on = :day where lot_no = 'PS-RT'")
        connection.execute(query, {"day": plant_day(NOW - 2 * DAY, "Asia/Shanghai")})
    for lot_no, ended, found in (("PS-6", 5 * DAY, []), ("PS-7", DAY, ["EV-MATERIAL-10"])):
        await shop.order(lot_no, 5)
        do(shop.engine, "record_operation", work(shop, lot_no, ended=ended, **LONG, **consumes("PS-RT")))
        assert deviations(shop, lot_no) == found


async def test_a_batch_is_made_on_the_day_its_work_began_not_when_its_order_was_typed(shop: Shop) -> None:
    change(shop, "update item set shelf_life_months = 60 where item_no = 'HIP-12'")
    began = plant_day(NOW - 6 * DAY - HOUR, "Asia/Shanghai")
    try:
        await shop.order("PS-8", 5, expires_on=None)
        await shop.order("PS-9", 5, expires_on="2031-01", expiry_reason="稳定性研究批")
        for lot_no in ("PS-8", "PS-9"):
            do(shop.engine, "record_operation", work(shop, lot_no, ended=6 * DAY, **LONG, **consumes("P-1")))
    finally:
        change(shop, "update item set shelf_life_months = null where item_no = 'HIP-12'")
    dates = "select manufactured_on || ' ' || expires_on from lot where lot_no = :lot"
    assert shop.scalar(dates, lot="PS-8") == f"{began} {began.replace(year=began.year + 5)}"
    assert shop.scalar(dates, lot="PS-9") == f"{began} 2031-01-01"  # told, and compared at its release
    why = shop.scalar(
        "select reason from audit_event where table_name = 'lot' and after ->> 'lot_no' = 'PS-8'"
        " and after ->> 'manufactured_on' <> before ->> 'manufactured_on'"
    )
    assert why.startswith("WO-PS-8 op10: ")
    readings = ({"quantity": "humidity", "value": 45, "unit": "%"},)  # a later operation changes nothing
    finish = work(shop, "PS-8", 20, ended=AGO, environment=readings, produced=5, equipment=("W-03",))
    do(shop.engine, "record_operation", finish)
    assert shop.scalar("select manufactured_on from lot where lot_no = 'PS-8'") == began
    # finished when the work was, though it is told hours later; the timeline shows both
    assert shop.scalar("select finished_at from work_order where work_order_no = 'WO-PS-8'") == NOW - AGO
    with reading(shop.engine) as session:
        facts = {one.fact: one for one in queries_lot.timeline(session, "PS-8").items}
    assert facts["production.finished"].happened_at == NOW - AGO < facts["production.finished"].at


@pytest.mark.parametrize("at", [datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC), datetime(2199, 1, 1, tzinfo=UTC)])
async def test_a_reading_at_the_end_of_all_calendars_is_refused_with_a_sentence(shop: Shop, at: datetime) -> None:
    lot_no = f"PS-R{at:%Y}"
    await shop.order(lot_no, 5)
    do(shop.engine, "record_operation", work(shop, lot_no, **consumes("P-1")))
    readings = ({"quantity": "humidity", "value": 45, "unit": "%", "measured_at": at},)
    with refused(shop.engine, "OPR-052", 422, zh=f"{at:%Y}-"):
        told = work(shop, lot_no, 20, ended=2 * HOUR, environment=readings, produced=5, equipment=("W-03",))
        do(shop.engine, "record_operation", told)


def test_days_at_the_ends_of_all_calendars_are_days() -> None:
    last, first = datetime.max.replace(tzinfo=UTC), datetime.min.replace(tzinfo=UTC)
    assert plant_day(last, "Asia/Shanghai") == date.max
    assert plant_day(first, "America/New_York") == date.min


RECEIPT = (
    "insert into stock_movement (lot_id, kind, to_location_id, quantity, at, reason) select l.id, 'receive', s.location_id,"
    " 1, {at}, 'x' from lot l join stock s on s.lot_id = l.id where l.lot_no = 'P-1' limit 1"
)
LINK = (
    "insert into genealogy_edge (parent_lot_id, child_lot_id, kind, quantity, uom, at)"
    " select min(id), max(id), 'consume', 1, 'pcs', {at} from lot"
)
SHIPMENT = "insert into shipment (shipment_no, customer_id, status, shipped_at) select 'SH-T', min(id), 'shipped', {at} from customer"
HOLD = (
    "insert into hold (lot_id, reason, cause, placed_by_id, placed_at)"
    " select l.id, 'x', 'manual', p.id, {at} from lot l, person p where l.lot_no = 'P-1' order by p.id limit 1"
)
MEASURED = (
    "insert into environment_reading (location_id, measured_at, quantity, value, unit)"
    " select min(id), {at}, '湿度', 45, '%' from location"
)


@pytest.mark.parametrize(
    ("at", "state"),
    [
        ("now() + interval '10 minutes'", "BW160"),
        ("timestamptz '2030-01-01 00:00+08'", "BW160"),
        ("timestamptz '1970-01-01 00:00+08'", "BW162"),
        ("timestamptz '0001-01-01 00:00+00'", "BW162"),
    ],
)
@pytest.mark.parametrize("statement", [RECEIPT, LINK, SHIPMENT, HOLD, MEASURED])
async def test_nothing_arrives_leaves_or_is_held_at_a_time_that_was_not(
    shop: Shop, statement: str, at: str, state: str
) -> None:
    if not shop.scalar("select count(*) from lot where lot_no = 'PS-TIME'"):
        await shop.receive("PS-TIME")
    with pytest.raises(Refusal) as caught, act(shop.engine, SETUP) as session:
        session.connection().execute(text(statement.format(at=at)))
    assert getattr(caught.value.__cause__.orig, "sqlstate", None) == state  # type: ignore[union-attr]
