"""Every inspection in a list: of which batch, at which point of its life, for the first time or again, and its verdict (ISO 13485 8.2.6)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session

from models.kernel.text import Text
from models.kernel.time.moments import Zone
from models.listing import store as listing
from models.listing.rules import YES_NO, Asked, Cell, Column, Listed, declare

STAGES = (("incoming", Text("来料", "incoming")), ("final", Text("最终", "final")))
VERDICTS = (
    ("open", Text("未判定", "not decided")),
    ("accepted", Text("合格", "accepted")),
    ("failed", Text("不合格", "failed")),
)
FIRST = (("true", YES_NO[0]), ("false", YES_NO[1]))

LIST = declare(
    Listed(
        key="inspections",
        page="/inspections",
        title=Text("检验", "Inspections"),
        source="inspection n join lot l on l.id = n.lot_id",
        where="true",
        id="n.id",
        sort="opened",
        down=True,
        columns=(
            Column(key="number", title=Text("编号", "Number"), sort="n.inspection_no"),
            Column(key="lot", title=Text("批次", "Batch"), filter="exact", where="l.lot_no = :lot"),
            Column(
                key="item",
                title=Text("物料", "Item"),
                filter="exact",
                where="l.item_id = (select i.id from item i where i.item_no = :item)",
                cells=(
                    Cell(key="item_no", title=Text("物料编号", "Item number")),
                    Cell(key="item", title=Text("物料", "Item")),
                ),
            ),
            Column(key="stage", title=Text("检验点", "At"), filter="choice", where="n.stage = :stage", choices=STAGES),
            Column(
                key="first",
                title=Text("首次检验", "First time"),
                filter="choice",
                where="(n.revision = 1) = cast(:first as boolean)",
                choices=FIRST,
                cells=(Cell(key="revision", title=Text("第几次", "Time")),),
            ),
            Column(
                key="state", title=Text("判定", "Verdict"), filter="choice", where="n.status = :state", choices=VERDICTS
            ),
            Column(
                key="opened",
                title=Text("建立时间", "Opened"),
                sort="n.opened_at",
                type="timestamptz",
                cells=(Cell(key="opened_at", title=Text("建立时间", "Opened")),),
            ),
            Column(
                key="decided",
                title=Text("判定时间", "Decided"),
                filter="days",
                where="n.decided_at",
                cells=(
                    Cell(key="decided_at", title=Text("判定时间", "Decided")),
                    Cell(key="inspector", title=Text("检验员", "Inspector")),
                ),
            ),
        ),
        shown="""
select n.id as key, p.sort, n.inspection_no as number, l.lot_no as lot, i.item_no, said(i.name, i.name_en) as item, n.stage, n.revision,
       n.status as state, n.opened_at, n.decided_at, said(w.name, w.name_en) as inspector
  from picked p join inspection n on n.id = p.id join lot l on l.id = n.lot_id join item i on i.id = l.item_id
  left join person w on w.id = n.decided_by_id
""",
    )
)


@dataclass(frozen=True, kw_only=True, slots=True)
class InspectionRow:
    """One of the list; `revision` counts the inspections of the batch at that point, from 1."""

    number: str
    lot: str
    item_no: str
    item: str
    stage: str
    revision: int
    state: str
    opened_at: datetime
    decided_at: datetime | None
    inspector: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class InspectionList:
    """One page of the list; `next` is the cursor of the following one."""

    items: Sequence[InspectionRow]
    next: str | None


def page(session: Session, asked: Asked, zone: Zone, *, limit: int = 50, after: str | None = None) -> InspectionList:
    """A page of them in one statement."""
    rows, following = listing.page(session, LIST, {}, asked, zone, limit=limit, after=after)
    return InspectionList(items=tuple(_row(row) for row in rows), next=following)


def _row(row: Any) -> InspectionRow:
    return InspectionRow(**{name: value for name, value in row._mapping.items() if name not in {"key", "sort"}})  # noqa: SLF001 - SQLAlchemy's public name
