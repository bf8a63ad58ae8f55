"""Compares the labels by which an act names cases and pallets with what the record says is in them (REQ 19, 27, 56)."""

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import Any

from sqlmodel import Session, col, select

from models.identifier.rules.identifiers import Scan
from models.identifier.rules.scanned_field import seen
from models.item.tables import Item, ItemIdentifier
from models.kernel.messages import Message, Scanned
from models.kernel.refusal import Refusal
from models.kernel.time.moments import printed
from models.label.rules import unit as rules
from models.label.rules.receipt import Difference
from models.label.store.lot import NUMBERS
from models.lot.tables import Lot
from models.packing.messages import PackLine, PackUnit
from models.packing.store import packing
from models.packing.tables import LogisticUnit

Found = list[tuple[int, dict[str, Any]]]


def compare(session: Session, command: Any) -> Found:
    """What labels of units say otherwise, batch by batch, with the reason; PCK-023 without one.

    The label of a unit that is being packed is compared afterwards (`packed`).
    """
    own = command.unit_no if isinstance(command, PackUnit) else None
    return _compared(session, command, {number: said for number, said in named(command).items() if number != own})


def packed(session: Session, command: Any) -> Found:
    """The same of the unit that goods were put into, with what is in it now."""
    if not isinstance(command, PackUnit):
        return []
    own = {number: said for number, said in named(command).items() if number == command.unit_no}
    return _compared(session, command, own, growing=True)


def named(command: Message) -> dict[str, tuple[str, ...]]:
    """Every case or pallet that the command names by a label, as it is named, with its labels."""
    found: dict[str, tuple[str, ...]] = {}
    for number, labels in _said(command):
        whole = [one for one in (number, *labels) if seen(one) is not None]
        if whole:
            found[number] = tuple(dict.fromkeys((*found.get(number, ()), *whole)))
    return found


def _said(command: Message) -> Iterator[tuple[str, tuple[str, ...]]]:
    if isinstance(command, Scanned):
        yield from ((one.unit_no, one.labels) for one in command.unit_labels)
    yield from ((number, ()) for number in getattr(command, "units", ()))
    yield from (
        (one.unit_no, one.labels)
        for one in getattr(command, "contents", ())
        if isinstance(one, PackLine) and one.unit_no
    )
    number = getattr(command, "unit_no", None)
    if number:
        yield number, ()


def _compared(session: Session, command: Any, said: dict[str, tuple[str, ...]], *, growing: bool = False) -> Found:
    found: Found = []
    for number, labels in sorted(said.items()):
        unit = _unit(session, number) if _scans(labels) else None
        if unit is None:
            continue  # the act itself says that there is no such unit
        differing = differences(session, unit, labels, growing=growing)
        reason = getattr(command, "label_reason", None)
        rules.check(unit.unit_no, differing, reason)
        if differing:
            kept = _kept(unit.unit_no, differing, labels, str(reason))
            found += [(lot.id, dict(kept)) for lot, _ in _inside(session, unit)]
    return found


def differences(
    session: Session, unit: LogisticUnit, labels: Iterable[str], *, growing: bool = False
) -> tuple[Difference, ...]:
    """What the labels of a unit say otherwise than what is in it."""
    scans = _scans(labels)
    if not scans:
        return ()
    goods = [_goods(session, lot, quantity) for lot, quantity in _inside(session, unit)]
    return rules.compare(goods, scans, _products(session, scans), growing=growing)


def _scans(labels: Iterable[str]) -> list[Scan]:
    """The labels that say what is inside."""
    return [scan for scan in map(seen, labels) if scan is not None and (scan.di or scan.lot or scan.expiry)]


def _unit(session: Session, number: str) -> LogisticUnit | None:
    try:
        return packing.find(session, number)
    except Refusal:
        return None


def _inside(session: Session, unit: LogisticUnit) -> list[tuple[Lot, Decimal]]:
    """Its batches at all levels, each with its quantity."""
    quantities: dict[int, Decimal] = {}
    for one in packing.inside(session, [unit.id]):
        if one.lot_id is not None:
            quantities[one.lot_id] = quantities.get(one.lot_id, Decimal(0)) + (one.quantity or Decimal(0))
    lots = session.exec(select(Lot).where(col(Lot.id).in_(quantities)).order_by(col(Lot.id))).all()
    return [(lot, quantities[lot.id]) for lot in lots]


def _goods(session: Session, lot: Lot, quantity: Decimal) -> rules.Goods:
    rows = session.connection().execute(NUMBERS, {"lot": lot.id})
    return rules.Goods(
        lot_no=lot.lot_no,
        item_no=session.get_one(Item, lot.item_id).item_no,
        quantity=quantity,
        uom=lot.uom,
        numbers=frozenset(one for row in rows for one in row if one),
        expiry=printed(lot.expires_on, lot.expiry_precision),
    )


def _products(session: Session, labels: Sequence[Scan]) -> dict[str, rules.Product]:
    """What the identifiers on the labels are registered for; a package whose content nobody gave counts as unknown."""
    codes = [code for label in labels for code in label.di_candidates]
    rows = session.exec(
        select(ItemIdentifier, Item.item_no)
        .join(Item, col(Item.id) == col(ItemIdentifier.item_id))
        .where(col(ItemIdentifier.code).in_(codes))
        .order_by(col(ItemIdentifier.id).desc())
    ).all()
    return {
        one.code: rules.Product(item_no, one.package_quantity or (1 if one.level.casefold() == "primary" else None))
        for one, item_no in rows
    }


def _kept(unit_no: str, differences: tuple[Difference, ...], labels: tuple[str, ...], reason: str) -> dict[str, Any]:
    kept = [one.as_dict() for one in differences]
    return {"label_differs": kept, "label_reason": reason.strip(), "labels": list(labels[:100]), "unit": unit_no}
