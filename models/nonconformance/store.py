"""Deviations and nonconformances in the record: opened by whatever act finds one, closed by its own signed decision.

`open_deviation` is for every act that finds work not done as it should be: it writes the row, begins the review of the finding,
tells the batch and says the fact, all in the transaction of the act.  While a row is open its batch is not released
(`EV-LOT-2`, and a wall of the database).
"""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Row, text
from sqlmodel import Session, col, select

from models.kernel.tables import Outbox
from models.kernel.time.moments import plant_day
from models.lot.store import lots
from models.lot.tables import Lot
from models.nonconformance import rules
from models.nonconformance.tables import Nonconformance
from models.person.tables import Account, Person
from models.place.tables import Location
from models.process import numbering
from models.process.fact import tell as facts
from models.process.messages.process import By
from models.process.store import runs, signing
from models.process.tables.process import ProcessRun
from models.process.tables.subject import Subject

NUMBERED = "nonconformance"
UNDECIDED = text("""
select n.id from nonconformance n where n.status = 'open' and n.run_id is null order by n.id
""")
DELIVERED = text("""
select exists (select from stock_movement m where m.lot_id = any(array[cast(:lot as bigint)] || lots_below(array[cast(:lot as bigint)]))
                  and m.kind = 'ship')
""")
OF_ONE_CAUSE_AT_A_TIME = text("select pg_advisory_xact_lock(hashtextextended('nonconformance cause ' || :cause, 0))")
ALIKE = text("""
with what as (
  select n.id, n.subject_id, n.cause_class, n.opened_at, n.status, n.disposition, coalesce(l.item_id, n.item_id) as item_id,
         case when coalesce(l.item_id, n.item_id) is null then coalesce(n.supplier_id, -n.location_id) end as other
    from nonconformance n left join lot l on l.id = n.lot_id
   where n.cause_class = (select m.cause_class from nonconformance m where m.id = :id))
select o.subject_id, o.opened_at
  from what w join what o on o.item_id is not distinct from w.item_id and o.other is not distinct from w.other
 where w.id = :id and o.status = 'closed' and o.disposition <> :unfounded
 order by o.opened_at, o.subject_id
""")
"""What was found of the same item, or where none is named of the same supplier or place, with a cause of the same class."""
OPENED = "nonconformance.opened"
CLOSED = "nonconformance.closed"
CONCERNS = "concerns"
"""The role of the batch that a finding concerns, in the links of its review."""


def open_deviation(
    session: Session,
    lot: Lot,
    found: rules.Finding,
    by: By,
    now: datetime,
    *,
    happened_at: datetime | None = None,
    operation_run_id: int | None = None,
    inspection_id: int | None = None,
    said: str | None = None,
    source: rules.Source = "record",
) -> Nonconformance:
    """Open a deviation of a locked lot, or answer the one that the same finding has opened before, decided or not.

    `said` is what the recorder says about it: it is kept and cures nothing.
    """
    known = session.exec(
        select(Nonconformance).where(
            Nonconformance.lot_id == lot.id, Nonconformance.code == found.code, Nonconformance.about == found.about
        )
    ).first()
    if known is not None:
        return known
    row = Nonconformance(
        nonconformance_no=number(session, lot, found.kind, now),
        lot_id=lot.id,
        kind=found.kind,
        code=found.code,
        about=found.about,
        title=found.zh,
        title_en=found.en,
        value=found.value or None,
        limit_text=found.limit or None,
        said=(said or "").strip() or None,
        inspection_id=inspection_id,
        operation_run_id=operation_run_id,
        opened_by_id=by.person_id or None,
        opened_at=now,
        happened_at=happened_at or now,
        severity=rules.severity(found.kind, delivered=delivered(session, lot.id)),
        source=source,
    )
    begin(session, lot, row, by, now)
    return row


def begin(session: Session, lot: Lot | None, row: Nonconformance, by: By, now: datetime) -> None:
    """Put a new row on record, begin its review and tell the locked batch that it concerns."""
    _ask(session, lot, row, by, now)
    if lot is None:
        return
    told = {"number": row.nonconformance_no, "zh": row.title, "en": row.title_en or row.title}
    lots.note(session, lot.id, f"{row.kind}.opened", by.person_id or None, told)
    lots.publish(session, lot.id, f"{row.kind}.opened", {"number": row.nonconformance_no, "lot": lot.lot_no})


def number(session: Session, lot: Lot | None, kind: str, now: datetime) -> str:
    """`DV-<lot>-<n>` or `NC-<lot>-<n>`, both counted together within the batch; `NC-<year>-<n>` where there is none."""
    prefix = {"deviation": "DV", "nonconformance": "NC"}[kind]
    if lot is not None:
        return f"{prefix}-{lot.lot_no}-{numbering.take(session, NUMBERED, scope=lot.lot_no)}"
    year = plant_day(now, lots.site_zone(session)).year
    return f"{prefix}-{year}-{numbering.take(session, NUMBERED, year=year):04d}"


