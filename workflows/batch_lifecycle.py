"""The life of a batch, from receipt or production to the last unit (REQUIREMENTS 1-3, 9)."""

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from models.order.messages.order import CreateWorkOrder
    from models.process.messages.process import ProcessResult, ProcessStart, Receipt
    from models.production.messages import RecordOperation
    from models.receipt.messages import ReceiveLot
    from workflows.process.aliases import alias
    from workflows.process.interpreter import Process


@workflow.defn
class BatchLifecycle(Process):
    """`lot/<lot_no>`: begun by its first act, ends when the batch is used up, shipped out or rejected."""

    @workflow.init
    def __init__(self, start: ProcessStart) -> None:
        """See `Process`."""
        super().__init__(start)

    @workflow.run
    async def run(self, start: ProcessStart) -> ProcessResult:
        """Follow the batch."""
        del start
        return await self.drive()

    @alias
    async def receive(self, command: ReceiveLot) -> Receipt:
        """A supplier's lot arrives; the first act of a bought batch."""
        return await self._do(command)

    @alias
    async def create_work_order(self, command: CreateWorkOrder) -> Receipt:
        """A work order begins an own batch; its first act."""
        return await self._do(command)

    @alias
    async def record_operation(self, command: RecordOperation) -> Receipt:
        """An operation of the batch's work order was done."""
        return await self._do(command)
