"""Sends people for held goods that are promised, on the line or off the shelves, and keeps what they found (REQ 55).

Begun by the hold, in its transaction: a run of `pull-goods` with its task for each place.  The dispatcher starts the
workflow that follows each of them (`process.begun`), so a scope with a thousand places is held as fast as one with none.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session, col, select

from models.kernel.tables import Outbox
from models.process.messages.process import By
from models.process.store import runs
from models.process.tables.process import ProcessRun
from models.pull import rules
from models.pull.tables import RecallPull
from models.stock.store import stock

KEY = "pull-goods"

PLACES = text("""
select 'shipment' as kind, h.shipment_no as place, said(c.name, c.name_en) as title, l.uom, l.lot_no, s.quantity - s.returned as quantity
  from recall_lot r join lot l on l.id = r.lot_id join shipment_line s on s.lot_id = l.id
  join shipment h on h.id = s.shipment_id and h.status = 'planned' join customer c on c.id = h.customer_id
 where r.scope_id = :scope
union all
select 'work_order', w.work_order_no, said(i.name, i.name_en) || coalesce(' · ' || o.code, ''), w.uom, l.lot_no,
       greatest(w.quantity - w.produced - w.scrapped, 0)
  from recall_lot r join lot l on l.id = r.lot_id join work_order w on w.lot_id = l.id and w.status = 'open'
  join item i on i.id = w.item_id left join location o on o.id = w.location_id
 where r.scope_id = :scope
   and (l.status = 'in_process' or exists (select from operation_run p where p.work_order_id = w.id))
union all
select 'location', o.code, said(o.name, o.name_en) as name, l.uom, l.lot_no, t.quantity
  from recall_lot r join lot l on l.id = r.lot_id join stock t on t.lot_id = l.id and t.quantity > 0
  join location o on o.id = t.location_id and o.kind <> all(:shelves)
 where r.scope_id = :scope
""")
OF_RECALL = text("""
select p.public_id as id, p.kind, p.place, p.title, p.uom, p.quantity, p.lines, p.found, p.put_to, p.note, p.done_at,
       said(d.name, d.name_en) as done_by, t.public_id as task, coalesce(t.status, r.status) as status, said(a.name, a.name_en) as assignee, t.due_at
  from recall_pull p join process_run r on r.id = p.run_id
  left join lateral (select * from human_task h where h.run_id = p.run_id order by h.id desc limit 1) t on true
  left join person a on a.id = t.assignee_id left join person d on d.id = p.done_by_id
 where p.recall_id = :recall order by p.done_at is not null, p.id
