"""Many lots on hold in one decision: one statement per table, whatever the scope (DESIGN 9; REQUIREMENTS 5, 74).

Held is derived from open hold rows, and so is what the batch's timeline says of it (`models.lot.store.timeline`): nothing
is updated or noted lot by lot.  The lots are locked in key order first: a shipment
under way commits before the hold and is listed as gone, or waits and finds the hold.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import text
from sqlmodel import Session, col, select

from models.hold.rules import PAIR
from models.hold.tables import Hold
from models.kernel.store.act import now
from models.lot.store import lots
from models.lot.tables import Lot
from models.process.fact import tell as facts
from models.process.messages.process import By
from models.process.tables.process import ProcessRun

LOCK = text("""
select count(*) from (select from lot where id = any(cast(:ids as bigint[])) order by id for no key update) l
""")
PLACE = text("""
with placed as (
  insert into hold (lot_id, recall_id, act_id, reason, cause, placed_by_id, placed_at)
  select ids.id, cast(:recall as bigint), cast(:act as bigint), :reason, :cause, :person, :now
    from unnest(cast(:ids as bigint[])) ids (id)
   where not exists (select from hold h
                      where h.lot_id = ids.id and h.recall_id = cast(:recall as bigint) and h.lifted_at is null)
   order by ids.id
  returning lot_id, public_id)
select coalesce(array_agg(lot_id), '{}') as lots, coalesce(array_agg(cast(public_id as text)), '{}') as holds from placed
""")
EVER = datetime(1, 1, 1, tzinfo=UTC)
"""Before any link."""
PUBLISH = text("""
insert into outbox (lot_id, subject_id, fact, payload)
select l.id, l.subject_id, 'lot.held', jsonb_build_object('lot', l.lot_no) from lot l
 where l.id = any(cast(:ids as bigint[]))
   and exists (select from process_run p where p.lot_id = l.id and p.status = 'running') order by l.id
""")
HELD = text("""
select distinct lot_id from hold where lot_id = any(cast(:ids as bigint[])) and lifted_at is null
""")
GROWN = text(
    """
with recursive part (lot) as (
  select unnest(cast(:ids as bigint[]))
  union
  select e.child_lot_id from part p join genealogy_edge e on e.parent_lot_id = p.lot
   where e.recorded_at >= :since and e.superseded_at is null
)
select lot from part
"""  # by recorded_at first, which the index of links has: 90,000 lots are looked up without a visit to their links
)
INHERIT = text("""
insert into hold (lot_id, recall_id, act_id, reason, cause, run_id, confirmed_at, placed_by_id, placed_at)
select distinct on (h.recall_id, h.act_id, h.cause, h.reason) :child, h.recall_id, h.act_id, h.reason, h.cause, h.run_id,
       h.confirmed_at, h.placed_by_id, :now
  from hold h where h.lot_id = any(cast(:parents as bigint[])) and h.lifted_at is null
 order by h.recall_id, h.act_id, h.cause, h.reason, h.id
""")
ABOVE = text("""
select exists (select from hold where lot_id = any(cast(:parents as bigint[])) and lifted_at is null and recall_id is null)
""")
FOLLOW = text("""
insert into hold (lot_id, act_id, reason, cause, placed_by_id, placed_at)
select distinct on (ids.id, h.act_id, h.reason) ids.id, h.act_id, h.reason,
       case when h.cause = 'release' then 'made_of_held' else h.cause end, h.placed_by_id, :now
  from unnest(cast(:ids as bigint[])) ids (id) cross join hold h
 where h.lot_id = any(cast(:parents as bigint[])) and h.lifted_at is null and h.recall_id is null and not exists (
   select from hold k where k.lot_id = ids.id and k.lifted_at is null and k.recall_id is null and k.reason = h.reason
      and k.act_id is not distinct from h.act_id)
 order by ids.id, h.act_id, h.reason, h.id
returning lot_id
""")
IMPORTED = text("""
select h.lot_id as parent, array_agg(distinct e.child_lot_id) as children
  from hold h join genealogy_edge e on e.parent_lot_id = h.lot_id and e.recorded_at = now() and e.superseded_at is null
 where h.lifted_at is null and h.recall_id is null group by h.lot_id order by h.lot_id
""")
JOIN = text("""
insert into recall_lot (scope_id, lot_id, in_house, shipped, outstanding)
select s.id, :child, :quantity, 0, 0
  from recall_lot m join recall_scope s on s.id = m.scope_id join recall r on r.id = s.recall_id and r.status = 'open'
 where m.lot_id = :parent and s.version = (select max(v.version) from recall_scope v where v.recall_id = r.id)
