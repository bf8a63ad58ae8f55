"""A worker that dies by kill -9 when its n-th act is committed and Temporal hasn't heard of it; a program for a test.

    python -m tests.faults.dying_worker N FILE      # N = 0 lives on

It is `worker.py` itself with an interceptor between an activity's function and its report; FILE gets a line for each act
that was done and not refused, the last one is the act it died with.
"""

import asyncio
import os
import signal
import sys
from pathlib import Path
from typing import Any

import temporalio.client
import temporalio.worker
from temporalio import activity
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter

import worker
from runtime.settings import Settings

NO_ACTS = {"deliver", "load_run"}


class Dying(temporalio.client.Interceptor, temporalio.worker.Interceptor):
    """Given to the client, found by the workers that use it."""

    def __init__(self, last: int, file: Path) -> None:
        self.left = last
        self.file = file

    def intercept_activity(
        self,
        next: temporalio.worker.ActivityInboundInterceptor,  # noqa: A002 - the base class names it
    ) -> temporalio.worker.ActivityInboundInterceptor:
        return _Inbound(next, self)


class _Inbound(temporalio.worker.ActivityInboundInterceptor):
    def __init__(self, next_one: temporalio.worker.ActivityInboundInterceptor, dying: Dying) -> None:
        super().__init__(next_one)
        self.dying = dying

    async def execute_activity(self, input: temporalio.worker.ExecuteActivityInput) -> Any:  # noqa: A002 - as above
        done = await super().execute_activity(input)
        info = activity.info()
        if info.activity_type not in NO_ACTS:
            command = getattr(input.args[0], "command_id", "")
            with self.dying.file.open("a", encoding="utf-8") as file:
                file.write(f"{info.workflow_id} {info.workflow_run_id} {info.activity_type} {command}\n")
            self.dying.left -= 1
            if self.dying.left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
        return done


def main() -> None:
    dying = Dying(int(sys.argv[1]), Path(sys.argv[2]))

    async def connect(settings: Settings) -> Client:
        return await Client.connect(
            str(settings.temporal_address), data_converter=pydantic_data_converter, interceptors=[dying]
        )

    worker.connect = connect
    asyncio.run(worker.run(Settings()))


if __name__ == "__main__":
    main()
