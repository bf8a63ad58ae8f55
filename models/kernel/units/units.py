"""Units of measure: what a person weighs, measures or counts becomes the unit that the lot is kept in (DESIGN 9).

A link, a movement and a shipment line always hold the lot's own unit, so that sums need no conversion afterwards.  Factors
are exact (SI Brochure 9; NIST SP 811 for inch, foot, yard, pound, ounce), and so is every conversion: what can't be kept
digit for digit is refused instead of rounded, because a trace must balance to the last piece (requirement 25).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from models.kernel.refusal import Kind
from models.kernel.typed import plain

PLACES = 6
"""Decimals that the record keeps of a quantity."""

UNKNOWN = Kind(
    "UNI-001",
    "DESIGN 9",
    "不认识单位「{unit}」；批次 {lot} 的单位是 {uom}。",
    "“{unit}” is no known unit; lot {lot} is kept in {uom}.",
    422,
)
OTHER_KIND = Kind(
    "UNI-002",
    "DESIGN 9",
    "{unit} 不能换算成批次 {lot} 的单位 {uom}。",
    "{unit} can't be converted to {uom}, the unit of lot {lot}.",
    422,
)
NOT_EXACT = Kind(
    "UNI-003",
    "DESIGN 9; REQ 25",
    "{quantity} {unit} 换算成 {uom} 超过六位小数，数量会对不上；请直接用 {uom} 填写。",
    "{quantity} {unit} has more than six decimals in {uom}, and quantities would no longer add up; enter it in {uom}.",
    422,
)

NOT_WHOLE = Kind(
    "UNI-005",
    "DESIGN 9; REQ 25",
    "批次 {lot} 按整数计数，不能是 {quantity} {uom}。",
    "Batch {lot} is counted in whole pieces; {quantity} {uom} can't be.",
    422,
)

MOST = 10**14
"""Quantities from here on have more digits than the record keeps."""
TOO_MUCH = Kind(
    "UNI-004",
    "DESIGN 9",
    "{quantity} {unit} 换算成 {uom} 后数值过大，无法记录；请核对数量和单位。",
    "{quantity} {unit} is more in {uom} than the record can keep; check the quantity and the unit.",
    422,
)

# dimension → (spellings, code of UN/ECE Recommendation 20, how much of the first unit one of it is)
_TABLE: dict[str, tuple[tuple[str, str, str], ...]] = {
    "length": (
        ("m 米 metre metres meter meters", "MTR", "1"),
        ("nm 纳米", "", "1e-9"),
        ("um µm μm 微米 micron microns", "4H", "1e-6"),
        ("mm 毫米", "MMT", "0.001"),
        ("cm 厘米", "CMT", "0.01"),
        ("dm 分米", "DMT", "0.1"),
        ("km 千米 公里", "KMT", "1000"),
        ("in inch inches 英寸", "INH", "0.0254"),
        ("ft foot feet 英尺", "FOT", "0.3048"),
        ("yd yard yards 码", "YRD", "0.9144"),
    ),
    "mass": (
        ("g 克 gram grams", "GRM", "1"),
        ("ug µg μg mcg 微克", "MC", "1e-6"),
        ("mg 毫克", "MGM", "0.001"),
        ("kg 千克 公斤", "KGM", "1000"),
        ("t 吨 tonne tonnes", "TNE", "1000000"),
        ("oz ounce ounces 盎司", "ONZ", "28.349523125"),
        ("lb lbs pound pounds 磅", "LBR", "453.59237"),
    ),
    "volume": (
        ("l 升 litre litres liter liters", "LTR", "1"),
        ("ul µl μl 微升", "4G", "1e-6"),
        ("ml 毫升 cc cm3 cm³", "MLT CMQ", "0.001"),
        ("cl 厘升", "CLT", "0.01"),
        ("dl 分升", "DLT", "0.1"),
        ("m3 m³ 立方米", "MTQ", "1000"),
    ),
    "area": (
        ("m2 m² 平方米", "MTK", "1"),
        ("mm2 mm² 平方毫米", "MMK", "1e-6"),
        ("cm2 cm² 平方厘米", "CMK", "0.0001"),
        ("dm2 dm² 平方分米", "DMK", "0.01"),
    ),
    "count": (
        ("pcs pc piece pieces each ea 件 个 只 支 枚 片 块 颗 粒 张", "H87 EA C62 NAR", "1"),
        ("dozen dz 打", "DZN", "12"),
        ("hundred 百件", "CEN", "100"),
        ("thousand 千件", "MIL", "1000"),
    ),
}


PACKS = frozenset(
    [
        "box",
        "boxes",
        "bx",
        "pack",
        "packs",
        "pk",
        "case",
        "cases",
        "set",
        "sets",
        "pair",
        "pairs",
        "pr",
        "bag",
        "bags",
        "kit",
        "kits",
        "kt",
        "unit",
        "units",
        "盒",
        "包",
        "箱",
        "套",
        "双",
        "对",
        "组",
        "袋",
        "台",
        "副",
    ]
)
"""Words for whole things whose content differs from item to item."""


@dataclass(frozen=True)
class Unit:
    """A unit: `factor` of it make one of the dimension's first unit."""

    dimension: str
    factor: Fraction


