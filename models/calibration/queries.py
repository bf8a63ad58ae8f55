"""An instrument with its calibrations, and an assessment with its results, as pages and the API read them."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, text
from sqlmodel import Session

from models.calibration import rules

HEAD = """
select o.id, o.assessment_no as number, b.public_id as subject, o.subject_id as subject_key, o.status, o.title, o.title_en, o.instruments, o.lots,
       o.customers, o.counts, o.results, o.digest, o.opened_at, o.closed_at, e.equipment_no, said(w.name, w.name_en) as owner, c.performed_at, c.as_found,
       (select r.public_id from process_run r where r.subject_id = o.subject_id and r.parent_id is null order by r.id desc limit 1) as run,
       (select count(*) from out_of_tolerance_result x where x.assessment_id = o.id and x.decided_at is null) as undecided
  from out_of_tolerance o join subject b on b.id = o.subject_id join equipment e on e.id = o.equipment_id join calibration c on c.id = o.calibration_id
  left join person w on w.id = b.owner_id
"""
OF_SUBJECT = text(f"{HEAD} where o.subject_id = :subject")
OF_NUMBER = text(f"{HEAD} where o.assessment_no = :number")
RESULTS = text("""
select r.seq, l.lot_no, case when r.operation_run_id is null then 'result' else 'operation' end as kind, r.inspection_no, w.work_order_no,
       r.characteristic, r.characteristic_en, r.sample_no, coalesce(r.told, trim_scale(r.value)::text) as value, r.unit, r.passed, r.began_at,
       r.measured_at, e.equipment_no, r.decision, r.decided_at, said(p.name, p.name_en) as decided_by, r.reason, n.nonconformance_no as nonconformance
  from out_of_tolerance_result r join lot l on l.id = r.lot_id join equipment e on e.id = r.equipment_id
  left join operation_run o on o.id = r.operation_run_id left join work_order w on w.id = o.work_order_id
  left join person p on p.id = r.decided_by_id left join nonconformance n on n.id = r.nonconformance_id
 where r.assessment_id = :assessment and r.seq > :after and (not :open or r.decided_at is null)
 order by r.seq limit :n
""")
DECIDED = text("""
select r.decision, count(*) as n, count(distinct r.lot_id) as lots from out_of_tolerance_result r
 where r.assessment_id = :assessment and r.decision is not null group by r.decision
""")
TASK = text("""
select t.public_id, t.run_id, t.stage from human_task t where t.subject_id = :subject and t.status = 'open' order by t.id limit 1
""")
CALIBRATIONS = text("""
select c.performed_at, c.due_at, c.result, c.as_found, c.certificate, c.unit, c.readings, c.done_by, c.standard_good,
       coalesce(s.equipment_no, c.standard_said) as standard, c.standard_until, c.run_id is not null as signed, c.interval_months
  from calibration c join equipment e on e.id = c.equipment_id left join equipment s on s.id = c.standard_id
 where e.subject_id = :subject order by c.performed_at desc, c.id desc limit :n
""")
BLOCKS = text("""
select b.because, b.placed_at, b.lifted_at, b.doubted_since, b.doubted_until, o.assessment_no as number, o.status, x.public_id as subject, o.results
  from equipment_block b join equipment e on e.id = b.equipment_id
  left join out_of_tolerance o on o.calibration_id = b.calibration_id left join subject x on x.id = o.subject_id
 where e.subject_id = :subject order by b.placed_at desc, b.id desc limit :n
""")
NUMBER = text("select equipment_no from equipment where subject_id = :subject")
MOST = 20


@dataclass(frozen=True, kw_only=True, slots=True)
class Instrument:
    """Its calibrations and the times in which it was blocked, the newest first."""

    equipment_no: str
    calibrations: tuple[Row[Any], ...]
    blocks: tuple[Row[Any], ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Assessment:
    """What was found, and how many results are decided as what."""

    head: Row[Any]
    decided: tuple[Row[Any], ...]


def instrument(session: Session, subject: int) -> Instrument:
    """The instrument of a subject, by its key."""
    ask, given = session.connection().execute, {"subject": subject, "n": MOST}
    number = ask(NUMBER, given).scalar_one()
    return Instrument(
        equipment_no=number, calibrations=tuple(ask(CALIBRATIONS, given).all()), blocks=tuple(ask(BLOCKS, given).all())
    )


def of_subject(session: Session, subject: int) -> Assessment:
    """The assessment of a subject, by its key."""
    return _assessment(session, session.connection().execute(OF_SUBJECT, {"subject": subject}).one())


def of_number(session: Session, number: str) -> Assessment:
    """The assessment of that number; EQP-404 where there is none."""
    head = session.connection().execute(OF_NUMBER, {"number": number}).one_or_none()
    if head is None:
        raise rules.UNKNOWN(number=number[:80])
    return _assessment(session, head)


def results(
    session: Session, assessment: int, *, after: int = 0, limit: int, open_only: bool = False
) -> tuple[Row[Any], ...]:
    """Its results by number, a page at a time."""
    given = {"assessment": assessment, "after": after, "n": limit, "open": open_only}
    return tuple(session.connection().execute(RESULTS, given).all())


def open_task(session: Session, subject: int) -> Row[Any] | None:
    """The task in which something about it is decided now."""
    return session.connection().execute(TASK, {"subject": subject}).first()


def _assessment(session: Session, head: Row[Any]) -> Assessment:
    return Assessment(head=head, decided=tuple(session.connection().execute(DECIDED, {"assessment": head.id}).all()))
