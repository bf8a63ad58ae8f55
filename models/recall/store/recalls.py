"""Recalls in the record: find them, compute a version of their scope, say how they stand."""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import text
from sqlmodel import Session, col, select

from models.hold.store import holds
from models.kernel.units.quantity import plain
from models.notice.rules import list as notice_list
from models.notice.store import intake as notice_intake
from models.notice.tables.notices import RecallNotice
from models.process import numbering
from models.process.store import signing
from models.process.tables.signature import SignedRecord
from models.recall.rules import recall as rules
from models.recall.rules.funnel import Funnel, Shipped
from models.recall.store import checks as recall_checks
from models.recall.store import funnel as recall_funnel
from models.recall.store import joined as recall_joined
from models.recall.store import markets as recall_markets
from models.recall.tables.recall import Recall, RecallDeadline, RecallScope
from models.resolve.rules import Hit
from models.resolve.store import resolve
from models.trace.rules.trace import Answer, Direction
from models.trace.store import trace

FREEZE = text("""
insert into recall_lot (scope_id, lot_id, in_house, shipped, outstanding)
select :scope, l.id, given.in_house, given.shipped, given.outstanding
  from unnest(cast(:lots as text[]), cast(:in_house as numeric[]), cast(:shipped as numeric[]),
              cast(:outstanding as numeric[])) given (lot_no, in_house, shipped, outstanding)
  join lot l on l.lot_no = given.lot_no order by l.id
""")
LOTS = text("select lot_id from recall_lot where scope_id = :scope order by lot_id")
SINCE = text("""
select count(*) from recall_lot r join shipment_line s on s.lot_id = r.lot_id
  join shipment h on h.id = s.shipment_id and h.status in ('shipped', 'arrived')
 where r.scope_id = :scope and h.shipped_at > :at
""")
JOINED = text("""
select l.lot_no from recall_lot r join lot l on l.id = r.lot_id
 where r.scope_id = :scope and exists (
   select from genealogy_edge e join recall_lot p on p.scope_id = r.scope_id and p.lot_id = e.parent_lot_id
    where e.child_lot_id = r.lot_id and e.kind = 'split' and e.superseded_at is null)
 order by l.lot_no
""")
COMPUTED = text("select max(computed_at) from recall_scope where recall_id = :recall")
NUMBERS = text("select lot_no from lot where id = any(cast(:ids as bigint[])) order by lot_no")
OUTGROWN = text("""
select l.lot_no from unnest(cast(:numbers as text[])) n (lot_no) join lot l on l.lot_no = n.lot_no
 where not exists (select from recall_lot r where r.scope_id = :scope and r.lot_id = l.id)
""")
UNCONTAINED = text("""
select r.recall_no, count(distinct m.lot_id) as lots
  from recall r join recall_scope s on s.recall_id = r.id join recall_lot m on m.scope_id = s.id
 where r.status = 'open' and r.mode = 'recall'
   and s.version = (select max(v.version) from recall_scope v where v.recall_id = r.id)
   and exists (select from stock k where k.lot_id = m.lot_id and k.quantity > 0)
   and not exists (select from hold h where h.recall_id = r.id and h.lot_id = m.lot_id)
 group by r.id, r.recall_no order by r.recall_no
""")
UNDER_WAY = timedelta(hours=1)
"""An act that was under way when the scope was computed has an earlier moment than its commit."""


@dataclass(frozen=True)
class Standing:
    """Where a recall stands, all of it from its funnel: units that are out, customers told, customers without an answer.

    `out` is the same by unit of measure; `unchecked` are the drawn customers whom the effectiveness checks have not reached
    yet, `undecided` the batches in house about which nobody has decided, `returned` what came back and waits for a decision,
    by unit of measure.
    """

    outstanding: Decimal
    out: Mapping[str, Decimal]
    told: int
    silent: int
    unchecked: int
    undecided: tuple[str, ...]
    returned: Mapping[str, Decimal]


