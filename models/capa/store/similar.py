"""Cases that are like another: proposed by what the record says they have in common, confirmed by people (REQUIREMENTS 44; STANDARDS P 52)."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session

from models.capa import rules
from models.capa.store.cases import CAUSE
from models.definition.document import Text
from models.kernel.store.days import ZONE
from models.process import kinds
from models.process.fact import tell as facts
from models.process.messages.process import By
from models.process.store import runs

SIMILAR = "similar"
"""The role of a case that is like another, in the links of its run."""
CONFIRMED = "case.similar"
MOST = 10
_GOODS = """
select n.id, n.subject_id, n.lot_id, n.code, n.cause_class, n.operation_run_id, n.opened_at, l.lot_no,
       coalesce(l.item_id, n.item_id) as item_id, coalesce(l.supplier_id, n.supplier_id) as supplier_id
  from nonconformance n left join lot l on l.id = n.lot_id
"""
_WORK = """
select x.id, r.id as run_id, r.started_at from {of} x
  join operation_run r on r.id = x.operation_run_id or (x.operation_run_id is null and r.lot_id = x.lot_id)
"""
_WEIGHTS = ", ".join(f"('{name}', {much})" for name, much in rules.ALIKE.items())
PROPOSED = text(f"""
with mine as materialized ({_GOODS} where n.subject_id = any(cast(:findings as bigint[]))),
goods as (select item_id, supplier_id from mine union select c.item_id, c.supplier_id from capa c where c.subject_id = :about),
other as materialized ({_GOODS} where not exists (select from mine m where m.subject_id = n.subject_id)
   and n.opened_at > :now - interval '2 years' and n.opened_at <= :now),
done as materialized ({_WORK.format(of="mine")}), done_other as materialized ({_WORK.format(of="other")}),
alike (subject_id, reason, detail) as (
  select o.subject_id, 'lot', o.lot_no from mine m join other o on o.lot_id = m.lot_id
  union select o.subject_id, 'mode', '' from mine m join other o on o.code = m.code
  union select o.subject_id, 'cause', o.cause_class from mine m join other o on o.cause_class = m.cause_class
  union select o.subject_id, 'supplier', said(s.name, s.name_en) from goods g join other o on o.supplier_id = g.supplier_id
          join supplier s on s.id = o.supplier_id
  union select o.subject_id, 'item', i.item_no from goods g join other o on o.item_id = g.item_id join item i on i.id = o.item_id
  union select o.subject_id, 'machine', e.equipment_no
          from done d join operation_equipment a on a.operation_run_id = d.run_id join operation_equipment b on b.equipment_id = a.equipment_id
          join done_other t on t.run_id = b.operation_run_id join other o on o.id = t.id join equipment e on e.id = a.equipment_id
  union select o.subject_id, 'shift', said(p.name, p.name_en)
          from done d join operation_person a on a.operation_run_id = d.run_id join operation_person b on b.person_id = a.person_id
          join done_other t on t.run_id = b.operation_run_id
           and to_char(t.started_at at time zone {ZONE}, 'YYYY-MM-DD') = to_char(d.started_at at time zone {ZONE}, 'YYYY-MM-DD')
          join other o on o.id = t.id join person p on p.id = a.person_id),
-- a CAPA is like it by the findings that it is for
found as (
  select * from alike
  union select r.subject_id, f.reason, f.detail from alike f join run_link k on k.subject_id = f.subject_id and k.role = '{CAUSE}'
          join process_run r on r.id = k.run_id and r.parent_id is null join capa c on c.subject_id = r.subject_id
         where r.subject_id <> :about),
linked as (
  select k.subject_id as other, k.role from run_link k join process_run r on r.id = k.run_id where r.subject_id = :about
  union select r.subject_id, k.role from run_link k join process_run r on r.id = k.run_id where k.subject_id = :about),
scored as (
  select f.subject_id, sum(w.much) as score,
         jsonb_agg(jsonb_build_array(f.reason, f.details) order by w.much desc, f.reason) as reasons
    from (select subject_id, reason, string_agg(distinct detail, ', ') as details from found group by subject_id, reason) f
    join (values {_WEIGHTS}) w (reason, much) on w.reason = f.reason group by f.subject_id)
select b.id as key, b.public_id as subject, b.kind, b.number, said(b.title, b.title_en) as title, b.opened_at, s.reasons,
       exists (select from linked l where l.other = b.id and l.role = '{SIMILAR}') as confirmed
  from scored s join subject b on b.id = s.subject_id
 where s.score >= {rules.LIKELY} and not exists (select from linked l where l.other = b.id and l.role = '{CAUSE}')
 order by confirmed desc, s.score desc, b.opened_at desc, b.id desc limit {MOST}
