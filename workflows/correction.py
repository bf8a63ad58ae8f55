"""Correcting what was recorded as consumed: one short workflow, one transaction over all the lots of it (DESIGN 6, 9)."""

from temporalio import workflow
from temporalio.exceptions import ApplicationError

with workflow.unsafe.imports_passed_through():
    from models.messages.correction import CorrectLink
    from models.messages.process import ActResult
    from workflows.process import perform


@workflow.defn
class Correction:
    """`correction/<command>`: a new link takes the place of a wrong one, and stock follows."""

    @workflow.run
    async def run(self, command: CorrectLink) -> ActResult:
        """Correct."""
        try:
            receipt = await perform("correct_link", command, summary=command.by.name)
        except ApplicationError as error:
            if error.type != "Refusal":
                raise
            return ActResult(refusal=error.details[0], command_id=command.command_id)
        return ActResult(receipt=receipt, command_id=command.command_id)
