"""Pulling goods that a hold can't reach by itself: one task for each place, what may be said of it, what is booked.

A held batch may still be in somebody's hands: reserved for a shipment, on the line, on a trolley.  Somebody goes there,
brings it to quarantine and counts it; a count that differs from the books is named, never smoothed over (REQUIREMENTS 55;
ISO 13485 8.3.1, 8.3.3).
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from models.kernel.refusal import Kind

DIFFERS = Kind(
    "PUL-001",
    "ISO 13485 8.3.1, 8.3.3",
    "账面 {expected} {uom}，找到 {found} {uom}：请在说明中写明差异。",
    "The books say {expected} {uom}, and {found} {uom} were found: name the difference in the note.",
    422,
)
NO_PLACE = Kind(
    "PUL-002",
    "ISO 13485 8.3.1",
    "请写明找到的实物现在放在哪里。",
    "Say where the goods that were found are now.",
    422,
)
STILL_OUT = Kind(
    "PUL-003",
    "ISO 13485 8.3.1; 医疗器械召回管理办法",
    "还有 {places} 处实物没有拿回；关闭召回必须写明理由。",
    "Goods at {places} places have not been pulled; closing needs a reason.",
    422,
)

KINDS = ("shipment", "work_order", "location")
"""Promised to a customer, in production, lying outside the warehouse; the order in which they are listed."""
SHELVES = frozenset({"storage", "quarantine", "rejected", "returns", "undecided"})
"""Kinds of locations where held goods may stay where they are: the system gives nothing out from there."""


@dataclass(frozen=True)
class Line:
    """So much of a held lot is at a place; `title` says in words what the place is."""

    kind: str
    place: str
    title: str
    uom: str
    lot_no: str
    quantity: Decimal


@dataclass(frozen=True)
class Errand:
    """One way to go: a place, a unit of measure, and the lots there."""

    kind: str
    place: str
    title: str
    uom: str
    lines: tuple[tuple[str, Decimal], ...]

    @property
    def quantity(self) -> Decimal:
        """What the books say is there."""
        return sum((quantity for _, quantity in self.lines), Decimal(0))


def errands(lines: Iterable[Line], known: Collection[tuple[str, str, str]] = ()) -> tuple[Errand, ...]:
    """One errand for each place and unit; `known` are (kind, place, lot) that somebody was sent for already."""
    places: dict[tuple[str, str, str, str], dict[str, Decimal]] = {}
    for line in lines:
        if line.quantity > 0 and (line.kind, line.place, line.lot_no) not in known:
            lots = places.setdefault((line.kind, line.place, line.title, line.uom), {})
            lots[line.lot_no] = lots.get(line.lot_no, Decimal(0)) + line.quantity
    ordered = sorted(places, key=lambda key: (KINDS.index(key[0]), *key[1:]))
    return tuple(Errand(*key, lines=tuple(sorted(places[key].items()))) for key in ordered)


def check(expected: Decimal, uom: str, form: Mapping[str, Any]) -> None:
    """Refuse a count that differs without a word about it, and goods that were found and put nowhere."""
    found = Decimal(str(form["found"]))
    if found != expected and not str(form.get("note") or "").strip():
        raise DIFFERS(expected=_text(expected), found=_text(found), uom=uom)
    if found > 0 and not str(form.get("location") or "").strip():
        raise NO_PLACE()


def booked(lines: Collection[tuple[str, Decimal]], found: Decimal) -> tuple[tuple[str, Decimal], ...]:
    """What may be moved in the books: all of it, or what was found of a single lot.

    Where less was found of several lots nobody knows which of them is short: the books stay, the note says why.
    """
    expected = sum((quantity for _, quantity in lines), Decimal(0))
    if found >= expected:
        return tuple(lines)
    if len(lines) == 1 and found > 0:
        return tuple((lot_no, found) for lot_no, _ in lines)
    return ()


def check_close(places: int, reason: str | None) -> None:
    """Closing with goods that nobody has brought back needs a reason, which the signature covers."""
    if places > 0 and not (reason or "").strip():
        raise STILL_OUT(places=places)


def _text(quantity: Decimal) -> str:
    return f"{quantity.normalize():f}" if quantity else "0"
