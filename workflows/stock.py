"""Dealing with stock itself: one short workflow, one transaction over the lot (DESIGN 6)."""

from temporalio import workflow
from temporalio.exceptions import ApplicationError

with workflow.unsafe.imports_passed_through():
    from models.messages import stock as messages
    from models.messages.process import ActResult
    from workflows.process import perform

ACTS = {"register": "register_serials", "move": "move_stock"}


@workflow.defn
class Stock:
    """`stock/<command>`: pieces get their serial numbers, or goods go to another place."""

    @workflow.run
    async def run(self, command: messages.Stock) -> ActResult:
        """Do it, or say why not."""
        try:
            receipt = await perform(ACTS[command.kind], command, summary=command.by.name)
        except ApplicationError as error:
            if error.type != "Refusal":
                raise
            return ActResult(refusal=error.details[0], command_id=command.command_id)
        return ActResult(receipt=receipt, command_id=command.command_id)
