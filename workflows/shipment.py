"""A shipment: one short workflow over several batches, one transaction (DESIGN 6)."""

from temporalio import workflow
from temporalio.exceptions import ApplicationError

with workflow.unsafe.imports_passed_through():
    from models.messages.process import ActResult, Ship
    from workflows.process import perform


@workflow.defn
class Shipment:
    """`shipment/<shipment_no>`: goods leave, or a refusal says why not."""

    @workflow.run
    async def run(self, command: Ship) -> ActResult:
        """Ship."""
        try:
            receipt = await perform("ship", command, summary=command.by.name)
        except ApplicationError as error:
            if error.type != "Refusal":
                raise
            return ActResult(refusal=error.details[0], command_id=command.command_id)
        return ActResult(receipt=receipt, command_id=command.command_id)
