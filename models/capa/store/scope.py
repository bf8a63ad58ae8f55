"""Which batches a CAPA is about: saved queries of the genealogy graph, each a batch and a direction (REQUIREMENTS 41).

Kept are the queries and never their answers: what is made of a batch tomorrow is among its relatives in the very transaction that writes
the link, once, without anything that could fail or lag behind, and a link that is corrected takes its own out again.  The batches of the
findings that it is for are followed downwards by themselves.  Of a case that has ended the answer is as of that moment.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, text
from sqlmodel import Session, select

from models.capa import rules
from models.capa.store.cases import CAUSE
from models.capa.tables import Capa, CapaScope
from models.lot.store import lots
from models.process.messages.process import By

_CAUSES = f"""
select n.lot_id, 'forward' as direction, null::bigint as id, n.nonconformance_no as reason, null::bigint as added_by_id, n.opened_at as added_at, c.id as capa_id
  from capa c join process_run r on r.subject_id = c.subject_id and r.parent_id is null
  join run_link k on k.run_id = r.id and k.role = '{CAUSE}' join nonconformance n on n.subject_id = k.subject_id
 where n.lot_id is not null
"""  # noqa: S608 - our own words
_SAID = """
select s.lot_id, s.direction, s.id, s.reason, s.added_by_id, s.added_at, s.capa_id from capa_scope s where s.ended_at is null
"""
ROOTS = text(f"""
select x.lot_id, l.lot_no, x.direction, x.id, x.reason, said(p.name, p.name_en) as added_by, x.added_at
  from ({_CAUSES} and c.id = :capa union all {_SAID} and s.capa_id = :capa) x
  join lot l on l.id = x.lot_id left join person p on p.id = x.added_by_id
 order by x.id nulls first, l.lot_no
""")  # noqa: S608
# without a moment the graph as it stands, else as it was known then
_REACHED = """
with reached as materialized (
  select case when cast(:as_of as timestamptz) is null then lots_below(cast(:down as bigint[])) else lots_below(cast(:down as bigint[]), :as_of) end as down,
         case when cast(:as_of as timestamptz) is null then lots_above(cast(:up as bigint[])) else lots_above(cast(:up as bigint[]), :as_of) end as up,
         lots_below(cast(:down as bigint[]), :opened) || lots_above(cast(:up as bigint[]), :opened) as early),
relative as (
  select x.lot_id, bool_or(x.down) as down, bool_or(not x.down) as up, not x.lot_id = any(select unnest(r.early) from reached r) as later
    from (select unnest(r.down) as lot_id, true as down from reached r union all select unnest(r.up), false from reached r) x
   group by x.lot_id)
"""
COUNTED = text(f"""
{_REACHED}
select l.status, count(*) as n, count(*) filter (where v.later) as later,
       count(*) filter (where exists (select from hold h where h.lot_id = l.id and h.lifted_at is null)) as held
  from relative v join lot l on l.id = v.lot_id group by l.status order by l.status
""")  # noqa: S608
RELATIVES = text(f"""
{_REACHED}
select l.lot_no, i.item_no, said(i.name, i.name_en) as item, l.quantity, l.uom, l.status, v.down, v.up, v.later,
       exists (select from hold h where h.lot_id = l.id and h.lifted_at is null) as held
  from relative v join lot l on l.id = v.lot_id join item i on i.id = l.item_id
 where cast(:after as text) is null or l.lot_no > :after order by l.lot_no limit :n
