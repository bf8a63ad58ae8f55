"""Which batches ran under which version, both ways: of a change its batches, of a batch what it ran under (REQUIREMENTS 47; ISO 13485 7.3.9, 7.5.9).

Versions are what the record says that a batch was inspected, worked and received by; nouns say where that stands (`models.process.changeable`).
Whether a batch ran the old or the new way of a change is what was signed of it, and else when it was put on record.  Each is one statement.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session

from models.change import rules
from models.kernel.text import Text
from models.lot.store import lots
from models.process import kinds

WAYS = ("new", "old", "waits", "stopped")
"""How a batch ran by a change: the new way, the old way, it still waits for a decision, or it was stopped for rework or scrap."""
WAY = """
case when k.decision in ('rework', 'scrap') then 'stopped'
     when k.decision = 'old_way' then 'old'
     when k.decision = 'new_way' then 'new'
     when k.id is not null and k.freed_at is null then 'waits'
     when c.happened_at is not null and (k.id is not null or {named}) then 'new'
     when c.effective_at <= l.created_at and (c.effective_batch is null or b.id <= l.id) and (c.ends_at is null or l.created_at < c.ends_at)
      and (c.most_batches is null or change_runs_so(c.id, l.id))
      and (c.status <> 'withdrawn' or l.created_at < c.closed_at) then 'new'
     else 'old' end
"""
OF_CHANGE = """
with c as materialized (select * from change where change_no = :number),
     ran as materialized (
       select r.lot_id, array_remove(array_agg(distinct r.version order by r.version), '') as versions
         from ({ran}) r (number, version, lot_id) where r.number = (select target from c) group by r.lot_id),
     named as materialized (select change_names(c.id) as lot_id from c),
     here as (select lot_id from ran union select k.lot_id from change_lock k join c on c.id = k.change_id union select lot_id from named)
select l.lot_no, i.item_no, l.status, l.created_at, coalesce(ran.versions, '{{}}') as versions, {way} as way
  from here join lot l on l.id = here.lot_id join item i on i.id = l.item_id cross join c
  left join ran on ran.lot_id = l.id left join change_lock k on k.change_id = c.id and k.lot_id = l.id
  left join lot b on b.lot_no = c.effective_batch
 order by l.lot_no
"""
OF_LOT = """
with ran as materialized (select distinct r.* from ({ran}) r where r.lot_id = :lot),
     named as materialized (
       select c.id from change c
        where c.also && array(select w.lot_no from goods_before(array[:lot], null) b join lot w on w.id = b.was)
          and exists (select from change_names(c.id) n where n = :lot)),
     said as materialized (
       select c.id, c.change_no, s.public_id as subject, c.kind, c.target, {way} as way
         from change c join lot l on l.id = :lot join subject s on s.id = c.subject_id
         left join change_lock k on k.change_id = c.id and k.lot_id = l.id left join lot b on b.lot_no = c.effective_batch
        where (c.approved_at is not null or c.happened_at is not null)
          and (k.id is not null or c.id in (select id from named) or exists (select from ran where ran.kind = c.kind and ran.number = c.target)))
select x.kind, x.number, x.version,
       coalesce(jsonb_agg(jsonb_build_array(w.change_no, w.subject, w.way) order by w.id) filter (where w.id is not null), '[]') as changes
  from (select kind, number, version from ran
        union select kind, target, '' from said where not exists (select from ran where ran.kind = said.kind and ran.number = said.target)) x
  left join said w on w.kind = x.kind and w.target = x.number
 group by x.kind, x.number, x.version order by x.kind, x.number, x.version
"""
NAMED_LOT, NAMED_CHANGE = "l.id in (select lot_id from named)", "c.id in (select id from named)"
"""Whether the batch is what somebody has named by hand, or what became of it."""
PROCESS = "definition"
TITLES = text("""
select distinct on (key) key, body::jsonb #>> '{title,zh}' as zh, body::jsonb #>> '{title,en}' as en
  from definition_version where key = any(cast(:keys as text[])) order by key, version desc
""")
NOTHING = "select '', '', 0::bigint where false"


@dataclass(frozen=True, kw_only=True, slots=True)
class Batch:
    """A batch by a change: under which versions of the thing it ran, and which way."""

    lot_no: str
    item_no: str
    status: str
    created_at: datetime
    versions: list[str]
    way: str


@dataclass(frozen=True, kw_only=True, slots=True)
class By:
    """A change that a batch has to do with, and which way it ran."""

    change: str
    subject: UUID
    way: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Under:
    """What a batch ran under: the thing, its version ('' where it has none), and the changes of it."""

    kind: str
    number: str
    version: str
    changes: tuple[By, ...]


def of_change(session: Session, number: str) -> list[Batch]:
    """All batches that ran under what the change is of, each with its way; CHG-404 where there is no such change."""
    ask = session.connection().execute
    kind = ask(text("select kind from change where change_no = :number"), {"number": number}).scalar()
    if kind is None:
        raise rules.UNKNOWN(number=number[:80])
    ran = next((one.ran for one in kinds.changeable() if one.kind == kind), "") or NOTHING
    statement = text(OF_CHANGE.format(ran=ran, way=WAY.format(named=NAMED_LOT)))
    return [Batch(**row) for row in ask(statement, {"number": number}).mappings()]


def of_lot(session: Session, lot_no: str) -> list[Under]:
    """Everything that the batch ran under, with the changes of each; LOT-001 where there is no such batch."""
    parts = " union all ".join(
        f"select '{one.kind}' as kind, n.number, n.version, n.lot_id from ({one.ran}) n (number, version, lot_id)"  # noqa: S608 - our own words
        for one in kinds.changeable()
        if one.ran
    )
    given = {"lot": lots.get(session, lot_no).id}
    return [
        Under(
            kind=row.kind,
            number=row.number,
            version=row.version,
            changes=tuple(By(change=no, subject=UUID(subject), way=way) for no, subject, way in row.changes),
        )
        for row in session.connection().execute(
            text(OF_LOT.format(ran=parts, way=WAY.format(named=NAMED_CHANGE))), given
        )
    ]


def titles(session: Session, found: Iterable[Under]) -> dict[str, Text]:
    """What the processes among them are called, by their key."""
    keys = sorted({one.number for one in found if one.kind == PROCESS})
    rows = session.connection().execute(TITLES, {"keys": keys})
    return {row.key: Text(row.zh, row.en or row.zh) for row in rows}


def counted(batches: list[Batch]) -> dict[str, int]:
    """How many ran which way."""
    found = Counter(one.way for one in batches)
    return {way: found[way] for way in WAYS}