""")  # noqa: S608 - our own words
CAUSES = text(f"""
select k.subject_id from run_link k join process_run r on r.id = k.run_id and r.parent_id is null
 where r.subject_id = :about and k.role = '{CAUSE}'
""")  # noqa: S608
NAMED = text(
    "select s.id, s.kind, s.number, s.public_id as subject, said(s.title, s.title_en) as title from subject s where s.number = :number and s.kind in ('capa', 'nonconformance')"
)
RUN = text("""
select coalesce((select max(r.id) from process_run r where r.subject_id = :about and r.parent_id is null),
                (select n.run_id from nonconformance n where n.subject_id = :about))
""")
LINKED = text("""
select exists (select from run_link k join process_run r on r.id = k.run_id
                where k.role = :role and ((r.subject_id = :about and k.subject_id = :like) or (r.subject_id = :like and k.subject_id = :about)))
""")


@dataclass(frozen=True, kw_only=True, slots=True)
class Alike:
    """A case that is like another: by what (`rules.ALIKE`), of what each time; `confirmed` by somebody."""

    subject: UUID
    kind: str
    number: str
    title: str
    opened_at: datetime
    reasons: tuple[tuple[str, str], ...]
    confirmed: bool


def proposed(session: Session, about: int, now: datetime) -> tuple[Alike, ...]:
    """What is like the case of that subject, by most of what they have in common; what is tied to it as its cause isn't among it."""
    findings = _findings(session, about)
    rows = session.connection().execute(PROPOSED, {"about": about, "findings": list(findings), "now": now}).all()
    return tuple(_alike(one) for one in rows)


def _alike(row: Any) -> Alike:
    return Alike(
        subject=row.subject,
        kind=row.kind,
        number=row.number,
        title=row.title or "",
        opened_at=row.opened_at,
        reasons=tuple((str(name), str(detail or "")) for name, detail in row.reasons),
        confirmed=row.confirmed,
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class One:
    """One of two cases."""

    subject: UUID
    kind_title: Text
    number: str
    title: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Pair:
    """Two cases and what the record says they have in common."""

    two: tuple[One, ...]
    reasons: tuple[tuple[str, str], ...]


def pair(session: Session, number: str, like: str, now: datetime) -> Pair:
    """Two cases by their numbers; CAP-020 where there is none of a number."""
    rows = [_named(session, one) for one in (number, like)]
    found = next((one for one in proposed(session, rows[0].id, now) if one.number == like), None)
    two = tuple(
        One(subject=one.subject, kind_title=kinds.about(one.kind).title, number=one.number, title=one.title or "")
        for one in rows
    )
    return Pair(two=two, reasons=found.reasons if found else ())


def _findings(session: Session, about: int) -> Collection[int]:
    """The findings that it is for; a finding is its own."""
    found: Sequence[int] = session.connection().execute(CAUSES, {"about": about}).scalars().all()
    return {about, *found}


def confirm(session: Session, number: str, like: str, because: str, by: By, now: datetime) -> dict[str, Any]:
    """Tie two cases as alike, once, and say by a fact who has looked and what they have in common."""
    about, other = _named(session, number), _named(session, like)
    if about.id == other.id:
        raise rules.ITSELF(number=number[:80])
    kind = kinds.about(about.kind)
    row = kind.lock(session, about.id)
    ask = session.connection().execute
    if ask(LINKED, {"about": about.id, "like": other.id, "role": SIMILAR}).scalar_one():
        raise rules.LINKED(number=number[:80], like=like[:80])
    found = next((one for one in proposed(session, about.id, now) if one.number == like), None)
    run = ask(RUN, {"about": about.id}).scalar_one()
    if run is None:
        raise rules.NO_RUN(number=number[:80])
    runs.link(session, run, other.id, SIMILAR)
    reasons = ", ".join(name for name, _ in found.reasons) if found else ""
    said = {"number": number, "like": like, "by": reasons, "because": because.strip()[:400]}
    facts.tell(session, row, CONFIRMED, by, now, said, once=like, run=run, held=True)
    return {"number": number, "like": like, "subject": str(about.subject)}


def _named(session: Session, number: str) -> Any:
    row = session.connection().execute(NAMED, {"number": number}).first()
    if row is None:
        raise rules.NO_CASE(number=number[:80])
    return row
