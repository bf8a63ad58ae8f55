"""Lists of batches: filters and pages at a cost that follows the page, not the table (REQUIREMENTS 3, 54).

Without a search text the newest come first, along an index on the key; with one, along the search keys, so that the
first page of a broad search reads a page and not a million rows.
"""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session

from models.identifier.rules.identifiers import compact
from models.identifier.rules.scanned_field import Asked as Scans
from models.identifier.rules.scanned_field import searched
from models.kernel.store.days import DEFAULT_ZONE, MADE, RETEST, ZONE
from models.kernel.text import Text
from models.kernel.time.moments import printed
from models.kernel.units import names as units
from models.listing import store as listing
from models.listing.rules import YES_NO, Asked, Branch, Cell, Column, Listed, declare
from models.lot.queries.views import LotPage, LotView
from models.lot.rules.lot import STATUS_NAMES, UNKNOWN
from models.lot.tables import Lot
from models.process.tables.subject import Subject

COLUMNS = f"""
select l.id as key, l.public_id as id, l.lot_no, i.item_no, said(i.name, i.name_en) as item, l.kind, l.status, l.quantity, l.uom,
       exists (select from hold h where h.lot_id = l.id and h.lifted_at is null) as held,
       lot_expired(l, {ZONE}) as expired,
       coalesce((select sum(k.quantity) from stock k where k.lot_id = l.id), 0) as in_stock,
       s.supplier_no, said(s.name, s.name_en) as supplier, l.supplier_lot_no, {MADE} as manufactured_on, l.expires_on, l.expiry_precision,
       l.expiry_reason, {RETEST} as retest_on, l.origin, l.created_at, l.pack_size, i.uom as item_uom,
       greatest((select f.at from lot_fact f where f.lot_id = l.id order by f.at desc, f.id desc limit 1),
                (select max(coalesce(h.lifted_at, h.placed_at)) from hold h where h.lot_id = l.id)) as changed_at
"""  # noqa: S608 - our own words
JOINS = " join item i on i.id = l.item_id left join supplier s on s.id = l.supplier_id "
HELD = "exists (select from hold h where h.lot_id = l.id and h.lifted_at is null)"
# few lots are held: walk the open holds, newest lot first, instead of every lot
HELD_LOTS = "(select distinct h.lot_id from hold h where h.lifted_at is null order by h.lot_id desc) h join lot l on l.id = h.lot_id"
KINDS = (
    ("raw", Text("原料", "Raw material")),
    ("component", Text("部件", "Component")),
    ("in_process", Text("在制品", "In-process")),
    ("finished", Text("成品", "Finished")),
    ("packaged", Text("包装品", "Packaged")),
)


def _key(typed: str) -> str:
    return compact(searched(typed[:200], Scans.LOT))


def _unit(code: str, language: str) -> str:
    return units.NAMES.get(code.lower(), (code, code))[0 if language == "zh" else 1]


def _kind(key: str, language: str) -> str:
    return next((said.say(language) for kind, said in KINDS if kind == key), key)


def _cell(key: str, zh: str, en: str, say: Callable[[Any, str], str] | None = None) -> Cell:
    return Cell(key=key, title=Text(zh, en), say=say)


ONE = text(f"{COLUMNS} from lot l {JOINS} where l.lot_no = :lot_no")


def page(
    session: Session,
    *,
    limit: int = 50,
    after: str | None = None,
    sort: str = "",
    down: bool = False,
    **filters: str | bool | None,
) -> LotPage:
    """A page of batches; `q` is the beginning of a lot number or a supplier's lot number.  One statement."""
    return listed(session, asked_of(sort, down=down, **filters), limit=limit, after=after)


def asked_of(sort: str = "", *, down: bool = False, **filters: str | bool | None) -> Asked:
    """What is asked of the list, by the names of its filters; None is nothing."""
    said = {name: value for name, value in filters.items() if value is not None}
    return Asked({name: one if isinstance(one, str) else str(one).lower() for name, one in said.items()}, sort, down)


def listed(session: Session, asked: Asked, *, limit: int = 50, after: str | None = None) -> LotPage:
    """The same as it was asked for on a page."""
    rows, following = listing.page(session, LIST, {}, asked, DEFAULT_ZONE, limit=limit, after=after)
    return LotPage(items=tuple(lot_view(row) for row in rows), next=following)


