"""A supplier on the list (ISO 13485 7.4.1): assessed, signed by two people, in force, and assessed again before its end."""

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from models.process.messages.process import ProcessResult, ProcessStart
    from workflows.process.interpreter import Process


@workflow.defn
class SupplierApproval(Process):
    """`supplier-approval/<approval_no>/<n>`.

    It lives as long as the supplier is on the list, for years: between two assessments it waits for the day on which the next one begins, or
    for somebody who asks for it earlier.  Whether a receipt is covered is read from the record, whether this workflow lives or not.
    """

    @workflow.init
    def __init__(self, start: ProcessStart) -> None:
        """See `Process`."""
        super().__init__(start)

    @workflow.run
    async def run(self, start: ProcessStart) -> ProcessResult:
        """Follow the approval."""
        del start
        return await self.drive()
