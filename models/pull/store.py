"""Sends people for held goods that are promised, on the line or off the shelves, and keeps what they found (REQ 55).

Begun by the hold, in its transaction: a run of `pull-goods` with its task for each place.  The dispatcher starts the
workflow that follows each of them (`process.begun`), so a scope with a thousand places is held as fast as one with none.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import ColumnElement, TextClause, text
from sqlmodel import Session, col, select

from models.definition import store as definitions
from models.kernel.refusal import Refusal
from models.kernel.tables import Outbox
from models.kernel.units.quantity import plain
from models.lot.rules.lot import unit_names
from models.lot.store import lots
from models.lot.tables import Lot
from models.packing.rules import PULL_PACKED
from models.process.messages.process import By
from models.process.run import Run
from models.process.store import runs
from models.process.tables.process import ProcessRun
from models.pull import rules
from models.pull.tables import RecallPull
from models.stock.store import parts, stock

KEY = "pull-goods"
HELD = "pull-held"
"""The processes of an errand: for a recall, and for a hold of quality."""

_PLACES = """
select 'shipment' as kind, h.shipment_no as place, said(c.name, c.name_en) as title, l.uom, l.lot_no, s.quantity - s.returned as quantity
  from {lots} join lot l on l.id = r.lot_id join shipment_line s on s.lot_id = l.id
  join shipment h on h.id = s.shipment_id and h.status = 'planned' join customer c on c.id = h.customer_id
union all
select 'work_order', w.work_order_no, said(i.name, i.name_en) || coalesce(' · ' || o.code, ''), w.uom, l.lot_no,
       greatest(w.quantity - w.produced - w.scrapped, 0)
  from {lots} join lot l on l.id = r.lot_id join work_order w on w.lot_id = l.id and w.status = 'open'
  join item i on i.id = w.item_id left join location o on o.id = w.location_id
 where l.status = 'in_process' or exists (select from operation_run p where p.work_order_id = w.id)
union all
select 'location', o.code, said(o.name, o.name_en) as name, l.uom, l.lot_no, t.quantity
  from {lots} join lot l on l.id = r.lot_id join stock t on t.lot_id = l.id and t.quantity > 0
  join location o on o.id = t.location_id and o.kind <> all(:shelves)
"""
PLACES = text(_PLACES.format(lots="(select lot_id from recall_lot where scope_id = :scope) r"))
PLACES_OF = text(_PLACES.format(lots="unnest(cast(:lots as bigint[])) r (lot_id)"))
SENT = text("""
select p.kind, p.place, line ->> 'lot_no' as lot_no from recall_pull p cross join jsonb_array_elements(p.lines) line
 where p.done_at is null and exists (select from process_run r where r.id = p.run_id and r.status = 'running')
   and not exists (select from hold_part h where h.act_id = p.hold_act_id)
   and line ->> 'lot_no' in (select l.lot_no from lot l where l.id = any(cast(:lots as bigint[])))
""")
"""For what somebody is on the way already, whoever sent them; not who fetches a part, for that is not all that lies there."""
OF_PART = text("select exists (select from hold_part where act_id = :act)")
COUNTED = text("select count(*) from process_run where lot_id = :lot and workflow_id like 'pull-held/%'")
TITLE = """coalesce(case p.kind
    when 'location' then (select said(o.name, o.name_en) from location o where o.code = p.place)
    when 'shipment' then (select said(c.name, c.name_en) from shipment h join customer c on c.id = h.customer_id where h.shipment_no = p.place)
    else (select said(i.name, i.name_en) || coalesce(' · ' || o.code, '') from work_order w join item i on i.id = w.item_id
      left join location o on o.id = w.location_id where w.work_order_no = p.place) end, p.title)"""
"""What the place is, in the reader's language; the errand keeps it in the words of who sent somebody."""
EXPECTED = """case when p.done_at is null and exists (select from hold_part h where h.act_id = p.hold_act_id) then coalesce((
    select sum(h.quantity) from hold_part h join location o on o.id = h.location_id
     where h.act_id = p.hold_act_id and o.code = p.place and h.ended_at is null), 0) else p.quantity end"""