def _ask(session: Session, lot: Lot | None, row: Nonconformance, by: By, now: datetime) -> None:
    """Begin the review, which the dispatcher gives its workflow, tied to the batch that it concerns; and say that it was found."""
    session.add(row)
    session.flush()
    session.refresh(row)
    run = runs.begin(session, rules.PROCESS, row, by, now)
    row.run_id = run.row.id
    if lot is not None:
        runs.link(session, run.row.id, lot.subject_id, CONCERNS)
    session.add(Outbox(fact="process.begun", lot_id=lot.id if lot else None, payload={"run": run.row.id}))
    session.flush()
    said = {"number": row.nonconformance_no, "severity": row.severity, "source": row.source, "kind": row.kind}
    facts.tell(session, row, OPENED, by, now, said, once=row.nonconformance_no, happened_at=row.happened_at, held=True)


def delivered(session: Session, lot_id: int) -> bool:
    """Whether goods of the batch, or of what became of it, have left the house."""
    return session.connection().execute(DELIVERED, {"lot": lot_id}).scalar_one() is True


def subject_of(session: Session, row: Nonconformance) -> Subject:
    """Its subject, which has its public id, owner and site."""
    return session.get_one(Subject, row.subject_id)


def ask_for_open(session: Session, by: By, now: datetime) -> int:
    """Ask for the decisions on rows from before there was such a process; answers how many."""
    keys = session.connection().execute(UNDECIDED).scalars().all()
    for key in keys:
        row = session.get_one(Nonconformance, key)
        _ask(session, None if row.lot_id is None else lots.lock_by_key(session, row.lot_id), row, by, now)
    return len(keys)


def open_numbers(session: Session, lot_id: int) -> tuple[str, ...]:
    """The numbers of what is open on a lot."""
    return tuple(
        session.exec(
            select(Nonconformance.nonconformance_no)
            .where(Nonconformance.lot_id == lot_id, Nonconformance.status == "open")
            .order_by(col(Nonconformance.id))
        ).all()
    )


def rejected(session: Session, lot_id: int) -> tuple[str, ...]:
    """The numbers of what was decided against the lot, today or in the words of before."""
    against = [*rules.AGAINST, *(word for word, now in rules.OLD_DECISIONS.items() if now in rules.AGAINST)]
    return tuple(
        session.exec(
            select(Nonconformance.nonconformance_no)
            .where(Nonconformance.lot_id == lot_id, col(Nonconformance.disposition).in_(against))
            .order_by(col(Nonconformance.id))
        ).all()
    )


def of_run(session: Session, run_id: int, *, lock: bool = False) -> Nonconformance:
    """The row behind a run of the process."""
    query = select(Nonconformance).where(Nonconformance.run_id == run_id)
    return session.exec(query.with_for_update().execution_options(populate_existing=True) if lock else query).one()


def lock_batch(session: Session, key: int) -> None:
    """Lock the batch that the finding of that subject concerns, where there is one."""
    lot = session.exec(select(Nonconformance.lot_id).where(Nonconformance.subject_id == key)).one()
    if lot is not None:
        lots.lock_by_key(session, lot)


def lock(session: Session, key: int) -> Nonconformance:
    """The row of a subject, after its batch: an act that knows the batch first and one that knows the finding never wait in a circle."""
    lock_batch(session, key)
    query = select(Nonconformance).where(Nonconformance.subject_id == key)
    return session.exec(query.with_for_update().execution_options(populate_existing=True)).one()


def lot_of(session: Session, row: Nonconformance) -> Lot | None:
    """The batch that it concerns, where there is one."""
    return None if row.lot_id is None else session.get_one(Lot, row.lot_id)


def record(session: Session, row: ProcessRun) -> str:
    """What the decision is over: what happened to which goods, who told it, and what they said."""
    one = of_run(session, row.id)
    lot = lot_of(session, one)
    teller = session.get(Person, one.opened_by_id) if one.opened_by_id else None
    said: dict[str, Any] = {
        "record": rules.OF_BATCH,
        "number": one.nonconformance_no,
        "kind": one.kind,
        "lot_no": lot.lot_no if lot else "",
        "quantity": f"{lot.quantity.normalize():f}" if lot else "",
        "uom": lot.uom if lot else "",
        "rule": one.code or "",
        "zh": one.title,
        "en": one.title_en or one.title,
        "value": one.value or "",
        "limit": one.limit_text or "",
        "said": one.said or "",
        "told_by": teller.name if teller else "",
        "happened_at": (one.happened_at or one.opened_at).isoformat(),
        "opened_at": one.opened_at.isoformat(),
    }
    if row.lot_id is None:  # the process of before signs what it signed before
        place = session.get(Location, one.location_id) if one.location_id else None
        said |= {
            "severity": one.severity,
            "source": one.source,
            "set_apart": f"{one.quantity.normalize():f}" if one.quantity is not None else "",
            "set_apart_uom": one.uom or "",
            "place": place.code if place else "",
            "supplier_lot_no": one.supplier_lot_no or "",
            "files": one.files,
        }
    return signing.canonical(said)


