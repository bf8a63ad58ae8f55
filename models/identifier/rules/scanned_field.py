"""A scan in a field that asks for a number: the number that the label carries, never the whole label (REQ 19, 96).

Every code field of every door reads through here.  What is no label stays as it was typed.  A label without what the field
asks for, or one that reads doubtfully (a wrong check digit, a lost separator), is refused with the reason: the number may
still be typed as it is printed.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from models.identifier.rules.gs1 import SEPARATOR
from models.identifier.rules.identifiers import Scan, clean, misread, parse
from models.identifier.rules.identity import INVISIBLE
from models.kernel.refusal import Kind, Refusal
from models.kernel.text import Text

HOLDS_NONE = Kind(
    "ID-030",
    "REQ 19",
    "扫到的标签上没有{wanted_zh}（标签内容：{held_zh}）；请扫描带有{wanted_zh}的条码，或按印刷内容输入。",
    "The label that was scanned holds no {wanted_en} (it says: {held_en}); scan the code that holds it, or type it as it is"
    " printed.",
    422,
)
MISREAD = Kind(
    "ID-031",
    "REQ 19; GS1 General Specifications",
    "扫码内容不可靠：{problem_zh}请重新扫描，或按印刷内容输入{wanted_zh}。",
    "The scan isn't reliable: {problem_en} Scan it again, or type the {wanted_en} as it is printed.",
    422,
)
WHOLE = Kind(
    "ID-032",
    "REQ 19",
    "“{text}”是整条扫码内容，不是编号。",
    "“{text}” is all that a label says, not a number.",
    422,
)
NEAR = Kind(
    "ID-033",
    "REQ 19",
    "没有编号“{text}”；与它只差分隔符的有：{near_zh}。请核对后输入其中之一。",
    "There is no “{text}”; what differs from it only in its separators: {near_en}. Check which one it is, and type that.",
    404,
)


class Asked(StrEnum):
    """What a field asks for."""

    LOT = "lot"
    SERIAL = "serial"
    UNIT = "unit"
    ITEM = "item"
    EQUIPMENT = "equipment"
    PLACE = "place"
    ORDER = "order"
    SHIPMENT = "shipment"
    TRACKING = "tracking"
    NUMBER = "number"


NAMES: dict[Asked, Text] = {
    Asked.LOT: Text("批号", "lot number"),
    Asked.SERIAL: Text("序列号", "serial number"),
    Asked.UNIT: Text("箱或托盘号（SSCC）", "number of a case or pallet (SSCC)"),
    Asked.ITEM: Text("产品标识（GTIN）", "product identifier (GTIN)"),
    Asked.EQUIPMENT: Text("设备编号", "equipment number"),
    Asked.PLACE: Text("库位编号", "number of a place"),
    Asked.ORDER: Text("订单号", "order number"),
    Asked.SHIPMENT: Text("发货单号", "shipment number"),
    Asked.TRACKING: Text("运单号", "tracking number"),
    Asked.NUMBER: Text("此处要填的编号", "number of the kind that this field takes"),
}
STRUCTURED = frozenset({"gs1", "digital_link", "epc", "hibc", "ma"})
_GAPS = str.maketrans("", "", " -")
_UNSEEN = re.compile(f"[{INVISIBLE}]+")
_HARMLESS = frozenset({"ID-015", "ID-016", "ID-025"})
"""What a label in two barcodes lacks or has too much of as a message; each value of it is read right all the same."""


def _of_ai(*wanted: str) -> Callable[[Scan], str | None]:
    """The first of these application identifiers that the label has."""
    return lambda scan: next((one.value for ai in wanted for one in scan.elements if one.ai == ai), None)


_LOCATION = _of_ai(*(str(ai) for ai in range(410, 418)))
_READ: dict[Asked, Callable[[Scan], str | None]] = {
    Asked.LOT: lambda scan: scan.lot,
    Asked.SERIAL: lambda scan: scan.serial,
    Asked.UNIT: lambda scan: scan.sscc,
    Asked.ITEM: lambda scan: scan.di,
    Asked.EQUIPMENT: _of_ai("8004", "8003"),
    # a place of ours is the extension of our GLN (GS1 General Specifications 3.4.12), else the GLN itself
    Asked.PLACE: _of_ai("254", *(str(ai) for ai in range(410, 418))),
    Asked.ORDER: _of_ai("400"),
    Asked.SHIPMENT: _of_ai("402"),
    Asked.TRACKING: _of_ai("00", "401", "402"),
    Asked.NUMBER: lambda _scan: None,
}


@dataclass(frozen=True)
class Read:
    """A field as it was meant: its number, and the label where one was scanned."""

    number: str
    label: Scan | None = None


def label(typed: str) -> Scan | None:
    """What the label says, where the text is one; None for a number as people type it.

    Digits alone are no label, although they may be a GTIN: lots have such numbers too.
    """
    scan = parse(typed)
    if scan.symbology or scan.kind in STRUCTURED:
        return scan
    whole = clean(typed)
    if scan.text != whole or SEPARATOR in whole:
        return scan
    # an address that is no label, or a prefix that no symbology has; digits with a wrong check digit may be a lot
    digits_alone = not whole.translate(_GAPS).strip("0123456789")
    if scan.kind == "text" and scan.problems and not digits_alone:
        return scan
    return misread(whole)


def read(typed: str, asked: Asked) -> Read:
    """The number that the field asks for; ID-030 where the label has none, ID-031 where the label reads doubtfully."""
    scan = label(typed)
    if scan is None:
        return Read(clean(typed))
    wanted = NAMES[asked]
    doubt = next((one for one in scan.problems if one.code not in _HARMLESS), None)
    if doubt is not None:
        raise MISREAD(problem_zh=doubt.zh, problem_en=doubt.en, wanted_zh=wanted[0], wanted_en=wanted[1])
    number = _READ[asked](scan)
    if number is None and plain_code(scan):
        number = scan.text.strip(SEPARATOR)
    if number is None:
        held = _held(scan)
        raise HOLDS_NONE(wanted_zh=wanted[0], wanted_en=wanted[1], held_zh=held[0], held_en=held[1])
    return Read(number, scan)


def plain_code(scan: Scan) -> bool:
    """A code that holds nothing but a number, as most of our own do."""
    return scan.kind == "text" and not (scan.lot or scan.serial) and SEPARATOR not in scan.text.strip(SEPARATOR)


def seen(typed: str) -> Scan | None:
    """The label, as `label` reads it; None too for what nobody could look for, which other rules judge."""
    try:
        return label(typed)
    except Refusal:
        return None


def held(stored: str) -> tuple[str, ...] | None:
    """The numbers of a label that a record of before keeps whole, perhaps none; None for a number.

    What nobody sees is no part of it, and a label that reads doubtfully holds what it seems to: these rows are shown for a
    decision and never taken for the number.  `label_numbers` of the database (whole_labels.sql) reads the same, and a test holds the two
    together.
    """
    visible = _UNSEEN.sub("", stored.replace(SEPARATOR, "\u241d"))
    scan = seen(visible)
    if scan is None:
        return None
    numbers = tuple(dict.fromkeys(one for one in (scan.lot, scan.serial, scan.sscc) if one))
    alone = scan.text.strip(SEPARATOR)
    if numbers or scan.kind not in {"text", "gtin"} or SEPARATOR in alone or alone == clean(visible):
        return numbers
    return (alone,)


def number(typed: str, asked: Asked) -> str:
    """The number alone."""
    return read(typed, asked).number


def searched(typed: str, *asked: Asked) -> str:
    """What to look for: of a label the first number of these kinds that it holds, else the text as it was typed.

    A search is no record: a label that reads doubtfully is looked for by what it seems to hold.
    """
    scan = seen(typed)
    if scan is None:
        return typed
    held = next((number for one in asked if (number := _READ[one](scan))), None)
    return held or (scan.text.strip(SEPARATOR) if scan.kind == "text" else typed)


def refuse_whole(typed: str) -> None:
    """ID-032 for a new number that is a label: behind every door, so that none is ever stored whole."""
    if seen(typed) is not None:
        raise WHOLE(text=typed[:80])


def _held(scan: Scan) -> Text:
    """What the label says instead, in words."""
    known = [
        ("产品标识", "product", scan.di),
        ("批号", "lot", scan.lot),
        ("序列号", "serial", scan.serial),
        ("SSCC", "SSCC", scan.sscc),
        ("有效期", "expiry", str(scan.expiry) if scan.expiry else None),
        ("位置码 GLN", "location number GLN", _LOCATION(scan)),
        ("资产编号", "asset number", _of_ai("8004", "8003")(scan)),
        ("订单号", "order number", _of_ai("400")(scan)),
    ]
    zh = "、".join(f"{name} {value}" for name, _, value in known if value)
    en = ", ".join(f"{name} {value}" for _, name, value in known if value)
    return Text(zh or scan.text[:60], en or scan.text[:60])
