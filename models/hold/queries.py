"""Which batch a hold is on, and what one act of quality has held, for pages and the API."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Engine, Row, text
from sqlmodel import Session

from models.hold.rules import UNKNOWN, UNKNOWN_ACT, Scope
from models.hold.store import parts
from models.kernel.store.act import reading
from models.pull import store as pulls
from models.pull.store import PullRow

ACT = text("""
select a.id, a.public_id, a.scope, a.named, a.reason, a.lots, a.beyond, a.broken, a.placed_at, said(p.name, p.name_en) as placed_by,
       (select count(*) from hold h where h.act_id = a.id) as held,
       (select count(*) from hold h where h.act_id = a.id and h.lifted_at is null) as open,
       (select count(*) from hold_part q where q.act_id = a.id and q.ended_at is null) as open_parts
  from hold_act a join person p on p.id = a.placed_by_id where a.public_id = :act
""")
HOLDS = text("""
select l.lot_no, l.status, said(i.name, i.name_en) as item, l.uom, coalesce(t.quantity, 0) as quantity, t.places, h.public_id as hold,
       h.placed_at, h.lifted_at, said(x.name, x.name_en) as lifted_by, h.lift_reason, h.placed_at > a.placed_at as later,
       exists (select from hold k where k.lot_id = l.id and k.lifted_at is null) as held
  from hold h join hold_act a on a.id = h.act_id join lot l on l.id = h.lot_id join item i on i.id = l.item_id
  left join person x on x.id = h.lifted_by_id left join lateral (
    select sum(s.quantity) as quantity, string_agg(o.code, ', ' order by o.code) as places
      from stock s join location o on o.id = s.location_id where s.lot_id = l.id and s.quantity > 0) t on true
 where h.act_id = :act order by h.lifted_at is not null, coalesce(t.quantity, 0) = 0, l.lot_no, h.id limit :n
""")
ALL = 1_000_000


@dataclass(frozen=True)
class Act:
    """One act: what it says of itself, its holds (those that are open first), the errands that it began, and what it holds of a batch where."""

    head: Row[Any]
    holds: tuple[Row[Any], ...]
    errands: tuple[PullRow, ...]
    parts: tuple[Row[Any], ...] = ()

    @property
    def placed_at(self) -> datetime:
        """When it was."""
        at: datetime = self.head.placed_at
        return at


def act(session: Session, public_id: UUID, first: int = ALL) -> Act:
    """The act with that id, with as many of its batches."""
    head = session.connection().execute(ACT, {"act": public_id}).one_or_none()
    if head is None:
        raise UNKNOWN_ACT()
    rows = session.connection().execute(HOLDS, {"act": head.id, "n": first}).all()
    held = parts.of_act(session, head.id) if head.scope == Scope.PLACE else []
    return Act(head, tuple(rows), tuple(pulls.of_hold(session, head.id)), tuple(held))


def lot_of_hold(engine: Engine, hold_id: UUID) -> str:
    """The batch that a hold is on; HLD-003 when there is no such hold."""
    with reading(engine) as session:
        query = text("select l.lot_no from hold h join lot l on l.id = h.lot_id where h.public_id = :id")
        found = session.connection().execute(query, {"id": hold_id}).scalar_one_or_none()
    if found is None:
        raise UNKNOWN()
    return str(found)
