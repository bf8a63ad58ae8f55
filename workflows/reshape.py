"""Reshaping batches: one short workflow and one transaction over the old and the new ones (DESIGN 6).

The lives of the new batches begin here and go on by themselves.
"""

from temporalio import workflow
from temporalio.exceptions import ApplicationError, WorkflowAlreadyStartedError

with workflow.unsafe.imports_passed_through():
    from models.messages.process import ActResult, ProcessStart, RunView
    from models.messages.reshape import Reshaping
    from workflows.process import perform
    from workflows.queues import TYPES

ACTS = {"split": "split_lot", "merge": "merge_lots", "repack": "repack_lot", "disposition": "propose_disposition"}


@workflow.defn
class Reshape:
    """`reshape/<command>`: split, merge or repack lots, or propose what to do with a part of one."""

    @workflow.run
    async def run(self, command: Reshaping) -> ActResult:
        """Reshape, then see that each new lot is followed."""
        try:
            receipt = await perform(ACTS[command.kind], command, summary=command.by.name)
        except ApplicationError as error:
            if error.type != "Refusal":
                raise
            return ActResult(refusal=error.details[0], command_id=command.command_id)
        for begun in receipt.begun:
            await self._follow(begun)
        return ActResult(receipt=receipt.model_copy(update={"begun": ()}), command_id=command.command_id)

    async def _follow(self, begun: RunView) -> None:
        """Begin the workflow of a new run; one that somebody's first act has begun already is as good."""
        if begun.state.result is not None:
            return
        start = ProcessStart(workflow_id=begun.workflow_id, lot_no=begun.lot_no, run=begun)
        try:
            await workflow.start_child_workflow(
                TYPES[begun.definition_key],
                start,
                id=begun.workflow_id,
                parent_close_policy=workflow.ParentClosePolicy.ABANDON,
                static_summary=f"批次 {begun.lot_no}",
            )
        except WorkflowAlreadyStartedError:
            return
