"""What turns out to belong to a recall after its scope was computed is held by it at once (REQUIREMENTS 74, 121; 21 CFR 7.46).

A correction says that a batch was made of recalled goods, an import brings such a link, more of the recalled supplier's lot
arrives: whoever finds that out, the batch and all that became of it are held as the recall holds the rest.  Of an open recall
it is a precaution until a newer version of the scope is signed; one that has closed holds for good.  A drill holds nothing.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import TextClause, text
from sqlmodel import Session

from models.hold.store import holds
from models.lot.tables import Lot
from models.recall.tables.recall import Recall, RecallScope

HOLDER = "r.id as recall_id, r.recall_no, r.title, r.status, min(h.placed_by_id) as person_id"
MADE_OF = text(f"""
select {HOLDER}, array[cast(:child as bigint)] as lots from hold h join recall r on r.id = h.recall_id
 where h.lot_id = any(cast(:parents as bigint[])) and h.lifted_at is null group by r.id order by r.id
""")  # noqa: S608 - our own words
SAME = """join lot t on t.supplier_lot_key = l.supplier_lot_key and t.id <> l.id
   and t.supplier_id is not distinct from l.supplier_id
   and identity_key(t.supplier_lot_no) = identity_key(l.supplier_lot_no)
  join hold h on h.lot_id = t.id and h.lifted_at is null join recall r on r.id = h.recall_id"""
ARRIVED = text(f"""
select {HOLDER}, array_agg(distinct l.id) as lots from lot l {SAME}
 where l.id = :lot group by r.id order by r.id
""")  # noqa: S608
IN_TURN = text("""
select from lot t where t.id in (
  select t.id from lot l join lot t on t.supplier_lot_key = l.supplier_lot_key and t.id <> l.id where l.id = :lot)
 order by t.id for share
""")
"""A recall that is being opened holds these first, or finds what arrives."""
IMPORTED_LOTS = text(f"""
select {HOLDER}, array_agg(distinct l.id) as lots
  from lot l join import_row i on i.id = l.import_row_id and i.run_id = :run {SAME} group by r.id order by r.id
""")  # noqa: S608
IMPORTED_LINKS = text(f"""
select {HOLDER}, array_agg(distinct e.child_lot_id) as lots
  from hold h join recall r on r.id = h.recall_id
  join genealogy_edge e on e.parent_lot_id = h.lot_id and e.recorded_at = now() and e.superseded_at is null
 where h.lifted_at is null group by r.id order by r.id
""")  # noqa: S608
BESIDE = text("""
select l.lot_no from hold h join lot l on l.id = h.lot_id
 where h.recall_id = :recall and h.lifted_at is null and h.placed_at > :computed
   and not exists (select from recall_lot m where m.scope_id = :scope and m.lot_id = h.lot_id)
 order by l.lot_no
""")


def made_of(session: Session, parents: Collection[int], child: Lot, person_id: int, now: datetime) -> tuple[str, ...]:
    """A batch turns out to be made of these: who recalls one of them holds it; answers the recalls."""
    return _hold(session, MADE_OF, {"parents": sorted(parents), "child": child.id}, now, person_id)


def arrived(session: Session, lot: Lot, person_id: int, now: datetime) -> tuple[str, ...]:
    """More of a supplier's lot arrives, however its number is spelled: who recalls the rest of it holds it."""
    if lot.supplier_lot_no is None:
        return ()
    session.connection().execute(IN_TURN, {"lot": lot.id})
    return _hold(session, ARRIVED, {"lot": lot.id}, now, person_id)


def imported(session: Session, run_id: int, now: datetime) -> tuple[str, ...]:
    """An import brought batches, and links between batches: as if they had been told here."""
    found = _hold(session, IMPORTED_LOTS, {"run": run_id}, now)
    return (*found, *_hold(session, IMPORTED_LINKS, {}, now))


def beside(session: Session, recall: Recall, scope: RecallScope) -> tuple[str, ...]:
    """The batches that joined after this version of the scope was computed; nobody has signed that they are in it."""
    given = {"recall": recall.id, "scope": scope.id, "computed": scope.computed_at}
    return tuple(session.connection().execute(BESIDE, given).scalars())


def _hold(
    session: Session, asked: TextClause, given: dict[str, Any], now: datetime, person_id: int | None = None
) -> tuple[str, ...]:
    """Hold what was found and all that became of it, in the name of each recall that holds the rest."""
    rows = session.connection().execute(asked, given).all()
    for row in rows:
        holds.place(
            session,
            holds.with_parts(session, row.lots),
            reason=f"{row.recall_no} {row.title}",
            # nobody approves a newer scope of a recall that is over
            cause="containment" if row.status == "open" else "recall",
            person_id=person_id or row.person_id,
            now=now,
            recall_id=row.recall_id,
        )
    return tuple(row.recall_no for row in rows)
