"""What a label that somebody scans to look at something says otherwise than the record of it (REQ 19, 27; ISO 13485 7.5.8).

Nothing is done by looking, so nothing is refused: who holds the goods in their hands reads what doesn't agree.
"""

from collections.abc import Callable, Iterator
from functools import partial
from uuid import UUID

from sqlmodel import Session, col, select

from models.identifier.rules.identifiers import Scan
from models.identifier.rules.identity import folds_alike
from models.identifier.rules.scanned_field import seen
from models.kernel.refusal import Refusal
from models.label.rules import lot as lot_label
from models.label.rules import unit as unit_label
from models.label.store import lot as lot_labels
from models.label.store import unit as unit_labels
from models.lot.tables import Lot
from models.packing.tables import LogisticUnit
from models.resolve.rules import Hit, HitKind, Match, Resolution, read_reference
from models.resolve.store import resolve

AT_MOST = 5
"""A label that means more things than that tells none of them apart."""


def contradictions(session: Session, found: Resolution) -> tuple[Refusal, ...]:
    """Of everything that a label means for certain, what it says otherwise; nothing for a plain number.

    `lot:…`, as a hit names itself, looks like a label and is none.
    """
    label = seen(found.text)
    if label is None or read_reference(found.text) is not None:
        return ()
    # a batch of that number, but of another item than the label says, is only guessed
    hits = [hit for hit in found.hits if hit.match is Match.EXACT or _named(hit, label)]
    if len(hits) > AT_MOST:
        return ()
    told: dict[str, Refusal] = {}
    for refusal in (one for hit in hits for one in _of(session, hit, found.text)):
        told.setdefault(refusal.en, refusal)
    return tuple(told.values())


def of_text(session: Session, typed: str) -> tuple[Refusal, ...]:
    """The same of a text that is known to mean something."""
    return contradictions(session, resolve.look(session, typed)) if seen(typed) is not None else ()


def _named(hit: Hit, label: Scan) -> bool:
    return hit.kind is HitKind.LOT and folds_alike(label.lot, hit.number)


def _of(session: Session, hit: Hit, typed: str) -> Iterator[Refusal]:
    for check in _checks(session, hit):
        try:
            check(typed)
        except Refusal as refusal:
            yield refusal


def _checks(session: Session, hit: Hit) -> Iterator[Callable[[str], None]]:
    """One for the unit, or for each batch that the hit is or leads to."""
    if hit.kind is HitKind.LOGISTIC_UNIT:
        yield partial(
            _unit, session, session.exec(select(LogisticUnit).where(LogisticUnit.public_id == UUID(hit.key))).one()
        )
    elif hit.kind in {HitKind.LOT, HitKind.SUPPLIER_LOT, HitKind.SERIAL_UNIT}:
        # a supplier's lot may be several of ours, a serial is of one
        numbers = [hit.number] if hit.kind is HitKind.LOT else (hit.detail or "").split(", ")[:AT_MOST]
        for lot in session.exec(select(Lot).where(col(Lot.lot_no).in_(numbers)).order_by(col(Lot.id))).all():
            yield partial(_lot, session, lot)


def _unit(session: Session, unit: LogisticUnit, label: str) -> None:
    unit_label.check_looked_at(unit.unit_no, unit_labels.differences(session, unit, (label,)))


def _lot(session: Session, lot: Lot, label: str) -> None:
    lot_label.check_looked_at(*lot_labels.differences(session, lot, (label,)))
