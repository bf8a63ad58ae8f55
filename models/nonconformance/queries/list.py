"""Every nonconformance and deviation in a list, narrowed by what the figures of quality count (ISO 13485 8.3, 8.4)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import Session

from models.kernel.text import Text
from models.kernel.time.moments import Zone
from models.listing import store as listing
from models.listing.rules import Asked, Cell, Column, Listed, declare

AGES = (
    ("week", Text("7 天内", "up to 7 days")),
    ("month", Text("8 至 30 天", "8 to 30 days")),
    ("older", Text("30 天以上", "over 30 days")),
)
"""How long a finding has been open, in whole days of twenty-four hours."""
AGE = "case when now() - n.opened_at < interval '8 days' then 'week' when now() - n.opened_at < interval '31 days' then 'month' else 'older' end"
TIMES = (("on_time", Text("按时", "on time")), ("late", Text("逾期", "late")))
LATE = "exists (select from human_task x where x.subject_id = n.subject_id and coalesce(x.done_at, now()) > x.due_at and x.status in ('open', 'done'))"
TIMELY = f"case when {LATE} then 'late' else 'on_time' end"
"""On time is what has no step that was done after it was due, or is due and still open."""
SEVERITIES = (
    ("minor", Text("轻微", "minor")),
    ("major", Text("一般", "major")),
    ("critical", Text("严重", "critical")),
)
STATES = (("open", Text("未关闭", "open")), ("closed", Text("已关闭", "closed")))
OWNED = (("somebody", Text("有负责人", "somebody's")), ("nobody", Text("无负责人", "nobody's")))
WHOSE = "coalesce(n.owner_id, b.owner_id)"

LIST = declare(
    Listed(
        key="nonconformances",
        page="/nonconformances",
        title=Text("不合格和偏差", "Nonconformances and deviations"),
        source="nonconformance n join subject b on b.id = n.subject_id",
        where="true",
        id="n.id",
        sort="opened",
        down=True,
        columns=(
            Column(
                key="number",
                title=Text("编号", "Number"),
                sort="n.nonconformance_no",
                filter="text",
                where="(n.nonconformance_no ilike :number or n.title ilike :number or n.title_en ilike :number)",
            ),
            Column(key="title", title=Text("发现了什么", "What was found")),
            Column(
                key="severity",
                title=Text("严重程度", "Severity"),
                filter="choice",
                where="n.severity = :severity",
                choices=SEVERITIES,
            ),
            Column(
                key="state", title=Text("状态", "State"), filter="choice", where="n.status = :state", choices=STATES
            ),
            Column(key="lot", title=Text("批次", "Batch")),
            Column(
                key="owner",
                title=Text("负责人", "Owner"),
                filter="text",
                where=f"{WHOSE} in (select w.id from person w where w.name ilike :owner or w.name_en ilike :owner)",  # noqa: S608 - our own words
            ),
            Column(
                key="owned",
                title=Text("归属", "Whose"),
                filter="choice",
                where=f"({WHOSE} is null) = (:owned = 'nobody')",
                choices=OWNED,
                cells=(),
                hidden=True,
            ),
            Column(
                key="age",
                title=Text("已开多久", "Open for"),
                filter="choice",
                where=f"n.status = 'open' and {AGE} = :age",
                choices=AGES,
                cells=(),
                hidden=True,
            ),
            Column(
                key="timely",
                title=Text("是否按时", "On time"),
                filter="choice",
                where=f"{TIMELY} = :timely",
                choices=TIMES,
            ),
            Column(
                key="opened",
                title=Text("立案时间", "Opened"),
                sort="n.opened_at",
                type="timestamptz",
                cells=(Cell(key="opened_at", title=Text("立案时间", "Opened")),),
            ),
            Column(
                key="closed",
                title=Text("关闭时间", "Closed"),
                filter="days",
                where="n.closed_at",
                cells=(Cell(key="closed_at", title=Text("关闭时间", "Closed")),),
            ),
        ),
        shown=f"""
select n.id as key, p.sort, b.public_id as id, n.nonconformance_no as number, said(n.title, n.title_en) as title, n.severity, n.status as state,
       l.lot_no as lot, said(w.name, w.name_en) as owner, {TIMELY} as timely, n.opened_at, n.closed_at
  from picked p join nonconformance n on n.id = p.id join subject b on b.id = n.subject_id
  left join lot l on l.id = n.lot_id left join person w on w.id = {WHOSE}
""",  # noqa: S608 - our own words
    )
)


@dataclass(frozen=True, kw_only=True, slots=True)
class NonconformanceRow:
    """One of the list; `id` is that of its subject, `timely` says whether any step of its review was late."""

    id: UUID
    number: str
    title: str
    severity: str
    state: str
    lot: str | None
    owner: str | None
    timely: str
    opened_at: datetime
    closed_at: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class NonconformanceList:
    """One page of the list; `next` is the cursor of the following one."""

    items: Sequence[NonconformanceRow]
    next: str | None


def page(
    session: Session, asked: Asked, zone: Zone, *, limit: int = 50, after: str | None = None
) -> NonconformanceList:
    """A page of them in one statement."""
    rows, following = listing.page(session, LIST, {}, asked, zone, limit=limit, after=after)
    return NonconformanceList(items=tuple(_row(row) for row in rows), next=following)


def _row(row: Any) -> NonconformanceRow:
    return NonconformanceRow(**{name: value for name, value in row._mapping.items() if name not in {"key", "sort"}})  # noqa: SLF001 - SQLAlchemy's public name
