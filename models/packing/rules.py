"""What may go into a case or onto a pallet, what comes out, and when a unit may be moved or shipped.

A unit is known by what is printed on it: an SSCC (GS1 AI 00) or the site's own number.  What is packed stays in the stock
of the place where its unit stands; it leaves, moves or is reshaped only with its unit or after it was taken out, so that a
unit never says that something is on it that is elsewhere.  A lot need not be released to be packed (goods go to the
steriliser and to quarantine in their cases); shipping asks that.  A held or rejected lot is not packed, but may always be
taken out and moved, for that is how it is put aside.

Serves REQUIREMENTS 19, 56, 57, 95; ISO 13485 7.5.9.1, 7.5.11.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from models.identifier.rules import identifiers
from models.identifier.rules.check_digits import csum, digits
from models.identifier.rules.scanned_field import STRUCTURED, plain_code
from models.kernel.refusal import Kind, Refusal
from models.kernel.text import Text
from models.kernel.units.quantity import plain
from models.lot.rules import held
from models.lot.rules import lot as lot_rules
from models.lot.rules.lot import LotFacts, LotStatus

_CLAUSE = "REQ 56; ISO 13485 7.5.9.1"
BAD_SSCC = Kind(
    "PCK-001",
    "GS1 General Specifications 7.9; REQ 95",
    "「{number}」不是正确的 SSCC：应为 18 位，且末位是校验位。",
    "“{number}” is no correct SSCC: it has 18 digits, the last of them the check digit.",
    422,
)
NOT_A_UNIT = Kind(
    "PCK-002",
    "GS1 General Specifications; REQ 95",
    "「{number}」是商品标签，不是箱或托盘的标签。",
    "“{number}” is the label of goods, not of a case or a pallet.",
    422,
)
UNKNOWN = Kind("PCK-003", "DESIGN 2.5", "找不到包装单元「{unit}」。", "There is no logistic unit “{unit}”.", 404)
CLOSED = Kind(
    "PCK-004",
    _CLAUSE,
    "包装单元 {unit} 已随发货单 {shipment} 发出，不能再改动。",
    "Logistic unit {unit} left with shipment {shipment}; nothing about it changes any more.",
)
NEW = Kind(
    "PCK-005",
    "DESIGN 5",
    "包装单元 {unit} 是新的：请说明是箱还是托盘，以及放在哪个库位。",
    "Logistic unit {unit} is new: say whether it is a case or a pallet, and at which location it stands.",
    422,
)
OTHER_KIND = Kind(
    "PCK-006",
    "DESIGN 5",
    "包装单元 {unit} 是{known_zh}，不是{given_zh}。",
    "Logistic unit {unit} is a {known_en}, not a {given_en}.",
)
ELSEWHERE = Kind(
    "PCK-007",
    _CLAUSE,
    "{unit} 在库位 {location}，不在 {place}；请先移库。",
    "{unit} stands at {location}, not at {place}; move it first.",
)
NOTHING = Kind("PCK-008", "DESIGN 5", "请至少扫描一样要装入的东西。", "Scan at least one thing to pack.", 422)
ONE_THING = Kind(
    "PCK-009",
    "DESIGN 5",
    "每一行只能是：批次和数量、批次和序列号，或一个包装单元。",
    "A line is a lot and a quantity, a lot and a serial number, or a logistic unit.",
    422,
)
TWICE = Kind("PCK-010", "DESIGN 5", "「{what}」扫描了两次。", "“{what}” was scanned twice.", 422)
NOT_INTO = Kind(
    "PCK-011",
    _CLAUSE,
    "托盘 {unit} 不能装入其他包装单元。",
    "Pallet {unit} doesn't go into another unit.",
)
PACKED_ALREADY = Kind(
    "PCK-012",
    _CLAUSE,
    "{what} 已经装在 {unit} 中，请先取出。",
    "{what} is in {unit} already; take it out first.",
)
LOOP = Kind(
    "PCK-013",
    _CLAUSE,
    "{inner} 里面就有 {unit}（或就是它），不能再装进去。",
    "{inner} is {unit} itself or holds it; it can't go inside.",
)
STATE = Kind(
    "PCK-014",
    "ISO 13485 8.3.1",
    "批次 {lot} 为「{status_zh}」，不能装箱。",
    "Batch {lot} is “{status_en}”; it can't be packed.",
)
NOT_IN = Kind(
    "PCK-015",
    _CLAUSE,
    "{unit} 里没有 {what}（现有 {there}）。",
    "{what} is not in {unit} (there is {there}).",
)
NO_SERIAL = Kind(
    "PCK-016",
    _CLAUSE,
    "批次 {lot} 没有在库的序列号「{serial}」。",
    "Batch {lot} has no serial number “{serial}” in house.",
    404,
)
BOXES = Kind(
    "PCK-017",
    _CLAUSE,
    "批次 {lot} 以「{uom}」为单位，序列号不能单独装箱；请按数量装入。",
    "Batch {lot} counts in “{uom}”; its serial numbers aren't packed one by one. Pack a quantity.",
)
ON_ANOTHER = Kind(
    "PCK-018",
    _CLAUSE,
    "{unit} 装在 {parent} 上；请对 {parent} 操作，或先把它取下。",
    "{unit} is on {parent}; do it with {parent}, or take it off first.",
)
EMPTY = Kind("PCK-019", "DESIGN 5", "包装单元 {unit} 是空的。", "Logistic unit {unit} is empty.")
MIXED = Kind(
    "PCK-020",
    _CLAUSE,
    "批次 {lot} 与其他批次同在 {unit} 上；请先移动 {unit} 或取出后再上架。",
    "Batch {lot} is on {unit} with other batches; move {unit}, or take the batch off it, before putting it away.",
)
SERIAL_PACKED = Kind(
    "PCK-021",
    _CLAUSE,
    "序列号 {serial} 装在 {unit} 中，请先取出，或整个发出。",
    "Serial number {serial} is packed in {unit}; take it out first, or ship the unit.",
)
PULL_PACKED = Kind(
    "PCK-022",
    _CLAUSE,
    "库位 {location} 的批次 {lot} 还装在 {units} 中；请先移动该包装单元，或把货取出，再报告取回。",
    "Batch {lot} at {location} is still packed in {units}; move the unit, or take the goods out, before you report it pulled.",
)

MOST = 1000


class UnitKind(StrEnum):
    """The sizes of a logistic unit; a case goes into a case or onto a pallet, a pallet into nothing."""

    CASE = "case"
    PALLET = "pallet"


KIND_NAMES: dict[UnitKind, Text] = {UnitKind.CASE: Text("箱", "case"), UnitKind.PALLET: Text("托盘", "pallet")}


@dataclass(frozen=True)
class Thing:
    """One line of what goes in or comes out; exactly one of quantity, serial number and inner unit says what."""

    lot_no: str | None = None
    quantity: Decimal | None = None
    serial_no: str | None = None
    unit_no: str | None = None


@dataclass(frozen=True)
class Unit:
    """A unit as it stands.  `parent` is the unit that it is in, `shipment` the one that it left with."""

    unit_no: str
    kind: UnitKind
    location: str
    shipment: str | None = None
    parent: str | None = None


@dataclass(frozen=True)
class Packing:
    """A quantity of a lot that is in a unit."""

    id: int
    quantity: Decimal


@dataclass(frozen=True)
class Taking:
    """Packings that end, and the rest of the last of them that goes on."""

    ended: tuple[int, ...]
    rest_of: int | None = None
    rest: Decimal = Decimal(0)


def read_number(typed: str) -> str:
    """The number that is printed: the 18 digits of an SSCC however it was scanned, else the site's own number."""
    text = identifiers.clean(typed)
    scan = identifiers.parse(text)
    if scan.sscc is not None and csum(scan.sscc) and len(scan.sscc) == 18 and not scan.problems:
        return scan.sscc
    bare = re.sub(r"[ -]", "", text)
    if scan.sscc is not None or (digits(bare) and (len(bare) == 18 or (len(bare) == 20 and bare.startswith("00")))):
        raise BAD_SSCC(number=text[:80])
    if any(element.ai == "00" for element in scan.elements) or re.match(r"(\](C1|d1|Q1|e0))?\(?00\)", text):
        raise BAD_SSCC(number=text[:80])
    if scan.kind in STRUCTURED:
        raise NOT_A_UNIT(number=text[:80])
    if plain_code(scan):
        text = scan.text
    lot_rules.check_number(text)
    return text


