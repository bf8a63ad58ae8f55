"""The change itself: asked for, approved with all that it locks, decided on batch by batch, closed, refused or withdrawn."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import text
from sqlmodel import Session, select

from models.change import rules
from models.change.rules import Planned, Way
from models.change.store import impact, tasks
from models.change.tables import Change
from models.definition.condition import Scalar
from models.hold.store import holds
from models.kernel.tables import Outbox
from models.kernel.time.moments import day_begins, plant_day
from models.lot.store import lots
from models.nonconformance import rules as nonconformance_rules
from models.nonconformance import store as nonconformances
from models.process import numbering
from models.process.fact import tell as facts
from models.process.messages.process import By
from models.process.store import runs

NUMBERED, EMERGENCIES, TEMPORARIES = "change", "change-emergency", "change-temporary"
OPENED, APPROVED, DECIDED = "change.opened", "change.approved", "change.decided"
VERIFIED, EFFECTIVE, CLOSED = "change.verified", "change.effective", "change.closed"
AFFECTED = text("""
select l.id from lot l
 where l.id = any(array(select change_touches(:change, null))) and l.status not in ('rejected', 'closed') order by l.id
""")
LOCK_LOTS = text("""
select count(*) from (select from lot where id = any(cast(:ids as bigint[])) order by id for no key update) l
""")
ALONE = text("select pg_advisory_xact_lock(hashtext('change.catches'))")
"""Whoever makes a batch or an order shares it until it is on record (`change_catches` in the database)."""
LOCK = text("""
with made as (
  insert into change_lock (change_id, lot_id, step, seq, locked_at)
  select :change, s.lot_id, s.step, s.seq, :now from change_pauses(:change, null) s order by s.lot_id
  on conflict (change_id, lot_id) do nothing
  returning lot_id, step, seq)
insert into lot_fact (lot_id, fact, at, person_id, data)
select lot_id, 'lot.paused', :now, :person, jsonb_build_object('change', cast(:number as text), 'step', step, 'seq', seq) from made
returning lot_id
""")
MADE = text("select exists (select from lot where lot_no = :batch)")
PAUSED = text("""
select l.lot_no, k.lot_id, k.step, k.seq, l.quantity, l.uom, i.item_no
  from change_lock k join lot l on l.id = k.lot_id join item i on i.id = l.item_id
 where k.change_id = :change and k.decided_at is null and k.freed_at is null order by l.lot_no
""")
DECIDE = text("""
with done as (
  update change_lock k set decision = :way, decided_at = :now, decided_by_id = :person, reason = :reason
   where k.change_id = :change and k.lot_id = any(cast(:ids as bigint[])) and k.decided_at is null and k.freed_at is null
  returning k.lot_id)
insert into lot_fact (lot_id, fact, at, person_id, data)
select lot_id, 'lot.pause_decided', :now, :person,
       jsonb_build_object('change', cast(:number as text), 'way', cast(:way as text), 'reason', cast(:reason as text))
  from done order by lot_id
returning lot_id
""")
FREE = text("""
with done as (
  update change_lock k set freed_at = :now where k.change_id = :change and k.decided_at is null and k.freed_at is null returning k.lot_id)
