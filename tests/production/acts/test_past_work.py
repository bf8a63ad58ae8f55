"""Work that is told afterwards is judged by when it was done; what is told late needs a reason, and opens no door."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.exc import DBAPIError
from sqlmodel import select

from models.equipment.tables import Calibration, Equipment
from models.hold.messages import PlaceHold
from models.kernel.refusal import Refusal
from models.kernel.store.act import act, now, reading
from models.lot.queries import one as queries_lot
from models.lot.store import lots
from models.nonconformance.tables import Nonconformance
from models.person.tables import Qualification
from models.release.rules import evidence
from models.release.store import batch_record
from tests.support.plant.direct import do
from tests.support.plant.plant import SETUP, Plant
from tests.support.record import refused
from tests.support.servers.database import TestDatabase, past_walls

NOW = datetime.now(UTC)
DAY = timedelta(days=1)
AGO = timedelta(hours=3)
KEY = "(select id from lot where lot_no = :lot)"


@dataclass(frozen=True)
class Shop:
    """The plant, and the owner of its database, who can move a history back."""

    plant: Plant
    owner: Engine

    def __getattr__(self, name: str) -> Any:
        return getattr(self.plant, name)

    async def old_material(self, lot_no: str, quantity: int = 50) -> None:
        """Material that came and was released ten days ago."""
        await self.plant.material(lot_no, quantity)
        self.past(
            ("lot", "update lot set created_at = created_at - :by where lot_no = :lot"),
            ("stock_movement", f"update stock_movement set at = at - :by where lot_id = {KEY}"),  # noqa: S608 - ours
            (
                "audit_event",
                f"update audit_event set at = at - :by where table_name = 'lot' and row_id = {KEY}",  # noqa: S608 - ours
            ),
            lot=lot_no,
            by=10 * DAY,
        )

    def past(self, *changes: tuple[str, str], **given: Any) -> None:
        """Write into tables whose walls are down for as long."""
        with self.owner.begin() as connection:
            for table, statement in changes:
                connection.execute(text(f"alter table {table} disable trigger user"))
                connection.execute(text(statement), given)
                connection.execute(text(f"alter table {table} enable trigger user"))


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def shop(desk: Plant, furnished_database: TestDatabase) -> AsyncIterator[Shop]:
    """P-1 is old material."""
    owner = create_engine(furnished_database.owner_url)
    made = Shop(desk, owner)
    await made.old_material("P-1", 5000)
    yield made
    owner.dispose()


def deviations(plant: Shop, lot_no: str) -> list[str | None]:
    with reading(plant.engine) as session:
        key = lots.get(session, lot_no).id
        rows = session.exec(
            select(Nonconformance).where(Nonconformance.lot_id == key).order_by(Nonconformance.id)  # type: ignore[arg-type]
        ).all()
        return [one.code for one in rows]


def work(plant: Shop, lot_no: str, seq: int = 10, ended: timedelta = AGO, **more: Any) -> Any:
    given: dict[str, Any] = {"equipment": ("M-07",), **more}
    return plant.operation(lot_no, seq, started_at=NOW - ended - timedelta(hours=1), finished_at=NOW - ended, **given)


def consumes(lot_no: str, quantity: int = 5) -> dict[str, Any]:
    return {"consumes": ({"lot_no": lot_no, "quantity": quantity},)}


async def test_an_overdue_machine_is_not_healed_by_a_later_calibration(shop: Shop) -> None:
    with act(shop.engine, SETUP) as session:
        machine = session.exec(select(Equipment).where(Equipment.equipment_no == "M-07")).one()
        session.add(Calibration(equipment_id=machine.id, performed_at=NOW - 8 * DAY, due_at=NOW - 5 * DAY))
        session.add(Calibration(equipment_id=machine.id, performed_at=NOW - timedelta(hours=1), due_at=NOW + 300 * DAY))
    await shop.order("PW-1", 5)
    with refused(shop.engine, "EQP-002"):  # told as it happens: it began when the machine was overdue
        do(shop.engine, "record_operation", shop.operation("PW-1", 10, started_at=NOW - 2 * AGO, equipment=("M-07",)))
    do(shop.engine, "record_operation", work(shop, "PW-1", **consumes("P-1")))
    assert deviations(shop, "PW-1") == ["EV-MACHINE-1"]  # told by the act and by the record: one deviation
    await shop.order("PW-2", 5)  # six days ago it was good, whatever became of it
    late = {"late_reason": "网络中断", **consumes("P-1")}
    do(shop.engine, "record_operation", work(shop, "PW-2", ended=6 * DAY, **late))
    assert deviations(shop, "PW-2") == []


async def test_a_lot_that_was_in_date_when_used_is_taken_a_day_later(shop: Shop) -> None:
    await shop.old_material("P-EXP")
    set_expiry(shop, "P-EXP", NOW - 2 * DAY)
    await shop.order("PW-3", 5)
    with refused(shop.engine, "LOT-004"):
        live = {"equipment": ("M-07",), "started_at": NOW - timedelta(minutes=30), **consumes("P-EXP")}
        do(shop.engine, "record_operation", shop.operation("PW-3", 10, **live))
    told = {"late_reason": "周末补录", **consumes("P-EXP")}
    do(shop.engine, "record_operation", work(shop, "PW-3", ended=6 * DAY, **told))
    assert deviations(shop, "PW-3") == []
    await shop.order("PW-4", 5)  # used when it had run out, told afterwards: done already, and a deviation
    do(shop.engine, "record_operation", work(shop, "PW-4", ended=timedelta(minutes=20), **consumes("P-EXP")))
    assert "LOT-004" in deviations(shop, "PW-4")


def set_expiry(plant: Shop, lot_no: str, at: datetime) -> None:
    with past_walls(plant.engine) as connection:
        query = text("update lot set expires_on = :day where lot_no = :lot")
        connection.execute(query, {"day": at.date(), "lot": lot_no})


async def test_a_lot_received_today_was_not_consumed_thirty_days_ago(shop: Shop) -> None:
    await shop.material("P-NEW", 50)
    await shop.order("PW-5", 5)
    told = {"late_reason": "补录", **consumes("P-NEW")}
    do(shop.engine, "record_operation", work(shop, "PW-5", ended=30 * DAY, **told))
    assert "LOT-020" in deviations(shop, "PW-5")


async def test_what_is_held_is_not_issued_whatever_time_is_told(shop: Shop) -> None:
    await shop.old_material("P-HELD")
    hold = PlaceHold(command_id="h1", by=shop.by("zhou.shen"), lot_nos=("P-HELD",), reason="供方通知")
    do(shop.engine, "place_hold", hold)
    await shop.order("PW-6", 5)
    with refused(shop.engine, "LOT-003"):
        told = {"late_reason": "补录", **consumes("P-HELD")}
        do(shop.engine, "record_operation", work(shop, "PW-6", ended=2 * DAY, **told))


async def test_a_hold_that_was_lifted_since_still_makes_a_deviation(shop: Shop) -> None:
    await shop.old_material("P-WAS")
    shop.past(
        (
            "hold",
            (
                "insert into hold (lot_id, reason, placed_by_id, placed_at, lifted_at, lifted_by_id, lift_reason)"
                " select l.id, '投诉', p.id, now() - interval '1 day', now() - interval '1 hour', p.id, '复检合格'"
                "   from lot l, person p where l.lot_no = 'P-WAS' order by p.id limit 1"
            ),
        )
    )
    await shop.order("PW-7", 5)
    do(shop.engine, "record_operation", work(shop, "PW-7", **consumes("P-WAS")))
    assert "LOT-003" in deviations(shop, "PW-7")


async def test_a_qualification_of_afterwards_makes_nobody_qualified(shop: Shop) -> None:
    with act(shop.engine, SETUP) as session:
        person = shop.by("qian.xin").person_id
        session.add(Qualification(person_id=person, code="machining", valid_from=NOW - timedelta(hours=1)))
    await shop.order("PW-8", 5)
    do(shop.engine, "record_operation", work(shop, "PW-8", people=("qian.xin",), **consumes("P-1")))
    assert deviations(shop, "PW-8") == ["EV-MACHINE-1", "EV-MAN-1"]  # M-07 was overdue then too


async def test_a_late_entry_needs_a_reason_and_is_an_exception_of_the_release(shop: Shop) -> None:
    await shop.order("PW-9", 5)
    with refused(shop.engine, "OPR-053", 422, zh="24 小时"):
        do(shop.engine, "record_operation", work(shop, "PW-9", ended=6 * DAY, **consumes("P-1")))
    told = {"late_reason": "服务器停机", **consumes("P-1")}
    do(shop.engine, "record_operation", work(shop, "PW-9", ended=6 * DAY, **told))
    with reading(shop.engine) as session:
        record = batch_record.build(session, lots.get(session, "PW-9"))
        late = [one for one in evidence.assess(record, now(session)).exceptions if one.code == "EV-METHOD-20"]
        facts = queries_lot.timeline(session, "PW-9").items
    assert [("服务器停机" in one.zh, one.blocking) for one in late] == [(True, False)]
    told_of = next(one for one in facts if one.fact == "operation.recorded")
    assert told_of.happened_at == NOW - 6 * DAY
    assert told_of.at > told_of.happened_at
    assert "late" not in batch_record.build(session, lots.get(session, "PW-1")).operations[0].model_dump()


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"started_at": datetime(1970, 1, 1, tzinfo=UTC), "finished_at": NOW}, "OPR-050"),
        ({"started_at": NOW, "finished_at": NOW + DAY}, "OPR-009"),
    ],
)
async def test_times_that_cannot_be_are_refused(shop: Shop, change: dict[str, Any], code: str) -> None:
    lot_no = f"PW-T-{code}"
    await shop.order(lot_no, 5)
    with refused(shop.engine, code):
        do(shop.engine, "record_operation", shop.operation(lot_no, 10, equipment=("M-07",), late_reason="x", **change))


async def test_step_20_is_not_recorded_before_step_10(shop: Shop) -> None:
    await shop.order("PW-10", 5)
    do(shop.engine, "record_operation", work(shop, "PW-10", ended=timedelta(minutes=20), **consumes("P-1")))
    readings = ({"quantity": "humidity", "value": 45, "unit": "%", "lower": 30, "upper": 60},)
    with refused(shop.engine, "OPR-051"):
        early = work(shop, "PW-10", 20, ended=timedelta(hours=2), environment=readings, produced=5, equipment=("W-03",))
        do(shop.engine, "record_operation", early)


@pytest.mark.parametrize(
    "statement",
    [
        (
            "insert into operation_run (work_order_id, lot_id, seq, run_no, code, started_at, finished_at, recorded_by_id)"
            " select w.id, w.lot_id, 99, 1, '99', now(), now() + interval '1 day', p.id from work_order w, person p limit 1"
        ),
        "insert into environment_reading (location_id, measured_at, quantity, value, unit) select min(id), now() + interval '1 day', '湿度', 45, '%' from location",
        "update lot set manufactured_on = (now() + interval '3 days')::date where lot_no = 'P-1'",
        "insert into calibration (equipment_id, performed_at, due_at) select min(id), now() + interval '1 day', now() + interval '9 days' from equipment",
    ],
)
async def test_the_database_knows_no_future(shop: Shop, statement: str) -> None:
    if not shop.scalar("select count(*) from work_order"):
        await shop.order("PW-TIMES", 5)
    with refused(shop.engine, "API-900"), act(shop.engine, SETUP) as session:
        session.connection().execute(text(statement))


@pytest.mark.parametrize(
    "statement",
    [
        (
            "insert into operation_run (work_order_id, lot_id, seq, run_no, code, started_at, finished_at, recorded_by_id)"
            " select w.id, w.lot_id, 99, 1, '99', '1969-12-31', now(), p.id from work_order w, person p limit 1"
        ),
        "insert into environment_reading (location_id, measured_at, quantity, value, unit) select min(id), '1969-12-31', '湿度', 45, '%' from location",
        "insert into calibration (equipment_id, performed_at, due_at) select min(id), '1969-12-31', now() + interval '9 days' from equipment",
        "insert into qualification (person_id, code, document, valid_from) select min(id), 'machining', 'T-1', '1969-12-31' from person",
        "update qualification set valid_from = '1969-12-31' where id = (select min(id) from qualification)",
        "insert into lot_fact (lot_id, fact, happened_at) select min(id), 'lot.received', '1969-12-31' from lot",
    ],
)
async def test_the_database_knows_no_time_before_clocks(shop: Shop, statement: str) -> None:
    if not shop.scalar("select count(*) from work_order"):
        await shop.order("PW-TIMES", 5)
    with pytest.raises(Refusal) as caught, act(shop.engine, SETUP) as session:
        session.connection().execute(text(statement))
    cause = caught.value.__cause__
    assert isinstance(cause, DBAPIError)
    assert (caught.value.code, getattr(cause.orig, "sqlstate", None)) == ("API-900", "BW162")