"""How much is to be there: as somebody was sent for it, but of a part of a batch what is still held, for some of it may be free again."""
EXPECTED_NOW = text(f"select {EXPECTED} from recall_pull p where p.run_id = :run")  # noqa: S608  # constants
_OF = f"""
select p.public_id as id, p.kind, p.place, {TITLE} as title, p.uom, {EXPECTED} as quantity, p.lines, p.found, p.put_to, p.note, p.done_at,
       said(d.name, d.name_en) as done_by, t.public_id as task, coalesce(t.status, r.status) as status, said(a.name, a.name_en) as assignee, t.due_at
  from recall_pull p join process_run r on r.id = p.run_id
  left join lateral (select * from human_task h where h.run_id = p.run_id order by h.id desc limit 1) t on true
  left join person a on a.id = t.assignee_id left join person d on d.id = p.done_by_id
 where {{whose}} order by p.done_at is not null, p.id
"""  # noqa: S608  # constants
OF_RECALL = text(_OF.format(whose="p.recall_id = :whose"))
OF_RUN = text(_OF.format(whose="p.run_id = :whose"))
OF_HOLD = text(_OF.format(whose="p.hold_act_id = :whose"))
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
    """What was found at a place, and of which batches the books say how much was brought to `put_to`.

    `part_of` is the act that holds a part of the batch, where that is what somebody was sent for.
    """

    place: str
    put_to: str
    expected: Decimal
    found: Decimal
    brought: Collection[tuple[str, Decimal]]
    part_of: int | None = None


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
    whose = {"recall_id": recall.id, "scope_version": scope.version}
    for number, errand in enumerate(needed, start=len(earlier) + 1):
        run = runs.begin(session, KEY, recall, by, now, workflow_id=f"pull/{recall.recall_no}/{number}")
        _send(session, run, errand, whose, {"recall": recall.recall_no})
    session.flush()
    return len(needed)


def begin_held(session: Session, act_id: int, lot_ids: Collection[int], by: By, now: datetime) -> int:
    """One errand for each place where goods of these held batches aren't on a shelf; answers how many.

    Each is about the first batch that lies there.  A hold is placed whether or not anybody can be sent: where a plant has put the
    process out of force, what is out there stands in the preview and on the page of the hold.
    """
    needed = wanted_of(session, lot_ids)
    if not needed or not sends(session):
        return 0
    about, counted = lots.lock(session, {errand.lines[0][0] for errand in needed}), Counter[int]()
    for errand in needed:
        lot = about[errand.lines[0][0]]
        if lot.id not in counted:
            counted[lot.id] = int(session.connection().execute(COUNTED, {"lot": lot.id}).scalar_one())
        counted[lot.id] += 1
        run = runs.begin(session, HELD, lot, by, now, workflow_id=f"pull-held/{lot.lot_no}/{counted[lot.id]}")
        _send(session, run, errand, {"hold_act_id": act_id, "scope_version": 0}, {"lot": lot.lot_no})
    session.flush()
    return len(needed)


def begin_part(session: Session, act_id: int, lot: Lot, errand: rules.Errand, by: By, now: datetime) -> int:
    """Somebody is sent for a part of a batch that is held where goods aren't on a shelf; answers how many errands that is."""
    if not sends(session):
        return 0
    counted = int(session.connection().execute(COUNTED, {"lot": lot.id}).scalar_one()) + 1
    run = runs.begin(session, HELD, lot, by, now, workflow_id=f"pull-held/{lot.lot_no}/{counted}")
    _send(session, run, errand, {"hold_act_id": act_id, "scope_version": 0}, {"lot": lot.lot_no})
    session.flush()
    return 1


def sends(session: Session) -> bool:
    """Whether the plant sends people for what quality holds."""
    try:
        definitions.effective(session, HELD)
    except Refusal:
        return False
    return True


def _send(session: Session, run: Run, errand: rules.Errand, whose: Mapping[str, Any], told: Mapping[str, str]) -> None:
    lines = [{"lot_no": lot_no, "quantity": f"{quantity.normalize():f}"} for lot_no, quantity in errand.lines]
    session.add(
        RecallPull(
            **whose,
            run_id=run.row.id,
            kind=errand.kind,
            place=errand.place,
            title=errand.title,
            uom=errand.uom,
            quantity=errand.quantity,
            lines=lines,
        )
    )
    session.add(Outbox(fact="process.begun", payload={"run": run.row.id, **told}))


def wanted_of(session: Session, lot_ids: Collection[int]) -> tuple[rules.Errand, ...]:
    """The places to go to for these batches, except where somebody is on the way for them already."""
    connection, lots_ = session.connection(), sorted(lot_ids)
    known = {(row.kind, row.place, row.lot_no) for row in connection.execute(SENT, {"lots": lots_})}
    rows = connection.execute(PLACES_OF, {"lots": lots_, "shelves": sorted(rules.SHELVES)}).all()
    return rules.errands([rules.Line(*row) for row in rows], known)


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
    rules.check(_expected(session, run_id), pull.uom, form)
    if form.get("location"):
        stock.location(session, str(form["location"]))