""")
STILL_OUT = text("select count(*) from recall_pull where recall_id = :recall and done_at is null")


class Recalled(Protocol):
    """A recall, as far as its errands know it."""

    id: int
    recall_no: str


class Scope(Protocol):
    """A version of its scope."""

    id: int
    version: int


@dataclass(frozen=True)
class Counted:
    """What was found at a place, and of which batches the books say how much was brought to `put_to`."""

    place: str
    put_to: str
    expected: Decimal
    found: Decimal
    brought: Collection[tuple[str, Decimal]]


@dataclass(frozen=True, kw_only=True, slots=True)
class PullRow:
    """An errand as pages and the API read it; `lines` are the lots with what the books say is there."""

    id: UUID
    kind: str
    place: str
    title: str
    uom: str
    quantity: Decimal
    lines: tuple[dict[str, Any], ...]
    found: Decimal | None
    put_to: str | None
    note: str | None
    done_at: datetime | None
    done_by: str | None
    task: UUID | None
    status: str
    assignee: str | None
    due_at: datetime | None


def begin(session: Session, recall: Recalled, scope: Scope, by: By, now: datetime) -> int:
    """One errand for each place that nobody was sent to for these lots before; answers how many."""
    earlier, needed = _earlier(session, recall), wanted(session, recall, scope)
    for number, errand in enumerate(needed, start=len(earlier) + 1):
        run = runs.begin(session, KEY, recall, by, now, workflow_id=f"pull/{recall.recall_no}/{number}")
        session.add(
            RecallPull(
                recall_id=recall.id,
                run_id=run.row.id,
                scope_version=scope.version,
                kind=errand.kind,
                place=errand.place,
                title=errand.title,
                uom=errand.uom,
                quantity=errand.quantity,
                lines=[
                    {"lot_no": lot_no, "quantity": f"{quantity.normalize():f}"} for lot_no, quantity in errand.lines
                ],
            )
        )
        session.add(Outbox(fact="process.begun", payload={"run": run.row.id, "recall": recall.recall_no}))
    session.flush()
    return len(needed)


def wanted(session: Session, recall: Recalled, scope: Scope) -> tuple[rules.Errand, ...]:
    """The places that nobody was sent to for these lots yet."""
    known = {(one.kind, one.place, line["lot_no"]) for one in _earlier(session, recall) for line in one.lines}
    rows = session.connection().execute(PLACES, {"scope": scope.id, "shelves": sorted(rules.SHELVES)}).all()
    return rules.errands([rules.Line(*row) for row in rows], known)


def _earlier(session: Session, recall: Recalled) -> Sequence[RecallPull]:
    return session.exec(select(RecallPull).where(RecallPull.recall_id == recall.id)).all()


def check(session: Session, run_id: int, form: dict[str, Any]) -> None:
    """Refuse what the definition's form can't say: a difference without a word, goods put nowhere, an unknown place."""
    pull = _of_run(session, run_id)
    rules.check(pull.quantity, pull.uom, form)
    if form.get("location"):
        stock.location(session, str(form["location"]))


def completed(session: Session, run_id: int, form: dict[str, Any], by: By, now: datetime) -> Counted:
    """What was found at the place is kept; the books are to follow as far as they can know."""
    pull, found = _of_run(session, run_id, lock=True), Decimal(str(form["found"]))
    put_to = stock.location(session, str(form["location"])).code if form.get("location") else None
    pull.found, pull.put_to, pull.note = found, put_to, str(form.get("note") or "").strip() or None
    pull.done_at, pull.done_by_id = now, by.person_id
    session.add(pull)
    session.flush()
    brought: Collection[tuple[str, Decimal]] = ()
    if pull.kind == "location" and put_to:
        lines = [(line["lot_no"], Decimal(line["quantity"])) for line in pull.lines]
        brought = rules.booked(lines, found)
    return Counted(pull.place, put_to or "", pull.quantity, found, brought)


def cancel(session: Session, recall: Recalled, reason: str, now: datetime) -> None:
    """The recall is over: nobody is sent any more.  The workflows of the errands are told to end."""
    waiting = session.exec(
        select(ProcessRun)
        .join(RecallPull, col(RecallPull.run_id) == col(ProcessRun.id))
        .where(RecallPull.recall_id == recall.id, ProcessRun.status == "running")
        .order_by(col(ProcessRun.id))
    ).all()
    for row in waiting:
        runs.cancel(session, runs.load(session, row.id, lock=True), reason, now)
        session.add(Outbox(fact="process.cancelled", payload={"run": row.id, "recall": recall.recall_no}))
    session.flush()


def still_out(session: Session, recall_id: int) -> int:
    """At how many places goods wait to be pulled."""
    return int(session.connection().execute(STILL_OUT, {"recall": recall_id}).scalar_one())


def of_recall(session: Session, recall_id: int) -> Sequence[PullRow]:
    """Every errand, what is open first."""
    rows = session.connection().execute(OF_RECALL, {"recall": recall_id}).mappings()
    return tuple(PullRow(**{**row, "lines": tuple(row["lines"])}) for row in rows)


def of_task(session: Session, run_id: int) -> RecallPull:
    """The errand behind a task's run."""
    return _of_run(session, run_id)


def _of_run(session: Session, run_id: int, *, lock: bool = False) -> RecallPull:
    query = select(RecallPull).where(RecallPull.run_id == run_id)
    return session.exec(query.with_for_update().execution_options(populate_existing=True) if lock else query).one()
