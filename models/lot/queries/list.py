"""Lists of batches: filters and pages at a cost that follows the page, not the table (REQUIREMENTS 3, 54).

Without a search text the newest come first, along an index on the key; with one, along the search keys, so that the
first page of a broad search reads a page and not a million rows.
"""

from typing import Any
from uuid import UUID

from sqlalchemy import TextClause, text
from sqlmodel import Session

from models.identifier.rules.identifiers import compact
from models.identifier.rules.scanned_field import Asked, searched
from models.kernel.request import cursor, read_cursor
from models.kernel.store.days import MADE, RETEST, ZONE
from models.kernel.time.moments import printed
from models.lot.queries.views import LotPage, LotView
from models.lot.rules.lot import UNKNOWN
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
WHERE = {
    "status": "l.status = :status",
    "kind": "l.kind = :kind",
    "item": "l.item_id = (select i.id from item i where i.item_no = :item)",
    "supplier": "l.supplier_id = (select s.id from supplier s where s.supplier_no = :supplier)",
    "held": "not exists (select from hold h where h.lot_id = l.id and h.lifted_at is null) and not :held",
}
HELD = "exists (select from hold h where h.lot_id = l.id and h.lifted_at is null) and :held"
LOTS = "lot l"
# few lots are held: walk the open holds, newest lot first, instead of every lot
HELD_LOTS = (
    "(select distinct h.lot_id from hold h where h.lifted_at is null {after} order by h.lot_id desc) h"
    " join lot l on l.id = h.lot_id"
)
BY_KEY = "select l.id, l.lot_key as sort from lot l where l.lot_key like :q {more} order by l.lot_key, l.id limit :n"
BY_SUPPLIER = (
    "select l.id, l.supplier_lot_key as sort from lot l where l.supplier_lot_key like :q and l.lot_key not like :q"
    " {more} order by l.supplier_lot_key, l.id limit :n"
)
ONE = text(f"{COLUMNS} from lot l {JOINS} where l.lot_no = :lot_no")


def page(
    session: Session,
    *,
    limit: int = 50,
    after: str | None = None,
    status: str | None = None,
    kind: str | None = None,
    item: str | None = None,
    supplier: str | None = None,
    held: bool | None = None,
    q: str | None = None,
) -> LotPage:
    """A page of batches; `q` is the beginning of a lot number or a supplier's lot number.  One statement."""
    given = {"status": status, "kind": kind, "item": item, "supplier": supplier, "held": held}
    wanted = {name: value for name, value in given.items() if value is not None}
    more = "".join(f" and {HELD if name == 'held' and held else WHERE[name]}" for name in wanted)
    values: dict[str, Any] = {**wanted, "n": limit + 1}
    key = compact(searched(q, Asked.LOT)) if q else ""
    if key:
        values["q"] = key.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
        statement = _search(more, values, after)
    else:
        statement = _newest(more, values, after)
    rows = session.connection().execute(statement, values).all()
    following = None
    if len(rows) > limit:
        last = rows[limit - 1]
        following = cursor([last.sort, last.key] if key else [last.key])
    return LotPage(items=tuple(lot_view(row) for row in rows[:limit]), next=following)


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


def _newest(more: str, values: dict[str, Any], after: str | None) -> TextClause:
    start = ""
    if after is not None:
        values["after"] = read_cursor(after, (int,))[0]
        more, start = more + " and l.id < :after", "and h.lot_id < :after"
    source = HELD_LOTS.format(after=start) if values.get("held") else LOTS
    picked = f"select l.id from {source} where true {more} order by l.id desc limit :n"  # noqa: S608 - our own words
    return text(
        f"with picked as materialized ({picked}) {COLUMNS}, null as sort"
        f" from picked p join lot l on l.id = p.id {JOINS} order by l.id desc"
    )


def _search(more: str, values: dict[str, Any], after: str | None) -> TextClause:
    where = [more, more]
    if after is not None:
        values["sort"], values["after"] = read_cursor(after, (str, int))
        where = [more + f" and ({key}, l.id) > (:sort, :after)" for key in ("l.lot_key", "l.supplier_lot_key")]
    union = f"({BY_KEY.format(more=where[0])}) union all ({BY_SUPPLIER.format(more=where[1])})"
    return text(
        f"with picked as materialized (select * from ({union}) u order by sort, id limit :n) {COLUMNS}, p.sort"  # noqa: S608 - our own words
        f" from picked p join lot l on l.id = p.id {JOINS} order by p.sort, l.id"
    )