def completed(session: Session, run_id: int, form: dict[str, Any], by: By, now: datetime) -> Counted:
    """What was found at the place is kept; the books are to follow as far as they can know."""
    pull, found = _of_run(session, run_id, lock=True), Decimal(str(form["found"]))
    expected = _expected(session, run_id)
    put_to = stock.location(session, str(form["location"])).code if form.get("location") else None
    pull.found, pull.put_to, pull.note = found, put_to, str(form.get("note") or "").strip() or None
    pull.done_at, pull.done_by_id = now, by.person_id
    session.add(pull)
    session.flush()
    act_id = pull.hold_act_id
    of_part = act_id is not None and session.connection().execute(OF_PART, {"act": act_id}).scalar_one()
    brought: Collection[tuple[str, Decimal]] = ()
    if pull.kind == "location" and put_to:
        lines = [(line["lot_no"], expected if of_part else Decimal(line["quantity"])) for line in pull.lines]
        brought = rules.booked(lines, found)
    return Counted(pull.place, put_to or "", expected, found, brought, act_id if of_part else None)


def cancel(session: Session, recall: Recalled, reason: str, now: datetime) -> None:
    """The recall is over: nobody is sent any more.  The workflows of the errands are told to end."""
    _cancel(session, col(RecallPull.recall_id) == recall.id, reason, now)


def cancel_held(session: Session, act_id: int, reason: str, now: datetime) -> None:
    """All that an act held is free again: nobody is sent for it any more."""
    _cancel(session, col(RecallPull.hold_act_id) == act_id, reason, now)


def _cancel(session: Session, whose: ColumnElement[bool], reason: str, now: datetime) -> None:
    waiting = session.exec(
        select(ProcessRun, RecallPull)
        .join(RecallPull, col(RecallPull.run_id) == col(ProcessRun.id))
        .where(whose, ProcessRun.status == "running")
        .order_by(col(ProcessRun.id))
    ).all()
    for row, pull in waiting:
        run = runs.load(session, row.id, lock=True)
        runs.cancel(session, run, reason, now)
        told = {"recall": run.number} if pull.recall_id is not None else {"lot": run.number}
        session.add(Outbox(fact="process.cancelled", payload={"run": row.id, **told}))
    session.flush()


def carry(
    session: Session,
    place: str,
    to: str,
    lines: Collection[tuple[str, Decimal]],
    reason: str,
    person_id: int,
    part_of: int | None = None,
) -> None:
    """Book goods that were brought from one place to another; never more than the books have there."""
    if place == to or not lines:
        return
    source, target = stock.location(session, place), stock.location(session, to)
    locked = lots.lock(session, (lot_no for lot_no, _ in lines))
    for lot_no, quantity in lines:
        on_units = [one for one in lots.on_units(session, locked[lot_no].id) if one.location == source.code]
        if on_units and part_of is None:  # the books would have a pallet here and its goods there
            raise PULL_PACKED(location=source.code, lot=lot_no, units=unit_names(on_units))
        lot = locked[lot_no]
        parts.carry(session, lot, source, target, quantity, person_id=person_id, reason=reason, act_id=part_of)


def still_out(session: Session, recall_id: int) -> int:
    """At how many places goods wait to be pulled."""
    return int(session.connection().execute(STILL_OUT, {"recall": recall_id}).scalar_one())


def of_recall(session: Session, recall_id: int) -> Sequence[PullRow]:
    """Every errand, what is open first."""
    return _rows(session, OF_RECALL, recall_id)


def of_hold(session: Session, act_id: int) -> Sequence[PullRow]:
    """Every errand of an act that held goods, what is open first."""
    return _rows(session, OF_HOLD, act_id)


def _rows(session: Session, asked: TextClause, whose: int) -> Sequence[PullRow]:
    rows = session.connection().execute(asked, {"whose": whose}).mappings()
    return tuple(PullRow(**{**row, "lines": _lines(row["lines"], row["quantity"])}) for row in rows)


def _lines(lines: list[dict[str, Any]], expected: Decimal) -> tuple[dict[str, Any], ...]:
    """Where it is one batch, all that is to be there is of that one."""
    return tuple(lines) if len(lines) != 1 else ({**lines[0], "quantity": plain(expected)},)


def of_task(session: Session, run_id: int) -> PullRow:
    """The errand behind a task's run."""
    return _rows(session, OF_RUN, run_id)[0]


def _expected(session: Session, run_id: int) -> Decimal:
    return Decimal(session.connection().execute(EXPECTED_NOW, {"run": run_id}).scalar_one())


def _of_run(session: Session, run_id: int, *, lock: bool = False) -> RecallPull:
    query = select(RecallPull).where(RecallPull.run_id == run_id)
    return session.exec(query.with_for_update().execution_options(populate_existing=True) if lock else query).one()
