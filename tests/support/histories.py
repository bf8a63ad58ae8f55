"""Histories of workflows: fetched from the server, replayed against today's code, reduced to fingerprints."""

from collections.abc import AsyncIterator, Iterable, Sequence

from temporalio.api.enums.v1 import EventType, WorkflowTaskFailedCause
from temporalio.client import Client, WorkflowExecutionStatus, WorkflowHistory
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.service import RPCError, RPCStatusCode
from temporalio.worker import Replayer

from runtime.workers import sandbox
from workflows import registry

OURS = {one.__name__ for one in registry.ALL}


def replayer() -> Replayer:
    """The workflows as the worker runs them: same sandbox, same converter."""
    return Replayer(workflows=registry.ALL, workflow_runner=sandbox(), data_converter=pydantic_data_converter)


STARVED = "[TMPRL1101]"
"""The SDK's word for two seconds without an answer: code that blocks, or a machine that did something else meanwhile."""
TRIES = 3


async def replay(histories: Iterable[WorkflowHistory]) -> None:
    """Every history must lead today's code to the same commands; says which one doesn't, and what to do."""
    left = list(histories)
    for last in range(1, TRIES + 1):
        failed = await _failures(left)
        left = [history for history, why in failed if STARVED in why and last < TRIES]
        wrong = [f"{one.workflow_id} ({kind(one)}) does not replay: {why}" for one, why in failed if one not in left]
        assert not wrong, (
            "\n".join(wrong)
            + "\nA running batch would stop here. Put the change behind `workflow.patched` (docs/how-to/develop.md)."
        )


async def _failures(histories: Sequence[WorkflowHistory]) -> list[tuple[WorkflowHistory, str]]:
    async def each() -> AsyncIterator[WorkflowHistory]:
        for history in histories:
            yield history

    async with replayer().workflow_replay_iterator(each()) as outcomes:
        return [(one.history, str(one.replay_failure)) async for one in outcomes if one.replay_failure is not None]


async def fetch_all(client: Client, seen: set[str]) -> list[WorkflowHistory]:
    """The histories of all runs of ours that are not in `seen`; adds them to it.

    The server is shared with tests of the server itself, whose workflows are theirs.
    """
    found = []
    async for one in client.list_workflows():
        if one.workflow_type in OURS and one.run_id not in seen:
            seen.add(one.run_id)
            found.append(await client.get_workflow_handle(one.id, run_id=one.run_id).fetch_history())
    return found


async def end_all(client: Client) -> None:
    """Terminate whatever still runs, so that the next plant may use the same numbers."""
    async for one in client.list_workflows("ExecutionStatus = 'Running'"):
        if one.status is WorkflowExecutionStatus.RUNNING:
            try:
                await client.get_workflow_handle(one.id, run_id=one.run_id).terminate("the test is over")
            except RPCError as problem:
                if problem.status is not RPCStatusCode.NOT_FOUND:  # it ended by itself after the list was made
                    raise


def kind(history: WorkflowHistory) -> str:
    """The workflow's type."""
    return str(history.events[0].workflow_execution_started_event_attributes.workflow_type.name)


# Something arrived while the workflow was ending, or it was terminated at work: part of a normal life.
NORMAL = {
    WorkflowTaskFailedCause.WORKFLOW_TASK_FAILED_CAUSE_UNHANDLED_COMMAND,
    WorkflowTaskFailedCause.WORKFLOW_TASK_FAILED_CAUSE_FORCE_CLOSE_COMMAND,
}


def failed_tasks(history: WorkflowHistory) -> list[str]:
    """Why workflow tasks failed: a bug in a workflow stops a batch, and shows up here only."""
    failures = [
        event.workflow_task_failed_event_attributes
        for event in history.events
        if event.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED
    ]
    return [
        f"{history.workflow_id}: {WorkflowTaskFailedCause.Name(one.cause)} {one.failure.message}"
        for one in failures
        if one.cause not in NORMAL
    ]


def names(histories: Sequence[WorkflowHistory]) -> set[str]:
    """The types among the histories."""
    return {kind(one) for one in histories}
