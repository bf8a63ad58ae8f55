"""A recall or a drill, from its trigger to its closing (REQUIREMENTS 74-82; DESIGN 6)."""

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from models.process.messages.process import ProcessResult, ProcessStart, Receipt
    from models.recall.messages.begin import Acknowledge, DrawChecks, OpenRecall, RecordCheck
    from models.recall.messages.follow_up import NameReceivers
    from workflows.process.aliases import alias
    from workflows.process.interpreter import Process


@workflow.defn
class Recall(Process):
    """`recall/<recall_no>`: the same for both; the record's outward module knows which of the two it is."""

    @workflow.init
    def __init__(self, start: ProcessStart) -> None:
        """See `Process`."""
        super().__init__(start)

    @workflow.run
    async def run(self, start: ProcessStart) -> ProcessResult:
        """Follow the recall."""
        del start
        return await self.drive()

    @alias
    async def open(self, command: OpenRecall) -> Receipt:
        """It begins: the first version of the scope is computed."""
        return await self._do(command)

    @alias
    async def acknowledge(self, command: Acknowledge) -> Receipt:
        """A customer answers a notice."""
        return await self._do(command)

    @alias
    async def name_receivers(self, command: NameReceivers) -> Receipt:
        """Who passed goods on says to whom."""
        return await self._do(command)

    @alias
    async def draw_checks(self, command: DrawChecks) -> Receipt:
        """It is decided how many customers are asked whether the notice worked."""
        return await self._do(command)

    @alias
    async def record_check(self, command: RecordCheck) -> Receipt:
        """A drawn customer was asked."""
        return await self._do(command)
