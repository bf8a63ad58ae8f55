"""Freezing and unfreezing batches: one short workflow, one transaction for the whole scope (DESIGN 6)."""

from temporalio import workflow
from temporalio.exceptions import ApplicationError

with workflow.unsafe.imports_passed_through():
    from models.messages.process import ActResult, LiftHold, PlaceHold
    from workflows.process import perform


@workflow.defn
class Hold:
    """`hold/<command>`: place a hold on lots, or lift one."""

    @workflow.run
    async def run(self, command: PlaceHold | LiftHold) -> ActResult:
        """Place or lift."""
        name = "place_hold" if isinstance(command, PlaceHold) else "lift_hold"
        try:
            receipt = await perform(name, command, summary=command.by.name)
        except ApplicationError as error:
            if error.type != "Refusal":
                raise
            return ActResult(refusal=error.details[0], command_id=command.command_id)
        return ActResult(receipt=receipt, command_id=command.command_id)
