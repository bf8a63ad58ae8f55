"""Limits of a chart of incoming lots (STANDARDS Q 91), and what follows when lots drift from them (REQUIREMENTS 50)."""

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from models.process.messages.process import ProcessResult, ProcessStart
    from workflows.process.interpreter import Process


@workflow.defn
class DriftLimits(Process):
    """`drift-limits/<chart_no>/<n>`: limits proposed from lots of the record, and frozen by somebody else's signature."""

    @workflow.init
    def __init__(self, start: ProcessStart) -> None:
        """See `Process`."""
        super().__init__(start)

    @workflow.run
    async def run(self, start: ProcessStart) -> ProcessResult:
        """Follow the limits."""
        del start
        return await self.drive()


@workflow.defn
class SupplierAlert(Process):
    """`supplier-alert/<alert_no>`: begun by the lot that raised it; assessed, decided, and closed by a signature, and sampling is tightened till then."""

    @workflow.init
    def __init__(self, start: ProcessStart) -> None:
        """See `Process`."""
        super().__init__(start)

    @workflow.run
    async def run(self, start: ProcessStart) -> ProcessResult:
        """Follow the alert."""
        del start
        return await self.drive()
