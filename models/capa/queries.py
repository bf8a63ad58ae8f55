"""One CAPA as pages and the API read it: the case, its rounds with what was measured, the findings it is for, its extensions."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, text
from sqlmodel import Session

from models.capa import rules
from models.capa.store import scope
from models.capa.store.cases import CAUSE, EXTENDED

HEAD = """
select c.id, c.capa_no as number, b.public_id as subject, c.status, c.title, c.title_en, c.source, c.opened_at, c.closed_at, b.id as subject_key,
       i.item_no, said(i.name, i.name_en) as item, p.supplier_no, said(p.name, p.name_en) as supplier,
       said(o.name, o.name_en) as opened_by, said(w.name, w.name_en) as owner, r.id as run_key, r.public_id as run
  from capa c join subject b on b.id = c.subject_id
  left join item i on i.id = c.item_id left join supplier p on p.id = c.supplier_id
  left join person o on o.id = c.opened_by_id left join person w on w.id = b.owner_id
  left join process_run r on r.subject_id = c.subject_id and r.parent_id is null
"""
OF_SUBJECT = text(f"{HEAD} where c.subject_id = :subject")
OF_NUMBER = text(f"{HEAD} where c.capa_no = :number")
ROUNDS = text("""
select p.round, p.actions, p.measure, p.direction, p.limit_value as limit, p.least, p.characteristic, p.measure_on, p.fixed_at, p.verified_at,
       i.item_no, s.supplier_no, said(f.name, f.name_en) as fixed_by, said(a.name, a.name_en) as planned_by,
       m.since, m.until, m.value, m.observed, m.behind, m.result, m.measured_at
  from capa_plan p left join item i on i.id = p.item_id left join supplier s on s.id = p.supplier_id
  left join person f on f.id = p.fixed_by_id join person a on a.id = p.planned_by_id
  left join capa_measurement m on m.plan_id = p.id
 where p.capa_id = :capa order by p.round
""")
FINDINGS = text("""
select n.nonconformance_no as number, n.title, n.title_en, n.status, n.severity, n.cause_class, n.opened_at, b.public_id as subject, l.lot_no
  from run_link k join nonconformance n on n.subject_id = k.subject_id join subject b on b.id = n.subject_id
  left join lot l on l.id = n.lot_id
 where k.run_id = :run and k.role = :role order by n.opened_at, n.id
""")
# what is open, with the first step that each waits in (of a stage with tracks, that stage), and when the first of its tasks is due
BOARD = text("""
select b.public_id as subject, c.capa_no as number, said(c.title, c.title_en) as title, c.opened_at, said(w.name, w.name_en) as owner,
       r.definition_id, coalesce(split_part(r.state #>> '{open,0,tracks,0}', ':', 1), r.state #>> '{open,0,key}') as phase, t.due_at, t.who,
       (select case when bool_or(n.severity = 'critical') then 'critical' when bool_or(n.severity = 'major') then 'major' else min(n.severity) end
          from run_link k join nonconformance n on n.subject_id = k.subject_id where k.run_id = r.id and k.role = :role) as severity
  from capa c join subject b on b.id = c.subject_id join process_run r on r.subject_id = c.subject_id and r.parent_id is null
  left join person w on w.id = b.owner_id
  left join lateral (select min(x.due_at) as due_at, string_agg(distinct said(p.name, p.name_en), ', ') as who
                       from human_task x left join person p on p.id = x.assignee_id
                      where x.subject_id = c.subject_id and x.status = 'open') t on true
 where c.status = 'open' order by t.due_at nulls last, c.opened_at, c.id
""")
TIMELINE = text("""
select * from (
  select f.recorded_at as at, f.name as fact, f.values, null::text as stage, null::bigint as definition_id, null::text as outcome,
         null::uuid as task, said(p.name, p.name_en) as who, null::text as item
    from fact f left join person p on p.id = f.person_id where f.subject_id = :subject
  union all
  select t.done_at, null, null, t.stage, r.definition_id, t.outcome, t.public_id, said(p.name, p.name_en), r.state #>> '{facts,item.title}'
    from human_task t join process_run r on r.id = t.run_id left join person p on p.id = t.done_by_id
   where t.subject_id = :subject and t.status = 'done') x
 order by x.at desc, x.task nulls first limit :n
""")
MOST = 500
EXTENSIONS = text("select count(*) from fact where subject_id = :subject and name = :name")


@dataclass(frozen=True, kw_only=True, slots=True)
class Case:
    """All of it; `extensions` is how often an action was given more time, `scope` which batches it is about."""

    head: Row[Any]
    rounds: tuple[Row[Any], ...]
    findings: tuple[Row[Any], ...]
    extensions: int
    scope: scope.Scope


def of_subject(session: Session, subject: int) -> Case:
    """The case of a subject, by its key."""
    return _case(session, session.connection().execute(OF_SUBJECT, {"subject": subject}).one())


def of_number(session: Session, number: str) -> Case:
    """The case of that number; CAP-404 where there is none."""
    head = session.connection().execute(OF_NUMBER, {"number": number}).one_or_none()
    if head is None:
        raise rules.UNKNOWN(number=number[:80])
    return _case(session, head)


def board(session: Session) -> tuple[Row[Any], ...]:
    """Every open case with the step that it waits in, the soonest due first.  One statement."""
    return tuple(session.connection().execute(BOARD, {"role": CAUSE}).all())


def timeline(session: Session, subject: int) -> tuple[Row[Any], ...]:
    """What became true of it and what people did, the newest first."""
    return tuple(session.connection().execute(TIMELINE, {"subject": subject, "n": MOST}).all())


def _case(session: Session, head: Row[Any]) -> Case:
    ask = session.connection().execute
    said: Mapping[str, Any] = {"subject": head.subject_key, "name": EXTENDED}
    return Case(
        head=head,
        rounds=tuple(ask(ROUNDS, {"capa": head.id}).all()),
        findings=tuple(ask(FINDINGS, {"run": head.run_key, "role": CAUSE}).all()),
        scope=scope.of(session, head.id, head.opened_at, head.closed_at),
        extensions=ask(EXTENSIONS, said).scalar_one(),
    )
