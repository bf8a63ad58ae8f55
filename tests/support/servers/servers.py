"""Supervises the two embedded servers of BATCHWRIGHT_HOME until SIGINT; a program for tests of the supervisor.

python -m tests.support.servers.servers
"""

import contextlib
import signal
import threading

from runtime.settings import Settings
from runtime.stack import SERVERS, Stack
from runtime.supervisor import Supervisor


def main() -> None:
    stopped = threading.Event()
    signal.signal(signal.SIGINT, lambda *_: stopped.set())
    stack = Stack(Settings(), SERVERS)
    with stack.home.locked(), contextlib.ExitStack() as at_end:
        supervisor = Supervisor(stack)
        supervisor.start()
        at_end.callback(supervisor.stop)
        supervisor.watch(stopped)


if __name__ == "__main__":
    main()
