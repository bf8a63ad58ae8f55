"""Does what is under way go on with this code?  Histories are replayed against it before a worker meets them (DESIGN 6a).

An execution whose history leads the code to other commands stops at its next step, and its people wait; so an operator
asks before the new version is started.
"""

from collections.abc import AsyncIterable, AsyncIterator
from dataclasses import dataclass, field
from itertools import count

from temporalio.client import Client, WorkflowExecution, WorkflowHistory
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.service import RPCError, RPCStatusCode
from temporalio.worker import Replayer

from runtime.temporal.workers import sandbox
from workflows.temporal import registry
from workflows.temporal.queues import QUALITY

OPEN = "ExecutionStatus = 'Running'"
CLOSED = "ExecutionStatus != 'Running'"
STARVED = "[TMPRL1101]"
"""The SDK's word for two seconds without an answer: code that blocks, or a machine that did something else meanwhile."""
TRIES = 3


@dataclass(frozen=True)
class Broken:
    """An execution that would stop."""

    workflow_id: str
    run_id: str
    type: str
    open: bool
    why: str


@dataclass
class Checked:
    """What was replayed, and what doesn't go on."""

    open: int = 0
    closed: int = 0
    broken: list[Broken] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Whether all that is under way goes on, and all that was done would be done again."""
        return not self.broken


def replayer() -> Replayer:
    """The workflows as the worker runs them: same sandbox, same converter."""
    return Replayer(workflows=registry.ALL, workflow_runner=sandbox(), data_converter=pydantic_data_converter)


async def failures(histories: AsyncIterable[WorkflowHistory]) -> list[tuple[WorkflowHistory, str]]:
    """Those that lead the code elsewhere, with the reason; one that the machine only starved is tried again."""
    async with replayer().workflow_replay_iterator(_iterate(histories)) as outcomes:
        failed = [(one.history, str(one.replay_failure)) async for one in outcomes if one.replay_failure is not None]
    still = [(history, await _again(history, why)) for history, why in failed]
    return [(history, why) for history, why in still if why]


async def _again(history: WorkflowHistory, why: str) -> str:
    for tries in count(1):
        if STARVED not in why or tries >= TRIES:
            break
        outcome = await replayer().replay_workflow(history, raise_on_replay_failure=False)
        if outcome.replay_failure is None:
            return ""
        why = str(outcome.replay_failure)
    return why


async def _iterate(histories: AsyncIterable[WorkflowHistory]) -> AsyncIterator[WorkflowHistory]:
    async for one in histories:
        yield one


async def check(client: Client, sample: int) -> Checked:
    """All open executions at our queue, and the newest `sample` closed ones; a type that this code lacks is broken as well."""
    found = Checked()
    known = {one.__name__ for one in registry.ALL}
    for query, limit in ((OPEN, None), (CLOSED, sample)):
        if limit == 0:
            continue
        listed: dict[tuple[str, str], WorkflowExecution] = {}
        async for one in client.list_workflows(query, limit=limit):
            if one.task_queue != QUALITY:
                continue
            if one.workflow_type in known:
                listed[one.id, one.run_id] = one
            else:
                found.broken.append(_broken(one, f"this code has no {one.workflow_type}", is_open=query == OPEN))
        for history, why in await failures(_fetch(client, listed)):
            # a history that was reset tells of the run that it comes from
            same = [one for (name, _), one in listed.items() if name == history.workflow_id]
            which = listed.get((history.workflow_id, history.run_id), same[0])
            found.broken.append(_broken(which, why, is_open=query == OPEN))
        if query == OPEN:
            found.open = len(listed)
        else:
            found.closed = len(listed)
    return found


def _broken(one: WorkflowExecution, why: str, *, is_open: bool) -> Broken:
    return Broken(one.id, one.run_id, one.workflow_type, is_open, why)


async def _fetch(client: Client, listed: dict[tuple[str, str], WorkflowExecution]) -> AsyncIterator[WorkflowHistory]:
    """Their histories, one after the other; one that the server has let go meanwhile is nobody's trouble."""
    for workflow_id, run_id in listed:
        try:
            yield await client.get_workflow_handle(workflow_id, run_id=run_id).fetch_history()
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise
