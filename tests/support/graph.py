"""A plant for tests of the graph: lots, links, stock and shipments as the test says, even such as the walls forbid.

Works as the superuser without triggers inside one transaction, for two reasons: a random graph of hundreds of lots
needs no signatures, and imported histories contain what our own walls would refuse (loops, missing parents).
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import text
from sqlmodel import Session

from models.genealogy.tables import GenealogyEdge
from models.hold.tables import Hold
from models.item.tables import Item, ItemIdentifier
from models.lot.tables import Lot
from models.packing.tables import LogisticUnit, PackedContent
from models.partner.tables import Customer, Supplier
from models.person.tables import Person
from models.place.tables import Location
from models.shipment.tables import Shipment, ShipmentLine
from models.stock.tables import SerialUnit, Stock, StockMovement

T0 = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)


def day(number: float) -> datetime:
    """So many days after the first."""
    return T0 + timedelta(days=number)


@dataclass
class Plant:
    """Adds rows; numbers are the test's, keys are the database's."""

    session: Session
    made: dict[str, Any] = field(default_factory=dict)

    def begin(self) -> None:
        """Switch the walls off for this transaction."""
        self.session.connection().execute(text("set local session_replication_role = replica"))

    def add(self, row: Any) -> Any:
        self.session.add(row)
        self.session.flush()
        return row

    def once(self, name: str, row: Any) -> Any:
        if name not in self.made:
            self.made[name] = self.add(row)
        return self.made[name]

    def item(self, item_no: str = "NEEDLE", kind: str = "finished", **more: Any) -> Item:
        found: Item = self.once(f"item {item_no}", Item(item_no=item_no, name=f"Item {item_no}", kind=kind, **more))
        return found

    def identifier(self, item: Item, code: str, agency: str = "GS1", level: str = "Primary") -> None:
        self.add(ItemIdentifier(item_id=item.id, agency=agency, code=code, level=level))

    def supplier(self, number: str = "S-1") -> Supplier:
        found: Supplier = self.once(f"supplier {number}", Supplier(supplier_no=number, name=f"Supplier {number}"))
        return found

    def customer(self, number: str = "C-1") -> Customer:
        row = Customer(customer_no=number, name=f"Hospital {number}", contact="Dr. Li", phone="+86 10 1234")
        found: Customer = self.once(f"customer {number}", row)
        return found

    def location(self, code: str = "WH-1") -> Location:
        found: Location = self.once(f"location {code}", Location(code=code, name=f"Shelf {code}"))
        return found

    def container(self, unit_no: str, kind: str = "case") -> LogisticUnit:
        """A case or a pallet."""
        place, person = self.location(), self.once("person", Person(name="周审"))
        made: LogisticUnit = self.add(
            LogisticUnit(unit_no=unit_no, kind=kind, location_id=place.id, created_by_id=person.id)
        )
        return made

    def put(
        self, unit: LogisticUnit, lot: Lot, quantity: int, *, at: datetime | None = None, gone: bool = False
    ) -> None:
        """A quantity is in a unit, or was until the ninth day."""
        person = self.once("person", Person(name="周审"))
        ended: dict[str, Any] = {"unpacked_at": day(9), "unpacked_by_id": person.id} if gone else {}
        self.add(
            PackedContent(
                unit_id=unit.id,
                lot_id=lot.id,
                quantity=Decimal(quantity),
                packed_by_id=person.id,
                packed_at=at or day(0),
                **ended,
            )
        )

    def nest(self, unit: LogisticUnit, inner: LogisticUnit) -> None:
        """A unit is in a unit."""
        self.add(
            PackedContent(unit_id=unit.id, child_id=inner.id, packed_by_id=self.once("person", Person(name="周审")).id)
        )

    def raw(self, lot_no: str, quantity: int = 100, supplier_lot: str | None = "", **more: Any) -> Lot:
        """A material that came from a supplier."""
        said = f"SUP-{lot_no}" if supplier_lot == "" else supplier_lot
        more.setdefault("supplier_id", self.supplier().id)
        lot = self.lot(lot_no, "raw", quantity, item="STEEL", supplier_lot_no=said, **more)
        if lot.origin == "native":
            self.move(lot, "receive", quantity)
        return lot

    def product(self, lot_no: str, quantity: int = 100, **more: Any) -> Lot:
        """A lot that was made here."""
        lot = self.lot(lot_no, "finished", quantity, **more)
        if lot.origin == "native":
            self.move(lot, "produce", quantity)
        return lot

    def lot(self, lot_no: str, kind: str, quantity: int, item: str = "NEEDLE", **more: Any) -> Lot:
        more.setdefault("status", "released")
        item_id = self.item(item, kind).id
        found: Lot = self.add(Lot(lot_no=lot_no, kind=kind, item_id=item_id, quantity=Decimal(quantity), **more))
        return found

    def move(
        self,
        lot: Lot,
        kind: str,
        quantity: int,
        at: datetime | None = None,
        line: int | None = None,
        recorded: datetime | None = None,
    ) -> None:
        """A movement with its effect on the stock, since no trigger runs."""
        inwards = kind in {"receive", "produce", "return", "reshape-in"}
        here = self.location().id
        self.add(
            StockMovement(
                lot_id=lot.id,
                kind=kind,
                quantity=Decimal(quantity),
                from_location_id=None if inwards else here,
                to_location_id=here if inwards else None,
                at=at or T0,
                recorded_at=recorded or at or T0,
                shipment_line_id=line,
            )
        )
        row: Stock = self.once(f"stock {lot.id}", Stock(lot_id=lot.id, location_id=here, quantity=Decimal(0)))
        row.quantity += Decimal(quantity) if inwards else -Decimal(quantity)
        self.add(row)

    def edge(
        self, parent: Lot, child: Lot, quantity: int | None = 10, kind: str = "consume", **more: Any
    ) -> GenealogyEdge:
        more.setdefault("at", day(1))
        more.setdefault("recorded_at", more["at"])
        if more.get("supersedes_id"):  # as its trigger does, which doesn't run here
            wrong = self.session.get_one(GenealogyEdge, more["supersedes_id"])
            wrong.superseded_at = more["recorded_at"]
            self.add(wrong)
        amount = None if quantity is None else Decimal(quantity)
        row = GenealogyEdge(parent_lot_id=parent.id, child_lot_id=child.id, quantity=amount, kind=kind, **more)
        found: GenealogyEdge = self.add(row)
        return found

    def use(
        self, parent: Lot, child: Lot, quantity: int = 10, at: datetime | None = None, recorded: datetime | None = None
    ) -> GenealogyEdge:
        """Consume: the link and the movement."""
        at = at or day(1)
        self.move(parent, "consume", quantity, at, recorded=recorded)
        return self.edge(parent, child, quantity, at=at, recorded_at=recorded or at)

    def ship(
        self,
        lot: Lot,
        quantity: int,
        customer: str = "C-1",
        shipment_no: str = "",
        at: datetime | None = None,
        recorded: datetime | None = None,
        **more: Any,
    ) -> ShipmentLine:
        number = shipment_no or f"SH-{len(self.made)}-{lot.lot_no}"
        more = {"status": "shipped", "shipped_at": at or day(9), **more}
        shipment = self.once(
            f"shipment {number}", Shipment(shipment_no=number, customer_id=self.customer(customer).id, **more)
        )
        line: ShipmentLine = self.add(
            ShipmentLine(
                shipment_id=shipment.id,
                lot_id=lot.id,
                quantity=Decimal(quantity),
                returned=Decimal(0),
                recorded_at=recorded or at or day(9),
            )
        )
        if more["status"] in {"shipped", "arrived"}:
            self.move(lot, "ship", quantity, at or day(9), line.id, recorded)
        return line

    def give_back(
        self, line: ShipmentLine, lot: Lot, quantity: int, at: datetime, recorded: datetime | None = None
    ) -> None:
        """Goods come back."""
        line.returned += Decimal(quantity)
        self.add(line)
        self.move(lot, "return", quantity, at, line.id, recorded)

    def unit(self, lot: Lot, serial_no: str) -> SerialUnit:
        found: SerialUnit = self.add(SerialUnit(serial_no=serial_no, item_id=lot.item_id, lot_id=lot.id))
        return found

    def hold(self, lot: Lot, at: datetime, lifted: datetime | None = None) -> None:
        person = self.once("person", Person(name="周审"))
        lifter = person.id if lifted else None
        self.add(
            Hold(lot_id=lot.id, reason="?", placed_by_id=person.id, placed_at=at, lifted_at=lifted, lifted_by_id=lifter)
        )
