"""What a supplier is asked to correct (ISO 13485 7.4.1, 8.5.2): sent through a link, answered without an account, reviewed and closed."""

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from models.process.messages.process import ProcessResult, ProcessStart
    from workflows.process.interpreter import Process


@workflow.defn
class SupplierCorrectiveAction(Process):
    """`scar/<scar_no>`.

    Waits for the supplier's answer until its link has ended, and tells people here when it is late.  Whether a link is in force is read from
    the record, whether this workflow lives or not; so an answer that comes while nobody is at work is kept and found later.
    """

    @workflow.init
    def __init__(self, start: ProcessStart) -> None:
        """See `Process`."""
        super().__init__(start)

    @workflow.run
    async def run(self, start: ProcessStart) -> ProcessResult:
        """Follow the request."""
        del start
        return await self.drive()
