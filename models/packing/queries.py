"""Cases and pallets as people and machines read them: the list, one with all that is in it, its history (REQ 19, 56)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from sqlalchemy import text
from sqlmodel import Session

from models.identifier.rules.identifiers import compact
from models.identifier.rules.scanned_field import Asked, searched
from models.kernel.request import cursor, read_cursor
from models.packing.store import packing
from models.packing.tables import LogisticUnit

LISTED = text("""
select u.id as key, u.public_id as id, u.unit_no, u.kind, u.status, p.code as location, said(p.name, p.name_en) as location_name,
       h.shipment_no as shipment, o.unit_no as parent, u.created_at, said(n.name, n.name_en) as created_by,
       (select count(*) from packed_content x where x.unit_id = u.id and x.unpacked_at is null) as things,
       exists (with recursive down (id) as (
                 select u.id
                 union select x.child_id from down d join packed_content x on x.unit_id = d.id
                  where x.child_id is not null and x.unpacked_at is null)
               select from down d join packed_content x on x.unit_id = d.id and x.unpacked_at is null
                 join hold k on k.lot_id = x.lot_id and k.lifted_at is null) as held
  from logistic_unit u join location p on p.id = u.location_id join person n on n.id = u.created_by_id
  left join shipment h on h.id = u.shipment_id
  left join packed_content c on c.child_id = u.id and c.unpacked_at is null
  left join logistic_unit o on o.id = c.unit_id
 where (cast(:id as bigint) is null or u.id = :id) and (cast(:after as bigint) is null or u.id < :after)
   and (cast(:status as text) is null or u.status = :status)
   and (cast(:q as text) is null or strpos(u.unit_key, :q) > 0)
   and (cast(:lot as bigint) is null or exists (
        select from packed_content x where x.unit_id = u.id and x.lot_id = :lot and x.unpacked_at is null))
 order by u.id desc limit :n
""")
HISTORY = text("""
select x.at, x.what, x.lot_no, x.serial_no, x.unit_no, x.quantity, x.uom, said(p.name, p.name_en) as who from (
  select c.packed_at as at, 'packed' as what, c.id, l.lot_no, s.serial_no, k.unit_no, c.quantity, l.uom, c.packed_by_id as by
    from packed_content c left join lot l on l.id = c.lot_id left join serial_unit s on s.id = c.serial_unit_id
    left join logistic_unit k on k.id = c.child_id where c.unit_id = :unit and c.rest_of_id is null
  union all
  select c.unpacked_at, 'unpacked', c.id, l.lot_no, s.serial_no, k.unit_no,
         c.quantity - coalesce((select r.quantity from packed_content r where r.rest_of_id = c.id), 0), l.uom,
         c.unpacked_by_id
    from packed_content c left join lot l on l.id = c.lot_id left join serial_unit s on s.id = c.serial_unit_id
    left join logistic_unit k on k.id = c.child_id where c.unit_id = :unit and c.unpacked_at is not null
) x join person p on p.id = x.by order by x.at, x.id, x.what limit :n
""")
OF_LOT = text("""
select u.unit_no, unit_path(u.id) as path, p.code as location, l.lot_no, l.uom, sum(c.quantity) as quantity
  from packed_content c join logistic_unit u on u.id = c.unit_id join location p on p.id = u.location_id
  join lot l on l.id = c.lot_id
 where c.lot_id = :lot and c.unpacked_at is null and c.shipment_line_id is null
 group by u.id, p.code, l.id order by path limit :n
""")
IN_SCOPE = text("""
select unit_path(u.id) as path, u.unit_no, p.code as location, l.lot_no, l.uom, sum(c.quantity) as quantity
  from recall_scope s join recall_lot r on r.scope_id = s.id join packed_content c on c.lot_id = r.lot_id
  join logistic_unit u on u.id = c.unit_id join location p on p.id = u.location_id join lot l on l.id = c.lot_id
 where s.recall_id = (select id from recall where recall_no = :recall)
   and s.version = (select max(v.version) from recall_scope v where v.recall_id = s.recall_id)
   and c.unpacked_at is null and c.shipment_line_id is null
 group by u.id, p.code, l.id order by path, l.lot_no limit :n
""")
OF_SHIPMENT = text("""
select u.unit_no from logistic_unit u join shipment h on h.id = u.shipment_id
 where h.shipment_no = :no
   and not exists (select from packed_content c where c.child_id = u.id and c.unpacked_at is null)
 order by u.unit_no limit :n
""")
LOTS = text("""
select l.id, l.lot_no, said(i.name, i.name_en) as item, l.uom, l.status, l.expires_on, l.expiry_precision,
       exists (select from hold h where h.lot_id = l.id and h.lifted_at is null) as held
  from lot l join item i on i.id = l.item_id where l.id = any(cast(:ids as bigint[]))
