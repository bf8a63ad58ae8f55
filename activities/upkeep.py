"""What the clock and the operator ask for: look at a run again, escalate a task, cancel a run."""

from sqlalchemy import Engine

from activities.transaction import once, refused, uninterrupted
from models.messages.process import CancelRun, Escalate, LoadRun, Receipt, RunView
from models.rules.refusals import Refusal
from models.store import runs
from models.store.act import reading
from models.store.acts import keeping
from models.store.acts.keeping import CLOCK


class Upkeep:
    """Bound to the database of the worker."""

    def __init__(self, engine: Engine, build: str) -> None:
        """Keep what every activity needs."""
        self._engine = engine
        self._build = build

    @uninterrupted
    def load_run(self, command: LoadRun) -> RunView:
        """The run as the record has it, with the text of its definition (verified against its digest)."""
        try:
            with reading(self._engine) as session:
                return runs.view(session, runs.load(session, command.run_id), text=True)
        except Refusal as refusal:
            raise refused(refusal) from refusal

    @uninterrupted
    def escalate(self, command: Escalate) -> Receipt:
        """Tell the next person that a task waits too long."""
        return once(self._engine, self._build, CLOCK, lambda session, now: keeping.escalate(session, command, now))

    @uninterrupted
    def cancel_run(self, command: CancelRun) -> Receipt:
        """End a run whose workflow was cancelled."""
        return once(
            self._engine,
            self._build,
            CLOCK,
            lambda session, now: keeping.cancel(session, command, now),
            reason=command.reason,
        )
