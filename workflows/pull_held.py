"""Somebody is sent for goods that quality holds, at one place (REQUIREMENTS 55): begun by the hold, followed here."""

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from models.process.messages.process import ProcessResult, ProcessStart
    from workflows.process.interpreter import Process


@workflow.defn
class PullHeld(Process):
    """`pull-held/<lot_no>/<n>`: waits for the people, escalates, ends with the count or when all of the hold is lifted."""

    @workflow.init
    def __init__(self, start: ProcessStart) -> None:
        """See `Process`."""
        super().__init__(start)

    @workflow.run
    async def run(self, start: ProcessStart) -> ProcessResult:
        """Follow the errand."""
        del start
        return await self.drive()
