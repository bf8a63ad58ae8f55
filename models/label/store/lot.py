"""Compares the labels by which an act names its batches with the record, and keeps what was right all the same (REQ 19, 27).

Asked once for every act, whichever door it came through: beside the question whether the person may do it.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import text
from sqlmodel import Session, col, select

from models.genealogy.store.earlier_numbers import HERITAGE
from models.identifier.rules.identifiers import Scan
from models.identifier.rules.scanned_field import seen
from models.item.store import items
from models.item.tables import Item
from models.kernel.messages import Labelled, Message
from models.kernel.time.moments import printed
from models.label.rules import lot as rules
from models.label.rules.receipt import Difference
from models.lot.store import lots
from models.lot.tables import Lot
from models.process.messages.process import By
from models.stock.messages import RegisterSerials

NUMBERS = text(
    HERITAGE
    + """
select l.lot_no, l.supplier_lot_no from heritage h join lot l on l.id = h.lot_id
"""
)
OWNERS = text("""
select u.serial_no, l.lot_no from serial_unit u join lot l on l.id = u.lot_id
 where u.item_id = :item and u.serial_no = any(cast(:serials as text[]))
""")
NUMBERED = text("select exists (select from serial_unit u where u.lot_id = :lot)")
FACT = "lot.label_differs"


def compare(session: Session, command: Any) -> list[tuple[int, dict[str, Any]]]:
    """What labels say otherwise, batch by batch, with the reason; LOT-028 without one, LOT-029 and -030 for what can't be right."""
    found = []
    for lot_no, labels in sorted(named(command).items()):
        lot = session.exec(select(Lot).where(Lot.lot_no == lot_no)).first()
        if lot is None:
            continue  # the act itself says that there is no such batch
        known, differing = differences(session, lot, labels, fresh=isinstance(command, RegisterSerials))
        reason = getattr(command, "label_reason", None)
        rules.check(known, differing, reason)
        if differing:
            found.append((lot.id, _kept(differing, labels, str(reason))))
    return found


def differences(
    session: Session, lot: Lot, labels: Iterable[str], *, fresh: bool = False
) -> tuple[rules.Known, tuple[Difference, ...]]:
    """The batch, and what its labels say otherwise; LOT-029 and -030 for what can't be right."""
    known = _known(session, lot)
    scans = [scan for scan in map(seen, labels) if scan is not None]
    if not scans:
        return known, ()
    item = session.get_one(Item, lot.item_id)
    serials = _serials(session, lot, scans, fresh=fresh)
    return known, rules.compare(known, scans, items.register(session, item, scans), serials)


def keep(session: Session, found: Iterable[tuple[int, dict[str, Any]]], by: By) -> None:
    """Write into each batch's timeline what its label said otherwise, and why that is right."""
    for lot_id, data in found:
        lots.note(session, lot_id, FACT, by.person_id, data)


def named(command: Message) -> dict[str, tuple[str, ...]]:
    """Every batch that the command names by labels, with them."""
    named: dict[str, tuple[str, ...]] = {}
    for lot_no, labels in _lines(command):
        named[lot_no] = tuple(dict.fromkeys((*named.get(lot_no, ()), *labels)))
    return named


def _lines(said: Message) -> Iterator[tuple[str, tuple[str, ...]]]:
    number = getattr(said, "lot_no", None)
    if isinstance(said, Labelled) and said.labels and number:
        yield number, said.labels
    for name in type(said).model_fields:
        value = getattr(said, name)
        for one in value if isinstance(value, tuple) else (value,):
            if isinstance(one, Message):
                yield from _lines(one)


def _known(session: Session, lot: Lot) -> rules.Known:
    rows = session.connection().execute(NUMBERS, {"lot": lot.id})
    numbers = frozenset(one for row in rows for one in row if one)
    return rules.Known(
        lot_no=lot.lot_no,
        item_no=str(session.exec(select(Item.item_no).where(col(Item.id) == lot.item_id)).one()),
        numbers=numbers,
        expiry=printed(lot.expires_on, lot.expiry_precision),
        made=printed(lot.manufactured_on, lot.made_precision),
        numbered=bool(session.connection().execute(NUMBERED, {"lot": lot.id}).scalar()),
    )


def _serials(session: Session, lot: Lot, labels: list[Scan], *, fresh: bool) -> rules.Serials:
    said = [label.serial for label in labels if label.serial]
    owners: dict[str, set[str]] = {}
    if said:
        for row in session.connection().execute(OWNERS, {"item": lot.item_id, "serials": said}):
            owners.setdefault(row.serial_no, set()).add(row.lot_no)
    return rules.Serials({one: frozenset(held) for one, held in owners.items()}, fresh)


def _kept(differences: tuple[Difference, ...], labels: tuple[str, ...], reason: str) -> dict[str, Any]:
    kept = [one.as_dict() for one in differences]
    return {"label_differs": kept, "label_reason": reason.strip(), "labels": list(labels[:100])}
