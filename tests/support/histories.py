"""Histories of workflows: fetched from the server, replayed against today's code, reduced to fingerprints."""

from collections.abc import AsyncIterator, Iterable, Sequence

from temporalio.api.enums.v1 import EventType, WorkflowTaskFailedCause
from temporalio.client import Client, WorkflowExecutionStatus, WorkflowHistory
from temporalio.service import RPCError, RPCStatusCode

from runtime.temporal.replaying import failures
from workflows.temporal import registry


async def replay(histories: Iterable[WorkflowHistory]) -> None:
    """Every history must lead today's code to the same commands; says which one doesn't, and what to do."""

    async def each() -> AsyncIterator[WorkflowHistory]:
        for history in histories:
            yield history

    wrong = [f"{one.workflow_id} ({kind(one)}) does not replay: {why}" for one, why in await failures(each())]
    assert not wrong, (
        "\n".join(wrong)
        + "\nA running batch would stop here. Put the change behind `workflow.patched` (docs/how-to/develop.md)."
    )


async def fetch_all(client: Client, seen: set[str]) -> list[WorkflowHistory]:
    """The histories of all runs of ours that are not in `seen`; adds them to it.

    The server is shared with tests of the server itself, whose workflows are theirs.
    """
    found, ours = [], {one.__name__ for one in registry.ALL}
    async for one in client.list_workflows():
        if one.workflow_type in ours and one.run_id not in seen:
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
