"""Supervises some parts of BATCHWRIGHT_HOME until SIGINT; a program for tests that bring the other parts themselves.

python -m tests.support.servers.servers [PART…]      # without parts: the two embedded servers
"""

import contextlib
import signal
import sys
import threading

from runtime.settings import Settings
from runtime.stack import SERVERS, Stack
from runtime.supervisor import Supervisor


def main() -> None:
    stopped = threading.Event()
    signal.signal(signal.SIGINT, lambda *_: stopped.set())
    stack = Stack(Settings(), frozenset(sys.argv[1:]) or SERVERS)
    with stack.home.locked(), contextlib.ExitStack() as at_end:
        supervisor = Supervisor(stack)
        supervisor.start()
        at_end.callback(supervisor.stop)
        supervisor.watch(stopped)


if __name__ == "__main__":
    main()
