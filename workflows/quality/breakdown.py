"""A breakdown of equipment (ISO 13485 6.3; 21 CFR 820.70(g)), from the report to the signature that takes it back into use."""

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from models.process.messages.process import ProcessResult, ProcessStart
    from workflows.process.interpreter import Process


@workflow.defn
class Breakdown(Process):
    """`breakdown/<breakdown_no>`.

    Brings the repair into the inbox, and then the signature of somebody else.  That the equipment is out of use is read from the record, whether
    this workflow lives or not.
    """

    @workflow.init
    def __init__(self, start: ProcessStart) -> None:
        """See `Process`."""
        super().__init__(start)

    @workflow.run
    async def run(self, start: ProcessStart) -> ProcessResult:
        """Follow the breakdown."""
        del start
        return await self.drive()
