"""A change under control (ISO 13485 7.3.9): from the request to its closing, with the batches that wait for it."""

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from models.process.messages.process import ProcessResult, ProcessStart
    from workflows.process.interpreter import Process


@workflow.defn
class Change(Process):
    """`change/<change_no>`.

    Assessed with what it touches, agreed by each area side by side, approved by somebody who didn't ask for it.  The approval locks the later
    steps of the batches that it touches; they go on by the record as soon as somebody has decided on them, whether this workflow lives or not.
    """

    @workflow.init
    def __init__(self, start: ProcessStart) -> None:
        """See `Process`."""
        super().__init__(start)

    @workflow.run
    async def run(self, start: ProcessStart) -> ProcessResult:
        """Follow the change."""
        del start
        return await self.drive()
