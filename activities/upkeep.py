"""What the clock and the operator ask for: look at a run again, escalate a task, cancel a run."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import Engine
from sqlmodel import Session

from activities.context import Context
from activities.transaction import bounded, once, uninterrupted
from models.fault import store as faults
from models.fault.messages import RetryFault, SettleFault
from models.kernel.store.act import reading
from models.permit import acts as permits
from models.person.rules import auth
from models.process import automatic
from models.process.acts import clock as keeping
from models.process.acts.clock import CLOCK
from models.process.messages.process import CancelRun, Escalate, LoadRun, Receipt, RunView
from models.process.messages.timer import RunAutomatic
from models.process.store import runs
from models.process.time import timer


class Upkeep:
    """Bound to the database of the worker."""

    def __init__(self, engine: Engine, build: str, secret: bytes | None = None) -> None:
        """Keep what every activity needs; `secret` is the server's, by which its own services are known."""
        self._engine = engine
        self._build = build
        self._secret = secret

    @uninterrupted
    def load_run(self, command: LoadRun) -> RunView:
        """The run as the record has it, with the text of its definition (verified against its digest)."""

        def look() -> RunView:
            with reading(self._engine) as session:
                return runs.view(session, runs.load(session, command.run_id), text=True)

        return bounded(self._engine, self._build, CLOCK, look, command=command, key=f"load_run:{command.run_id}")

    @uninterrupted
    def escalate(self, command: Escalate) -> Receipt:
        """A moment of a process has come: somebody is told that a task waits too long, or a wait is over."""
        come = keeping.escalate if command.kind == "task" else timer.came
        return once(
            self._engine,
            self._build,
            CLOCK,
            lambda session, now: come(session, command, now),
            command=command,
        )

    @uninterrupted
    def run_automatic(self, command: RunAutomatic) -> Receipt:
        """An automatic stage is carried out; asked for twice, in one round of its run, it has been done once."""
        return once(
            self._engine,
            self._build,
            CLOCK,
            lambda session, now: automatic.carry_out(session, command, now),
            command=command,
            command_id=f"{command.run_id}:{command.stage}:{command.opened_at.isoformat()}",
        )

    @uninterrupted
    def permit_retry(self, command: RetryFault) -> Receipt:
        """May the operator who is named have this fault done again?  Whoever reaches Temporal can ask in any name."""

        def ask(session: Session, now: datetime) -> Receipt:
            permits.check(session, command, self._secret)
            faults.check_retried(session, command.fault, command.act, command.command)
            return Receipt(act="permit_retry", at=now)

        return once(self._engine, self._build, command.by, ask, command=command, command_id=command.command_id)

    @uninterrupted
    def settle_fault(self, command: SettleFault) -> Receipt:
        """A faulted act was done again: write down what became of it."""

        def settle(session: Session, now: datetime) -> Receipt:
            asked = command.retry
            if asked is None or (asked.fault, asked.by) != (command.fault, command.by):
                raise auth.UNPROVEN(name=command.by.name[:80])
            permits.check(session, asked, self._secret)
            faults.check_retried(session, asked.fault, asked.act, asked.command)
            faults.settle(session, command.fault, command.by.person_id, command.answer, now)
            return Receipt(act="settle_fault", at=now)

        return once(self._engine, self._build, command.by, settle, command=command)

    @uninterrupted
    def cancel_run(self, command: CancelRun) -> Receipt:
        """End a run whose workflow was cancelled."""
        return once(
            self._engine,
            self._build,
            CLOCK,
            lambda session, now: keeping.cancel(session, command, now),
            command=command,
            reason=command.reason,
        )


def activities_of(context: Context) -> list[Callable[..., Any]]:
    """Bound to what the worker has."""
    upkeep = Upkeep(context.engine, context.build, context.secret)
    return [
        upkeep.load_run,
        upkeep.escalate,
        upkeep.run_automatic,
        upkeep.cancel_run,
        upkeep.permit_retry,
        upkeep.settle_fault,
    ]