def check(session: Session, row: ProcessRun, outcome: str | None, form: dict[str, Any], by: By) -> int:
    """Refuse a decision without cause or owner; answers who owns it."""
    one = of_run(session, row.id)
    rules.check_decision(one.nonconformance_no, outcome, form)
    login = str(form.get("owner") or "").strip()
    if not login:
        return by.person_id
    owner = session.exec(
        select(Person).join(Account, col(Account.person_id) == col(Person.id)).where(Account.login == login)
    ).first()
    if owner is None or not owner.active:
        raise rules.NO_OWNER(owner=login)
    return owner.id


def decided(
    session: Session, row: ProcessRun, outcome: str, form: dict[str, Any], reason: str | None, by: By, now: datetime
) -> dict[str, Any]:
    """The decision is signed, with cause, owner and reason; what needs a second person stays open until they have signed."""
    owner = check(session, row, outcome, form, by)
    one = of_run(session, row.id, lock=True)
    one.disposition, one.cause, one.owner_id = outcome, str(form["cause"]).strip(), owner
    one.decided_by_id, one.decision_reason = by.person_id, (reason or "").strip()
    if rules.needs_two(one.severity, outcome):
        session.add(one)
        session.flush()
        return {"number": one.nonconformance_no, "outcome": outcome, "settled": False}
    return _close(session, one, row, by, now)


def classified(session: Session, row: ProcessRun, form: dict[str, Any]) -> dict[str, Any]:
    """The class of its cause and what it has cost, by whoever is about to decide; an earlier decision on it said otherwise."""
    one = of_run(session, row.id, lock=True)
    one.cause_class = form.get("cause_class")
    one.cost = Decimal(str(form["cost"])) if form.get("cost") is not None else None
    session.add(one)
    session.flush()
    return {"cause_class": one.cause_class}


def conceded(session: Session, row: ProcessRun, by: By, now: datetime) -> dict[str, Any]:
    """A second person has signed that what is critical is accepted."""
    one = of_run(session, row.id, lock=True)
    if one.decided_by_id == by.person_id:
        raise rules.ALONE(number=one.nonconformance_no)
    return _close(session, one, row, by, now)


def _close(session: Session, one: Nonconformance, row: ProcessRun, by: By, now: datetime) -> dict[str, Any]:
    one.status, one.closed_at = "closed", now
    session.add(one)
    session.flush()
    data = {"number": one.nonconformance_no, "outcome": one.disposition}
    fact, lot = f"{one.kind}.decided", lot_of(session, one)
    if lot is not None:
        lots.note(session, lot.id, fact, by.person_id, data)
        facts.tell(session, lot, fact, by, now, data, once=one.nonconformance_no, run=row.id, held=True)
    facts.tell(session, one, fact, by, now, data, once=one.nonconformance_no, run=row.id, held=True)
    _tell_closed(session, one, row, by, now)
    return data


def _tell_closed(session: Session, one: Nonconformance, row: ProcessRun, by: By, now: datetime) -> None:
    """Say that it is closed, how often its cause came lately, and what it has cost; what was not confirmed counts for nothing.

    Two of one cause never count past each other: whoever is second waits until the first has committed.
    """
    founded = one.disposition != rules.UNFOUNDED
    if founded and one.cause_class is not None:
        session.connection().execute(OF_ONE_CAUSE_AT_A_TIME, {"cause": one.cause_class})
    said = {
        "number": one.nonconformance_no,
        "outcome": one.disposition,
        "severity": one.severity,
        "repeated": len(of_one_cause(session, one)),
        "cost": f"{one.cost:f}" if founded and one.cost is not None else "0",
    }
    facts.tell(session, one, CLOSED, by, now, said, once=one.nonconformance_no, run=row.id, held=True)


def of_one_cause(session: Session, one: Nonconformance) -> tuple[int, ...]:
    """The subjects of what was found for the same cause of the same goods or place within thirty days, itself among them."""
    rows = _alike(session, one)
    if one.subject_id not in {row.subject_id for row in rows}:
        return ()
    first, last, _ = rules.together([row.opened_at for row in rows], one.opened_at)
    return tuple(row.subject_id for row in rows if first <= row.opened_at <= last)


def belonging(session: Session, one: Nonconformance) -> tuple[int, ...]:
    """The subjects of what was found for the same cause, each within thirty days of the next, itself among them."""
    rows = _alike(session, one)
    if one.subject_id not in {row.subject_id for row in rows}:
        return ()
    first, last = rules.linked([row.opened_at for row in rows], one.opened_at)
    return tuple(row.subject_id for row in rows if first <= row.opened_at <= last)


def alike(session: Session, one: Nonconformance) -> tuple[int, ...]:
    """The subjects of all that was found for the same cause of the same goods or place, however long ago."""
    return tuple(row.subject_id for row in _alike(session, one))


def _alike(session: Session, one: Nonconformance) -> Sequence[Row[Any]]:
    return session.connection().execute(ALIKE, {"id": one.id, "unfounded": rules.UNFOUNDED}).all()
