"""The histories by which work is judged: calibrations, states and holds, each with when it became so (STANDARDS 101)."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import text
from sqlmodel import Session, col, select

from models.equipment.tables import Calibration, Equipment
from models.kernel.store.act import late_hours
from models.kernel.time.reported import EARLIEST
from models.lot.rules.lot import LotFacts
from models.lot.rules.open_hold import CAUSES, HoldKind
from models.lot.tables import Lot
from models.production.rules.past_work import Calibrated, Held, LotHistory, Period, Since
from models.production.tables import OperationRun

FROM_EVER = text("""
select a.at, a.after ->> :what as status, coalesce(a.before, a.after) ->> :what as first from audit_event a
 where a.table_name = :table and a.row_id = :id and a.after ->> :what is not null order by a.id
""")
LOT = text("""
select (select min(m.at) from stock_movement m where m.lot_id = :lot and m.to_location_id is not null) as came,
       (select coalesce(json_agg(json_build_array(a.at, a.after ->> 'status') order by a.id), '[]') from audit_event a
         where a.table_name = 'lot' and a.row_id = :lot and a.after ->> 'status' is not null) as statuses,
       (select coalesce(json_agg(json_build_array(h.reason, h.placed_at, h.lifted_at, h.cause) order by h.id), '[]')
          from hold h where h.lot_id = :lot) as holds
""")
DEFAULT_HOURS = 24


def late_after(session: Session) -> timedelta:
    """How long after the work an entry still counts as made in time: the plant's setting."""
    return timedelta(hours=late_hours(session) or DEFAULT_HOURS)


def of_machine(session: Session, machine: Equipment) -> tuple[tuple[Since, ...], tuple[Calibrated, ...]]:
    """Its times in and out of service, and its calibrations."""
    rows = session.exec(
        select(Calibration).where(Calibration.equipment_id == machine.id).order_by(col(Calibration.performed_at))
    ).all()
    history = tuple(Calibrated(one.id, one.performed_at, one.due_at, one.result) for one in rows)
    return _from_ever(session, "equipment", machine.id, "status"), history


def of_lot(session: Session, lot: Lot, facts: LotFacts) -> LotHistory:
    """A lot's states and holds, lifted ones too."""
    row = session.connection().execute(LOT, {"lot": lot.id}).one()
    return LotHistory(
        facts=facts,
        came_at=min(row.came or lot.created_at, lot.created_at),
        statuses=tuple(Since(_at(at), status) for at, status in row.statuses),
        holds=tuple(
            Held(reason, _at(placed), _at(lifted) if lifted else None, CAUSES.get(cause, HoldKind.QUALITY))
            for reason, placed, lifted, cause in row.holds
        ),
        brought=lot.origin == "migrated",
    )


def _at(told: str) -> datetime:
    """An instant as JSON has it, to the microsecond, like any other."""
    return datetime.fromisoformat(told).astimezone(UTC)


def of_person(session: Session, person_id: int) -> tuple[Since, ...]:
    """When somebody was an active colleague (`true`) and when not (`false`)."""
    return _from_ever(session, "person", person_id, "active")


def runs_of(session: Session, order_id: int) -> Sequence[OperationRun]:
    """What was recorded of the order before, in that order."""
    return session.exec(
        select(OperationRun).where(OperationRun.work_order_id == order_id).order_by(col(OperationRun.id))
    ).all()


def periods(runs: Sequence[OperationRun]) -> tuple[Period, ...]:
    """When that was."""
    return tuple(Period(one.seq, one.started_at, one.finished_at) for one in runs)


def _from_ever(session: Session, table: str, key: int, what: str) -> tuple[Since, ...]:
    """What a thing was when; before it was written down it was what it was then: its register is younger than it is."""
    rows = session.connection().execute(FROM_EVER, {"table": table, "id": key, "what": what}).all()
    first = [Since(EARLIEST, row.first) for row in rows[:1]]
    return tuple(first + [Since(row.at, row.status) for row in rows])
