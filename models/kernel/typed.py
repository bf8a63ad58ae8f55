"""What a person typed where a number or a date belongs, as it was meant (STANDARDS, ALCOA+: legible, accurate).

A Chinese input method types full-width digits and `。` for the point, and a paste from a spreadsheet or a chat brings
invisible marks.  Those mean nothing else in a number.  Everything else stays: `10²` must not become 102, as NFKC has it,
and nobody guesses what `12,5` or `1,000` is.
"""

import re
import unicodedata
from decimal import Decimal
from typing import Self

from models.kernel.refusal import Kind

PLACES = 6
"""Decimals that the record keeps of a number; more are refused, never rounded away."""
TOO_FINE = Kind(
    "INS-023",
    "ALCOA+",
    "「{name}」的值 {value} 多于 {places} 位小数，无法原样保存。",
    "The value {value} of “{name}” has more than {places} decimals and can't be kept as it is.",
    422,
)
MOST_DIGITS = 20
_NUMBER = re.compile(r"[+-]?[0-9]{1,20}(?:[.][0-9]{1,20})?")
_PLAIN = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {
    0x3000: 0x20,
    0xA0: 0x20,
    0x3002: 0x2E,
    0xFF61: 0x2E,
}


def plain(text: str) -> str:
    """Half-width, without invisible marks and blanks around it."""
    return "".join(char for char in text.translate(_PLAIN) if unicodedata.category(char) != "Cf").strip()


def compatible(text: str) -> str:
    """Words as they are compared: half-width, ligatures and circled letters as plain ones, without what nobody sees."""
    folded = unicodedata.normalize("NFKC", text)
    return "".join(char for char in folded if unicodedata.category(char) not in {"Cc", "Cf"} or char.isspace()).strip()


_BLANKS = "\u034f\u115f\u1160\u17b4\u17b5\u2800"
"""Letters that are drawn as nothing."""


def unseen(text: str) -> bool:
    """Whether nobody sees anything of the text: a reason of such marks is none."""
    return not "".join(char for char in compatible(text) if char not in _BLANKS and not char.isspace())


_NOTHING = frozenset({"N/A", "NA", "NONE", "NIL", "NULL", "TBD", "无", "没有", "暂无", "不适用"})


def says_nothing(text: str | None) -> bool:
    """Whether somebody filled a field in without saying anything: blanks, strokes, `n/a`, `无`."""
    said = compatible(text or "")
    return not any(char.isalnum() for char in said) or said.upper() in _NOTHING


def number(text: str) -> Decimal | None:
    """The number that the digits say, with as many of them as were typed; `None` for anything else.

    Digits, a sign and a point, full-width or not: `12.50` keeps its zero.  `12_04`, `1e1`, `.5`, `1,000`, `NaN` and digits of other
    scripts are no numbers here, though a programming language may think so.
    """
    meant = plain(text)
    return Decimal(meant) if _NUMBER.fullmatch(meant) else None


class Digits(float):
    """A number of a JSON text that remembers its digits."""

    text: str

    def __new__(cls, text: str) -> Self:
        """The number, as any other reader sees it."""
        made = super().__new__(cls, text)
        made.text = text
        return made


def told_digits(name: str, value: Decimal) -> str:
    """The digits of a measured value as the record keeps them beside the number, with the zeros at the end.

    Refuses more decimals than the record has: 12.0500001 is not 12.05.
    """
    exponent = value.as_tuple().exponent
    if isinstance(exponent, int) and exponent < -PLACES:
        raise TOO_FINE(name=name, value=str(value)[:40], places=PLACES)
    return f"{value:f}" if value.is_finite() and value.adjusted() < MOST_DIGITS else str(value)
