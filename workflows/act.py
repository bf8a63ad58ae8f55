"""An act on several subjects, or on one that no workflow follows: one short workflow, one transaction (DESIGN 6).

Its life: it is asked, the activity of the command does it or refuses, what the act has begun is followed, it ends.
"""

from typing import Any

from temporalio import workflow
from temporalio.api.common.v1 import Payload
from temporalio.common import RawValue
from temporalio.exceptions import ApplicationError, WorkflowAlreadyStartedError

with workflow.unsafe.imports_passed_through():
    from models.process import engine as process
    from models.process.messages.command import SHORT
    from models.process.messages.commands import Command, takes
    from models.process.messages.followers import type_of
    from models.process.messages.process import ActResult, ProcessStart, RunView
    from workflows.process.interpreter import perform

NOTHING = RawValue(Payload())
"""What is asked of who is started without a command."""


@workflow.defn
class Act:
    """`hold/<command>`, `shipment/<number>`, …: whatever the table of commands has for it."""

    @workflow.run
    async def run(self, command: RawValue = NOTHING) -> ActResult:
        """Do what is asked; what is no command of a short workflow is refused like anything else, and nothing sticks."""
        asked = read(command)
        if asked is None:
            return ActResult(refusal=process.NO_COMMAND().as_dict())
        if not takes(SHORT, asked.act, process=False):
            return ActResult(refusal=process.NOT_ITS_ACT(act=asked.act).as_dict(), command_id=asked.command_id)
        return await done(asked)


def read(said: RawValue) -> Any | None:
    """The command in what somebody sent; None where there is none."""
    try:
        found: Any = workflow.payload_converter().from_payload(said.payload, Command)
    except (ValueError, KeyError, RuntimeError):  # not JSON, not a command, or not even a kind of payload that we know
        return None
    return found.root if isinstance(found, Command) else None  # null is None, whatever was asked for


async def done(command: Any) -> ActResult:
    """The act, and what it has begun followed; a refusal is an answer."""
    try:
        receipt = await perform(command.act, command, summary=command.by.name)
    except ApplicationError as error:
        if error.type != "Refusal":
            raise
        return ActResult(refusal=error.details[0], command_id=command.command_id)
    for begun in receipt.begun:
        await follow(begun)
    return ActResult(receipt=receipt.model_copy(update={"begun": ()}), command_id=command.command_id)


async def follow(begun: RunView) -> None:
    """Begin the workflow of a new run; one that somebody's first act has begun already is as good."""
    if begun.state.result is not None:
        return
    start = ProcessStart(workflow_id=begun.workflow_id, lot_no=begun.lot_no, run=begun)
    try:
        await workflow.start_child_workflow(
            type_of(begun),
            start,
            id=begun.workflow_id,
            parent_close_policy=workflow.ParentClosePolicy.ABANDON,
            static_summary=f"{begun.lot_no} · {begun.title or begun.definition_key}",
        )
    except WorkflowAlreadyStartedError:
        return
