"""Histories of workflows: fetched from the server, replayed against today's code, reduced to fingerprints."""

import json
from collections.abc import AsyncIterator, Iterable, Sequence
from itertools import pairwise

from temporalio.api.enums.v1 import EventType, WorkflowTaskFailedCause
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import Client, WorkflowExecutionStatus, WorkflowHistory
from temporalio.service import RPCError, RPCStatusCode

from runtime.temporal.replaying import failures
from tests.support.often import DEEP
from workflows.temporal import registry

_MET: set[tuple[str, str, str]] = set()
"""Of which kinds of workflow this process has replayed which step after which."""
OF_THE_SERVER = {
    EventType.EVENT_TYPE_WORKFLOW_TASK_SCHEDULED,
    EventType.EVENT_TYPE_WORKFLOW_TASK_STARTED,
    EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED,
}
"""How the server asks a worker: no steps of a workflow."""


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


def unlike(written: Iterable[WorkflowHistory]) -> list[WorkflowHistory]:
    """Those in which something follows on something as in none that this process has replayed; in depth all.

    Every batch of every test is received, inspected and put away alike, and to replay a history costs as much as to make it.
    """
    if DEEP:
        return [*written]
    found = []
    for one in sorted(written, key=lambda one: len(one.events), reverse=True):
        steps = [_step(event) for event in one.events if event.event_type not in OF_THE_SERVER]
        new = {(kind(one), *pair) for pair in pairwise([*steps, "the end"])} - _MET
        if new:
            _MET.update(new)
            found.append(one)
    return found


def _step(event: HistoryEvent) -> str:
    """What happened, with the act, the message, the child or the activity that it was."""
    said = [EventType.Name(event.event_type)]
    match event.WhichOneof("attributes"):
        case "workflow_execution_update_completed_event_attributes":
            payloads = event.workflow_execution_update_completed_event_attributes.outcome.success.payloads
            said += [str(json.loads(one.data).get("act")) for one in payloads] or ["refused"]
        case "workflow_execution_signaled_event_attributes":
            said.append(event.workflow_execution_signaled_event_attributes.signal_name)
        case "start_child_workflow_execution_initiated_event_attributes":
            said.append(event.start_child_workflow_execution_initiated_event_attributes.workflow_type.name)
        case "activity_task_scheduled_event_attributes":
            said.append(event.activity_task_scheduled_event_attributes.activity_type.name)
        case "marker_recorded_event_attributes":
            said.append(event.marker_recorded_event_attributes.marker_name)
    return " ".join(said)


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