on conflict (scope_id, lot_id) do nothing
""")
CONFIRM = text("""
update hold set confirmed_at = :now
 where recall_id = :recall and cause = 'containment' and confirmed_at is null and lifted_at is null
   and lot_id = any(cast(:ids as bigint[])) returning lot_id
""")
CONFIRMED = text("""
select lot_id from hold where recall_id = :recall and lifted_at is null and confirmed_at > :since
""")
PRECAUTION = text("""
select lot_id from hold
 where recall_id = :recall and cause = 'containment' and confirmed_at is null and lifted_at is null
   and placed_at <= :before
""")
RELEASE = text("""
update hold set lifted_at = :now, lifted_by_id = :person, lift_reason = :reason
 where recall_id = :recall and cause = 'containment' and confirmed_at is null and lifted_at is null
   and lot_id = any(cast(:ids as bigint[])) returning lot_id
""")
OF_RECALL = text("select lot_id from hold where recall_id = :recall and lifted_at is null")
LIFT = text("""
update hold set lifted_at = :now, lifted_by_id = :person, lift_reason = :reason
 where recall_id = :recall and lifted_at is null returning lot_id
""")
DECIDED = text("""
update hold set lifted_at = :now, lifted_by_id = :person, lift_reason = :reason, lift_run_id = :run
 where lot_id = :lot and cause = 'release' and lifted_at is null
   and (select count(distinct s.person_id) from signature s where s.run_id = :run and s.subject = 'release') >= :pair
 returning id
""")

LIFT_SOME = text("""
update hold set lifted_at = :now, lifted_by_id = :person, lift_reason = :reason, lift_signature_id = :signature, lift_run_id = :run
 where id = any(cast(:ids as bigint[])) and lifted_at is null returning lot_id
