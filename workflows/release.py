"""Release of a lot by two different people (REQUIREMENTS 34, 35; DESIGN 7)."""

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from models.process.messages.process import ProcessResult, ProcessStart
    from workflows.process.interpreter import Process


@workflow.defn
class Release(Process):
    """`release/<lot_no>/<n>`: a subprocess of the batch's life."""

    @workflow.init
    def __init__(self, start: ProcessStart) -> None:
        """See `Process`."""
        super().__init__(start)

    @workflow.run
    async def run(self, start: ProcessStart) -> ProcessResult:
        """Follow the process."""
        del start
        return await self.drive()
