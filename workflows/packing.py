"""Packing cases and pallets: one short workflow, one transaction over the unit and all that is in it (DESIGN 6)."""

from temporalio import workflow
from temporalio.exceptions import ApplicationError

with workflow.unsafe.imports_passed_through():
    from models.messages import packing as messages
    from models.messages.process import ActResult
    from workflows.process import perform

ACTS = {"pack": "pack_unit", "unpack": "unpack_unit", "move": "move_unit"}


@workflow.defn
class Packing:
    """`packing/<command>`: things go into a unit, come out of it, or move with it."""

    @workflow.run
    async def run(self, command: messages.Packing) -> ActResult:
        """Pack, unpack or move."""
        try:
            receipt = await perform(ACTS[command.kind], command, summary=command.by.name)
        except ApplicationError as error:
            if error.type != "Refusal":
                raise
            return ActResult(refusal=error.details[0], command_id=command.command_id)
        return ActResult(receipt=receipt, command_id=command.command_id)
