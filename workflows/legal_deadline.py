"""A legal deadline of a recall that came near (STANDARDS T 58-65): begun by the recall's timer, followed here."""

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from models.process.messages.process import ProcessResult, ProcessStart
    from workflows.process.interpreter import Process


@workflow.defn
class LegalDeadline(Process):
    """`deadline/<recall_no>/<n>`: waits for the report, or for the word why it is late; ends when the deadline is met."""

    @workflow.init
    def __init__(self, start: ProcessStart) -> None:
        """See `Process`."""
        super().__init__(start)

    @workflow.run
    async def run(self, start: ProcessStart) -> ProcessResult:
        """Follow the task."""
        del start
        return await self.drive()
