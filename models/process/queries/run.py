"""One run of any process as it is read: its steps, tasks, signatures, subprocesses and moments, in a fixed number of statements."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session, select

from models.person.rules.auth import Principal
from models.process.messages.timer import Timer
from models.process.queries import facts as queries_facts
from models.process.queries import inbox as queries_tasks
from models.process.queries.facts import FactView
from models.process.queries.views import TaskView
from models.process.run import Run
from models.process.store import runs
from models.process.tables.process import ProcessRun
from models.process.tables.subject import Subject

KIN = text("""
select r.public_id as id, r.workflow_id, r.status, r.result, d.body::jsonb -> 'title' ->> 'zh' as zh,
       d.body::jsonb -> 'title' ->> 'en' as en, r.started_at, r.ended_at, r.id = :parent as above
  from process_run r join definition_version d on d.id = r.definition_id
 where r.parent_id = :run or r.id = :parent order by r.id
""")


FORMS = text("""
select t.stage, t.form, p.public_id as by from human_task t left join person p on p.id = t.done_by_id
 where t.run_id = :run and t.status = 'done' and t.form is not null order by t.id
""")


@dataclass(frozen=True, kw_only=True, slots=True)
class Kin:
    """A run that this one is part of (`above`), or that is part of it."""

    id: UUID
    workflow_id: str
    status: str
    result: str | None
    zh: str
    en: str
    started_at: datetime
    ended_at: datetime | None
    above: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class RunDetail:
    """A run with everything around it."""

    run: Run
    subject: UUID
    tasks: Sequence[TaskView]
    kin: Sequence[Kin]
    timers: Sequence[Timer]
    forms: Sequence[tuple[str, Mapping[str, Any], UUID | None]]
    """What each step that is done recorded: its key, its answers, who did it."""
    facts: tuple[FactView, ...]


def find(session: Session, key: UUID) -> Run:
    """The run of that public id."""
    row = session.exec(select(ProcessRun.id).where(ProcessRun.public_id == key)).first()
    if row is None:
        raise runs.UNKNOWN()
    return runs.load(session, row)


def detail(session: Session, principal: Principal, key: UUID) -> RunDetail:
    """Everything that its page shows to this person."""
    run = find(session, key)
    given: dict[str, Any] = {"run": run.row.id, "parent": run.row.parent_id}
    kin = [Kin(**row) for row in session.connection().execute(KIN, given).mappings()]
    running = run.row.status == "running"
    return RunDetail(
        run=run,
        subject=session.exec(select(Subject.public_id).where(Subject.id == run.row.subject_id)).one(),
        tasks=queries_tasks.of_run(session, principal, run.row.id),
        kin=kin,
        forms=[(row.stage, row.form, row.by) for row in session.connection().execute(FORMS, given)],
        facts=queries_facts.of_run(session, run.row.id),
        timers=sorted(runs.timers(session, run), key=lambda one: one.at) if running else (),
    )
