"""The types that `Act` had before it was one: whoever started them, and their histories, go on with it."""

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from models.correction.messages import CorrectLink
    from models.hold.messages import DecideAgain, LiftHold, PlaceHold
    from models.packing import messages as packing
    from models.process.messages.process import ActResult
    from models.recall.messages.begin import DecideLots, FileReport
    from models.recall.messages.follow_up import RecordClass
    from models.reshape.messages import Reshaping
    from models.returns.messages import BookReturn, DisposeReturn
    from models.shipment.messages import Ship
    from models.stock import messages as stock
    from workflows.act import done


@workflow.defn
class Hold:
    """`hold/<command>` of before."""

    @workflow.run
    async def run(self, command: PlaceHold | LiftHold | DecideAgain) -> ActResult:
        """See `Act`."""
        return await done(command)


@workflow.defn
class Shipment:
    """`shipment/<number>` of before."""

    @workflow.run
    async def run(self, command: Ship) -> ActResult:
        """See `Act`."""
        return await done(command)


@workflow.defn
class Reshape:
    """`reshape/<command>` of before."""

    @workflow.run
    async def run(self, command: Reshaping) -> ActResult:
        """See `Act`."""
        return await done(command)


@workflow.defn
class Correction:
    """`correction/<command>` of before."""

    @workflow.run
    async def run(self, command: CorrectLink) -> ActResult:
        """See `Act`."""
        return await done(command)


@workflow.defn
class Packing:
    """`packing/<command>` of before."""

    @workflow.run
    async def run(self, command: packing.Packing) -> ActResult:
        """See `Act`."""
        return await done(command)


@workflow.defn
class Stock:
    """`stock/<command>` of before."""

    @workflow.run
    async def run(self, command: stock.Stock) -> ActResult:
        """See `Act`."""
        return await done(command)


@workflow.defn
class RecallBooking:
    """`recall-booking/<command>` of before."""

    @workflow.run
    async def run(self, command: BookReturn | DecideLots | DisposeReturn | FileReport | RecordClass) -> ActResult:
        """See `Act`."""
        return await done(command)