""")
KINDS = text("select id, unit_no, kind from logistic_unit where id = any(cast(:ids as bigint[]))")
MOST = 500


class UnitView(BaseModel):
    """A unit of the list."""

    model_config = ConfigDict(frozen=True)

    id: UUID
    unit_no: str
    kind: str
    status: str
    location: str
    location_name: str
    shipment: str | None
    parent: str | None
    created_at: datetime
    created_by: str
    things: int
    held: bool


class PackedView(BaseModel):
    """A quantity of a lot, or a serial unit, in a unit."""

    model_config = ConfigDict(frozen=True)

    lot_no: str
    item: str
    serial_no: str | None
    quantity: Decimal
    uom: str
    status: str
    held: bool


class UnitTree(BaseModel):
    """A unit with the goods that lie in it and the units that are in it."""

    model_config = ConfigDict(frozen=True)

    unit_no: str
    kind: str
    goods: tuple[PackedView, ...] = ()
    units: tuple["UnitTree", ...] = ()


class HistoryView(BaseModel):
    """Something went in or came out."""

    model_config = ConfigDict(frozen=True)

    at: datetime
    what: str
    who: str
    lot_no: str | None
    serial_no: str | None
    unit_no: str | None
    quantity: Decimal | None
    uom: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class OnUnitRow:
    """How much of a lot is on a unit; `path` names the units around it too, the outer one first."""

    path: str
    unit_no: str
    location: str
    lot_no: str
    uom: str
    quantity: Decimal


class UnitDetail(BaseModel):
    """A unit with all that is in it, now or as it was known then."""

    model_config = ConfigDict(frozen=True)

    unit: UnitView
    contents: UnitTree
    history: tuple[HistoryView, ...]
    as_of: datetime | None = None


def page(
    session: Session,
    *,
    q: str = "",
    status: str | None = None,
    lot: int | None = None,
    after: str | None = None,
    limit: int = 50,
) -> tuple[tuple[UnitView, ...], str | None]:
    """Units, newest first, and the cursor of the next page; one statement."""
    start = read_cursor(after, (int,))[0] if after else None
    given = {
        "id": None,
        "after": start,
        "status": status,
        "q": compact(searched(q, Asked.UNIT)) or None,
        "lot": lot,
        "n": limit + 1,
    }
    rows = session.connection().execute(LISTED, given).mappings().all()
    following = cursor([rows[limit - 1]["key"]]) if len(rows) > limit else None
    return tuple(UnitView.model_validate(dict(row)) for row in rows[:limit]), following


def read(session: Session, unit_no: str, as_of: datetime | None = None) -> UnitDetail:
    """One unit, at all levels; PCK-003 when there is none.  A fixed number of statements."""
    unit = packing.get(session, unit_no)
    given: dict[str, Any] = {"id": unit.id, "after": None, "status": None, "q": None, "lot": None, "n": 1}
    row = session.connection().execute(LISTED, given).mappings().one()
    history = session.connection().execute(HISTORY, {"unit": unit.id, "n": MOST}).mappings()
    return UnitDetail(
        unit=UnitView.model_validate(dict(row)),
        contents=tree(session, unit, as_of),
        history=tuple(HistoryView.model_validate(dict(one)) for one in history),
        as_of=as_of,
    )


def tree(session: Session, unit: LogisticUnit, as_of: datetime | None = None) -> UnitTree:
    """What is in a unit, level by level; several packings of one lot count together."""
    rows = packing.inside(session, [unit.id], as_of)
    known = {row.id: row for row in _by_keys(session, LOTS, {one.lot_id for one in rows if one.lot_id is not None})}
    kinds = {row.id: row.kind for row in _by_keys(session, KINDS, {one.unit_id for one in rows})}
    goods: dict[tuple[str, ...], dict[tuple[int, str | None], Decimal]] = {}
    key_of: dict[tuple[str, ...], int] = {}
    for one in rows:
        here = goods.setdefault(one.path, {})
        key_of[one.path] = one.unit_id
        if one.lot_id is not None and one.quantity is not None:
            here[one.lot_id, one.serial_no] = here.get((one.lot_id, one.serial_no), Decimal(0)) + one.quantity

    def build(path: tuple[str, ...]) -> UnitTree:
        packed = (
            PackedView(
                lot_no=known[lot].lot_no, item=known[lot].item, serial_no=serial, quantity=quantity,
                uom=known[lot].uom, status=known[lot].status, held=known[lot].held,
            )
            for (lot, serial), quantity in goods[path].items()
        )  # fmt: skip
        inner = (build(each) for each in goods if each[:-1] == path)
        return UnitTree(unit_no=path[-1], kind=kinds[key_of[path]], goods=tuple(packed), units=tuple(inner))

    return build((unit.unit_no,))


def of_lot(session: Session, lot_id: int, limit: int = MOST) -> tuple[OnUnitRow, ...]:
    """The cases and pallets in house that hold something of a lot."""
    return tuple(
        OnUnitRow(**row) for row in session.connection().execute(OF_LOT, {"lot": lot_id, "n": limit}).mappings()
    )


def of_shipment(session: Session, shipment_no: str) -> Sequence[str]:
    """The units that left with a shipment, the outer ones only."""
    return session.connection().execute(OF_SHIPMENT, {"no": shipment_no, "n": MOST}).scalars().all()


def in_scope(session: Session, recall_no: str, limit: int = MOST) -> tuple[OnUnitRow, ...]:
    """The cases and pallets in house on which goods of a recall's scope sit."""
    given = {"recall": recall_no, "n": limit}
    return tuple(OnUnitRow(**row) for row in session.connection().execute(IN_SCOPE, given).mappings())


def _by_keys(session: Session, query: Any, ids: set[int]) -> Sequence[Any]:
    return session.connection().execute(query, {"ids": sorted(ids)}).all()
