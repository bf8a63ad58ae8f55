"""How far an act of quality reaches: what it holds and where that lies, and what is beyond it and where that is (ISO 13485 8.3.1).

What is shown before is computed as the act computes it; nothing is refused because it has changed meanwhile, for goods that
came into it since are held too.
"""

from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text
from sqlmodel import Session, col, select

from models.hold.rules import ALL_LIFTED, BY_PARTS, UNKNOWN_ACT, Scope
from models.hold.store import holds
from models.hold.tables import Hold, HoldAct
from models.lot.rules.lot import UNKNOWN
from models.lot.tables import Lot
from models.pull import store as pulls
from models.pull.rules import Errand

BEYOND = text("""
with reached as (select unnest(cast(:ids as bigint[])) as lot_id)
select l.lot_no, case h.status when 'shipped' then 'in_transit' else 'customer' end as why, h.shipment_no as number,
       c.name as place, c.name_en as place_en, sum(s.quantity - s.returned) as quantity, l.uom
  from reached r join lot l on l.id = r.lot_id join shipment_line s on s.lot_id = l.id and s.quantity > s.returned
  join shipment h on h.id = s.shipment_id and h.status in ('shipped', 'arrived') join customer c on c.id = h.customer_id
 group by l.lot_no, l.uom, h.status, h.shipment_no, c.name, c.name_en
union all
select l.lot_no, 'made_into', k.lot_no, i.name, i.name_en, sum(e.quantity), coalesce(e.uom, l.uom)
  from reached r join lot l on l.id = r.lot_id join genealogy_edge e on e.parent_lot_id = l.id and e.superseded_at is null
  join lot k on k.id = e.child_lot_id join item i on i.id = k.item_id
 where e.child_lot_id <> l.id and e.kind <> 'processed-in-load' and not e.child_lot_id = any(cast(:ids as bigint[]))
 group by l.lot_no, k.lot_no, i.name, i.name_en, coalesce(e.uom, l.uom)
union all
select l.lot_no, case m.kind when 'scrap' then 'scrapped' else 'sampled' end, null, null, null, sum(m.quantity), l.uom
  from reached r join lot l on l.id = r.lot_id join stock_movement m on m.lot_id = l.id and m.kind in ('scrap', 'sample')
 group by l.lot_no, m.kind, l.uom
 order by 1, 2, 3
""")
LOTS = text("""
select l.lot_no, l.status, said(i.name, i.name_en) as item, l.uom, coalesce(t.quantity, 0) as quantity, t.places,
       exists (select from hold h where h.lot_id = l.id and h.lifted_at is null) as held
  from lot l join item i on i.id = l.item_id left join lateral (
    select sum(s.quantity) as quantity, string_agg(o.code, ', ' order by o.code) as places
      from stock s join location o on o.id = s.location_id where s.lot_id = l.id and s.quantity > 0) t on true
 where l.id = any(cast(:ids as bigint[])) order by coalesce(t.quantity, 0) = 0, l.lot_no limit :n
""")
COUNTS = text("""
select count(*) filter (where exists (select from hold h where h.lot_id = l.id and h.lifted_at is null)) as held,
       (select count(distinct s.location_id) from stock s where s.lot_id = any(cast(:ids as bigint[])) and s.quantity > 0) as places
  from lot l where l.id = any(cast(:ids as bigint[]))
""")
AMOUNTS = text("""
select l.uom, sum(s.quantity) as quantity from lot l join stock s on s.lot_id = l.id and s.quantity > 0
 where l.id = any(cast(:ids as bigint[])) group by l.uom order by l.uom
""")
OPEN_LOTS = text("select lot_id from hold where act_id = :act and lifted_at is null")
LOT_NOS = text("""
select l.lot_no from hold h join lot l on l.id = h.lot_id where h.act_id = :act and h.lifted_at is null order by l.lot_no
""")
LIFT = text("""
update hold set lifted_at = :now, lifted_by_id = :person, lift_reason = :reason, lift_signature_id = :signature
 where act_id = :act and lifted_at is null returning lot_id
""")


