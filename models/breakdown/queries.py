"""A breakdown with its reports and batches, and how long equipment was out of use, as pages and the API read it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, text
from sqlmodel import Session

from models.breakdown import rules
from models.breakdown.rules import Out

SELECT = """
select d.id, d.breakdown_no as number, b.public_id as subject, d.subject_id as subject_key, d.status, d.title, d.title_en, e.equipment_no,
       said(e.name, e.name_en) as equipment, m.public_id as machine, d.happened_at, d.reported_at, d.found, d.done, d.repairer, d.repaired_at, d.again,
       d.ended_at, said(w.name, w.name_en) as ended_by, coalesce(d.ended_at, now()) - d.happened_at as out,
       (select count(*) from breakdown_lot l where l.breakdown_id = d.id) as lots
  from breakdown d join subject b on b.id = d.subject_id join equipment e on e.id = d.equipment_id join subject m on m.id = e.subject_id
  left join person w on w.id = d.ended_by_id
"""
OF_SUBJECT = text(f"{SELECT} where d.subject_id = :subject")
OF_NUMBER = text(f"{SELECT} where d.breakdown_no = :number")
OF_MACHINE = text(f"{SELECT} where e.subject_id = :subject order by d.id desc limit :n")
PAGE = text(
    f"{SELECT} where (cast(:status as text) is null or d.status = :status) and (cast(:after as bigint) is null or d.id < :after)"
    " order by d.id desc limit :n"
)
TIMES = text("""
select d.happened_at, case d.status when 'back' then d.ended_at end as until
  from breakdown d join equipment e on e.id = d.equipment_id where e.subject_id = :subject
""")
REPORTS = text("""
select r.said, r.happened_at, r.reported_at, said(p.name, p.name_en) as by from breakdown_report r join person p on p.id = r.reported_by_id
 where r.breakdown_id = :id order by r.id
""")
LOTS = text("""
select l.lot_no, i.item_no, said(i.name, i.name_en) as item, x.because, n.nonconformance_no as nonconformance, s.public_id as finding, n.status as decided,
       exists (select from hold h where h.lot_id = l.id and h.lifted_at is null) as held
  from breakdown_lot x join lot l on l.id = x.lot_id join item i on i.id = l.item_id join nonconformance n on n.id = x.nonconformance_id
  join subject s on s.id = n.subject_id where x.breakdown_id = :id order by l.lot_no
""")
UNDER_WAY = text("""
select l.lot_no, w.work_order_no, said(i.name, i.name_en) as item, said(s.title_zh, s.title_en) as step
  from equipment e join routing_step s on s.equipment_kind = e.kind join work_order w on w.id = s.work_order_id and w.status = 'open'
  join lot l on l.id = w.lot_id and l.status = 'in_process' join item i on i.id = l.item_id
 where e.equipment_no = :number and s.seq = (
   select min(t.seq) from routing_step t where t.work_order_id = w.id and not exists (
     select from operation_run r where r.work_order_id = w.id and r.seq = t.seq and r.run_no >= coalesce((w.extra ->> 'cycle')::int, 1)))
 order by l.lot_no limit :n
""")
"""Batches whose next step asks for a machine of its kind: who stands at it says which of them lie on it."""
NUMBER = text("select equipment_no from equipment where subject_id = :subject")
MOST, OFFERED = 20, 12
WINDOW = timedelta(days=365)


@dataclass(frozen=True, kw_only=True, slots=True)
class Case:
    """A breakdown with what was told of it and the batches that were under way."""

    head: Row[Any]
    reports: tuple[Row[Any], ...]
    lots: tuple[Row[Any], ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class OfMachine:
    """The newest breakdowns of equipment, how many there were in the last year, and how long it was out of use then."""

    newest: tuple[Row[Any], ...]
    times: int
    out: timedelta


def of_subject(session: Session, subject: int) -> Case:
    """The breakdown of a subject, by its key."""
    return _case(session, session.connection().execute(OF_SUBJECT, {"subject": subject}).one())


def of_number(session: Session, number: str) -> Case:
    """The breakdown of that number; EQP-405 where there is none."""
    head = session.connection().execute(OF_NUMBER, {"number": number}).one_or_none()
    if head is None:
        raise rules.UNKNOWN(number=number[:80])
    return _case(session, head)


def _case(session: Session, head: Row[Any]) -> Case:
    ask = session.connection().execute
    return Case(
        head=head, reports=tuple(ask(REPORTS, {"id": head.id}).all()), lots=tuple(ask(LOTS, {"id": head.id}).all())
    )


def of_machine(session: Session, subject: int, now: datetime) -> OfMachine:
    """What the page of a machine says of its breakdowns."""
    ask = session.connection().execute
    newest = tuple(ask(OF_MACHINE, {"subject": subject, "n": MOST}).all())
    since = now - WINDOW
    times = [Out(one.happened_at, one.until) for one in ask(TIMES, {"subject": subject})]
    return OfMachine(
        newest=newest,
        times=sum(one.until is None or one.until > since for one in times),
        out=rules.out_of_use(times, since, now),
    )


def page(session: Session, *, status: str | None, after: int | None, n: int) -> tuple[Row[Any], ...]:
    """Breakdowns, the newest first."""
    return tuple(session.connection().execute(PAGE, {"status": status, "after": after, "n": n}).all())


def under_way(session: Session, equipment_no: str) -> tuple[Row[Any], ...]:
    """Batches that may lie on it now, for whoever reports it."""
    return tuple(session.connection().execute(UNDER_WAY, {"number": equipment_no, "n": OFFERED}).all())


def number_of(session: Session, subject: int) -> str:
    """The number of the machine of a subject."""
    number: str = session.connection().execute(NUMBER, {"subject": subject}).scalar_one()
    return number