def check_things(things: Sequence[Thing]) -> None:
    """Refuse lines that say nothing, two things at once, or the same thing twice."""
    if len(things) > MOST:
        raise ONE_THING()
    seen: set[tuple[str, str]] = set()
    for one in things:
        said = (one.quantity is not None, one.serial_no is not None, one.unit_no is not None)
        # a serial is one piece, whether that is said or not
        if said == (True, True, False) and one.quantity == 1:
            said = (False, True, False)
        if sum(said) != 1 or (one.unit_no is None) == (one.lot_no is None):
            raise ONE_THING()
        if one.quantity is not None:
            lot_rules.check_quantity(one.quantity)
            if one.quantity != round(one.quantity, 6):
                raise ONE_THING()
        name = (one.lot_no or "", one.serial_no or one.unit_no or "")
        if name in seen and name[1]:
            raise TWICE(what=name[1][:80])
        seen.add(name)


def check_open(unit: Unit) -> None:
    """Refuse a unit that has left."""
    if unit.shipment is not None:
        raise CLOSED(unit=unit.unit_no, shipment=unit.shipment)


def check_same(unit: Unit, kind: str | None, location: str | None) -> None:
    """Refuse what contradicts the unit as it is known."""
    if kind and kind != unit.kind:
        known, given = KIND_NAMES[unit.kind], KIND_NAMES[UnitKind(kind)]
        raise OTHER_KIND(unit=unit.unit_no, known_zh=known[0], known_en=known[1], given_zh=given[0], given_en=given[1])
    if location and location != unit.location:
        raise ELSEWHERE(unit=unit.unit_no, location=unit.location, place=location)


