"""Every subject of a kind in a list: what it is called, where it stands, whose it is, what is to be done and by when."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session

from models.kernel.text import Text
from models.kernel.time.moments import Zone
from models.listing import store as listing
from models.listing.rules import Asked, Cell, Column, Listed, declare
from models.process import kinds

LATE = "exists (select from human_task x where x.subject_id = s.id and x.status = 'open' and x.due_at < now())"
RUNNING = "exists (select from process_run x where x.subject_id = s.id and x.status = 'running')"
ANY = "exists (select from process_run x where x.subject_id = s.id)"
STATES = (
    ("late", Text("逾期", "overdue")),
    ("open", Text("进行中", "in progress")),
    ("ended", Text("流程已结束", "ended")),
    ("none", Text("无流程", "no process")),
)
STATE = f"case when {RUNNING} then case when {LATE} then 'late' else 'open' end when {ANY} then 'ended' else 'none' end"


def _kind(kind: str, language: str) -> str:
    return kinds.title(kind).say(language)


# batches have a list of their own, and are many
LIST = declare(
    Listed(
        key="subjects",
        page="/subjects",
        given=("kind",),
        title=Text("事项", "Matters"),
        source="subject s",
        where="s.kind <> 'lot' and (cast(:kind as text) is null or s.kind = :kind)",
        id="s.id",
        sort="opened",
        down=True,
        columns=(
            Column(
                key="number",
                title=Text("编号", "Number"),
                sort="s.number",
                filter="text",
                where="(s.number ilike :number or s.title ilike :number or s.title_en ilike :number)",
                cells=(
                    Cell(key="kind", title=Text("类型", "Kind"), say=_kind),
                    Cell(key="number", title=Text("编号", "Number")),
                ),
            ),
            Column(key="title", title=Text("名称", "Name"), sort="left(coalesce(said(s.title, s.title_en), ''), 200)"),
            Column(
                key="state", title=Text("状态", "State"), filter="choice", where=f"{STATE} = :state", choices=STATES
            ),
            Column(
                key="owner",
                title=Text("负责人", "Owner"),
                filter="text",
                where="s.owner_id in (select w.id from person w where w.name ilike :owner or w.name_en ilike :owner)",
            ),
            Column(
                key="due",
                title=Text("待办与期限", "To do, and by when"),
                cells=(
                    Cell(key="open", title=Text("待办数", "Open tasks")),
                    Cell(key="due_at", title=Text("期限", "Due")),
                ),
            ),
            Column(
                key="opened",
                title=Text("建立时间", "Since"),
                sort="s.opened_at",
                type="timestamptz",
                filter="days",
                cells=(Cell(key="opened_at", title=Text("建立时间", "Since")),),
            ),
        ),
        shown=f"""
select s.id as key, p.sort, s.public_id as id, s.kind, s.number, said(s.title, s.title_en) as title, {STATE} as state,
       said(o.name, o.name_en) as owner, s.opened_at, t.open, t.due_at
  from picked p join subject s on s.id = p.id left join person o on o.id = s.owner_id
  left join lateral (select count(*) as open, min(x.due_at) as due_at from human_task x where x.subject_id = s.id and x.status = 'open') t on true
""",  # noqa: S608 - our own words
    )
)
# each kind once, along the index on kind and number, however many there are of it
KINDS = text("""
with recursive k as (
  (select s.kind from subject s where s.kind <> 'lot' order by s.kind limit 1)
  union all
  select (select s.kind from subject s where s.kind <> 'lot' and s.kind > k.kind order by s.kind limit 1) from k where k.kind is not null)
select kind from k where kind is not null
""")


@dataclass(frozen=True, kw_only=True, slots=True)
class SubjectRow:
    """One of the list; `open` tasks, the first of which is due at `due_at`."""

    id: UUID
    kind: str
    number: str
    title: str | None
    state: str
    owner: str | None
    opened_at: datetime
    open: int
    due_at: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class SubjectList:
    """One page of the list; `next` is the cursor of the following one."""

    items: Sequence[SubjectRow]
    next: str | None


def page(
    session: Session, kind: str | None, asked: Asked, zone: Zone, *, limit: int = 50, after: str | None = None
) -> SubjectList:
    """Subjects of a kind, or of every kind but batches."""
    rows, following = listing.page(session, LIST, {"kind": kind}, asked, zone, limit=limit, after=after)
    return SubjectList(items=tuple(_row(row) for row in rows), next=following)


def kinds_there(session: Session) -> tuple[str, ...]:
    """Every kind that there is something of, but batches."""
    return tuple(session.connection().execute(KINDS).scalars())


def _row(row: Any) -> SubjectRow:
    return SubjectRow(**{name: value for name, value in row._mapping.items() if name not in {"key", "sort"}})  # noqa: SLF001 - SQLAlchemy's public name