def get(session: Session, recall_no: str, *, lock: bool = False) -> Recall:
    """The recall with that number."""
    query = select(Recall).where(Recall.recall_no == recall_no)
    found = session.exec(query.with_for_update().execution_options(populate_existing=True) if lock else query).first()
    if found is None:
        raise rules.UNKNOWN(recall=recall_no[:80])
    return found


def lock(session: Session, recall_id: int) -> Recall:
    """The recall, locked against every other act on it."""
    query = select(Recall).where(Recall.id == recall_id).with_for_update()
    return session.exec(query.execution_options(populate_existing=True)).one()


def next_number(session: Session, mode: str, year: int) -> str:
    """A number that nobody has yet; who is a moment later asks again."""
    return rules.number(mode, year, numbering.peek(session, mode, year=year))


def claim_number(session: Session, recall_no: str) -> None:
    """Take the number, where it is one of ours; whoever opens another at this moment waits."""
    ours = rules.numbered_as(recall_no)
    if ours is not None:
        mode, year, count = ours
        numbering.claim(session, mode, count, year=year)


def newest_scope(session: Session, recall_id: int) -> RecallScope:
    """The newest version of the scope, signed or not."""
    return session.exec(
        select(RecallScope).where(RecallScope.recall_id == recall_id).order_by(col(RecallScope.version).desc()).limit(1)
    ).one()


def scopes(session: Session, recall_id: int) -> Sequence[RecallScope]:
    """All versions, oldest first."""
    return session.exec(
        select(RecallScope).where(RecallScope.recall_id == recall_id).order_by(col(RecallScope.version))
    ).all()


def text_of(session: Session, scope: RecallScope) -> str:
    """The canonical text of a scope, byte for byte as it was computed."""
    return session.exec(select(SignedRecord.canonical).where(SignedRecord.digest == scope.digest)).one()


def record_of(session: Session, scope: RecallScope) -> dict[str, Any]:
    """The scope as a document."""
    found: dict[str, Any] = json.loads(text_of(session, scope))
    return found


@dataclass(frozen=True)
class Named:
    """What identifiers lead to: lots, how they were found, and what else they may mean."""

    identifiers: tuple[str, ...]
    lots: frozenset[int]
    hits: tuple[Hit, ...]
    beside: tuple[Hit, ...]


def named(session: Session, identifiers: Collection[str], known: Collection[str] = ()) -> Named:
    """The lots that the identifiers mean; refuses what leads nowhere.

    Those `known` from an earlier version of the scope were one thing when they were typed; what they have come to mean besides
    since, as more of a supplier's lot arrived, is in the scope too.
    """
    listed = [one for one in identifiers if notice_list.is_reference(one)]
    ids: set[int] = set(notice_intake.lots(session, listed)) if listed else set()
    if listed and not ids:
        raise rules.EMPTY(identifier=notice_list.label(listed[0])[:80])
    hits, beside = list[Hit](), dict[str, Hit]()
    for identifier in identifiers:
        if notice_list.is_reference(identifier):
            continue
        resolution, found, lots = resolve.lots(session, identifier, wide=identifier in known)
        if not lots:
            raise rules.EMPTY(identifier=identifier[:80])
        ids |= lots
        hits += found
        beside |= {hit.reference: hit for hit in resolve.undecided(session, resolution, found, lots)}
    leading = resolve.lots_of(session, beside.values()) if beside else {}
    open_ones = tuple(hit for hit in beside.values() if leading.get(hit.reference, frozenset()) - ids)
    return Named(tuple(identifiers), frozenset(ids), tuple(hits), open_ones)


def known(session: Session, recall: Recall) -> tuple[str, ...]:
    """The identifiers of the newest version; none before there is one."""
    query = select(RecallScope.identifiers).where(RecallScope.recall_id == recall.id)
    return tuple(session.exec(query.order_by(col(RecallScope.version).desc()).limit(1)).first() or ())


