"""Starts the parts in order, keeps them running, stops them in order.

A part that falls is started again at once, then after ever longer pauses (up to 30 s) while it keeps falling; one that
runs but hasn't answered for half a minute is ended and started again.  Everything of value is in PostgreSQL and
Temporal before anybody is told so, hence a kill at any moment, of a part or of the supervisor, loses nothing.
"""

import contextlib
import logging
import os
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from runtime.home import Home, HomeInUseError, read_json, write_json
from runtime.process import Child, StartError, end_processes, identity, is_same
from runtime.settings import Settings
from runtime.stack import ALL, Part, Stack

log = logging.getLogger("batchwright.supervisor")

FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30.0
STEADY_AFTER = 60.0  # a part that ran this long has earned a quick restart again
CHECK_EVERY, PATIENCE = 5.0, 30.0


@dataclass
class Running:
    """A part with its process and its history."""

    part: Part
    child: Child
    pause: float = FIRST_PAUSE
    retry_at: float | None = None
    checked: float = 0.0
    answered: float = 0.0
    restarts: int = 0


class Supervisor:
    """All processes of one data folder, which the caller has locked."""

    def __init__(self, stack: Stack, tell: Callable[[str], None] = lambda _: None) -> None:
        self.stack = stack
        self.tell = tell
        self.running: list[Running] = []
        self._told: dict[str, str] = {}

    # --- start and stop --------------------------------------------------------------------------------------------
    def start(self) -> None:
        """Start everything; on any failure stop what was started and raise."""
        end_leftovers(self.stack.home)
        self.stack.migrate_given()
        try:
            for part in self.stack.parts():
                self.tell(part.name)
                self.running.append(Running(part, self._launch(part)))
                self._write_run_file(complete=False)
            self._write_run_file(complete=True)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop in reverse order: nobody loses a server it still talks to."""
        for running in reversed(self.running):
            running.child.stop()
        self.running.clear()
        self.stack.home.run_file.unlink(missing_ok=True)

    def _launch(self, part: Part) -> Child:
        part.prepare()
        child = Child(part.program())
        try:
            child.wait_until(part.ready, part.start_seconds)
            part.bootstrap()
        except BaseException:
            child.stop()
            raise
        return child

    def _write_run_file(self, *, complete: bool) -> None:
        """Where others find us: addresses, and process ids with their birth times, for they are used again."""
        stack = self.stack
        document: dict[str, Any] = {
            "complete": complete,
            "supervisor": identity(os.getpid()),
            "parts": {each.part.name: identity(each.child.pid) for each in self.running},
            "api": stack.api_url if "api" in stack.wanted else None,
            "postgres_port": stack.postgres.port if stack.postgres else None,
            "temporal_address": stack.temporal.address if stack.temporal else None,
            "temporal_ui": stack.temporal.ui_url if stack.temporal else None,
        }
        write_json(stack.home.run_file, document)

    # --- watch -----------------------------------------------------------------------------------------------------
    def watch(self, stopped: threading.Event) -> None:
        """Look after the parts until `stopped` is set."""
        while not stopped.wait(0.2):
            for running in self.running:
                if stopped.is_set():
                    return
                self._look_after(running)

    def _look_after(self, running: Running) -> None:
        now = time.monotonic()
        if running.retry_at is not None:
            if now >= running.retry_at:
                self._restart(running)
            return
        if not running.child.alive:
            status = running.child.exit_status
            log.warning("%s ended with status %s", running.part.name, status)
            self._retry_later(running)
            return
        if now - running.checked >= CHECK_EVERY:
            running.checked = now
            if running.part.works(running.child.pid):
                running.answered = time.monotonic()
            elif running.answered and now - running.answered > PATIENCE:
                log.warning("%s runs but doesn't answer; ending it", running.part.name)
                running.child.kill()

    def _retry_later(self, running: Running) -> None:
        now = time.monotonic()
        if now - running.child.started > STEADY_AFTER:
            running.pause = FIRST_PAUSE
        running.retry_at = now + running.pause
        running.pause = min(running.pause * 2, LONGEST_PAUSE)

    def _restart(self, running: Running) -> None:
        before = self.stack.child_environment()
        running.retry_at = None
        running.answered = 0.0
        try:
            running.child = self._launch(running.part)
        except StartError as error:
            log.warning("%s", error)
            self._retry_later(running)
            return
        running.restarts += 1
        log.warning("%s runs again", running.part.name)
        if self.stack.child_environment() != before:
            # A server had to move to another port: worker and API must learn of it.
            for other in self.running:
                if other.part.name in {"worker", "api"} and other is not running:
                    other.child.stop()
        self._write_run_file(complete=True)


def end_leftovers(home: Home) -> None:
    """End what a killed supervisor left running.  The leash ends it on Linux; this is for the rest and for the slow."""
    known = read_json(home.run_file).get("parts", {})
    left = [int(each["pid"]) for each in reversed(known.values()) if each and is_same(each)]
    end_processes(left)
    home.run_file.unlink(missing_ok=True)


def running_elsewhere(home: Home) -> dict[str, Any] | None:
    """The run file of the supervisor that uses this folder now; None when nobody does."""
    document = read_json(home.run_file)
    supervisor = document.get("supervisor")
    return document if supervisor and is_same(supervisor) else None


@contextlib.contextmanager
def running_stack(
    settings: Settings,
    wanted: frozenset[str] = ALL,
    tell: Callable[[str], None] = lambda _: None,
    *,
    fast: bool = False,
    test: bool = False,
) -> Iterator[Stack]:
    """A running Batchwright for a command: the one on this data folder if there is one, else our own for the time.

    Only what was started here is stopped at the end.  `wanted` names the parts the command needs.
    """
    stack = Stack(settings, wanted, fast, test)
    if not stack.parts():
        yield stack
        return
    deadline = time.monotonic() + 60
    while True:
        if _adopt(stack):
            yield stack
            return
        try:
            with stack.home.locked():
                supervisor = Supervisor(stack, tell)
                supervisor.start()
                try:
                    yield stack
                finally:
                    supervisor.stop()
                return
        except HomeInUseError:
            # Somebody is starting or stopping there, or runs fewer parts than we need.
            if time.monotonic() > deadline:
                raise
            time.sleep(0.3)


def _adopt(stack: Stack) -> bool:
    """Use the addresses of a running supervisor, if it has all parts that we want."""
    found = running_elsewhere(stack.home)
    wanted = {part.name for part in stack.parts()}
    if not found or not found["complete"] or not wanted <= set(found["parts"]):
        return False
    if stack.postgres:
        stack.postgres.port = int(found["postgres_port"])
    if stack.temporal:
        stack.temporal.port = int(found["temporal_address"].rpartition(":")[2])
    if "api" in wanted:
        stack.api_port = int(found["api"].rpartition(":")[2])
    return True
