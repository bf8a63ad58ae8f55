"""The histories by which work is judged: calibrations, states and holds, each with when it became so (STANDARDS 101)."""

from datetime import timedelta

from sqlalchemy import text
from sqlmodel import Session, col, select

from models.equipment.tables import Calibration, Equipment
from models.hold.tables import Hold
from models.kernel.time.reported import EARLIEST
from models.lot.rules.lot import LotFacts
from models.lot.rules.open_hold import CAUSES, HoldKind
from models.lot.tables import Lot
from models.production.rules.past_work import Calibrated, Held, LotHistory, Period, Since
from models.production.tables import OperationRun

STATUSES = text("""
select a.at, a.after ->> 'status' as status from audit_event a
 where a.table_name = :table and a.row_id = :id and a.after ->> 'status' is not null order by a.id
""")
FROM_EVER = text("""
select a.at, a.after ->> :what as status, coalesce(a.before, a.after) ->> :what as first from audit_event a
 where a.table_name = :table and a.row_id = :id and a.after ->> :what is not null order by a.id
""")
CAME = text("""
select min(m.at) from stock_movement m where m.lot_id = :lot and m.to_location_id is not null
""")
POLICY = text("select s.late_entry_hours from site s order by s.id limit 1")
DEFAULT_HOURS = 24


def late_after(session: Session) -> timedelta:
    """How long after the work an entry still counts as made in time: the plant's setting."""
    return timedelta(hours=session.connection().execute(POLICY).scalar() or DEFAULT_HOURS)


def of_machine(session: Session, machine: Equipment) -> tuple[tuple[Since, ...], tuple[Calibrated, ...]]:
    """Its times in and out of service, and its calibrations."""
    rows = session.exec(
        select(Calibration).where(Calibration.equipment_id == machine.id).order_by(col(Calibration.performed_at))
    ).all()
    history = tuple(Calibrated(one.id, one.performed_at, one.due_at, one.result) for one in rows)
    return _from_ever(session, "equipment", machine.id, "status"), history


def of_lot(session: Session, lot: Lot, facts: LotFacts) -> LotHistory:
    """A lot's states and holds, lifted ones too."""
    holds = session.exec(select(Hold).where(Hold.lot_id == lot.id).order_by(col(Hold.id))).all()
    came = session.connection().execute(CAME, {"lot": lot.id}).scalar() or lot.created_at
    return LotHistory(
        facts=facts,
        came_at=min(came, lot.created_at),
        statuses=_statuses(session, "lot", lot.id),
        holds=tuple(
            Held(one.reason, one.placed_at, one.lifted_at, CAUSES.get(one.cause, HoldKind.QUALITY)) for one in holds
        ),
        brought=lot.origin == "migrated",
    )


def of_person(session: Session, person_id: int) -> tuple[Since, ...]:
    """When somebody was an active colleague (`true`) and when not (`false`)."""
    return _from_ever(session, "person", person_id, "active")


def earlier(session: Session, order_id: int) -> tuple[Period, ...]:
    """What was recorded of the order before."""
    rows = session.exec(
        select(OperationRun).where(OperationRun.work_order_id == order_id).order_by(col(OperationRun.id))
    ).all()
    return tuple(Period(one.seq, one.started_at, one.finished_at) for one in rows)


def _from_ever(session: Session, table: str, key: int, what: str) -> tuple[Since, ...]:
    """What a thing was when; before it was written down it was what it was then: its register is younger than it is."""
    rows = session.connection().execute(FROM_EVER, {"table": table, "id": key, "what": what}).all()
    first = [Since(EARLIEST, row.first) for row in rows[:1]]
    return tuple(first + [Since(row.at, row.status) for row in rows])


def _statuses(session: Session, table: str, key: int) -> tuple[Since, ...]:
    rows = session.connection().execute(STATUSES, {"table": table, "id": key}).all()
    return tuple(Since(row.at, row.status) for row in rows)
