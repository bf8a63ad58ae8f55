"""The acts of people, one activity each."""

from sqlalchemy import Engine
from temporalio import activity

from activities.transaction import once
from models.messages.process import (
    CompleteTask,
    CreateWorkOrder,
    LiftHold,
    PlaceHold,
    Receipt,
    ReceiveLot,
    RecordOperation,
    RecordResults,
    Ship,
)
from models.store.acts import completing, holding, inspecting, producing, receiving, shipping


class Acts:
    """Bound to the database of the worker."""

    def __init__(self, engine: Engine, build: str) -> None:
        """Keep what every act needs."""
        self._engine = engine
        self._build = build

    @activity.defn
    def receive_lot(self, command: ReceiveLot) -> Receipt:
        """A supplier's lot arrives."""
        return once(
            self._engine, self._build, command.by, lambda session, now: receiving.receive(session, command, now)
        )

    @activity.defn
    def create_work_order(self, command: CreateWorkOrder) -> Receipt:
        """A work order begins a lot."""
        return once(self._engine, self._build, command.by, lambda session, now: producing.create(session, command, now))

    @activity.defn
    def record_operation(self, command: RecordOperation) -> Receipt:
        """An operation was done."""
        return once(self._engine, self._build, command.by, lambda session, now: producing.record(session, command, now))

    @activity.defn
    def record_results(self, command: RecordResults) -> Receipt:
        """Values were measured."""
        return once(
            self._engine, self._build, command.by, lambda session, now: inspecting.record(session, command, now)
        )

    @activity.defn
    def complete_task(self, command: CompleteTask) -> Receipt:
        """A task is completed, signed where its stage asks for it."""
        return once(
            self._engine,
            self._build,
            command.by,
            lambda session, now: completing.complete(session, command, now),
            reason=command.reason or "",
        )

    @activity.defn
    def ship(self, command: Ship) -> Receipt:
        """Goods leave."""
        return once(self._engine, self._build, command.by, lambda session, now: shipping.ship(session, command, now))

    @activity.defn
    def place_hold(self, command: PlaceHold) -> Receipt:
        """Lots are frozen."""
        return once(
            self._engine,
            self._build,
            command.by,
            lambda session, now: holding.place(session, command, now),
            reason=command.reason,
        )

    @activity.defn
    def lift_hold(self, command: LiftHold) -> Receipt:
        """A hold is lifted."""
        return once(
            self._engine,
            self._build,
            command.by,
            lambda session, now: holding.lift(session, command, now),
            reason=command.reason,
        )
