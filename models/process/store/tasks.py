"""Take, give back, hand on, reassign a task, and keep its half-filled form (REQUIREMENTS 58, 87, 89; DESIGN 7).

Each is one conditional update: the row itself says whether it is still as the person saw it, so of two people who
claim at the same instant exactly one gets it and the other reads the name of the first.  Completing is not here: it
goes through the workflow.
"""

from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Session

from models.kernel.store.act import begin
from models.person.rules.auth import Principal
from models.person.store import people
from models.person.tables import Person
from models.process import task as rules
from models.process.queries import inbox as queries_tasks
from models.process.queries.reading import facts
from models.process.store import task_lock as tasks_lock
from models.process.tables.process import HumanTask

# `is not distinct from` the assignee we read: whoever commits first changes it, and the second update finds no row
ASSIGN = text(
    "update human_task set assignee_id = cast(:to as bigint),"
    " claimed_at = case when cast(:to as bigint) is null then null else now() end"
    " where id = :id and status = 'open' and assignee_id is not distinct from cast(:was as bigint) returning id"
)
DRAFT = text(
    "insert into task_draft (task_id, person_id, form) values (:task, :person, :form)"
    " on conflict (task_id, person_id) do update set form = excluded.form, saved_at = now()"
).bindparams(bindparam("form", type_=JSONB))


def claim(session: Session, principal: Principal, task_id: UUID, *, source_ref: str = "") -> None:
    """Make the task mine; doing it again changes nothing.  A claim of somebody whose role has run out is none."""
    row = queries_tasks.row(session, task_id)
    if row.assignee_id not in {None, principal.person_id} and people.give_back(session, task_id=row.id):
        row = queries_tasks.row(session, task_id)
    acting = rules.acting_for(principal, _facts(session, row))
    if acting is not None:
        begin(session, people.actor_of(principal, on_behalf_of=acting.name, source_ref=source_ref))
    if row.assignee_id != principal.person_id:
        _assign(session, principal, task_id, row, principal.person_id)


def release(session: Session, principal: Principal, task_id: UUID) -> None:
    """Give the task back to its role."""
    row = queries_tasks.row(session, task_id)
    rules.check_mine(principal, _facts(session, row))
    _assign(session, principal, task_id, row, None)


def delegate(session: Session, principal: Principal, task_id: UUID, to: str | UUID) -> None:
    """Hand my task to a colleague who holds its role."""
    row = queries_tasks.row(session, task_id)
    rules.check_mine(principal, _facts(session, row))
    colleague = _receiver(session, row.role, to)
    if colleague.id == principal.person_id:
        raise rules.TO_SELF()
    _assign(session, principal, task_id, row, colleague.id)


def reassign(session: Session, principal: Principal, task_id: UUID, to: str | UUID | None) -> None:
    """A manager gives the task to somebody else, or back to its role; the permission is the caller's to check."""
    row = queries_tasks.row(session, task_id)
    rules.check_open(_facts(session, row))
    receiver = None if to is None else _receiver(session, row.role, to).id
    if receiver != row.assignee_id:
        _assign(session, principal, task_id, row, receiver)


def save_draft(session: Session, principal: Principal, task_id: UUID, form: dict[str, Any]) -> None:
    """Keep what the person has typed so far; each person has a draft of their own."""
    row = queries_tasks.row(session, task_id)
    rules.acting_for(principal, _facts(session, row))
    session.connection().execute(DRAFT, {"task": row.id, "person": principal.person_id, "form": form})


def _facts(session: Session, row: Any) -> rules.TaskFacts:
    """What the rules need to know; of a closed task, who was faster is said in the words of its definition."""
    if row.status != "open":
        tasks_lock.check_open(session, session.get_one(HumanTask, row.id))
    return facts(row)


def _receiver(session: Session, role: str, to: str | UUID) -> Person:
    colleague = people.get(session, to)
    held = people.roles(session, colleague.id) if colleague.active else frozenset()
    rules.check_receiver(role, colleague.name, held)
    return colleague


def _assign(session: Session, principal: Principal, task_id: UUID, row: Any, to: int | None) -> None:
    values = {"id": row.id, "to": to, "was": row.assignee_id}
    if session.connection().execute(ASSIGN, values).one_or_none() is not None:
        return
    # Somebody was faster: say who, by the same rule, on the row as it is now.
    now = facts(queries_tasks.row(session, task_id))
    rules.acting_for(principal, now)
    raise rules.OTHERS(name=now.assignee_name or "?")
