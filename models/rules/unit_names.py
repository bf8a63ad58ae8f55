"""What units are called: a page, a paper and a list of what remains say 件 and `pcs`, never the code of a record (SCREENS, Manner)."""

from decimal import Decimal

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


def called(code: str, quantity: Decimal | None = None) -> tuple[str, str]:
    """The unit in Chinese and in English, of so much; a unit without a name is called by its code."""
    zh, one, *many = NAMES.get(code.lower(), (code, code))
    return zh, one if quantity == 1 or not many else many[0]


def both(code: str) -> str:
    """The unit as a paper in two languages says it: `件 pcs`, and `米 m`, and a code that nobody translated once."""
    zh, en = called(code)
    return zh if zh == en else f"{zh} {en}"
