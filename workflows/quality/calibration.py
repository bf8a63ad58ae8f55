"""The calibrations of an instrument (ISO 13485 7.6), and what is assessed when one finds that it was out of tolerance."""

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from models.process.messages.process import ProcessResult, ProcessStart
    from workflows.process.interpreter import Process


@workflow.defn
class Calibration(Process):
    """`calibration/<equipment_no>/<n>`.

    Brings the calibration into the inbox, waits until the next one is near or somebody asks for it, and brings it again; what one finds out of
    tolerance begins an assessment beside it.
    """

    @workflow.init
    def __init__(self, start: ProcessStart) -> None:
        """See `Process`."""
        super().__init__(start)

    @workflow.run
    async def run(self, start: ProcessStart) -> ProcessResult:
        """Follow the instrument."""
        del start
        return await self.drive()


@workflow.defn
class OutOfTolerance(Process):
    """`out-of-tolerance/<assessment_no>`: quality decides on each result that the instrument measured meanwhile, and closes it when all are."""

    @workflow.init
    def __init__(self, start: ProcessStart) -> None:
        """See `Process`."""
        super().__init__(start)

    @workflow.run
    async def run(self, start: ProcessStart) -> ProcessResult:
        """Follow the assessment."""
        del start
        return await self.drive()