def check_lot(lot: LotFacts) -> None:
    """Refuse to pack what is held, rejected or closed."""
    held.check(lot.lot_no, lot.holds, held.Act.PACK)
    if lot.status in {LotStatus.REJECTED, LotStatus.CLOSED}:
        zh, en = lot_rules.STATUS_NAMES[lot.status]
        raise STATE(lot=lot.lot_no, status_zh=zh, status_en=en)


def check_nest(unit: Unit, inner: Unit, above: Iterable[str]) -> None:
    """Refuse to put a unit into another: a pallet, one that is elsewhere or in another already, or around itself.

    `above` are the units that `unit` is in, at any height.
    """
    check_open(inner)
    if inner.unit_no == unit.unit_no or inner.unit_no in set(above):
        raise LOOP(inner=inner.unit_no, unit=unit.unit_no)
    if inner.kind is UnitKind.PALLET:
        raise NOT_INTO(unit=inner.unit_no)
    if inner.parent is not None:
        raise PACKED_ALREADY(what=inner.unit_no, unit=inner.parent)
    if inner.location != unit.location:
        raise ELSEWHERE(unit=inner.unit_no, location=inner.location, place=unit.location)


def check_whole(unit: Unit) -> None:
    """Refuse to move or ship a unit that has left or is on a bigger one: they go together."""
    check_open(unit)
    if unit.parent is not None:
        raise ON_ANOTHER(unit=unit.unit_no, parent=unit.parent)


def take_out(unit_no: str, what: str, there: Sequence[Packing], wanted: Decimal) -> Taking:
    """Which packings end when `wanted` is taken out, oldest first, and what of the last one stays in."""
    lot_rules.check_quantity(wanted)
    total = sum((one.quantity for one in there), Decimal(0))
    if total < wanted:
        raise NOT_IN(unit=unit_no, what=f"{what} {plain(wanted)}", there=plain(total))
    ended: list[int] = []
    left = wanted
    for one in there:
        if left <= 0:
            break
        ended.append(one.id)
        if one.quantity > left:
            return Taking(tuple(ended), one.id, one.quantity - left)
        left -= one.quantity
    return Taking(tuple(ended))


def at_position(refusal: Refusal, path: Sequence[str]) -> Refusal:
    """The same refusal, saying where on which unit the thing is that it speaks of."""
    where = " › ".join(path)
    return Refusal(
        refusal.code,
        refusal.clause,
        f"包装单元 {where}：{refusal.zh}",
        f"In logistic unit {where}: {refusal.en}",
        refusal.status,
        {**refusal.params, "unit": path[0], "position": where},
    )
