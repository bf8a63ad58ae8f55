"""A deviation or nonconformance of a batch (ISO 13485 8.3): opened by what happened, followed here until it is decided."""

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from models.process.messages.process import ProcessResult, ProcessStart
    from workflows.process.interpreter import Process


@workflow.defn
class Nonconformance(Process):
    """`nonconformance/<lot_no>/<n>`: waits for the decision and escalates; the batch's own life goes on beside it."""

    @workflow.init
    def __init__(self, start: ProcessStart) -> None:
        """See `Process`."""
        super().__init__(start)

    @workflow.run
    async def run(self, start: ProcessStart) -> ProcessResult:
        """Follow the decision."""
        del start
        return await self.drive()
