"""The task of an act: locked, open, and mine to do.  One conditional row lock decides every race."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session, col, or_, select

from models.definition import store as definitions
from models.kernel.store import act, who
from models.kernel.store.act import zone
from models.kernel.time import moments
from models.person.tables import Delegation, Person, RoleGrant
from models.process.messages.process import By
from models.process.tables.process import HumanTask, ProcessRun
from models.process.task import CANCELLED, DELEGATION, DONE, OTHERS, UNKNOWN, check_stand_in, wrong_role

LACKING = text("select skills_lacking(:from_id, :to_id, :at)")
REASON_SAID = 120
"""Characters of a recorded reason that a refusal repeats; the record has all."""


def find(session: Session, task_id: UUID) -> HumanTask:
    """The task, open or not."""
    task = session.exec(select(HumanTask).where(HumanTask.public_id == task_id)).first()
    if task is None:
        raise UNKNOWN()
    return task


def find_open(session: Session, task_id: UUID) -> HumanTask:
    """The task, open, without a lock."""
    task = find(session, task_id)
    check_open(session, task)
    return task


def open_task(session: Session, task_id: UUID) -> HumanTask:
    """The task, locked; a refusal that says who was faster when it is not open any more."""
    task = session.exec(
        select(HumanTask)
        .where(HumanTask.public_id == task_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).first()
    if task is None:
        raise UNKNOWN()
    check_open(session, task)
    return task


def check_open(session: Session, task: HumanTask) -> None:
    """Refuse a closed task, and say who was faster."""
    if task.status == "cancelled":
        raise CANCELLED()
    if task.status == "done":
        person = session.get(Person, task.done_by_id) if task.done_by_id else None
        at = moments.minute(task.done_at, zone(session)) if task.done_at else ""
        run = session.get_one(ProcessRun, task.run_id)
        zh, en = definitions.by_key(session, run.definition_id).stage(task.stage).outcome_words(task.outcome)
        if task.reason:
            why = task.reason if len(task.reason) <= REASON_SAID else f"{task.reason[:REASON_SAID]}…"
            zh, en = (f"{zh}，理由：{why}", f"{en}; reason: {why}")
        raise DONE(name=person.name if person else "?", at=at, outcome_zh=zh, outcome_en=en)


def check_mine(session: Session, task: HumanTask, by: By, now: datetime) -> None:
    """Refuse who lacks the role, or what another person has claimed.

    A deputy acts in a role that both hold, with the skills of the absent person, while the delegation is in force; a
    delegation passes on neither role nor skill.  Both stay visible.
    """
    _check_role(task.role, roles(session, by.person_id, now))
    if who.known(session, by.person_id) is not None:
        who.again(session, lambda row: _check_role(task.role, frozenset() if row is None else row.roles))
    principal = by.person_id
    if by.on_behalf_of is not None:
        principal, name = by.on_behalf_of, by.on_behalf_of_name or "?"
        if not delegated(session, principal, by.person_id, now):
            raise DELEGATION(name=name)
        check_stand_in(task.role, name, roles(session, principal, now), lacking(session, principal, by.person_id, now))
    if task.assignee_id is not None and task.assignee_id not in {by.person_id, principal}:
        owner = session.get_one(Person, task.assignee_id)
        raise OTHERS(name=owner.name)


def _check_role(role: str, held: Collection[str]) -> None:
    if role not in held:
        raise wrong_role(role)


def lacking(session: Session, from_id: int, to_id: int, now: datetime) -> frozenset[str]:
    """Skills in force of one person that the other hasn't proven."""
    found = session.connection().execute(LACKING, {"from_id": from_id, "to_id": to_id, "at": now})
    return frozenset(found.scalar_one())


def roles(session: Session, person_id: int, now: datetime) -> frozenset[str]:
    """The roles a person holds now; of who asks for the act, as read at its beginning."""
    asking = who.known(session, person_id)
    if asking is not None and act.now(session) == now:
        return asking.roles if asking.active else frozenset()
    rows = session.exec(
        select(RoleGrant.role)
        .join(Person, col(Person.id) == col(RoleGrant.person_id))
        .where(
            RoleGrant.person_id == person_id,
            col(Person.active),
            col(RoleGrant.revoked_at).is_(None),
            or_(col(RoleGrant.valid_until).is_(None), col(RoleGrant.valid_until) > now),
        )
    ).all()
    return frozenset(rows)


def delegated(session: Session, from_id: int, to_id: int, now: datetime) -> bool:
    """Whether a delegation between the two is in force."""
    return (
        session.exec(
            select(Delegation.id).where(
                Delegation.from_person_id == from_id,
                Delegation.to_person_id == to_id,
                Delegation.starts_at <= now,
                Delegation.ends_at > now,
            )
        ).first()
        is not None
    )
