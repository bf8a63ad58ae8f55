"""The legal deadlines of a recall as tasks: begun before a deadline ends, escalated when it is missed, ended when it is met.

The recall's workflow carries the timers, also after the recall has closed; the record says which moments are still to come,
so that a timer that fires twice, or late, or after the report was filed, does nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session, col, select

from models.kernel.store.act import now as moment
from models.kernel.tables import Outbox
from models.process.messages.process import By
from models.process.messages.timer import Timer
from models.process.store import runs
from models.process.tables.process import HumanTask, ProcessRun
from models.recall.rules import duties as rules
from models.recall.tables.recall import Recall, RecallDeadline

KEY = rules.KEY
RUN = text("""
update process_run set version = version + 1
 where recall_id = :recall and workflow_id = 'recall/' || :number returning id
""")
WAITING = text("""
select r.workflow_id from recall c join process_run r on r.recall_id = c.id and r.workflow_id = 'recall/' || c.recall_no
 where c.status = 'closed' and c.mode = 'recall' and exists (
   select from recall_deadline d where d.recall_id = c.id and d.met_at is null and d.missed_at is null) order by r.id
""")
OPENED_BY = text("""
select p.id from person p join recall c on c.opened_by_id = p.id where c.id = :recall and p.active and exists (
  select from role_grant g where g.person_id = p.id and g.role = :role and g.revoked_at is null
     and (g.valid_until is null or g.valid_until > now()))
""")
TASKS = text("""
select d.id as deadline, t.public_id as task, t.status, t.role, coalesce(said(p.name, p.name_en), said(q.name, q.name_en)) as who,
       t.form ->> 'explanation' as explanation
  from recall_deadline d join human_task t on t.run_id = d.run_id
  left join person p on p.id = t.done_by_id left join person q on q.id = t.assignee_id
 where d.recall_id = :recall order by d.id
""")


@dataclass(frozen=True, kw_only=True, slots=True)
class Duty:
    """The task of a deadline: whose it is, or what was said about it."""

    task: UUID
    status: str
    role: str
    who: str | None
    explanation: str | None


def timers(session: Session, recall: Recall) -> list[Timer]:
    """The moments that are still to come; none of a deadline that is met, of a withdrawn recall, or of a drill.

    Drills of before have deadlines on record, which nobody has to meet.
    """
    if _binds_nobody(recall):
        return []
    rows = session.exec(
        select(RecallDeadline)
        .where(RecallDeadline.recall_id == recall.id, col(RecallDeadline.met_at).is_(None))
        .order_by(col(RecallDeadline.due_at), col(RecallDeadline.id))
    ).all()
    return [
        Timer(stage=f"{row.rule_key} #{row.id}", at=at, level=level, to_role=rules.TO[level], deadline=row.id)
        for row in rows
        for level, at in rules.moments(row.event_at, row.due_at)
        if (row.warned_at if level == rules.BEFORE else row.missed_at) is None
    ]


def _binds_nobody(recall: Recall) -> bool:
    return recall.status == "withdrawn" or recall.mode == "drill"


def waiting(session: Session) -> list[str]:
    """The workflows of closed recalls whose legal deadlines still run: a report may be due long after the closing."""
    return list(session.connection().execute(WAITING).scalars())


def moment_of(session: Session, recall: Recall, deadline: int, level: int) -> datetime | None:
    """When that moment of that deadline of this recall comes; None where it has no such one."""
    row = session.get(RecallDeadline, deadline)
    if row is None or row.recall_id != recall.id:
        return None
    return dict(rules.moments(row.event_at, row.due_at)).get(level)


def fire(session: Session, recall: Recall, deadline: int, level: int, by: By, now: datetime) -> bool:
    """A moment of a deadline has come; answers whether it was still to come.  The recall is locked."""
    row = session.get_one(RecallDeadline, deadline, with_for_update=True, populate_existing=True)
    done = row.warned_at if level == rules.BEFORE else row.missed_at
    if row.recall_id != recall.id or row.met_at is not None or done is not None or _binds_nobody(recall):
        return False
    task = _task(session, recall, row, by, now)
    if level == rules.AT:
        row.missed_at = now
        task.escalation_level, task.escalated_to = rules.AT, rules.TO[rules.AT]
        task.assignee_id = task.assignee_id or _owner(session, recall, task)
        task.claimed_at = task.claimed_at or (now if task.assignee_id else None)
        session.add(task)
    row.warned_at = row.warned_at or now
    session.add(row)
    session.flush()
    told(session, recall)
    fact = "recall.deadline_missed" if level == rules.AT else "recall.deadline_near"
    session.add(Outbox(fact=fact, payload={"recall": recall.recall_no, "deadline": row.rule_key}))
    session.flush()
    return True


def met(session: Session, recall: Recall, rows: Sequence[RecallDeadline]) -> None:
    """These deadlines are met, in time or late: nobody has to do anything about them any more."""
    _end(session, recall, [row.run_id for row in rows if row.run_id is not None], "met", moment(session))


def cancel(session: Session, recall: Recall, reason: str, now: datetime) -> None:
    """The recall is withdrawn: nothing is to be reported of it."""
    rows = session.exec(select(RecallDeadline.run_id).where(RecallDeadline.recall_id == recall.id)).all()
    _end(session, recall, [run_id for run_id in rows if run_id is not None], reason, now)


def tasks(session: Session, recall_id: int) -> dict[int, Duty]:
    """Whose each deadline is that came near or was missed, by its key; one statement."""
    rows = session.connection().execute(TASKS, {"recall": recall_id}).mappings()
    return {row["deadline"]: Duty(**{name: value for name, value in row.items() if name != "deadline"}) for row in rows}


def told(session: Session, recall: Recall) -> int | None:
    """The recall's run is newer than its workflow knows; answers the run."""
    given = {"recall": recall.id, "number": recall.recall_no}
    found: int | None = session.connection().execute(RUN, given).scalar()
    return found