def _known(place: int) -> Iterator[tuple[str, Unit]]:
    for dimension, units in _TABLE.items():
        for row in units:
            for spelling in row[place].split():
                yield spelling, Unit(dimension, Fraction(row[2]))


CODES: dict[str, Unit] = dict(_known(1))
SPELLINGS: dict[str, Unit] = dict(_known(0))
OFFERED = ("pcs", "mm", "cm", "m", "mg", "g", "kg", "ml", "l")
"""What a form offers to choose; every other unit may be typed."""
_FOLDED = {spelling.casefold(): unit for spelling, unit in SPELLINGS.items()}
_MEGA = re.compile(r"M[a-z]")


def unit(text: str) -> Unit | None:
    """The unit that is meant, or nothing.  `KG` is `kg`, but `Mg` may be a million grams and is nothing."""
    text = text.strip()
    exact = SPELLINGS.get(text) or CODES.get(text)
    return exact if exact or _MEGA.fullmatch(text) else _FOLDED.get(text.casefold())


@dataclass(frozen=True)
class Kept:
    """How a lot is kept: in its own `uom`, one of which holds `pack_size` of the item's `item_uom`."""

    lot_no: str
    uom: str
    item_uom: str = ""
    pack_size: Decimal = Decimal(1)


def convert(quantity: Decimal, given: str | None, kept: Kept) -> Decimal:
    """`quantity` of the unit `given`, in the unit of the lot; exact, or a `Refusal`.

    A lot that is kept in packs is also taken by what is in them: 5 pcs of boxes of twenty are a quarter of a box.
    """
    given = (given or "").strip()
    if not quantity.is_finite():
        return quantity
    if not given or given == kept.uom:
        exponent = quantity.normalize().as_tuple().exponent
        if isinstance(exponent, int) and exponent < -PLACES:
            raise NOT_EXACT(quantity=f"{quantity:f}"[:40], unit=kept.uom, uom=kept.uom)
        return quantity
    facts = {"unit": given[:20], "lot": kept.lot_no, "uom": kept.uom, "quantity": f"{quantity:f}"}
    factor = _factor(given, kept)
    if factor is None:
        raise (UNKNOWN if unit(given) is None else OTHER_KIND)(**facts)
    exact = Fraction(quantity) * factor * 10**PLACES
    if exact.denominator != 1:
        raise NOT_EXACT(**facts)
    if abs(exact.numerator) >= MOST * 10**PLACES:
        raise TOO_MUCH(**facts)
    return Decimal(f"{Decimal(exact.numerator).scaleb(-PLACES).normalize():f}")


def counted(uom: str) -> bool:
    """Whether things of that unit are counted one by one: there is no half of one."""
    known = unit(uom)
    return known.dimension == "count" if known else uom.strip().casefold() in PACKS


def check_whole(quantity: Decimal, kept: Kept, there: Decimal = Decimal(0)) -> None:
    """Refuse a part of a piece, wherever it is said.

    What the item itself is counted in decides: a quarter of a box of twenty is five pieces.  `there` is what is in stock: a lot
    that has a part of a piece from earlier may be used up.
    """
    uom = kept.item_uom or kept.uom
    if counted(uom) and not _whole(quantity, kept, uom) and _whole(there, kept, uom):
        raise NOT_WHOLE(lot=kept.lot_no, quantity=f"{quantity.normalize():f}", uom=kept.uom)


def _whole(quantity: Decimal, kept: Kept, uom: str) -> bool:
    known = unit(uom)
    return (Fraction(quantity) * Fraction(kept.pack_size) * (known.factor if known else 1)).denominator == 1


def told(quantity: Decimal, given: str | None, kept: str) -> dict[str, str]:
    """What a fact keeps of a quantity that was converted: the words in which it was told."""
    given = (given or "").strip()
    return {"told": f"{quantity.normalize():f} {given}"} if given and given != kept else {}


def _factor(given: str, kept: Kept) -> Fraction | None:
    """How many of the lot's unit one of the given unit is."""
    for uom, size in ((kept.uom, Decimal(1)), (kept.item_uom, kept.pack_size)):
        if given == uom and size:
            return 1 / Fraction(size)
        one, other = unit(given), unit(uom)
        if one and other and one.dimension == other.dimension and size:
            return one.factor / other.factor / Fraction(size)
    return None


_TYPED = re.compile(r"\s*(?P<number>[-+]?[0-9][0-9.,]*(?:[eE][-+]?[0-9]+)?)\s*(?:(?P<unit>[^\W\d_][\w²³µμ]*)\s*)?")
_LONGEST = 100


def split(text: str) -> tuple[str, str | None]:
    """`500 mm` as number and unit; what has no unit, or is no quantity at all, stays as it was typed."""
    found = _TYPED.fullmatch(plain(text)) if len(text) <= _LONGEST else None
    if found is None or not found["unit"]:
        return text, None
    return found["number"], found["unit"]