def one(session: Session, lot_no: str) -> tuple[int, LotView]:
    """A batch by its printed number, with its key."""
    row = session.connection().execute(ONE, {"lot_no": lot_no}).one_or_none()
    if row is None:
        raise UNKNOWN(lot=lot_no[:80])
    return row.key, lot_view(row)


def subject(session: Session, lot_no: str) -> UUID:
    """The public id of the batch as a subject."""
    key, _ = one(session, lot_no)
    return session.get_one(Subject, session.get_one(Lot, key).subject_id).public_id


def lot_view(row: Any) -> LotView:
    """From a row of `COLUMNS`."""
    values = {name: value for name, value in row._mapping.items() if name not in {"key", "sort"}}  # noqa: SLF001 - SQLAlchemy's public name
    made = {name: printed(getattr(row, name)) for name in ("manufactured_on", "retest_on")}
    return LotView(**{**values, **made, "expires_on": printed(row.expires_on, row.expiry_precision)})


LIST = declare(
    Listed(
        key="lots",
        page="/lots",
        title=Text("批次", "Batches"),
        source="lot l",
        where="true",
        id="l.id",
        sort="newest",
        down=True,
        sources=(("held", "true", HELD_LOTS),),
        branches=(
            Branch(sort="l.lot_key", where="l.lot_key like :q"),
            Branch(sort="l.supplier_lot_key", where="l.supplier_lot_key like :q and l.lot_key not like :q"),
        ),
        shown=f"{COLUMNS}, p.sort from picked p join lot l on l.id = p.id {JOINS}",
        view=lot_view,
        columns=(
            Column(
                key="lot",
                title=Text("批次", "Batch"),
                sort="l.lot_no",
                cells=(_cell("lot_no", "批号", "Batch number"),),
            ),
            Column(
                key="status",
                title=Text("状态", "State"),
                filter="choice",
                where="l.status = :status",
                choices=tuple((one.value, said) for one, said in STATUS_NAMES.items()),
            ),
            Column(
                key="held",
                title=Text("冻结", "Held"),
                filter="choice",
                where=f"{HELD} = cast(:held as boolean)",
                choices=(("true", YES_NO[0]), ("false", YES_NO[1])),
                cells=(_cell("held", "冻结", "Held"), _cell("expired", "已过有效期", "Expired")),
                hidden=True,
            ),
            Column(
                key="item",
                title=Text("物料", "Item"),
                filter="exact",
                where="l.item_id = (select i.id from item i where i.item_no = :item)",
                cells=(_cell("item_no", "物料编号", "Item number"), _cell("item", "物料", "Item")),
            ),
            Column(key="kind", title=Text("类别", "Kind"), filter="choice", where="l.kind = :kind", choices=KINDS),
            Column(
                key="quantity",
                title=Text("数量", "Quantity"),
                cells=(
                    _cell("quantity", "数量", "Quantity"),
                    _cell("in_stock", "库存", "In stock"),
                    _cell("uom", "单位", "Unit", _unit),
                ),
            ),
            Column(
                key="expiry",
                title=Text("有效期", "Expires"),
                cells=(
                    _cell("manufactured_on", "生产日期", "Made on"),
                    _cell("expires_on", "有效期", "Expires"),
                    _cell("retest_on", "复检日期", "Retest on"),
                ),
            ),
            Column(
                key="supplier",
                title=Text("供方批号", "Supplier's lot"),
                filter="exact",
                where="l.supplier_id = (select s.id from supplier s where s.supplier_no = :supplier)",
                cells=(
                    _cell("supplier_no", "供应商编号", "Supplier number"),
                    _cell("supplier", "供应商", "Supplier"),
                    _cell("supplier_lot_no", "供方批号", "Supplier's lot"),
                ),
            ),
            Column(key="updated", title=Text("更新", "Changed"), cells=(_cell("changed_at", "更新", "Changed"),)),
            Column(
                key="newest",
                title=Text("登记先后", "When it was recorded"),
                sort="l.id",
                type="bigint",
                cells=(_cell("created_at", "建立时间", "Since"),),
                hidden=True,
            ),
            Column(
                key="q",
                title=Text("批号或供方批号", "Batch or supplier's lot"),
                filter="search",
                where="(l.lot_key like :q or l.supplier_lot_key like :q)",
                read=_key,
                cells=(),
                hidden=True,
            ),
        ),
    )
)
