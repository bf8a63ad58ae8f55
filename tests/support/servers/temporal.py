"""The real Temporal server with its time-skipping switch (DESIGN 13).

Time stands still for a workflow unless everything it waits for is a timer; a human wait would be skipped at once, so
tests of such processes use `with env.time_skipping_disabled()` and `fast_forward`.
"""

import shutil
import sys
from pathlib import Path

from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.testing import WorkflowEnvironment

from workflows.temporal.carrying import Carrying

TIME_SKIPPING = [
    "--dynamic-config-value",
    "frontend.WorkflowTimeSkippingEnabled=true",
    "--dynamic-config-value",
    'history.timerProcessorMaxTimeShift="10ms"',
]


def temporal_program() -> str:
    """The Temporal CLI from the virtual environment."""
    beside = Path(sys.executable).with_name("temporal")
    return str(beside) if beside.exists() else (shutil.which("temporal") or "temporal")


async def start_time_skipping(*more: str) -> WorkflowEnvironment:
    """A server of its own, in memory, on a free port; `more` are dynamic settings of it (`key=value`)."""
    settings = [part for one in more for part in ("--dynamic-config-value", one)]
    return await WorkflowEnvironment.start_time_skipping_v2(
        dev_server_existing_path=temporal_program(),
        dev_server_extra_args=[*TIME_SKIPPING, *settings],
        data_converter=pydantic_data_converter,
        interceptors=[Carrying()],
    )
