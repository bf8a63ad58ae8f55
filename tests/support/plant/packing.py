"""Shorthand for packing cases and pallets, and an SSCC with its check digit, for tests that work with units."""

from decimal import Decimal
from typing import Any
from uuid import uuid4

from sqlmodel import select

from models.identifier.rules.check_digits import gs1_check_digit
from models.kernel.store.act import act
from models.lot.tables import Lot
from models.packing.messages import MoveUnit, PackLine, PackUnit, UnpackUnit
from models.shipment.messages import Ship, ShipLine
from models.stock.tables import SerialUnit
from tests.support.plant.plant import SETUP, Plant


def sscc(serial: int) -> str:
    """A container code of our company prefix."""
    body = f"0614141{serial:010d}"
    return body + gs1_check_digit(body)


def some(lot_no: str, quantity: Any) -> PackLine:
    """A quantity."""
    return PackLine(lot_no=lot_no, quantity=Decimal(str(quantity)))


def one(lot_no: str, serial_no: str) -> PackLine:
    """A serial unit."""
    return PackLine(lot_no=lot_no, serial_no=serial_no)


def inner(unit_no: str) -> PackLine:
    """A smaller unit."""
    return PackLine(unit_no=unit_no)


def packing(
    plant: Plant,
    unit_no: str,
    *contents: PackLine,
    kind: Any = "case",
    location: str | None = "FG-A1",
    by: str = "li.cang",
) -> PackUnit:
    return PackUnit(
        command_id=str(uuid4()), by=plant.by(by), unit_no=unit_no, contents=contents, unit_kind=kind, location=location
    )


def unpacking(
    plant: Plant, unit_no: str, *contents: PackLine, by: str = "li.cang", reason: str | None = None
) -> UnpackUnit:
    return UnpackUnit(command_id=str(uuid4()), by=plant.by(by), unit_no=unit_no, contents=contents, reason=reason)


def moving(plant: Plant, unit_no: str, location: str) -> MoveUnit:
    return MoveUnit(command_id=str(uuid4()), by=plant.by("li.cang"), unit_no=unit_no, location=location)


def shipping(plant: Plant, shipment_no: str, *units: str, lines: tuple[ShipLine, ...] = ()) -> Ship:
    return Ship(
        command_id=str(uuid4()),
        by=plant.by("li.cang"),
        shipment_no=shipment_no,
        customer_no="C-1",
        lines=lines,
        units=units,
    )


def serials(plant: Plant, lot_no: str, *numbers: str) -> None:
    """Give units of a lot their numbers."""
    with act(plant.engine, SETUP) as session:
        lot = session.exec(select(Lot).where(Lot.lot_no == lot_no)).one()
        session.add_all(SerialUnit(serial_no=number, item_id=lot.item_id, lot_id=lot.id) for number in numbers)