def answer(session: Session, start: Named) -> Answer:
    """Everything that became of what was named, with its customers."""
    return trace.trace(
        session,
        start.lots,
        Direction.FORWARD,
        identifier="; ".join(map(notice_list.label, start.identifiers)),
        resolved=list(start.hits),
        beside=list(start.beside),
    )


def compute(session: Session, recall: Recall, start: Named, now: datetime) -> RecallScope:
    """The next version of the scope, kept whole before anybody sees it."""
    last = session.exec(
        select(RecallScope.version)
        .where(RecallScope.recall_id == recall.id)
        .order_by(col(RecallScope.version).desc())
        .limit(1)
    ).first()
    version = (last or 0) + 1
    found = answer(session, start)
    record = rules.scope_record(recall.recall_no, version, start.identifiers, found)
    row = RecallScope(
        recall_id=recall.id,
        version=version,
        identifiers=list(start.identifiers),
        digest=signing.keep(session, signing.canonical(record))[0],
        computed_at=now,
        lots=len(record["lots"]),
        customers=len({one["customer_no"] for one in record["customers"]}),
        complete=found.complete,
        balanced=found.balanced,
    )
    session.add(row)
    session.flush()
    session.connection().execute(
        FREEZE,
        {
            "scope": row.id,
            "lots": [one["lot_no"] for one in record["lots"]],
            "in_house": [one["in_house"] for one in record["lots"]],
            "shipped": [one["shipped"] for one in record["lots"]],
            "outstanding": [str(Decimal(one["shipped"]) - Decimal(one["returned"])) for one in record["lots"]],
        },
    )
    return row


def uncontained(session: Session) -> list[tuple[str, int]]:
    """Open recalls with batches in house that they never held, each with how many: opened before an opening held its scope."""
    return [(row.recall_no, row.lots) for row in session.connection().execute(UNCONTAINED)]


def lot_ids(session: Session, scope: RecallScope) -> list[int]:
    """The lots of a version."""
    return list(session.connection().execute(LOTS, {"scope": scope.id}).scalars())


def gone(session: Session, scope: RecallScope) -> list[dict[str, Any]]:
    """What is out, by customer and lot, and whether some of it is on its way still."""
    return left_us(recall_funnel.shipped(session, session.get_one(Recall, scope.recall_id), scope))


def still_out(funnel: Funnel) -> list[dict[str, Any]]:
    """What is out and not used, by customer and lot; without a lot, what was used of several and so isn't out."""
    return [
        {
            "customer_no": row.customer_no,
            "customer": row.customer,
            "lot_no": row.lot_no,
            "uom": row.uom,
            "quantity": plain(row.places.outstanding),
            "in_transit": int(row.places.transit > 0),
            **({"receiver": row.receiver} if row.receiver else {}),
        }
        for row in funnel.rows
        if row.customer_no and row.places.outstanding
    ]


def left_us(shipped: Iterable[Shipped]) -> list[dict[str, Any]]:
    """The same of what was read already."""
    return [
        {
            "customer_no": one.customer_no,
            "customer": one.customer,
            "lot_no": one.lot_no,
            "quantity": plain(one.out),
            "in_transit": int(one.transit > 0),
        }
        for one in shipped
        if one.out
    ]


def computed_at(session: Session, recall_id: int, now: datetime) -> datetime:
    """From when on links may be missing in the newest scope."""
    found: datetime | None = session.connection().execute(COMPUTED, {"recall": recall_id}).scalar()
    return (found or now) - UNDER_WAY


def grown(session: Session, scope: RecallScope, now: datetime) -> list[str]:
    """The numbers of lots that came out of the scope's after it was computed: nobody has signed that they are in it."""
    ids = frozenset(lot_ids(session, scope))
    more = holds.grown(session, ids, computed_at(session, scope.recall_id, now)) - ids
    return list(session.connection().execute(NUMBERS, {"ids": sorted(more)}).scalars()) if more else []


