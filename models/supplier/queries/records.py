"""Every record that counts in the score of a supplier, once, as a list (REQUIREMENTS 51: the score shows the lots behind it).

The figures are counted from the same rows (`scores`), so a figure and the list that it opens can't part; and they are read, never kept: what a
transaction has written is in the score as soon as it is committed, and before that to whoever asks within it.

- A lot is one that was received: not what was split off or made of another, and not what came from another system, of which nobody knows when
  it came.  It was accepted *at first* when its first incoming inspection says so; what was decided about it later goes before that.
- A nonconformance is the supplier's where it names the supplier, or is of an incoming inspection, or where somebody has decided that it was
  supplied so; one that wasn't confirmed isn't counted.
- A request is late when the supplier hadn't answered before the end of the day by which it was to: until now, until it was sent again, or
  until it ended.  What was withdrawn isn't counted.
- An alert in which no cause was found was a false alarm and isn't counted.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import Session

from models.kernel.text import Text
from models.kernel.time.moments import Zone
from models.listing import store as listing
from models.listing.rules import YES_NO, Asked, Cell, Column, Listed, declare
from models.supplier.rules.score import NAMES

ZONE = "coalesce((select p.zone from site p order by p.id limit 1), 'UTC')"
DAY_ENDS = f"(cast(r.answer_by + 1 as timestamp) at time zone {ZONE})"
LOTS = """
select l.subject_id as id, l.supplier_id, l.item_id, l.created_at as at, (n.status is null or n.status <> 'accepted') and l.status = 'received' as open,
       case when l.status = 'rejected' then 'lot_rejected'
            when exists (select from nonconformance c join inspection f on f.id = c.inspection_id
                          where c.lot_id = l.id and f.stage = 'incoming' and c.status = 'closed' and c.disposition in ('accept', 'accepted'))
              then 'lot_conceded'
            when n.status = 'accepted' then 'lot_first'
            when exists (select from inspection f where f.lot_id = l.id and f.stage = 'incoming' and f.status = 'accepted') then 'lot_again'
            when n.status = 'failed' then 'lot_failed' else 'lot_undecided' end as figure
  from lot l left join inspection n on n.lot_id = l.id and n.stage = 'incoming' and n.revision = 1
 where l.supplier_id is not null and l.kind in ('raw', 'component') and l.origin = 'native'
   and not exists (select from genealogy_edge g where g.child_lot_id = l.id and g.superseded_at is null)
"""
NONCONFORMANCES = """
select c.subject_id, coalesce(c.supplier_id, l.supplier_id), coalesce(c.item_id, l.item_id), c.opened_at, c.status = 'open', 'nc_' || c.severity
  from nonconformance c left join lot l on l.id = c.lot_id and l.kind in ('raw', 'component')
 where c.kind = 'nonconformance' and not (c.status = 'closed' and coalesce(c.disposition, '') = 'unfounded')
   and (c.supplier_id is not null or (l.supplier_id is not null and (c.source = 'inspection' or c.cause_class = 'supplied')))
"""
REQUESTS = f"""
select c.subject_id, c.supplier_id, c.item_id, c.opened_at, c.status = 'open',
       case when exists (
              select from scar_round r left join scar_answer a on a.round_id = r.id
                left join scar_round x on x.scar_id = r.scar_id and x.round = r.round + 1
               where r.scar_id = c.id and coalesce(a.answered_at, x.sent_at, c.ended_at, now()) >= {DAY_ENDS}) then 'scar_late'
            when exists (select from scar_round r join scar_answer a on a.round_id = r.id where r.scar_id = c.id) then 'scar_on_time'
            else 'scar_waiting' end
  from scar c where c.status <> 'withdrawn'
"""  # noqa: S608 - our own words
ALERTS = """
select a.subject_id, w.supplier_id, w.item_id, a.opened_at, a.status = 'open', 'alert'
  from drift_alert a join drift_chart c on c.id = a.chart_id join drift_watch w on w.id = c.watch_id
 where coalesce(a.decision, '') <> 'no_cause'
"""
CERTIFICATES = """
select -l.subject_id, l.supplier_id, l.item_id, l.created_at, h.lifted_at is null, 'no_certificate'
  from supplier_receipt r join lot l on l.id = r.lot_id left join hold h on h.id = r.hold_id where r.finding = 'certificate'
