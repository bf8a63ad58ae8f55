"""A complete Batchwright as separate processes, to be killed and started again by tests.

with Up(home) as up:            # `batchwright up --port 0 --no-demo`
    httpx.get(up.api + "/readyz")
    up.kill("worker")           # kill -9 of a part; the supervisor starts it again
    up.wait_restarted("worker")
    up.kill_supervisor()        # kill -9 of everything's parent
    up.start()                  # on the same data folder
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from runtime.home import Home, read_json
from runtime.process import is_same
from tests.support.waits import waiting

UP = ("-m", "cli", "up", "--port", "0", "--no-demo")
SERVERS_ONLY = ("-m", "tests.support.servers.servers")
ROOT = Path(__file__).resolve().parents[3]


def wait_for(condition: Callable[[], bool], seconds: float = 30, what: str = "", pause: float = 0.05) -> None:
    """Wait until it holds, asked again after `pause`; fail with what we waited for."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what or 'the condition'} didn't come true within {seconds} s")
        time.sleep(pause)


class Up:
    """A supervisor in a process of its own on `home`."""

    def __init__(self, home: Path, arguments: tuple[str, ...] = UP, env: dict[str, str] | None = None) -> None:
        self.home = Home(home)
        self.arguments = arguments
        self.env = env or {}
        self.process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self, seconds: float = 180) -> None:
        """Start and wait until every part answers."""
        self.home.ensure()
        environment = {**os.environ, **self.env, "BATCHWRIGHT_HOME": str(self.home.path)}
        with (self.home.logs / "supervisor.log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, *self.arguments], cwd=ROOT, env=environment, stdout=log, stderr=log
            )
        with waiting("`batchwright up` starts"):
            wait_for(lambda: self._is_up() or self._ended(), seconds, "the start")
        if self._ended():
            raise RuntimeError((self.home.logs / "supervisor.log").read_text(encoding="utf-8")[-4000:])

    def _is_up(self) -> bool:
        document = self.document()
        mine = self.process is not None and document.get("supervisor", {}).get("pid") == self.process.pid
        return mine and bool(document.get("complete"))

    def _ended(self) -> bool:
        return self.process is not None and self.process.poll() is not None

    def document(self) -> dict[str, Any]:
        """The run file."""
        return read_json(self.home.run_file)

    @property
    def api(self) -> str:
        """The address of API and pages."""
        return str(self.document()["api"])

    def pid(self, part: str) -> int:
        """The process id of a part."""
        return int(self.document()["parts"][part]["pid"])

    def kill(self, part: str) -> int:
        """Kill -9 a part; answers its old process id."""
        pid = self.pid(part)
        os.kill(pid, signal.SIGKILL)
        return pid

    def wait_ended(self, part: str, old: int, seconds: float = 90) -> None:
        """Wait until a process of a part that dies by itself is gone."""
        known = self.document()["parts"][part]
        wait_for(lambda: known["pid"] != old or not is_same(known), seconds, f"the end of the {part}", pause=0.01)

    def wait_restarted(self, part: str, old: int, seconds: float = 60) -> None:
        """Wait until the supervisor runs the part again and it answers."""
        wait_for(lambda: self.document().get("parts", {}).get(part, {}).get("pid") not in {None, old}, seconds, part)

    def kill_supervisor(self) -> list[dict[str, Any]]:
        """Kill -9 the supervisor and wait until no part lives either; answers the parts it had."""
        parts = [each for each in self.document()["parts"].values() if each]
        assert self.process is not None
        self.process.kill()
        self.process.wait()
        self.process = None
        wait_for(lambda: not any(is_same(each) for each in parts), 40, "the end of the parts")
        return parts

    def stop(self, seconds: float = 90) -> int:
        """Stop in order, as Ctrl-C does; answers the exit status."""
        if self.process is None:
            return 0
        self.process.send_signal(signal.SIGINT)
        with waiting("`batchwright up` stops"):
            status = self.process.wait(seconds)
        self.process = None
        return status