def joined(session: Session, scope: RecallScope, known: Collection[str]) -> tuple[str, ...]:
    """Parts that were split off after the scope was computed and are in it by themselves; `known` are the lots of its text."""
    if scope.lots == len(lot_ids(session, scope)):
        return ()
    known = frozenset(known)
    parts = session.connection().execute(JOINED, {"scope": scope.id}).scalars()
    return tuple(part for part in parts if part not in known)


def outgrown(session: Session, recall: Recall, scope: RecallScope) -> int:
    """How many lots are in no scope yet: those that the last hold found beyond its scope, and those that joined since."""
    numbers = list((recall.hold_report or {}).get("grown_lots", ()))
    known = session.connection().execute(OUTGROWN, {"numbers": numbers, "scope": scope.id}).scalars() if numbers else ()
    return len({*known, *recall_joined.beside(session, recall, scope)})


def shipped_since(session: Session, scope: RecallScope) -> int:
    """Shipments of the scope's lots that left after it was computed: the scope on the screen is old by so many."""
    return int(session.connection().execute(SINCE, {"scope": scope.id, "at": scope.computed_at}).scalar_one())


def notices(session: Session, recall_id: int) -> Sequence[RecallNotice]:
    """The notices of a recall, in order of sending."""
    return session.exec(
        select(RecallNotice).where(RecallNotice.recall_id == recall_id).order_by(col(RecallNotice.id))
    ).all()


def deadlines(session: Session, recall_id: int) -> Sequence[RecallDeadline]:
    """The legal clocks of a recall, the next one first; none of a drill, whatever one of before has on record."""
    return session.exec(
        select(RecallDeadline)
        .join(Recall)
        .where(RecallDeadline.recall_id == recall_id, Recall.mode == "recall")
        .order_by(col(RecallDeadline.due_at))
    ).all()


def standing(session: Session, recall: Recall, scope: RecallScope) -> Standing:
    """What is still open, from the same funnel that everybody is shown."""
    return stands(session, recall, recall_funnel.of(session, recall, scope))


def stands(session: Session, recall: Recall, funnel: Funnel) -> Standing:
    """The same of a funnel that was computed already."""
    people = funnel.customers
    return Standing(
        funnel.outstanding,
        funnel.out,
        people.told,
        people.silent + people.untold,
        recall_checks.view(session, recall.id).progress.open,
        tuple(row.lot_no for row in funnel.rows if row.places.free or row.places.held),
        {uom: one.returned for uom, one in sorted(funnel.places.items()) if one.returned},
    )


def closing_record(session: Session, recall: Recall) -> dict[str, Any]:
    """What the signature that closes a recall is over: scope, holds, notices, what came back, what did not."""
    scope = newest_scope(session, recall.id)
    ledger = recall_funnel.read(session, recall, scope)
    return {
        "record": "recall_closing",
        "recall": recall.recall_no,
        "scope": scope.digest,
        "scope_version": scope.version,
        "class": recall.recall_class,
        **recall_markets.record(session, recall),
        "funnel": ledger.funnel.as_dict(),
        "checks": recall_checks.view(session, recall.id).progress.as_dict(),
        "reconciliation": ledger.reconciliation.as_dict()["totals"],
        "notices": [
            {
                "notice": str(one.public_id),
                "version": one.scope_version,
                "shipped": f"{one.shipped.normalize():f}",
                "acknowledged_at": one.acknowledged_at.isoformat() if one.acknowledged_at else None,
                "received": str(one.received) if one.received is not None else None,
                "will_return": str(one.will_return) if one.will_return is not None else None,
                **_further(one),
            }
            for one in notices(session, recall.id)
        ],
    }


def _further(one: RecallNotice) -> dict[str, str]:
    """What was passed on, or to whom; nothing of a notice that ends with our own customer."""
    said = {"passed_on": f"{one.passed_on.normalize():f}"} if one.passed_on else {}
    return said | ({"receiver": one.receiver} if one.receiver else {})
