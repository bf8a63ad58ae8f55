"""Shorthand for splitting, merging and repacking, for tests that work with lots."""

from decimal import Decimal
from typing import Any
from uuid import uuid4

from models.process.messages.process import Receipt
from models.reshape.messages import MergeLots, NewLot, ProposeDisposition, RepackLot, SplitLot
from tests.support.plant.plant import Plant


def labels_for(new_quantity: Any) -> dict[str, int]:
    """Counts that add up: one label on each new pack, and six that were damaged."""
    packs = int(Decimal(str(new_quantity)))
    return {"labels_printed": packs + 6, "labels_applied": packs, "labels_scrapped": 6}


def new(lot_no: str, quantity: Any, *serials: str, location: str | None = None) -> NewLot:
    """A part."""
    return NewLot(lot_no=lot_no, quantity=Decimal(str(quantity)), serials=serials, location=location)


def splitting(plant: Plant, lot_no: str, *parts: NewLot, login: str = "li.cang", reason: str = "分批发货") -> SplitLot:
    return SplitLot(command_id=str(uuid4()), by=plant.by(login), lot_no=lot_no, parts=parts, reason=reason)


def merging(plant: Plant, into: str, *lot_nos: str, reason: str = "合并库存") -> MergeLots:
    return MergeLots(command_id=str(uuid4()), by=plant.by("li.cang"), lot_nos=lot_nos, into=into, reason=reason)


def repacking(
    plant: Plant, lot_no: str, quantity: Any, into: str, new_quantity: Any, new_uom: str = "box", **more: Any
) -> RepackLot:
    return RepackLot(
        command_id=str(uuid4()),
        by=plant.by("li.cang"),
        lot_no=lot_no,
        quantity=Decimal(str(quantity)),
        into=into,
        new_quantity=Decimal(str(new_quantity)),
        new_uom=new_uom,
        **{"reason": "改包装", **labels_for(new_quantity), **more},
    )


def proposing(plant: Plant, lot_no: str, rejected: NewLot, reason: str = "外观划伤") -> ProposeDisposition:
    return ProposeDisposition(
        command_id=str(uuid4()), by=plant.by("lin.jian"), lot_no=lot_no, rejected=rejected, reason=reason
    )


async def reshape(plant: Plant, command: Any) -> Receipt:
    """Through the plant's door."""
    done: Receipt = await plant.door.reshape(plant.client, command)
    return done


def in_stock(plant: Plant, lot: str) -> Decimal:
    """How much of the lot is in house, in its own unit."""
    total: Decimal = plant.scalar(
        "select coalesce(sum(s.quantity), 0) from stock s join lot l on l.id = s.lot_id where l.lot_no = :lot", lot=lot
    )
    return total
