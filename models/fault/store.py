"""Faults of acts in the record: written when the last try failed, taken up or left by an operator (DESIGN 6a)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Engine, text
from sqlmodel import Session, select

from models.fault.tables import ActFault
from models.kernel import fault as rules
from models.kernel.fault import Trouble
from models.kernel.store.act import Actor, act

KEEPER = Actor(actor_id="service:faults", name="Batchwright", source="worker")
DETAIL = 20_000
"""Characters of a traceback that are kept: its end, which says where."""
RETRY = "fault/"
"""How the workflow that does a fault's act again is called: `fault/<public id>/<try>`."""

WRITE = text("""
insert into act_fault (activity_key, act, workflow_id, subject, command, person_id, trouble, error, detail, build, tries)
values (:key, :act, :workflow_id, :subject, cast(:command as jsonb), nullif(cast(:person as bigint), 0), :trouble,
        :error, :detail, :build, :tries)
on conflict (activity_key) do update
   set tries = act_fault.tries + excluded.tries, last_at = now(), trouble = excluded.trouble, error = excluded.error,
       detail = excluded.detail, build = excluded.build, status = 'open', settled_at = null, settled_by_id = null,
       reason = null, answer = null
returning id
""")
AGAIN = text("""
update act_fault set tries = tries + :tries, last_at = now(), trouble = :trouble, error = :error, detail = :detail,
       build = :build, status = 'open'
 where public_id = :fault returning id
""")


@dataclass(frozen=True)
class Matter:
    """The act that met trouble."""

    key: str
    act: str
    workflow_id: str
    command: str
    """As JSON."""
    facts: Mapping[str, Any]
    person_id: int
    build: str


def write(engine: Engine, matter: Matter, trouble: Trouble, tries: int, error: str, detail: str) -> int:
    """Keep a fault, in a transaction of its own; answers its number.  Done again in vain, it is the same fault."""
    given = {
        "trouble": trouble,
        "tries": tries,
        "error": error[:500],
        "detail": detail[-DETAIL:],
        "build": matter.build,
    }
    with act(engine, KEEPER) as session:
        if matter.workflow_id.startswith(RETRY):
            again = {**given, "fault": matter.workflow_id.removeprefix(RETRY).partition("/")[0]}
            found = session.connection().execute(AGAIN, again).scalar_one_or_none()
            if found is not None:
                return int(found)
        values = {
            **given,
            "key": matter.key,
            "act": matter.act,
            "workflow_id": matter.workflow_id,
            "subject": rules.subject(matter.workflow_id, matter.facts),
            "command": matter.command,
            "person": matter.person_id,
        }
        return int(session.connection().execute(WRITE, values).scalar_one())


def take_up(session: Session, fault_id: UUID) -> ActFault:
    """An operator has it done again; one that is being done already may be asked for again."""
    fault = _open(session, fault_id)
    fault.status = "retrying"
    session.add(fault)
    session.flush()
    return fault


def dismiss(session: Session, fault_id: UUID, person_id: int, reason: str, now: datetime) -> ActFault:
    """An operator leaves it, and says why."""
    if not reason.strip():
        raise rules.REASON()
    fault = _open(session, fault_id)
    fault.status, fault.settled_at, fault.settled_by_id, fault.reason = "dismissed", now, person_id, reason.strip()
    session.add(fault)
    session.flush()
    return fault


def check_retried(session: Session, fault_id: UUID, name: str, command: Mapping[str, Any]) -> None:
    """Refuse to do something else again than what met the fault (FLT-001)."""
    fault = session.exec(select(ActFault).where(ActFault.public_id == fault_id)).first()
    if fault is None or (fault.act, fault.command) != (name, dict(command)):
        raise rules.UNKNOWN()


def settle(session: Session, fault_id: UUID, person_id: int, answer: dict[str, Any] | None, now: datetime) -> None:
    """It was done again: done, refused, or the same fault once more, which has been written down already."""
    if answer is not None and answer.get("code") == rules.FAULTED.code:
        return
    fault = session.exec(select(ActFault).where(ActFault.public_id == fault_id).with_for_update()).first()
    if fault is None or fault.settled_at is not None:
        return
    fault.status, fault.answer = ("done" if answer is None else "refused"), answer
    fault.settled_at, fault.settled_by_id = now, person_id
    session.add(fault)
    session.flush()


def _open(session: Session, fault_id: UUID) -> ActFault:
    query = select(ActFault).where(ActFault.public_id == fault_id)
    fault = session.exec(query.with_for_update().execution_options(populate_existing=True)).first()
    if fault is None:
        raise rules.UNKNOWN()
    if fault.settled_at is not None:
        raise rules.SETTLED()
    return fault
