"""The review of a deviation or nonconformance (ISO 13485 8.3): begun by what was found, followed here until it is decided."""

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from models.process.messages.process import ProcessResult, ProcessStart
    from workflows.process.interpreter import Process


@workflow.defn
class MaterialReview(Process):
    """`material-review/<nonconformance_no>`: waits for the decision, and for a second person where it is critical.

    The life of the batch goes on beside it.
    """

    @workflow.init
    def __init__(self, start: ProcessStart) -> None:
        """See `Process`."""
        super().__init__(start)

    @workflow.run
    async def run(self, start: ProcessStart) -> ProcessResult:
        """Follow the review."""
        del start
        return await self.drive()