"""
RECORDS = f"{LOTS} union all {NONCONFORMANCES} union all {REQUESTS} union all {ALERTS} union all {CERTIFICATES}"
"""A row for each: `id` is that of its subject, less than nothing where a lot is counted a second time, for its certificate."""
FIGURES = tuple((figure.value, said) for figure, said in NAMES.items())
KINDS = (
    ("lot", Text("来货批次", "lots")),
    ("nc", Text("不合格", "nonconformances")),
    ("scar", Text("纠正要求", "requests to correct")),
    ("alert", Text("来货波动预警", "alerts")),
    ("no_certificate", Text("缺证书", "certificates missing")),
)
"""The beginnings of figures: all of a kind together."""

LIST = declare(
    Listed(
        key="supplier-records",
        page="/supplier-records",
        title=Text("供应商评分依据", "What counts in the scores of suppliers"),
        source=f"({RECORDS}) r",
        where="true",
        id="r.id",
        sort="at",
        down=True,
        columns=(
            Column(
                key="figure",
                title=Text("计入", "Counts as"),
                filter="choice",
                where="r.figure = :figure",
                choices=FIGURES,
            ),
            Column(
                key="kind",
                title=Text("类别", "Kind"),
                filter="choice",
                where="starts_with(r.figure, :kind)",
                choices=KINDS,
                cells=(),
                hidden=True,
            ),
            Column(key="number", title=Text("编号", "Number")),
            Column(key="title", title=Text("名称", "Name")),
            Column(
                key="supplier",
                title=Text("供应商", "Supplier"),
                filter="exact",
                where="r.supplier_id = (select s.id from supplier s where s.supplier_no = :supplier)",
                cells=(
                    Cell(key="supplier_no", title=Text("供应商编号", "Supplier number")),
                    Cell(key="supplier", title=Text("供应商", "Supplier")),
                ),
            ),
            Column(
                key="item",
                title=Text("物料", "Item"),
                filter="exact",
                where="r.item_id = (select i.id from item i where i.item_no = :item)",
                cells=(
                    Cell(key="item_no", title=Text("物料编号", "Item number")),
                    Cell(key="item", title=Text("物料", "Item")),
                ),
            ),
            Column(
                key="named",
                title=Text("写明物料", "Names its item"),
                filter="choice",
                where="(r.item_id is not null) = cast(:named as boolean)",
                choices=(("true", YES_NO[0]), ("false", YES_NO[1])),
                cells=(),
                hidden=True,
            ),
            Column(
                key="open",
                title=Text("未结束", "Open"),
                filter="choice",
                where="r.open = cast(:open as boolean)",
                choices=(("true", YES_NO[0]), ("false", YES_NO[1])),
            ),
            Column(
                key="at",
                title=Text("收货或立案时间", "Received or opened"),
                sort="r.at",
                type="timestamptz",
                filter="days",
            ),
        ),
        shown=f"""
select p.id as key, p.sort, b.public_id as id, b.kind, b.number, said(b.title, b.title_en) as title, r.figure, r.open, r.at, s.supplier_no,
       said(s.name, s.name_en) as supplier, i.item_no, said(i.name, i.name_en) as item
  from picked p join ({RECORDS}) r on r.id = p.id join subject b on b.id = abs(p.id) join supplier s on s.id = r.supplier_id
  left join item i on i.id = r.item_id
""",  # noqa: S608 - our own words
    )
)


@dataclass(frozen=True, kw_only=True, slots=True)
class SupplierRecord:
    """One of the list; `id` is that of its subject, `kind` what that is, `open` whether it isn't over."""

    id: UUID
    kind: str
    number: str
    title: str | None
    figure: str
    open: bool
    at: datetime
    supplier_no: str
    supplier: str
    item_no: str | None
    item: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class SupplierRecords:
    """One page of the list; `next` is the cursor of the following one."""

    items: Sequence[SupplierRecord]
    next: str | None


def page(session: Session, asked: Asked, zone: Zone, *, limit: int = 50, after: str | None = None) -> SupplierRecords:
    """A page of them in one statement."""
    rows, following = listing.page(session, LIST, {}, asked, zone, limit=limit, after=after)
    return SupplierRecords(items=tuple(_row(row) for row in rows), next=following)


def _row(row: Any) -> SupplierRecord:
    return SupplierRecord(**{name: value for name, value in row._mapping.items() if name not in {"key", "sort"}})  # noqa: SLF001 - SQLAlchemy's public name
