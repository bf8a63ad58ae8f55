"""Shorthand for correcting what was recorded as consumed, for tests that work with lots."""

from decimal import Decimal
from typing import Any
from uuid import uuid4

from models.correction.messages import CorrectLink, UsedLot
from models.correction.rules import plain
from models.kernel.store.act import reading
from models.process.messages.process import Receipt
from models.trace.rules.trace import Answer, Direction
from models.trace.store.trace import trace_identifier
from tests.support.plant.plant import Plant


def used(lot_no: str, quantity: Any, location: str | None = None) -> UsedLot:
    """What was really used."""
    return UsedLot(lot_no=lot_no, quantity=Decimal(str(quantity)), location=location)


def correcting(
    plant: Plant,
    lot_no: str,
    wrong: str,
    *lots: UsedLot,
    login: str = "wu.jingli",
    reason: str = "扫错标签",
    **more: Any,
) -> CorrectLink:
    by = plant.by(login)
    return CorrectLink(command_id=str(uuid4()), by=by, lot_no=lot_no, wrong=wrong, lots=lots, reason=reason, **more)


async def correct(plant: Plant, command: CorrectLink) -> Receipt:
    """Through the plant's door."""
    done: Receipt = await plant.door.correct_link(plant.client, command)
    return done


def answer(plant: Plant, lot: str, as_of: str | None = None) -> Answer:
    with reading(plant.engine) as session:
        return trace_identifier(session, lot, Direction.BOTH, as_of)


def parents(plant: Plant, lot: str) -> set[tuple[str, str]]:
    """What went into the lot, and how much of it, by its trace."""
    return {(edge.parent, plain(edge.quantity)) for edge in answer(plant, lot).edges if edge.child == lot}


def whole(plant: Plant, *lots: str) -> None:
    """The traces of these lots are complete and balanced, and nothing is wrong with them."""
    for lot in lots:
        found = answer(plant, lot)
        assert (found.complete, found.balanced, found.findings) == (True, True, ()), lot


def places(plant: Plant, lot: str) -> dict[str, Decimal]:
    """Where the lot lies."""
    query = (
        "select coalesce(jsonb_object_agg(c.code, s.quantity::text), '{}') from stock s join lot l on l.id = s.lot_id"
        " join location c on c.id = s.location_id where l.lot_no = :lot and s.quantity > 0"
    )
    return {place: Decimal(quantity) for place, quantity in plant.scalar(query, lot=lot).items()}
