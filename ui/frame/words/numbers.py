"""Quantities as people read them: grouped digits, no needless zeros, the unit in their language (SCREENS, Manner)."""

from decimal import Decimal

from ui.frame.i18n import Words


def plain(value: Decimal | float) -> str:
    """`1,284`, `0.65`, never `1.284E+3`; trailing zeros of the database's scale are dropped."""
    number = value if isinstance(value, Decimal) else Decimal(str(value))
    text = f"{number:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def quantity(words: Words, value: Decimal | float, unit: str) -> str:
    """`480 件` / `480 pcs`; a unit nobody translated is shown as it is."""
    return f"{plain(value)} {words.known(f'unit.{unit.lower()}', unit, n=value)}"
