"""A corrective or preventive action (ISO 13485 8.5.2, 8.5.3): from what began it to the proof, months later, that it has helped."""

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from models.process.messages.process import ProcessResult, ProcessStart
    from workflows.process.interpreter import Process


@workflow.defn
class Capa(Process):
    """`capa/<capa_no>` and, for each action, `capa-action/<capa_no>/…`.

    Contains and investigates side by side, plans with a criterion that a signature fixes, lets each action run with an owner and a day of
    its own, and waits until the day comes on which the record is measured.  What hasn't helped is investigated again.
    """

    @workflow.init
    def __init__(self, start: ProcessStart) -> None:
        """See `Process`."""
        super().__init__(start)

    @workflow.run
    async def run(self, start: ProcessStart) -> ProcessResult:
        """Follow the case."""
        del start
        return await self.drive()
