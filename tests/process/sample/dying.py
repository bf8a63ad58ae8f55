"""A worker that dies by kill -9 when its n-th act is committed and Temporal hasn't heard of it, where a test wants it.

It writes each act that was done and not refused into the file `acts` of the data folder, a line each.  Where the file `dies` is,
it counts the acts from there on; the last line is the act that it died with, and the file is gone.

Where the file `dies-within` is, it dies in the midst of an act: before the first statement in which the words of that file stand.
"""

import os
import signal
from pathlib import Path
from typing import Any

from temporalio import activity, worker

NO_ACTS = {"deliver", "load_run"}


class Dying(worker.ActivityInboundInterceptor):
    """Between an activity's function and its report."""

    def __init__(self, next_one: worker.ActivityInboundInterceptor, counted: "Counted") -> None:
        super().__init__(next_one)
        self.counted = counted

    async def execute_activity(self, input: worker.ExecuteActivityInput) -> Any:  # noqa: A002 - the SDK's name
        done = await super().execute_activity(input)
        info = activity.info()
        if info.activity_type not in NO_ACTS:
            command = getattr(input.args[0], "command_id", "")
            self.counted.one_more(f"{info.workflow_id} {info.workflow_run_id} {info.activity_type} {command}")
        return done


class Counted:
    """The acts of this process."""

    def __init__(self, folder: Path) -> None:
        self.acts, self.dies = folder / "acts", folder / "dies"
        self.number = 0

    def one_more(self, line: str) -> None:
        """Write it down; die if it is the one."""
        with self.acts.open("a", encoding="utf-8") as file:
            file.write(line + "\n")
        if not self.dies.exists():
            return
        self.number += 1
        if self.number == int(self.dies.read_text(encoding="utf-8")):
            self.dies.unlink()
            os.kill(os.getpid(), signal.SIGKILL)


class Within:
    """A transaction is cut off in its middle, wherever its act was."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "dies-within"

    def asked(self, connection: Any, cursor: Any, statement: str, *_: Any) -> None:
        """Before a statement is sent."""
        del connection, cursor
        if self.file.exists() and self.file.read_text(encoding="utf-8").lower() in statement.lower():
            self.file.unlink()
            os.kill(os.getpid(), signal.SIGKILL)
