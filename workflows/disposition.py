"""What becomes of a part of a batch (REQUIREMENTS 6): begun by a proposal, followed here until somebody has decided."""

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from models.process.messages.process import ProcessResult, ProcessStart
    from workflows.process.interpreter import Process


@workflow.defn
class Disposition(Process):
    """`disposition/<lot_no>/<n>`: beside the batch's own life, which goes on with what stays."""

    @workflow.init
    def __init__(self, start: ProcessStart) -> None:
        """See `Process`."""
        super().__init__(start)

    @workflow.run
    async def run(self, start: ProcessStart) -> ProcessResult:
        """Follow the process."""
        del start
        return await self.drive()
