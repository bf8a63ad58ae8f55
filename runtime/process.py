"""One child process: started on a leash, logged to a file, stopped politely and then not."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

LEASH = Path(__file__).with_name("leash.py")


class StartError(RuntimeError):
    """A server didn't come up; the message ends with the tail of its log."""


@dataclass
class Program:
    """What to run and how to end it."""

    name: str
    argv: list[str]
    log: Path
    env: dict[str, str] = field(default_factory=dict)
    cwd: Path | None = None
    user: str | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    stop_seconds: float = 15.0


class Child:
    """A running program.  Start it from a thread that lives as long as it should: the leash is held by that thread."""

    def __init__(self, program: Program) -> None:
        self.program = program
        leash = [str(os.getpid()), str(int(program.stop_signal)), program.user or "-"]
        with program.log.open("ab") as log:
            self._popen = subprocess.Popen(
                [sys.executable, "-I", "-S", str(LEASH), *leash, *program.argv],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=program.cwd,
                env={**os.environ, **program.env},
                # Ctrl-C in the terminal is for the supervisor, which stops the children in order.
                start_new_session=True,
            )
        self.pid = self._popen.pid
        self.started = time.monotonic()

    @property
    def alive(self) -> bool:
        """Whether it still runs."""
        return self._popen.poll() is None

    @property
    def exit_status(self) -> int | None:
        """Its exit status; negative for a signal; None while it runs."""
        return self._popen.poll()

    def wait_until(self, ready: Callable[[], bool], seconds: float) -> None:
        """Wait until it is ready; raise `StartError` when it ends before or takes too long."""
        deadline = time.monotonic() + seconds
        while not ready():
            if not self.alive:
                raise StartError(f"{self.program.name} ended with status {self.exit_status}\n{self.log_tail()}")
            if time.monotonic() > deadline:
                raise StartError(f"{self.program.name} wasn't ready after {seconds:.0f} s\n{self.log_tail()}")
            time.sleep(0.05)

    def log_tail(self, lines: int = 15) -> str:
        """The last lines of its log."""
        text = self.program.log.read_text(encoding="utf-8", errors="replace")
        return "\n".join(text.splitlines()[-lines:])

    def stop(self) -> None:
        """Ask it to end, wait, and kill it when it won't."""
        if self.alive:
            self._popen.send_signal(self.program.stop_signal)
            try:
                self._popen.wait(self.program.stop_seconds)
            except subprocess.TimeoutExpired:
                self.kill()
        self._popen.wait()

    def kill(self) -> None:
        """End it now."""
        with contextlib.suppress(ProcessLookupError):
            self._popen.kill()
        self._popen.wait()


def identity(pid: int) -> dict[str, Any] | None:
    """What tells a process from a later one with the same pid; None when it is gone."""
    try:
        return {"pid": pid, "created": psutil.Process(pid).create_time()}
    except psutil.NoSuchProcess:
        return None


def is_same(known: dict[str, Any]) -> bool:
    """Whether the process that `identity` described still runs."""
    now = identity(int(known["pid"]))
    if now is None or abs(now["created"] - float(known["created"])) > 1.0:
        return False
    with contextlib.suppress(psutil.NoSuchProcess):
        return bool(psutil.Process(now["pid"]).status() != psutil.STATUS_ZOMBIE)
    return False


def end_processes(pids: list[int], first: signal.Signals = signal.SIGTERM, seconds: float = 10.0) -> None:
    """End processes that aren't our children, such as what a killed supervisor has left."""
    found = []
    for pid in pids:
        with contextlib.suppress(psutil.NoSuchProcess):
            found.append(psutil.Process(pid))
    for process in found:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.send_signal(first)
    _, stubborn = psutil.wait_procs(found, timeout=seconds)
    for process in stubborn:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(stubborn, timeout=5)
