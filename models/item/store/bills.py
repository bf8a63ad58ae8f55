"""Bills of material: what one piece of a product takes; an order freezes them when it is made (REQUIREMENTS 58, 61)."""

from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import text
from sqlmodel import Session

from models.identifier.rules.scanned_field import Asked
from models.item.rules import bill as rules
from models.item.tables import BomLine, Item
from models.kernel.request import cursor, read_cursor
from models.register.store import keyset
from models.register.store.searching import matching, sought

PAGE = text(f"""
select b.id, i.item_no, said(i.name, i.name_en) as item, c.item_no as component_no, said(c.name, c.name_en) as component, b.quantity, c.uom, b.optional
  from bom_line b join item i on i.id = b.item_id join item c on c.id = b.component_id
 where (cast(:after as text) is null or (i.item_no, b.id) > (cast(:after as text), cast(:line as bigint)))
   and (cast(:id as bigint) is null or b.id = :id)
   and (cast(:q as text) is null or {matching(("i.item_no", "c.item_no"), ("i.name", "i.name_en", "c.name", "c.name_en"))})
 order by i.item_no, b.id limit :n
""")  # noqa: S608 - our own words
ON_BILL = text("select c.item_no from bom_line b join item c on c.id = b.component_id where b.item_id = :item")
MADE_OF = text("""
with recursive part (id) as (
  select b.component_id from bom_line b where b.item_id = :item
  union select b.component_id from bom_line b join part p on p.id = b.item_id)
select i.item_no from part p join item i on i.id = p.id
""")


@dataclass(frozen=True, kw_only=True, slots=True)
class BillLineView:
    """How much of a component one piece of a product takes, in the component's unit."""

    item_no: str
    item: str
    component_no: str
    component: str
    quantity: Decimal
    uom: str
    optional: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class BillPage:
    """One page of lines."""

    items: tuple[BillLineView, ...]
    next: str | None


def page(session: Session, *, limit: int = 50, after: str | None = None, q: str | None = None) -> BillPage:
    """Lines by product; one statement."""
    number, line = read_cursor(after, (str, int)) if after else (None, None)
    values = {"after": number, "line": line, "id": None, **sought(q, Asked.ITEM), "n": limit + 1}
    rows = session.connection().execute(PAGE, values).mappings().all()
    shown = tuple(_view(dict(row)) for row in rows[:limit])
    last = rows[limit - 1] if len(rows) > limit else None
    return BillPage(items=shown, next=cursor([last["item_no"], last["id"]]) if last else None)


def add(session: Session, item_no: str, component_no: str, quantity: Decimal, *, optional: bool) -> BillLineView:
    """One more material of a product; orders that are open keep the bill that they were made with."""
    item = keyset.find(session, Item, Item.item_no, item_no)
    component = keyset.find(session, Item, Item.item_no, component_no)
    # two who would close a circle together: the second waits here and finds the first
    session.connection().execute(text("lock table bom_line in share row exclusive mode"))
    on_bill = session.connection().execute(ON_BILL, {"item": item.id}).scalars().all()
    made_of = session.connection().execute(MADE_OF, {"item": component.id}).scalars().all()
    rules.check_line(item.item_no, item.kind, component.item_no, on_bill, made_of)
    line = BomLine(item_id=item.id, component_id=component.id, quantity=quantity, optional=optional)
    session.add(line)
    session.flush()
    values = {"after": None, "line": None, "id": line.id, **sought(None), "n": 1}
    return _view(dict(session.connection().execute(PAGE, values).mappings().one()))


def _view(row: dict[str, object]) -> BillLineView:
    row.pop("id")
    return BillLineView(**row)  # type: ignore[arg-type]  # the columns are the fields
