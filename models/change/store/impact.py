"""What a change touches, computed from the record as it stands and kept: the batches with their step, and what hangs on them (STANDARDS X 53)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlmodel import Session, col, select

from models.change.tables import Change, ChangeImpact
from models.process.store import signing

LOTS = text("""
select l.id, l.lot_no, i.item_no, l.status, s.step, s.seq, trim_scale(l.quantity)::text as quantity, l.uom
  from change_pauses(:change, null) s join lot l on l.id = s.lot_id join item i on i.id = l.item_id order by l.lot_no
""")
OPEN = text("""
select count(*) from lot l where l.id = any(array(select change_touches(:change, null))) and l.status not in ('rejected', 'closed')
   and (l.status <> 'released' or exists (select from stock k where k.lot_id = l.id and k.quantity > 0))
""")
OTHERS = text("""
with touched as materialized (select distinct t as id from change_touches(:change, null) t),
     here as (select unnest(cast(:ids as bigint[])) as id)
select 'work_order' as kind, w.work_order_no as number, '' as title, '' as title_en
  from here join work_order w on w.lot_id = here.id where w.status = 'open'
union select 'item', i.item_no, i.name, coalesce(i.name_en, i.name) from here join lot l using (id) join item i on i.id = l.item_id
union select 'supplier', s.supplier_no, s.name, coalesce(s.name_en, s.name) from here join lot l using (id) join supplier s on s.id = l.supplier_id
union select 'document', w.document, w.document, w.document from here join work_order w on w.lot_id = here.id where w.document is not null
union select 'definition', d.key || ' v' || d.version, d.body::jsonb #>> '{title,zh}', d.body::jsonb #>> '{title,en}'
  from here join process_run r on r.lot_id = here.id join definition_version d on d.id = r.definition_id where r.status = 'running'
union select 'customer', c.customer_no, c.name, coalesce(c.name_en, c.name)
  from touched join shipment_line n on n.lot_id = touched.id join shipment p on p.id = n.shipment_id join customer c on c.id = p.customer_id
 order by 1, 2
""")
STOCK = text(
    "select count(distinct k.lot_id) from stock k where k.lot_id = any(cast(:ids as bigint[])) and k.quantity > 0"
)
KINDS = ("item", "work_order", "supplier", "customer", "document", "definition")
"""What is reached beside batches, in the order in which it is shown."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Impact:
    """The batches that would be paused, what else is reached, and how many there are of each; `past` are open and past the step."""

    lots: list[dict[str, Any]]
    others: list[dict[str, str]]
    counts: dict[str, int]

    @property
    def digest(self) -> str:
        """Two impacts with one digest are the same."""
        return signing.digest(signing.canonical({"lots": self.lots, "others": self.others, "counts": self.counts}))


def compute(session: Session, row: Change) -> Impact:
    """The impact as the record has it now: a fixed number of statements, however many batches there are."""
    ask = session.connection().execute
    rows = ask(LOTS, {"change": row.id}).all()
    ids = [one.id for one in rows]
    others = [dict(one) for one in ask(OTHERS, {"change": row.id, "ids": ids}).mappings()]
    counts = {
        "lots": len(rows),
        "past": ask(OPEN, {"change": row.id}).scalar_one() - len(rows),
        "stock": ask(STOCK, {"ids": ids}).scalar_one(),
        **{kind: sum(one["kind"] == kind for one in others) for kind in KINDS},
    }
    return Impact(lots=[_lot(one._mapping) for one in rows], others=others, counts=counts)  # noqa: SLF001 - SQLAlchemy's public name


def _lot(row: Mapping[Any, Any]) -> dict[str, Any]:
    return {key: row[key] for key in ("lot_no", "item_no", "status", "step", "seq", "quantity", "uom")}


def last(session: Session, row: Change) -> ChangeImpact | None:
    """As it was kept last."""
    query = select(ChangeImpact).where(ChangeImpact.change_id == row.id).order_by(col(ChangeImpact.version).desc())
    return session.exec(query.limit(1)).first()


def keep(session: Session, row: Change, now: datetime) -> ChangeImpact:
    """Compute it anew and keep it, where it is another than the last one."""
    found, known = compute(session, row), last(session, row)
    if known is not None and known.digest == found.digest:
        return known
    kept = ChangeImpact(
        change_id=row.id,
        version=known.version + 1 if known else 1,
        lots=found.lots,
        others=found.others,
        counts=found.counts,
        digest=found.digest,
        computed_at=now,
    )
    session.add(kept)
    session.flush()
    return kept
