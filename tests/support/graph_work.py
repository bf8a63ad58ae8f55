"""Work on the lots of a plant of `tests.support.graph`: operations with who, with what and where; measurements; facts."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any

from models.equipment.tables import EnvironmentReading, Equipment
from models.inspection.tables import Inspection, InspectionResult
from models.lot.tables import Lot, LotFact
from models.order.tables import RoutingStep, WorkOrder
from models.person.tables import Account, Person
from models.place.tables import Location
from models.production.tables import OperationEnvironment, OperationEquipment, OperationPerson, OperationRun
from models.stock.tables import StockMovement
from tests.support.graph import Plant


class Work:
    """Adds what happened."""

    def __init__(self, plant: Plant) -> None:
        self.plant = plant
        self._numbers = iter(range(1, 1_000_000))

    def machine(self, number: str = "G-17") -> Equipment:
        row = Equipment(equipment_no=number, name=f"检具 {number}", kind="gauge")
        found: Equipment = self.plant.once(f"machine {number}", row)
        return found

    def person(self, login: str = "wang.cao") -> Person:
        name = f"person {login}"
        if name not in self.plant.made:
            found = self.plant.once(name, Person(name=f"姓名 {login}"))
            self.plant.add(Account(person_id=found.id, login=login, password_hash="-"))
        made: Person = self.plant.made[name]
        return made

    def room(self, code: str = "CR-2") -> Location:
        return self.plant.location(code)

    def run(
        self,
        lot: Lot,
        starts_at: datetime,
        ends_at: datetime,
        *,
        machines: Iterable[str] = (),
        people: Iterable[str] = (),
        room: str | None = None,
        consumes: Iterable[Lot] = (),
        load_no: str | None = None,
    ) -> OperationRun:
        """An operation; consumption is linked to it, as an act of production links it."""
        number = next(self._numbers)
        order = self.plant.add(WorkOrder(work_order_no=f"WO-{number}", item_id=lot.item_id, quantity=Decimal(1)))
        step = RoutingStep(work_order_id=order.id, seq=20, code="20", title_zh="清洗", title_en="Cleaning")
        self.plant.add(step)
        found: OperationRun = self.plant.add(
            OperationRun(
                work_order_id=order.id,
                lot_id=lot.id,
                seq=20,
                code="20",
                started_at=starts_at,
                finished_at=ends_at,
                recorded_by_id=self.person("clerk").id,
                location_id=self.room(room).id if room else None,
                load_no=load_no,
            )
        )
        for machine in machines:
            self.plant.add(OperationEquipment(operation_run_id=found.id, equipment_id=self.machine(machine).id))
        for person in people:
            self.plant.add(OperationPerson(operation_run_id=found.id, person_id=self.person(person).id))
        for parent in consumes:
            self.plant.edge(parent, lot, 5, at=ends_at, operation_run_id=found.id)
        return found

    def reading(self, run: OperationRun, room: str, at: datetime) -> None:
        row = self.plant.add(
            EnvironmentReading(
                location_id=self.room(room).id, measured_at=at, quantity="humidity", value=Decimal(45), unit="%"
            )
        )
        self.plant.add(OperationEnvironment(operation_run_id=run.id, environment_reading_id=row.id))

    def measure(self, lot: Lot, at: datetime, *, machine: str | None = None, person: str | None = None) -> None:
        """One value of the lot's inspection."""
        row = Inspection(inspection_no=f"I-{lot.lot_no}", lot_id=lot.id, stage="final")
        inspection = self.plant.once(f"inspection {lot.id}", row)
        self.plant.add(
            InspectionResult(
                inspection_id=inspection.id,
                passed=True,
                recorded_at=at,
                recorded_by_id=self.person(person).id if person else None,
                equipment_id=self.machine(machine).id if machine else None,
            )
        )

    def fact(self, lot: Lot, fact: str, at: datetime, person: str) -> None:
        self.plant.add(LotFact(lot_id=lot.id, fact=fact, at=at, person_id=self.person(person).id))

    def shift(self, lot: Lot, quantity: int, at: datetime, come: str | None, left: str | None, **more: Any) -> None:
        """Goods move into a place, out of a place, or from one to another."""
        self.plant.add(
            StockMovement(
                lot_id=lot.id,
                kind="move" if come and left else "receive" if come else "consume",
                quantity=Decimal(quantity),
                at=at,
                to_location_id=self.room(come).id if come else None,
                from_location_id=self.room(left).id if left else None,
                **more,
            )
        )