""")


@dataclass(frozen=True)
class Held:
    """The lots that this decision put on hold, with the public ids of the holds."""

    holds: dict[int, str]


def place(
    session: Session,
    lot_ids: Collection[int],
    *,
    reason: str,
    cause: str,
    person_id: int,
    now: datetime,
    recall_id: int | None = None,
    act_id: int | None = None,
) -> Held:
    """Put a hold on each lot.  A recall holds a lot once, however often it asks; another recall holds it besides."""
    ids = sorted(lot_ids)
    connection = session.connection()
    connection.execute(LOCK, {"ids": ids})
    said: dict[str, Any] = {"reason": reason, "cause": cause, "person": person_id, "now": now}
    given = said | {"ids": ids, "recall": recall_id, "act": act_id}
    placed = connection.execute(PLACE, given).one()
    connection.execute(PUBLISH, {"ids": placed.lots})
    return Held(dict(zip(placed.lots, placed.holds, strict=True)))


def with_parts(session: Session, lot_ids: Collection[int], since: datetime = EVER) -> frozenset[int]:
    """These lots and what has become of them (since a moment: split off, merged, repacked, made of them), locked.

    Whoever reshapes or consumes one of them under way commits first and is found here, or waits and finds the hold.
    """
    known: frozenset[int] = frozenset()
    found = frozenset(lot_ids)
    while found != known:
        known = found
        session.connection().execute(LOCK, {"ids": sorted(known)})
        found = grown(session, known, since)
    return known


def join(session: Session, parent: int, child: int, quantity: Decimal) -> None:
    """A part under a number of its own is the same goods: it is in the scope of every open recall that its lot is in."""
    session.connection().execute(JOIN, {"parent": parent, "child": child, "quantity": quantity})


def grown(session: Session, lot_ids: Collection[int], since: datetime) -> frozenset[int]:
    """These lots and what has become of them since that moment."""
    rows = session.connection().execute(GROWN, {"ids": sorted(lot_ids), "since": since})
    return frozenset(rows.scalars())


def inherit(session: Session, parents: Collection[int], child: int, now: datetime) -> None:
    """What holds the parents holds the child: by whom and why as there, and whoever lets go lets go of each."""
    session.connection().execute(INHERIT, {"parents": sorted(parents), "child": child, "now": now})


def follow(session: Session, parents: Collection[int], children: Collection[int], now: datetime) -> frozenset[int]:
    """Goods turn out to be made of held ones: what quality holds the parents for holds them and all that became of them.

    A release decision's hold is lifted by a newer decision on that batch: what was made of it is held by quality.  Answers
    the batches that this froze.  What a recall holds is followed by the recall (`models.recall.store.joined`).
    """
    connection = session.connection()
    given = {"parents": sorted(parents)}
    if not connection.execute(ABOVE, given).scalar_one():
        return frozenset()
    ids = sorted(with_parts(session, children))
    placed = frozenset(connection.execute(FOLLOW, given | {"ids": ids, "now": now}).scalars())
    connection.execute(PUBLISH, {"ids": sorted(placed)})
    return placed


def follow_import(session: Session, now: datetime) -> None:
    """An import brought links of held goods: as if they had been told here."""
    for row in session.connection().execute(IMPORTED).all():
        follow(session, [row.parent], row.children, now)


def lift_all(session: Session, recall_id: int, *, reason: str, person_id: int, now: datetime) -> frozenset[int]:
    """Lift what a recall holds; answers its lots.  Lots that somebody else holds too stay held.

    The lots are locked first: who lifts another hold of one of them at the same instant finds it free, or leaves it free.
    """
    connection = session.connection()
    ids = sorted(connection.execute(OF_RECALL, {"recall": recall_id}).scalars())
    connection.execute(LOCK, {"ids": ids})
    rows = session.connection().execute(LIFT, {"recall": recall_id, "reason": reason, "person": person_id, "now": now})
    return frozenset(row.lot_id for row in rows)


def confirm(session: Session, recall_id: int, lot_ids: Collection[int], now: datetime) -> frozenset[int]:
    """What a recall holds as a precaution becomes its own for good; answers those lots."""
    given = {"recall": recall_id, "ids": sorted(lot_ids), "now": now}
    return frozenset(session.connection().execute(CONFIRM, given).scalars())


def confirmed(session: Session, recall_id: int, since: datetime) -> frozenset[int]:
    """The lots whose precaution was confirmed after that moment."""
    return frozenset(session.connection().execute(CONFIRMED, {"recall": recall_id, "since": since}).scalars())


def release_outside(
    session: Session,
    recall_id: int,
    lot_ids: Collection[int],
    *,
    reason: str,
    person_id: int,
    before: datetime,
    now: datetime,
) -> frozenset[int]:
    """Lift a recall's precaution on whatever is not among these lots; what is lifted is locked first.

    What was held after `before`, the moment of which the signed scope tells, joined since: the scope says nothing about it.

    What is outside is told here: the database would hold each of tens of thousands of lots against every other.
    """
    connection = session.connection()
    outside = sorted(
        frozenset(connection.execute(PRECAUTION, {"recall": recall_id, "before": before}).scalars())
        - frozenset(lot_ids)
    )
    if not outside:
        return frozenset()
    connection.execute(LOCK, {"ids": outside})
    given = {"recall": recall_id, "ids": outside, "now": now, "person": person_id, "reason": reason}
    return frozenset(connection.execute(RELEASE, given).scalars())


def decided(session: Session, lot_id: int, run_id: int, *, reason: str, person_id: int) -> bool:
    """A newer release decision lifts what an earlier one held, if two people signed it; answers whether it did."""
    given = {"lot": lot_id, "run": run_id, "reason": reason, "person": person_id, "now": now(session), "pair": PAIR}
    return bool(session.connection().execute(DECIDED, given).all())


def lift_some(
    session: Session,
    ids: Collection[int],
    *,
    reason: str,
    run_id: int,
    signature_id: int,
    person_id: int,
    now: datetime,
) -> frozenset[int]:
    """Lift these holds by a signature of a step of a process; answers their lots, which the caller has locked."""
    given = {
        "ids": sorted(ids),
        "reason": reason,
        "run": run_id,
        "signature": signature_id,
        "person": person_id,
        "now": now,
    }
    return frozenset(session.connection().execute(LIFT_SOME, given).scalars())


def tell_free(session: Session, lot_ids: Collection[int], by: By, now: datetime) -> frozenset[int]:
    """Which of these lots nobody holds any more; whatever waits for that goes on."""
    free = frozenset(lot_ids) - still_held(session, lot_ids)
    for lot in with_runs(session, free):
        facts.tell(session, lot, "lot.hold_lifted", by, now, news=False, held=True)
        lots.publish(session, lot.id, "lot.hold_lifted", {"lot": lot.lot_no})
    return free


def holding(session: Session, recall_id: int) -> bool:
    """Whether a recall holds anything."""
    query = select(Hold.id).where(Hold.recall_id == recall_id, col(Hold.lifted_at).is_(None)).limit(1)
    return session.exec(query).first() is not None


def still_held(session: Session, lot_ids: Collection[int]) -> frozenset[int]:
    """Which of these lots somebody holds."""
    rows = session.connection().execute(HELD, {"ids": sorted(lot_ids)})
    return frozenset(rows.scalars())


def with_runs(session: Session, lot_ids: Collection[int]) -> Sequence[Lot]:
    """Those of these lots that a running process follows, locked, in key order."""
    running = select(ProcessRun.id).where(col(ProcessRun.lot_id) == col(Lot.id), ProcessRun.status == "running")
    query = select(Lot).where(col(Lot.id).in_(sorted(lot_ids)), running.exists()).order_by(col(Lot.id))
    return session.exec(query.with_for_update(key_share=True).execution_options(populate_existing=True)).all()
