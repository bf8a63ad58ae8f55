"""What an approved change has people do and read: planned with it, each a run of its own, done by a signature (ISO 13485 7.3.9, 6.2).

They stand beside the run of the change and not within it: batches are decided on while people still work, and whoever withdraws the change
ends what isn't done.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import text
from sqlmodel import Session, col, select

from models.change import rules
from models.change.rules import Planned
from models.change.tables import Change, ChangeTask
from models.definition import store as definitions
from models.kernel.tables import Outbox
from models.kernel.time.moments import plant_day
from models.lot.store import lots
from models.process.fact import tell as facts
from models.process.messages.process import By
from models.process.store import runs
from models.process.tables.process import ProcessRun

DONE = "change.task_done"
PEOPLE = text("""
select p.public_id::text as person, p.id, p.name,
       (select r.role from unnest(cast(:roles as text[])) with ordinality r (role, at) where held_role(p.id, r.role, now()) order by r.at limit 1) as role
  from person p where p.public_id::text = any(cast(:people as text[]))
""")
OPEN = text("""
select t.kind, t.title, p.name
  from change_task t join person p on p.id = t.owner_id
 where t.change_id = :change and t.done_at is null and (t.kind = 'task' or p.active) order by t.number
""")
"""Whoever doesn't work here any more needn't be trained."""
CARRIED_OUT = text("""
select t.number, t.kind, t.title, t.changes, t.due, o.name as owner, d.name as done_by, t.done_at, h.form
  from change_task t join person o on o.id = t.owner_id left join person d on d.id = t.done_by_id
  left join human_task h on h.run_id = t.run_id and h.status = 'done'
 where t.change_id = :change order by t.number
""")


def read(session: Session, form: Mapping[str, Any]) -> list[Planned]:
    """The tasks and trainings that a form plans, with the role by which each person takes part: the first that the process asks for."""
    rows = [(rules.TASK, one, one["owner"]) for one in form.get("tasks") or ()]
    rows += [(rules.TRAINING, one, one["person"]) for one in form.get("training") or ()]
    known = {key: _people(session, key, [who for process, _, who in rows if process == key]) for key in rules.WORK}
    return [
        Planned(
            process=process,
            title=str(one["title"]).strip(),
            changes=str(one.get("changes") or "").strip(),
            person=who,
            person_id=known[process][who].id,
            name=known[process][who].name,
            role=known[process][who].role,
            due=date.fromisoformat(one["due"]),
        )
        for process, one, who in rows
    ]


def _people(session: Session, process: str, people: Sequence[str]) -> Mapping[str, Any]:
    if not people:
        return {}
    definition = definitions.by_key(session, definitions.effective(session, process))
    roles = list(dict.fromkeys(stage.role for stage in definition.stages if stage.role is not None))
    return {one.person: one for one in session.connection().execute(PEOPLE, {"roles": roles, "people": list(people)})}


def check(session: Session, form: Mapping[str, Any], now: datetime) -> list[Planned]:
    """The plan of a form, refused where it can't be carried out."""
    planned = read(session, form)
    rules.check_planned(planned, plant_day(now, lots.site_zone(session)))
    return planned


def give(session: Session, row: Change, planned: Sequence[Planned], by: By, now: datetime) -> int:
    """Give everybody what is theirs: a row each, and a run with a task; answers how many."""
    last = session.exec(
        select(ChangeTask.number).where(ChangeTask.change_id == row.id).order_by(col(ChangeTask.number).desc())
    ).first()
    for number, one in enumerate(planned, start=(last or 0) + 1):
        run = runs.begin(
            session,
            one.process,
            row,
            by,
            now,
            workflow_id=f"{one.process}/{row.change_no}/{number}",
            facts={
                "item.title": one.title,
                "item.changes": one.changes,
                "item.owner": one.person,
                "item.role": one.role or "",
                "item.due": one.due.isoformat(),
            },
        )
        session.add(
            ChangeTask(
                change_id=row.id,
                number=number,
                kind=rules.WORK[one.process],
                title=one.title,
                changes=one.changes,
                owner_id=one.person_id,
                due=one.due,
                run_id=run.row.id,
                planned_at=now,
            )
        )
        session.add(Outbox(fact="process.begun", payload={"run": run.row.id}))
    session.flush()
    return len(planned)


def of_run(session: Session, run_id: int) -> ChangeTask:
    """What the run is for."""
    return session.exec(select(ChangeTask).where(ChangeTask.run_id == run_id)).one()


def done(session: Session, row: Change, run_id: int, by: By, now: datetime) -> dict[str, Any]:
    """It is done, or read and understood, by whoever has just signed."""
    task = of_run(session, run_id)
    task.done_at, task.done_by_id = now, by.person_id
    session.add(task)
    session.flush()
    told = {"number": row.change_no, "task": task.title[:200], "kind": task.kind}
    facts.tell(session, row, DONE, by, now, told, once=f"{row.change_no}/{task.number}", run=run_id, held=True)
    return {"number": row.change_no, "task": task.number}


def undone(session: Session, row: Change, kind: str) -> list[str]:
    """What isn't done, by its title; of trainings by whose it is."""
    found = session.connection().execute(OPEN, {"change": row.id})
    return [one.title if kind == "task" else one.name for one in found if one.kind == kind]


def doers(session: Session, row: Change) -> set[int]:
    """Who has done one of its tasks; a training is none."""
    query = select(ChangeTask.done_by_id).where(ChangeTask.change_id == row.id, ChangeTask.kind == "task")
    return {one for one in session.exec(query) if one is not None}


def any_of(session: Session, row: Change) -> bool:
    """Whether anything was planned; a process of before the plan has nothing."""
    return session.exec(select(ChangeTask.id).where(ChangeTask.change_id == row.id).limit(1)).first() is not None


def carried_out(session: Session, row: Change) -> Iterator[dict[str, Any]]:
    """All that was planned, with who did it and what they say of it, as a signature is over it."""
    for one in session.connection().execute(CARRIED_OUT, {"change": row.id}):
        yield {
            "task" if one.kind == "task" else "training": one.title,
            **({"changes": one.changes} if one.changes else {}),
            "owner": one.owner,
            "due": one.due.isoformat(),
            "done_by": one.done_by or "",
            "done_at": one.done_at.isoformat() if one.done_at else "",
            **(one.form or {}),
        }


def cancel(session: Session, row: Change, reason: str, now: datetime) -> int:
    """Nobody does it any more; answers how many were open.  The workflows that follow them are told to end."""
    query = (
        select(ProcessRun.id)
        .join(ChangeTask, col(ChangeTask.run_id) == ProcessRun.id)
        .where(ChangeTask.change_id == row.id, ProcessRun.status == "running")
        .order_by(col(ProcessRun.id))
    )
    keys = session.exec(query).all()
    for key in keys:
        runs.cancel(session, runs.load(session, key, lock=True), reason, now)
        session.add(Outbox(fact="process.cancelled", payload={"run": key}))
    session.flush()
    return len(keys)
