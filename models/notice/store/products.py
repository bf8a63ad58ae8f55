"""The lots of a notice as a letter names them: item, model, UDI-DI, expiry (21 CFR 7.49; 801.20)."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Session

from models.kernel.units.quantity import plain
from models.notice.rules.letter import Product, expiry

ASKED = """
select l.lot_no, l.uom, i.name as item, i.name_en as item_en, coalesce(i.model, i.catalogue_no, i.item_no) as model, d.code as udi, l.expires_on,
       l.expiry_precision, cast(x ->> 'quantity' as numeric) as quantity, {most} as most
  from {lines} with ordinality e (x, place)
  join lot l on l.lot_no = x ->> 'lot_no' join item i on i.id = l.item_id
  left join lateral (select code from item_identifier c where c.item_id = i.id and c.flagged is null
                      order by c.level <> 'Primary', c.id limit 1) d on true
 {which} order by e.place
"""
PRODUCTS = text(
    ASKED.format(
        lines="recall_notice n cross join lateral jsonb_array_elements(n.lines)",
        which="where n.public_id = :notice",
        most="n.parent_id is not null and jsonb_array_length(n.lines) > 1",
    )
)
UNSENT = text(ASKED.format(lines="jsonb_array_elements(:lines)", which="", most="false")).bindparams(
    bindparam("lines", type_=JSONB)
)
UNIT = text("select case when min(uom) = max(uom) then min(uom) else '' end from lot where lot_no = any(:lots)")
PHONE = text("select coalesce(nullif(phone, ''), '') from site order by id limit 1")


def of(session: Session, notice: UUID, units: Mapping[str, str]) -> tuple[Product, ...]:
    """Every lot, in the order of the notice; `units` say how a unit of measure is written."""
    rows = session.connection().execute(PRODUCTS, {"notice": notice}).all()
    return tuple(_product(row, units) for row in rows)


def of_lines(session: Session, lines: Sequence[Mapping[str, str]], units: Mapping[str, str]) -> tuple[Product, ...]:
    """The same of a notice that nobody has sent yet."""
    rows = session.connection().execute(UNSENT, {"lines": list(lines)}).all()
    return tuple(_product(row, units) for row in rows)


def unit(session: Session, lines: Sequence[Mapping[str, Any]]) -> str:
    """The unit in which all batches of a notice are counted; empty where there are several."""
    lots = [line["lot_no"] for line in lines]
    return session.connection().execute(UNIT, {"lots": lots}).scalar_one() or ""


def _product(row: Any, units: Mapping[str, str]) -> Product:
    return Product(
        lot_no=row.lot_no,
        # which of several batches a receiver got isn't known: at most so much of each
        quantity=f"{'≤ ' if row.most else ''}{plain(row.quantity)} {units.get(row.uom, row.uom)}",
        item=row.item,
        item_en=row.item_en or "",
        model=row.model or "",
        udi=row.udi or "",
        expires=expiry(row.expires_on, row.expiry_precision),
    )


def phone(session: Session) -> str:
    """Where the plant is reached about a recall; nothing where nobody has said."""
    return str(session.connection().execute(PHONE).scalar() or "")
