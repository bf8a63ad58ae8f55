"""The acts of people, one activity each."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import Engine
from sqlmodel import Session

from activities.transaction import once, uninterrupted
from models.messages.correction import CorrectLink
from models.messages.packing import MoveUnit, PackUnit, UnpackUnit
from models.messages.process import (
    Acknowledge,
    BookReturn,
    CompleteTask,
    CreateWorkOrder,
    DecideAgain,
    DecideLots,
    DisposeReturn,
    DrawChecks,
    FileReport,
    LiftHold,
    OpenRecall,
    PlaceHold,
    Receipt,
    ReceiveLot,
    RecordCheck,
    RecordOperation,
    RecordResults,
    Ship,
)
from models.messages.recalls import NameReceivers, RecordClass
from models.messages.reshape import MergeLots, ProposeDisposition, RepackLot, SplitLot
from models.messages.scheduled import PlanDrill
from models.messages.stock import MoveStock, RegisterSerials
from models.store.acts import (
    checking,
    classifying,
    completing,
    correcting,
    deciding,
    disposing,
    drilling,
    holding,
    inspecting,
    packing,
    permits,
    producing,
    recalling,
    receiving,
    reporting,
    reshaping,
    returning,
    shipping,
    stocking,
)


class Acts:
    """Bound to the database of the worker."""

    def __init__(self, engine: Engine, build: str, secret: bytes | None = None) -> None:
        """Keep what every act needs; `secret` is the server's, by which links and its own command line are known."""
        self._engine = engine
        self._build = build
        self._secret = secret

    def _once(self, command: Any, do: Callable[[Session, Any, datetime], Receipt]) -> Receipt:
        return once(
            self._engine,
            self._build,
            command.by,
            lambda session, now: permits.permitted(session, command, do, now, self._secret),
            command=command,
            command_id=getattr(command, "request_id", None) or command.command_id,
            reason=getattr(command, "reason", None) or "",
        )

    @uninterrupted
    def receive_lot(self, command: ReceiveLot) -> Receipt:
        """A supplier's lot arrives."""
        return self._once(command, receiving.receive)

    @uninterrupted
    def create_work_order(self, command: CreateWorkOrder) -> Receipt:
        """A work order begins a lot."""
        return self._once(command, producing.create)

    @uninterrupted
    def record_operation(self, command: RecordOperation) -> Receipt:
        """An operation was done."""
        return self._once(command, producing.record)

    @uninterrupted
    def record_results(self, command: RecordResults) -> Receipt:
        """Values were measured."""
        return self._once(command, inspecting.record)

    @uninterrupted
    def complete_task(self, command: CompleteTask) -> Receipt:
        """A task is completed, signed where its stage asks for it."""
        return self._once(command, completing.complete)

    @uninterrupted
    def ship(self, command: Ship) -> Receipt:
        """Goods leave."""
        return self._once(command, shipping.ship)

    @uninterrupted
    def open_recall(self, command: OpenRecall) -> Receipt:
        """A recall or a drill begins."""
        return self._once(command, recalling.begin)

    @uninterrupted
    def plan_drill(self, command: PlanDrill) -> Receipt:
        """The schedule asks for a drill."""
        return self._once(command, drilling.plan)

    @uninterrupted
    def acknowledge(self, command: Acknowledge) -> Receipt:
        """A customer answers a notice."""
        return self._once(command, recalling.acknowledge)

    @uninterrupted
    def name_receivers(self, command: NameReceivers) -> Receipt:
        """Who passed goods on says to whom."""
        return self._once(command, recalling.name_receivers)

    @uninterrupted
    def draw_checks(self, command: DrawChecks) -> Receipt:
        """Customers are drawn for effectiveness checks."""
        return self._once(command, checking.draw)

    @uninterrupted
    def record_check(self, command: RecordCheck) -> Receipt:
        """A drawn customer was asked."""
        return self._once(command, checking.record)

    @uninterrupted
    def book_return(self, command: BookReturn) -> Receipt:
        """Recalled goods came back."""
        return self._once(command, returning.book)

    @uninterrupted
    def dispose_return(self, command: DisposeReturn) -> Receipt:
        """Returned goods are disposed of."""
        return self._once(command, returning.dispose)

    @uninterrupted
    def decide_lots(self, command: DecideLots) -> Receipt:
        """It is decided what becomes of recalled batches in house."""
        return self._once(command, deciding.decide)

    @uninterrupted
    def record_class(self, command: RecordClass) -> Receipt:
        """An agency's letter classifies a recall."""
        return self._once(command, classifying.record)

    @uninterrupted
    def file_report(self, command: FileReport) -> Receipt:
        """A report went to an authority."""
        return self._once(command, reporting.file)

    @uninterrupted
    def place_hold(self, command: PlaceHold) -> Receipt:
        """Lots are frozen."""
        return self._once(command, holding.place)

    @uninterrupted
    def lift_hold(self, command: LiftHold) -> Receipt:
        """A hold is lifted."""
        return self._once(command, holding.lift)

    @uninterrupted
    def decide_again(self, command: DecideAgain) -> Receipt:
        """A held batch goes to a newer release decision."""
        return self._once(command, holding.decide_again)

    @uninterrupted
    def propose_disposition(self, command: ProposeDisposition) -> Receipt:
        """Part of a lot is proposed for rejection."""
        return self._once(command, disposing.propose)

    @uninterrupted
    def split_lot(self, command: SplitLot) -> Receipt:
        """Parts of a lot become lots of their own."""
        return self._once(command, reshaping.split)

    @uninterrupted
    def merge_lots(self, command: MergeLots) -> Receipt:
        """Several lots become one."""
        return self._once(command, reshaping.merge)

    @uninterrupted
    def repack_lot(self, command: RepackLot) -> Receipt:
        """A lot goes into another pack."""
        return self._once(command, reshaping.repack)

    @uninterrupted
    def correct_link(self, command: CorrectLink) -> Receipt:
        """Something else was consumed than was recorded."""
        return self._once(command, correcting.correct)

    @uninterrupted
    def pack_unit(self, command: PackUnit) -> Receipt:
        """Goods go into a case or onto a pallet."""
        return self._once(command, packing.pack)

    @uninterrupted
    def unpack_unit(self, command: UnpackUnit) -> Receipt:
        """Goods come out of a unit."""
        return self._once(command, packing.unpack)

    @uninterrupted
    def move_unit(self, command: MoveUnit) -> Receipt:
        """A unit moves with all that is in it."""
        return self._once(command, packing.move)

    @uninterrupted
    def register_serials(self, command: RegisterSerials) -> Receipt:
        """Pieces of a lot get their serial numbers."""
        return self._once(command, stocking.register)

    @uninterrupted
    def move_stock(self, command: MoveStock) -> Receipt:
        """Goods go to another place."""
        return self._once(command, stocking.move)
