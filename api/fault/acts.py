"""What an operator does about faults and undelivered facts, for routes and pages alike (DESIGN 6a)."""

from uuid import UUID, uuid4

from sqlalchemy import Engine
from starlette.concurrency import run_in_threadpool

from api.process.acts import Desk
from models.clock.store import moved_clock
from models.fault import store as faults
from models.fault.messages import RetryFault
from models.kernel.store import outbox
from models.kernel.store.act import act, now
from models.person.rules.auth import Principal
from models.person.store.people import actor_of
from models.process.messages.process import Receipt
from workflows.temporal import start


async def retry(desk: Desk, fault: UUID) -> Receipt:
    """Have the act done again, in the name of who asked for it; refused as that person would have been."""

    def take_up() -> tuple[str, dict[str, object], int]:
        with act(desk.engine, actor_of(desk.principal)) as session:
            row = faults.take_up(session, fault)
            return row.act, row.command, row.tries

    name, command, tries = await run_in_threadpool(take_up)
    again = RetryFault(command_id=str(uuid4()), by=desk.by(), fault=fault, act=name, command=command)
    return await start.retry_fault(desk.client, again, tries)


def dismiss(desk: Desk, fault: UUID, reason: str) -> None:
    """Leave it: what was asked for was done otherwise, or isn't wanted any more."""
    with act(desk.engine, actor_of(desk.principal, reason=reason)) as session:
        faults.dismiss(session, fault, desk.principal.person_id, reason, now(session))


def deliver_again(desk: Desk, fact: UUID) -> None:
    """Have a fact tried again, at once."""
    with act(desk.engine, actor_of(desk.principal)) as session:
        outbox.again(session, fact, now(session))


def leave_undelivered(desk: Desk, fact: UUID, reason: str) -> None:
    """Leave a fact undelivered."""
    with act(desk.engine, actor_of(desk.principal, reason=reason)) as session:
        outbox.dismiss(session, fact, desk.principal.person_id, reason, now(session))


def move_clock(engine: Engine, who: Principal, to: str, reason: str) -> moved_clock.Moved:
    """Ask for a test home's clock to go forward; the worker takes it there, with everything that is due on the way."""
    return moved_clock.move(engine, actor_of(who, reason=reason), to)
