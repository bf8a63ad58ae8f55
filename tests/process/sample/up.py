"""A supervised Batchwright that has samples, and whose parts die where a test wants it; programs for tests.

    python -m tests.process.sample.up                # supervises PostgreSQL, Temporal, a worker and an API
    python -m tests.process.sample.up worker|api     # what the supervisor starts

Points are `before:WHAT:NUMBER` and `after:WHAT:NUMBER`, NUMBER that of a sample.  A worker's WHAT is a step that somebody completes
(`write`, `look.1`), `load_run.1`, `escalate`, `run_automatic`, `start` or `signal`; an API's is `update.STEP`.  Whoever comes to a point
named in the file `stops-PART` of the data folder waits there; when somebody stands at each of them the process is killed, and its
file is gone.  Who came where stands in `passed-PART`, by the id of the process.  A worker may also die with its n-th act, or within one (`dying`).
"""

import contextlib
import signal
import sys
import threading
from dataclasses import replace
from datetime import timedelta

from runtime.process import Program
from runtime.settings import Settings
from runtime.stack import Stack
from runtime.supervisor import Supervisor
from runtime.temporal.server import Temporal

PATIENCE = timedelta(seconds=4)
"""How long a workflow task, an act or a delivery is waited for, where it is ten seconds elsewhere."""


class Hurrying(Temporal):
    """It misses a worker that was killed sooner than others do (`hurry`)."""

    def program(self) -> Program:
        given = super().program()
        timeout = f'history.defaultWorkflowTaskTimeout="{PATIENCE.seconds}s"'
        return replace(given, argv=[*given.argv, "--dynamic-config-value", timeout])


class SampleStack(Stack):
    """Its worker and its API know samples."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.temporal = Hurrying(self.home, namespace=self.given.temporal_namespace, ui=self.given.temporal_ui)

    def _ours(self, name: str, module: str, *arguments: str) -> Program:
        del module, arguments
        return super()._ours(name, "tests.process.sample.up", name)


def main() -> None:
    """The supervisor, or the part that is named."""
    if len(sys.argv) == 1:
        supervise()
        return
    from tests.process.sample import stops

    stops.run(sys.argv[1])


def supervise() -> None:
    """Until SIGINT; a part that is killed is started again."""
    stopped = threading.Event()
    signal.signal(signal.SIGINT, lambda *_: stopped.set())
    # not `fast`: what a killed PostgreSQL has said that it committed must be on the disk
    stack = SampleStack(Settings())
    with stack.home.locked(), contextlib.ExitStack() as at_end:
        supervisor = Supervisor(stack)
        supervisor.start()
        at_end.callback(supervisor.stop)
        supervisor.watch(stopped)


if __name__ == "__main__":
    main()
