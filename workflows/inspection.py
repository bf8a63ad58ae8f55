"""An inspection of a lot: values bit by bit, a verdict that the limits give, a signature (REQUIREMENTS 27-30)."""

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from models.process.messages.process import ProcessResult, ProcessStart
    from workflows.process.interpreter import Process


@workflow.defn
class Inspection(Process):
    """`inspection/<lot_no>/<n>`: a subprocess of the batch's life."""

    @workflow.init
    def __init__(self, start: ProcessStart) -> None:
        """See `Process`."""
        super().__init__(start)

    @workflow.run
    async def run(self, start: ProcessStart) -> ProcessResult:
        """Follow the process."""
        del start
        return await self.drive()
