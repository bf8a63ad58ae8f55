"""What units are called: a page, a paper and a list of what remains say 件 and `pcs`, never the code of a record (SCREENS, Manner)."""

from collections.abc import Iterable
from decimal import Decimal

from models.kernel.text import Text

NAMES: dict[str, tuple[str, ...]] = {
    "ea": ("件", "pc", "pcs"),
    "pcs": ("件", "pc", "pcs"),
    "kg": ("千克", "kg"),
    "g": ("克", "g"),
    "m": ("米", "m"),
    "mm": ("毫米", "mm"),
    "l": ("升", "l"),
    "litres": ("升", "litre", "litres"),
    "ml": ("毫升", "ml"),
    "rod": ("根", "rod", "rods"),
    "box": ("盒", "box", "boxes"),
    "case": ("箱", "case", "cases"),
    "roll": ("卷", "roll", "rolls"),
    "sheet": ("张", "sheet", "sheets"),
    "set": ("套", "set", "sets"),
    "lots": ("批", "batch", "batches"),
    "cm": ("厘米", "cm"),
    "mg": ("毫克", "mg"),
}
"""Code of a unit in lower case → Chinese, one in English, many in English where English counts."""


def called(code: str, quantity: Decimal | None = None) -> Text:
    """The unit in Chinese and in English, of so much; a unit without a name is called by its code."""
    zh, one, *many = NAMES.get(code.lower(), (code, code))
    return Text(zh, one if quantity == 1 or not many else many[0])


def amount(quantity: Decimal, code: str) -> Text:
    """So much in Chinese and in English, digits grouped: `1,200 件` and `1,200 pcs`; without a unit the number alone."""
    number = f"{quantity.normalize():,f}" if quantity else "0"
    zh, en = (f"{number} {unit}".rstrip() for unit in called(code, quantity))
    return Text(zh, en)


def amounts(much: Iterable[tuple[str, Decimal]]) -> Text:
    """What is there of each unit, in both languages; pieces and metres are never added up."""
    said = [amount(quantity, code) for code, quantity in much if quantity]
    return Text("、".join(zh for zh, _ in said), ", ".join(en for _, en in said))


def told(code: str, **quantities: Decimal) -> dict[str, str]:
    """Quantities as facts of a sentence in two languages: `used` and `used_en`."""
    said = {name: amount(quantity, code) for name, quantity in quantities.items()}
    return {name: zh for name, (zh, _) in said.items()} | {f"{name}_en": en for name, (_, en) in said.items()}


def both(code: str) -> str:
    """The unit as a paper in two languages says it: `件 pcs`, and `米 m`, and a code that nobody translated once."""
    return called(code).both
