"""An operator has a faulted act done again; what it began or moved is followed as ever (DESIGN 6a)."""

from typing import Any

from temporalio import workflow
from temporalio.exceptions import ApplicationError, WorkflowAlreadyStartedError

with workflow.unsafe.imports_passed_through():
    from models.fault.messages import RetryFault, SettleFault
    from models.process.messages.followers import type_of
    from models.process.messages.process import ActResult, Notify, ProcessStart, Receipt, RunView
    from workflows.process.interpreter import perform


ASKED = "an-operator-asks"
BY_ITSELF = {"run_automatic", "escalate"}
"""What a process asks for by itself: it waits for no answer any more, so it is told even where it is over by it."""


@workflow.defn
class FaultRetry:
    """`fault/<fault>/<try>`: one act, done again in the name of who asked for it."""

    @workflow.run
    async def run(self, command: RetryFault) -> ActResult:
        """Do it, see that what moved is followed, write down what became of it."""
        refusal: dict[str, Any] | None = None
        receipt: Receipt | None = None
        try:
            if workflow.patched(ASKED):
                await perform("permit_retry", command)
            receipt = _receipt(await perform(command.act, command.command, None, summary=command.by.name))
        except ApplicationError as error:
            if error.type != "Refusal":
                raise
            refusal = error.details[0]
        if receipt is not None:
            for run in (receipt.run, *receipt.begun):
                if run is not None and (run.state.result is None or command.act in BY_ITSELF):
                    await self._follow(run)
            receipt = receipt.model_copy(update={"run": None, "begun": ()})
        await perform("settle_fault", SettleFault(fault=command.fault, by=command.by, answer=refusal, retry=command))
        return ActResult(receipt=receipt, refusal=refusal, command_id=command.command_id)

    async def _follow(self, run: RunView) -> None:
        """Begin the workflow of a run that has just begun; one that lives is told to look at the record."""
        start = ProcessStart(workflow_id=run.workflow_id, lot_no=run.lot_no, run=run)
        if run.definition is not None:
            try:
                await workflow.start_child_workflow(
                    type_of(run),
                    start,
                    id=run.workflow_id,
                    parent_close_policy=workflow.ParentClosePolicy.ABANDON,
                    static_summary=f"{run.lot_no} · {run.title or run.definition_key}",
                )
            except WorkflowAlreadyStartedError:
                pass
            else:
                return
        try:
            await workflow.get_external_workflow_handle(run.workflow_id).signal("changed", Notify(fact="fault.retried"))
        except ApplicationError:
            # nobody follows it; what the record has running and the server doesn't is begun again from there
            workflow.logger.warning("nobody follows %s", run.workflow_id)


def _receipt(answer: Any) -> Receipt:
    """The receipt of the act; what has another answer (a run that was looked at) has none worth telling."""
    if isinstance(answer, dict) and "act" in answer:
        return Receipt.model_validate(answer)
    return Receipt(act="done", at=workflow.now())
