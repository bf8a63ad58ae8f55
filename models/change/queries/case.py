"""A change as it is read: the request, what it touches, and the batches that it paused."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, text
from sqlmodel import Session

from models.change import rules
from models.change.store import impact
from models.change.tables import Change, ChangeImpact

HEAD = """
select c.id, c.change_no as number, b.public_id as subject, c.status, c.title, c.title_en, c.reason, c.kind, c.target, c.also, c.first_step,
       c.first_seq, c.opened_at, said(p.name, p.name_en) as opened_by, c.approved_at, said(a.name, a.name_en) as approved_by,
       c.verified_at, said(v.name, v.name_en) as verified_by, c.effective_at, c.effective_batch, said(e.name, e.name_en) as effective_by,
       c.closed_at, c.ends_on, c.ends_at, c.most_batches, c.ended_at, c.ended_by, change_made(c.id) as made,
       (select o.change_no from change o where o.id = c.permanent_of_id) as permanent_of,
       (select o.change_no from change o where o.permanent_of_id = c.id order by o.id desc limit 1) as made_permanent_by, c.happened_at, said(h.name, h.name_en) as happened_by, c.happened, c.urgent, c.decide_by,
       said(o.name, o.name_en) as owner,
       (select count(*) from lot l where c.effective_at is not null and l.created_at >= c.effective_at
           and l.id = any(array(select change_touches(c.id, null))) and change_runs_so(c.id, l.id)) as governed,
       (select r.public_id from process_run r where r.subject_id = c.subject_id order by r.id limit 1) as run
  from change c join subject b on b.id = c.subject_id join person p on p.id = c.opened_by_id
  left join person a on a.id = c.approved_by_id left join person o on o.id = b.owner_id
  left join person h on h.id = c.happened_by_id
  left join person v on v.id = c.verified_by_id left join person e on e.id = c.effective_by_id
"""
OF_SUBJECT = text(f"{HEAD} where c.subject_id = :subject")
OF_NUMBER = text(f"{HEAD} where c.change_no = :number")
BATCHES = text("""
select l.lot_no, l.status, k.step, k.seq, k.locked_at, k.decision, k.decided_at, said(p.name, p.name_en) as decided_by, k.reason, k.freed_at
  from change_lock k join lot l on l.id = k.lot_id left join person p on p.id = k.decided_by_id
 where k.change_id = :change order by k.decided_at is not null or k.freed_at is not null, l.lot_no
""")
TASKS = text("""
select t.number, t.kind, t.title, t.changes, said(o.name, o.name_en) as owner, t.due, t.done_at, said(d.name, d.name_en) as done_by, h.public_id as task
  from change_task t join person o on o.id = t.owner_id left join person d on d.id = t.done_by_id
  left join lateral (select h.public_id from human_task h where h.run_id = t.run_id order by h.id desc limit 1) h on true
 where t.change_id = :change order by t.done_at is not null, t.number
""")
EXTENSIONS = text("""
select e.number, e.from_day, e.to_day, e.from_batches, e.to_batches, e.reason, said(a.name, a.name_en) as asked_by,
       said(p.name, p.name_en) as approved_by, e.approved_at
  from change_extension e join person a on a.id = e.asked_by_id join person p on p.id = e.approved_by_id
 where e.change_id = :change order by e.number
""")
SO = text("""
select c.change_no as number, c.title, coalesce(c.title_en, c.title) as title_en, s.public_id as subject, c.ends_on, c.most_batches, c.ended_at
  from change c join subject s on s.id = c.subject_id
 where num_nonnulls(c.ends_at, c.most_batches) > 0 and c.effective_at is not null and change_runs_so(c.id, :lot)
   and exists (select from change_touches(c.id, array[:lot])) order by c.id
""")


@dataclass(frozen=True, kw_only=True, slots=True)
class Case:
    """All of it; of `batches` those that wait for a decision stand first, of `tasks` those that aren't done."""

    head: Row[Any]
    impact: ChangeImpact | None
    batches: tuple[Row[Any], ...]
    tasks: tuple[Row[Any], ...]
    extensions: tuple[Row[Any], ...] = ()

    @property
    def undecided(self) -> int:
        """How many batches wait for a decision."""
        return sum(one.decided_at is None and one.freed_at is None for one in self.batches)


def of_subject(session: Session, subject: int) -> Case:
    """The change of a subject, by its key."""
    return _case(session, session.connection().execute(OF_SUBJECT, {"subject": subject}).one())


def of_number(session: Session, number: str) -> Case:
    """The change of that number; CHG-404 where there is none."""
    head = session.connection().execute(OF_NUMBER, {"number": number}).one_or_none()
    if head is None:
        raise rules.UNKNOWN(number=number[:80])
    return _case(session, head)


def _case(session: Session, head: Row[Any]) -> Case:
    return Case(
        head=head,
        impact=impact.last(session, session.get_one(Change, head.id)),
        batches=tuple(session.connection().execute(BATCHES, {"change": head.id}).all()),
        tasks=tuple(session.connection().execute(TASKS, {"change": head.id}).all()),
        extensions=tuple(session.connection().execute(EXTENSIONS, {"change": head.id}).all()),
    )


def made_under(session: Session, lot_id: int) -> tuple[Row[Any], ...]:
    """The temporary changes under which the batch was made, whether they have ended since or not."""
    return tuple(session.connection().execute(SO, {"lot": lot_id}).all())
