"""The histories by which work is judged: calibrations, states and holds, each with when it became so (STANDARDS 101)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import text
from sqlmodel import Session, col, select

from models.equipment.store import machines
from models.equipment.store.machines import Known
from models.equipment.tables import Calibration, Equipment
from models.kernel.store.act import late_hours
from models.kernel.time.reported import EARLIEST
from models.lot.rules.lot import LotFacts
from models.lot.rules.open_hold import CAUSES, HoldKind
from models.lot.tables import Lot
from models.person.tables import Account, Person, Qualification
from models.production.rules.past_work import Calibrated, Held, LotHistory, Period, Since
from models.production.tables import OperationRun

FROM_EVER = text("""
select n.name, n.id, a.at, a.after ->> n.what as status, coalesce(a.before, a.after) ->> n.what as first
  from unnest(cast(:names as text[]), cast(:ids as bigint[]), cast(:whats as text[])) n (name, id, what)
  join audit_event a on a.table_name = n.name and a.row_id = n.id
 where a.after ->> n.what is not null order by a.id
""")
LOT = text("""
select (select min(m.at) from stock_movement m where m.lot_id = :lot and m.to_location_id is not null) as came,
       (select coalesce(json_agg(json_build_array(a.at, a.after ->> 'status') order by a.id), '[]') from audit_event a
         where a.table_name = 'lot' and a.row_id = :lot and a.after ->> 'status' is not null) as statuses,
       (select coalesce(json_agg(json_build_array(h.reason, h.placed_at, h.lifted_at, h.cause) order by h.id), '[]')
          from hold h where h.lot_id = :lot) as holds
""")
DEFAULT_HOURS = 24
MACHINE = ("equipment", "status")
PERSON = ("person", "active")
"""Table and column of what a thing was when."""


def late_after(session: Session) -> timedelta:
    """How long after the work an entry still counts as made in time: the plant's setting."""
    return timedelta(hours=late_hours(session) or DEFAULT_HOURS)


@dataclass(frozen=True)
class Asked:
    """The machines and people that an operation names, with their histories; who isn't there is nobody and nothing we know."""

    machines: Mapping[str, Known]
    people: Mapping[str, tuple[Person, list[Qualification]]]
    ever: Mapping[tuple[str, int], tuple[Since, ...]]

    def machine(self, number: str) -> tuple[Known, tuple[Since, ...]]:
        """The machine with its calibrations and blocks, and its times in and out of service; refuses an unknown one."""
        if number not in self.machines:
            raise machines.unknown(number)
        known = self.machines[number]
        return known, self.ever.get((MACHINE[0], known.machine.id), ())

    def person(self, login: str) -> tuple[Person, list[Qualification], tuple[Since, ...]] | None:
        """The person, their skills from the newest on, and when they were an active colleague (`true`) and when not."""
        if login not in self.people:
            return None
        row, skills = self.people[login]
        return row, skills, self.ever.get((PERSON[0], row.id), ())


def asked(session: Session, numbers: Sequence[str], logins: Sequence[str]) -> Asked:
    """All of them in three statements, however many there are."""
    found = machines.with_calibrations(session, numbers) if numbers else {}
    people = _people(session, logins) if logins else {}
    named = [(*MACHINE, one.machine.id) for one in found.values()] + [(*PERSON, row.id) for row, _ in people.values()]
    return Asked(found, people, _from_ever(session, named))


def _people(session: Session, logins: Sequence[str]) -> dict[str, tuple[Person, list[Qualification]]]:
    rows: Iterable[tuple[str, Person, Qualification | None]] = session.exec(
        select(Account.login, Person, Qualification)
        .join(Person, col(Person.id) == col(Account.person_id))
        .join(Qualification, col(Qualification.person_id) == col(Person.id), isouter=True)
        .where(col(Account.login).in_(logins))
        .order_by(col(Qualification.valid_from).desc())
    )
    found: dict[str, tuple[Person, list[Qualification]]] = {}
    for login, person, skill in rows:
        found.setdefault(login, (person, []))[1].extend([skill] if skill is not None else [])
    return found


def calibrated(rows: Iterable[Calibration]) -> tuple[Calibrated, ...]:
    """Calibrations as the rules see them."""
    return tuple(Calibrated(one.id, one.performed_at, one.due_at, one.result) for one in rows)


def of_machine(session: Session, machine: Equipment) -> tuple[tuple[Since, ...], tuple[Calibrated, ...]]:
    """Its times in and out of service, and its calibrations."""
    rows = session.exec(
        select(Calibration).where(Calibration.equipment_id == machine.id).order_by(col(Calibration.performed_at))
    ).all()
    return _from_ever(session, [(*MACHINE, machine.id)]).get((MACHINE[0], machine.id), ()), calibrated(rows)


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


def runs_of(session: Session, order_id: int) -> Sequence[OperationRun]:
    """What was recorded of the order before, in that order."""
    return session.exec(
        select(OperationRun).where(OperationRun.work_order_id == order_id).order_by(col(OperationRun.id))
    ).all()


def periods(runs: Sequence[OperationRun]) -> tuple[Period, ...]:
    """When that was."""
    return tuple(Period(one.seq, one.started_at, one.finished_at) for one in runs)


def _from_ever(session: Session, named: Sequence[tuple[str, str, int]]) -> Mapping[tuple[str, int], tuple[Since, ...]]:
    """What things were when; before one was written down it was what it was then: its register is younger than it is."""
    given = {"names": [n for n, _, _ in named], "whats": [w for _, w, _ in named], "ids": [key for *_, key in named]}
    found: dict[tuple[str, int], list[Since]] = {}
    for row in session.connection().execute(FROM_EVER, given) if named else ():
        found.setdefault((row.name, row.id), [Since(EARLIEST, row.first)]).append(Since(row.at, row.status))
    return {key: tuple(history) for key, history in found.items()}
