"""Receivers whom a customer named wait until somebody of ours has looked at the list (21 CFR 7.42(b)(1), 7.49(d))."""

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from models.process.messages.process import ProcessResult, ProcessStart
    from workflows.process.interpreter import Process


@workflow.defn
class ConfirmReceivers(Process):
    """`receivers/<recall_no>/<n>`: waits for the coordinator, escalates, ends with the decision or with its recall."""

    @workflow.init
    def __init__(self, start: ProcessStart) -> None:
        """See `Process`."""
        super().__init__(start)

    @workflow.run
    async def run(self, start: ProcessStart) -> ProcessResult:
        """Follow the list."""
        del start
        return await self.drive()