def changed(session: Session, recall: Recall) -> None:
    """Deadlines began or were met beside the recall's workflow: it looks at the record again."""
    run = told(session, recall)
    if run is not None:
        session.add(Outbox(fact="process.changed", payload={"run": run, "recall": recall.recall_no}))
        session.flush()


def of_run(session: Session, run_id: int) -> RecallDeadline:
    """The deadline behind a task's run."""
    return session.exec(select(RecallDeadline).where(RecallDeadline.run_id == run_id)).one()


def check(session: Session, run_id: int, form: dict[str, Any]) -> None:
    """Refuse to explain what isn't missed, or by nothing."""
    rules.check(form, missed=of_run(session, run_id).missed_at is not None)


def _task(session: Session, recall: Recall, row: RecallDeadline, by: By, now: datetime) -> HumanTask:
    """The open task of a deadline; begun with a process of its own where there is none."""
    if row.run_id is not None:
        found = session.exec(
            select(HumanTask)
            .where(HumanTask.run_id == row.run_id, HumanTask.status == "open")
            .with_for_update()
            .execution_options(populate_existing=True)
        ).first()
        if found is not None:
            return found
    run = runs.begin(session, KEY, recall, by, now, workflow_id=f"deadline/{recall.recall_no}/{row.id}")
    row.run_id = run.row.id
    session.add(Outbox(fact="process.begun", payload={"run": run.row.id, "recall": recall.recall_no}))
    task = session.exec(select(HumanTask).where(HumanTask.run_id == run.row.id)).one()
    task.due_at = row.due_at
    session.add(task)
    session.flush()
    return task


def _owner(session: Session, recall: Recall, task: HumanTask) -> int | None:
    """Whose a missed deadline is: who opened the recall, while they still have the role; else it is the role's."""
    given = {"recall": recall.id, "role": task.role}
    found: int | None = session.connection().execute(OPENED_BY, given).scalar()
    return found


def _end(session: Session, recall: Recall, run_ids: Sequence[int], reason: str, now: datetime) -> None:
    rows = session.exec(
        select(ProcessRun)
        .where(col(ProcessRun.id).in_(run_ids), ProcessRun.status == "running")
        .order_by(col(ProcessRun.id))
    ).all()
    for row in rows:
        runs.cancel(session, runs.load(session, row.id, lock=True), reason, now)
        session.add(Outbox(fact="process.cancelled", payload={"run": row.id, "recall": recall.recall_no}))
    session.flush()