""")  # noqa: S608
ON_GOODS = f"""
select x.lot_id, c.capa_no as number, c.title, coalesce(c.title_en, c.title) as title_en, b.public_id::text as subject
  from capa c join subject b on b.id = c.subject_id
  join (
    select d.id as capa_id, n.lot_id
      from capa d join process_run r on r.subject_id = d.subject_id and r.parent_id is null
      join run_link k on k.run_id = r.id and k.role = '{CAUSE}' join nonconformance n on n.subject_id = k.subject_id
     where d.status = 'open' and n.lot_id is not null
    union
    select s.capa_id, s.lot_id from capa_scope s where s.ended_at is null and s.direction <> 'backward'
    union
    select s.capa_id, a.lot_id
      from (select u.capa_id, array_agg(u.lot_id) as lots from capa_scope u join capa d on d.id = u.capa_id and d.status = 'open'
             where u.ended_at is null and u.direction <> 'forward' group by u.capa_id) s
      cross join lateral unnest(lots_above(s.lots)) a (lot_id)
  ) x on x.capa_id = c.id
 where c.status = 'open'
"""  # noqa: S608
"""The batches that an open case is about and downwards of which it is: whoever has one of them above it is about it too."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Scope:
    """The queries of one case, and how many batches they reach, by state; `as_of` where it has ended."""

    roots: tuple[Row[Any], ...]
    counted: tuple[Row[Any], ...]
    as_of: datetime | None

    @property
    def total(self) -> int:
        """How many batches in all."""
        return sum(one.n for one in self.counted)

    @property
    def later(self) -> int:
        """How many of them have joined since the case was opened."""
        return sum(one.later for one in self.counted)


def of(session: Session, capa: int, opened_at: datetime, closed_at: datetime | None) -> Scope:
    """The queries of a case, and what they reach."""
    ask = session.connection().execute
    roots = tuple(ask(ROOTS, {"capa": capa}).all())
    counted = tuple(ask(COUNTED, _asked(roots, opened_at, closed_at)).all()) if roots else ()
    return Scope(roots=roots, counted=counted, as_of=closed_at)


def relatives(
    session: Session, scope: Scope, opened_at: datetime, *, after: str | None = None, limit: int = 200
) -> Sequence[Row[Any]]:
    """The batches themselves by number, from the one after `after` on."""
    if not scope.roots:
        return ()
    given = {**_asked(scope.roots, opened_at, scope.as_of), "after": after, "n": limit}
    return session.connection().execute(RELATIVES, given).all()


def _asked(roots: Sequence[Row[Any]], opened_at: datetime, as_of: datetime | None) -> dict[str, Any]:
    return {
        "down": sorted({one.lot_id for one in roots if one.direction != "backward"}),
        "up": sorted({one.lot_id for one in roots if one.direction != "forward"}),
        "opened": opened_at,
        "as_of": as_of,
    }


def add(session: Session, capa: Capa, lot_no: str, direction: rules.Way, reason: str, by: By, now: datetime) -> str:
    """A batch and a direction that the case, locked, is about from now on; the number of the batch."""
    rules.check_scope(capa.capa_no, capa.status, reason)
    lot = lots.get(session, lot_no)
    known = session.exec(_standing(capa, lot.id)).first()
    if known is not None:
        raise rules.IN_SCOPE(number=capa.capa_no, lot=lot.lot_no)
    row = CapaScope(
        capa_id=capa.id,
        lot_id=lot.id,
        direction=direction,
        reason=reason.strip(),
        added_by_id=by.person_id,
        added_at=now,
    )
    session.add(row)
    session.flush()
    return lot.lot_no


def end(session: Session, capa: Capa, lot_no: str, reason: str, by: By, now: datetime) -> str:
    """What people have added is taken out again with a reason; the batch of a finding that it is for stays."""
    rules.check_scope(capa.capa_no, capa.status, reason)
    lot = lots.get(session, lot_no)
    row = session.exec(_standing(capa, lot.id)).first()
    if row is None:
        raise rules.NOT_IN_SCOPE(number=capa.capa_no, lot=lot_no[:80])
    row.ended_by_id, row.ended_at, row.end_reason = by.person_id, now, reason.strip()
    session.add(row)
    session.flush()
    return lot.lot_no


def _standing(capa: Capa, lot: int) -> Any:
    return select(CapaScope).where(
        CapaScope.capa_id == capa.id,
        CapaScope.lot_id == lot,
        CapaScope.ended_at == None,  # noqa: E711 - SQL
    )