insert into lot_fact (lot_id, fact, at, person_id, data)
select lot_id, 'lot.pause_freed', :now, :person, jsonb_build_object('change', cast(:number as text)) from done order by lot_id
returning lot_id
""")


def lock(session: Session, key: int) -> Change:
    """The row of a subject, locked against everybody else; whoever makes a batch that it catches only refers to it, and need not wait."""
    query = select(Change).where(Change.subject_id == key)
    return session.exec(query.with_for_update(key_share=True).execution_options(populate_existing=True)).one()


def new(session: Session, by: By, now: datetime, **said: Any) -> Change:
    """Put a request on record, with the next number of the year, and say so; what was done before has numbers of its own."""
    year = plant_day(now, lots.site_zone(session)).year
    prefix, counted = "CHG", NUMBERED
    if said.get("happened_at"):
        prefix, counted = "CHE", EMERGENCIES
    elif said.get("ends_at") or said.get("most_batches"):
        prefix, counted = "CHT", TEMPORARIES
    row = Change(change_no=f"{prefix}-{year}-{numbering.take(session, counted, year=year):04d}", opened_at=now, **said)
    session.add(row)
    session.flush()
    session.refresh(row)
    told = {"number": row.change_no, "kind": row.kind, "target": row.target}
    facts.tell(session, row, OPENED, by, now, told, once=row.change_no, held=True)
    return row


def begin(
    session: Session,
    row: Change,
    by: By,
    now: datetime,
    process: str = rules.PROCESS,
    facts: Mapping[str, Scalar] | None = None,
) -> None:
    """Begin its process."""
    run = runs.begin(session, process, row, by, now, facts=facts)
    session.add(Outbox(fact="process.begun", payload={"run": run.row.id}))
    session.flush()


def approve(
    session: Session, row: Change, run: int, by: By, now: datetime, planned: Sequence[Planned] = ()
) -> dict[str, Any]:
    """It is approved, every batch that it touches is locked and everybody gets what is planned for them, in the same transaction.

    The batches are locked first, in their order: who completes a step of one at this instant has come past it, or finds it paused.  Whoever
    makes a batch or an order at this instant is waited for, and what they have made is caught too.
    """
    if row.status != "open":
        raise rules.NOT_OPEN(number=row.change_no)
    alone(session, row)
    signed = impact.last(session, row)
    kept = impact.keep(session, row, now)
    row.status, row.approved_at, row.approved_by_id = "approved", now, by.person_id
    session.add(row)
    session.flush()
    paused = said_of_many(session, LOCK, row, by, now)
    known = {str(one["lot_no"]) for one in signed.lots} if signed else set()
    joined = sum(one["lot_no"] not in known for one in kept.lots)
    given = tasks.give(session, row, planned, by, now)
    told = {"number": row.change_no, "kind": row.kind, "target": row.target, "paused": paused}
    facts.tell(session, row, APPROVED, by, now, told, once=row.change_no, run=run, held=True)
    return {"number": row.change_no, "paused": paused, "joined": joined, "tasks": given, "change.undecided": paused}


def alone(session: Session, row: Change) -> None:
    """Lock the batches that it touches, in their order, and wait for whoever makes one at this instant; what they have made is locked too."""
    ask = session.connection().execute
    ask(LOCK_LOTS, {"ids": list(ask(AFFECTED, {"change": row.id}).scalars())})
    ask(ALONE)
    ask(LOCK_LOTS, {"ids": list(ask(AFFECTED, {"change": row.id}).scalars())})


def paused(session: Session, row: Change) -> Mapping[str, Any]:
    """The batches that wait for a decision, by number."""
    return {one.lot_no: one for one in session.connection().execute(PAUSED, {"change": row.id})}


def decide(
    session: Session, row: Change, ways: Mapping[str, Way], reason: str, run: int, by: By, now: datetime
) -> dict[str, Any]:
    """Say how batches go on; what is to be reworked or scrapped is held, and a review of material carries it out."""
    open_ = paused(session, row)
    ids = {lot: open_[lot].lot_id for lot in ways}
    ask = session.connection().execute
    ask(LOCK_LOTS, {"ids": sorted(ids.values())})
    done = 0
    for way in Way:
        those = sorted(ids[lot] for lot, said in ways.items() if said is way)
        if those:
            done += said_of_many(session, DECIDE, row, by, now, ids=those, way=way.value, reason=reason)
    if done < len(ways):  # somebody was faster with one of them
        raise rules.NOT_PAUSED(lot=min(ways), number=row.change_no)
    for lot, way in sorted(ways.items()):
        if way in rules.STOPS:
            _stop(session, row, ids[lot], way, by, now)
    left = len(paused(session, row))  # what was split off meanwhile waits too
    told = {"number": row.change_no, "decided": done, "left": left}
    facts.tell(session, row, DECIDED, by, now, told, run=run, held=True)
    return {"number": row.change_no, "decided": done, "change.undecided": left}


def verify(session: Session, row: Change, run: int, by: By, now: datetime) -> dict[str, Any]:
    """What was implemented is verified by whoever has just signed."""
    row.verified_at, row.verified_by_id = now, by.person_id
    session.add(row)
    session.flush()
    facts.tell(session, row, VERIFIED, by, now, {"number": row.change_no}, once=row.change_no, run=run, held=True)
    return {"number": row.change_no, VERIFIED: True, "change.undecided": len(paused(session, row))}


def in_effect(session: Session, row: Change, now: datetime) -> bool:
    """Whether what is made now is made the new way."""
    return row.effective_at is not None and row.effective_at <= now and made(session, row)


def made(session: Session, row: Change) -> bool:
    """Whether the batch is there with which it begins; where none is named, it needs none."""
    asked = {"batch": row.effective_batch}
    return row.effective_batch is None or bool(session.connection().execute(MADE, asked).scalar_one())


def take_effect(
    session: Session, row: Change, run: int, by: By, now: datetime, day: date | None, batch: str | None
) -> dict[str, Any]:
    """It is in effect at once, from the beginning of a day at the site, or with a batch; whoever has just signed says so.

    Whoever makes a batch at this instant is waited for: it is caught, and counted among those that wait.
    """
    session.connection().execute(ALONE)
    zone = lots.site_zone(session)
    row.effective_at = day_begins(day, zone) if day is not None else now
    row.effective_batch, row.effective_by_id = batch, by.person_id
    session.add(row)
    session.flush()
    told = {"number": row.change_no, "from": plant_day(row.effective_at, zone).isoformat(), "batch": batch or ""}
    facts.tell(session, row, EFFECTIVE, by, now, told, run=run, held=True)
    return {"number": row.change_no, EFFECTIVE: True, "change.undecided": len(paused(session, row))}


def settle(session: Session, row: Change, run: int, status: str, by: By, now: datetime) -> dict[str, Any]:
    """It is closed, refused or withdrawn; what a withdrawn one still locks is free again, and nobody works for it any more.

    Whoever makes a batch at this instant, or splits one, is waited for: what they have locked is free too, or keeps it from being closed.
    """
    session.connection().execute(ALONE)
    if status == "closed":
        rules.check_closing(row.change_no, paused(session, row).keys())
    row.status, row.closed_at = status, now
    session.add(row)
    session.flush()
    freed = said_of_many(session, FREE, row, by, now) if status == "withdrawn" else 0
    tasks.cancel(session, row, status, now)
    told = {"number": row.change_no, "outcome": status}
    facts.tell(session, row, CLOSED, by, now, told, once=row.change_no, run=run, held=True)
    return {"number": row.change_no, "status": status, "freed": freed}


def said_of_many(session: Session, statement: Any, row: Change, by: By, now: datetime, **more: Any) -> int:
    """Carry out what is told of many batches at once; answers of how many."""
    given = {"change": row.id, "number": row.change_no, "person": by.person_id or None, "now": now, **more}
    return len(session.connection().execute(statement, given).all())


def _stop(session: Session, row: Change, lot_id: int, way: Way, by: By, now: datetime) -> None:
    """A batch that doesn't go on: held, with a finding whose review decides what becomes of it."""
    lot = lots.lock_by_key(session, lot_id)
    said = rules.WAYS[way]
    found = nonconformance_rules.Finding(
        code="CHG",
        about=row.change_no,
        zh=f"变更 {row.change_no}：批次{said.zh}",
        en=f"Change {row.change_no}: the batch {said.en}",
        kind="nonconformance",
    )
    finding = nonconformances.open_deviation(session, lot, found, by, now, source="record")
    why = f"{finding.nonconformance_no} {row.change_no} {row.title}"
    holds.place(session, [lot.id], reason=why, cause="manual", person_id=by.person_id, now=now)
