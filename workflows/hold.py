"""Freezing and unfreezing batches: one short workflow, one transaction for the whole scope (DESIGN 6)."""

from temporalio import workflow
from temporalio.exceptions import ApplicationError

with workflow.unsafe.imports_passed_through():
    from models.messages.process import ActResult, DecideAgain, LiftHold, PlaceHold
    from workflows.process import perform


ACTIVITIES: dict[type, str] = {PlaceHold: "place_hold", LiftHold: "lift_hold", DecideAgain: "decide_again"}


@workflow.defn
class Hold:
    """`hold/<command>`: place a hold on lots, or lift one."""

    @workflow.run
    async def run(self, command: PlaceHold | LiftHold | DecideAgain) -> ActResult:
        """Place or lift, or ask for the newer decision that lifts."""
        name = ACTIVITIES[type(command)]
        try:
            receipt = await perform(name, command, summary=command.by.name)
        except ApplicationError as error:
            if error.type != "Refusal":
                raise
            return ActResult(refusal=error.details[0], command_id=command.command_id)
        return ActResult(receipt=receipt, command_id=command.command_id)