@dataclass(frozen=True)
class Beyond:
    """So much of a batch that an act can't hold, and where it is: on its way, at a customer, in another batch, scrapped, a sample."""

    lot_no: str
    why: str
    number: str | None
    place: str | None
    place_en: str | None
    quantity: Decimal | None
    uom: str

    def as_record(self) -> dict[str, Any]:
        """As the act keeps it."""
        return asdict(self) | {"quantity": None if self.quantity is None else f"{self.quantity.normalize():f}"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Reach:
    """What an act would be about: how many batches, how many are held already, units in house, places, errands, and what is beyond it.

    `lots` are the first of them, those with goods in house before the others.
    """

    count: int
    held: int
    amounts: tuple[tuple[str, Decimal], ...]
    places: int
    lots: tuple[Row[Any], ...]
    errands: tuple[Errand, ...]
    sends: bool
    beyond: tuple[Beyond, ...]


def of(session: Session, lot_nos: Collection[str], scope: Scope, first: int) -> Reach:
    """What holding these batches would be about; refuses a number that there isn't."""
    ids = sorted(_ids(session, lot_nos))
    if scope is Scope.PARTS:
        ids = sorted(holds.grown(session, ids, holds.EVER))
    connection, given = session.connection(), {"ids": ids}
    counts = connection.execute(COUNTS, given).one()
    return Reach(
        count=len(ids),
        held=counts.held,
        amounts=tuple((row.uom, row.quantity) for row in connection.execute(AMOUNTS, given)),
        places=counts.places,
        lots=tuple(connection.execute(LOTS, given | {"n": first}).all()),
        errands=pulls.wanted_of(session, ids),
        sends=pulls.sends(session),
        beyond=beyond(session, ids),
    )


def beyond(session: Session, lot_ids: Collection[int]) -> tuple[Beyond, ...]:
    """What of these batches can't be held any more, and where it is; of what was made of them only what isn't among them."""
    return tuple(Beyond(*row) for row in session.connection().execute(BEYOND, {"ids": sorted(lot_ids)}))


def get(session: Session, act: UUID) -> HoldAct:
    """The act with that id."""
    row = session.exec(select(HoldAct).where(HoldAct.public_id == act)).first()
    if row is None:
        raise UNKNOWN_ACT()
    return row


def open_lots(session: Session, act: HoldAct, *, lock: bool = False) -> list[int]:
    """The batches that the act still holds, in key order; HLD-012 where there are none.

    With `lock` nobody holds, frees or splits one of them meanwhile: what was split off in that moment is found and locked too.
    """
    connection = session.connection()
    known, found = frozenset[int](), frozenset(connection.execute(OPEN_LOTS, {"act": act.id}).scalars())
    while lock and found != known:
        known = found
        connection.execute(holds.LOCK, {"ids": sorted(known)})
        found = frozenset(connection.execute(OPEN_LOTS, {"act": act.id}).scalars())
    if not found:
        raise BY_PARTS() if act.scope == Scope.PLACE else ALL_LIFTED()
    return sorted(found)


def open_numbers(session: Session, act: HoldAct) -> list[str]:
    """Their numbers, sorted."""
    return list(session.connection().execute(LOT_NOS, {"act": act.id}).scalars())


def holding(session: Session, act_id: int) -> bool:
    """Whether an act still holds anything."""
    query = select(Hold.id).where(Hold.act_id == act_id, col(Hold.lifted_at).is_(None)).limit(1)
    return session.exec(query).first() is not None


def lift(
    session: Session, act: HoldAct, *, reason: str, person_id: int, signature_id: int, now: datetime
) -> frozenset[int]:
    """Lift all that the act still holds, by one signature; answers its lots."""
    given = {"act": act.id, "reason": reason, "person": person_id, "signature": signature_id, "now": now}
    return frozenset(session.connection().execute(LIFT, given).scalars())


def _ids(session: Session, lot_nos: Collection[str]) -> frozenset[int]:
    rows = session.exec(select(Lot.lot_no, Lot.id).where(col(Lot.lot_no).in_(set(lot_nos)))).all()
    known = dict(rows)
    for missing in sorted(set(lot_nos) - known.keys()):
        raise UNKNOWN(lot=missing[:80])
    return frozenset(known.values())
