"""What holds for items, suppliers, customers, equipment and places, whoever writes them (REQUIREMENTS 1, 19, 95)."""

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from models.identifier.rules.check_digits import gs1_check_digit
from models.identifier.rules.identity import identity_key
from models.identifier.rules.scanned_field import refuse_whole
from models.kernel.refusal import Kind
from models.kernel.units import units

SEVERAL = Kind(
    "TRC-003",
    "REQ 19",
    "“{text}”有 {count} 种含义（{meanings_zh}），请指明其中一个。",
    "“{text}” means {count} different things ({meanings_en}); name one of them.",
    409,
)

TAKEN = Kind(
    "MST-001", "DESIGN 5", "编号「{number}」已经存在，请换一个。", "The number “{number}” is taken; choose another."
)
UNKNOWN = Kind("MST-002", "DESIGN 2.5", "找不到「{number}」。", "There is no “{number}”.", 404)
CHECK_DIGIT = Kind(
    "MST-003",
    "GS1 General Specifications 7.9",
    "产品标识「{code}」的校验位不正确，应为 {right}。",
    "The check digit of the device identifier “{code}” is wrong; it should be {right}.",
    422,
)
USED_CODE = Kind(
    "MST-004",
    "21 CFR 830.40(c)",
    "产品标识「{code}」已属于物料 {item}，不能再用。",
    "The device identifier “{code}” belongs to item {item} and can't be used again.",
)
DUE = Kind(
    "MST-005",
    "ISO 13485 7.6",
    "下次校准时间必须晚于校准时间。",
    "The next calibration must be due after this one.",
    422,
)
FUTURE = Kind("MST-006", "ALCOA+", "校准时间在将来。", "The calibration lies in the future.", 422)
GTIN_SHAPE = Kind(
    "MST-007",
    "GS1 General Specifications 3.3",
    "产品标识「{code}」应为 8、12、13 或 14 位数字。",
    "The device identifier “{code}” should have 8, 12, 13 or 14 digits.",
    422,
)
ALIKE = Kind(
    "MST-008",
    "DESIGN 5; REQ 19",
    "编号「{number}」与已有的「{other}」只有大小写、空格或连字符不同，会被当作同一个；请换一个。",
    "“{number}” differs from “{other}”, which exists, in nothing but case, blanks or dashes: people would take them for one."
    " Choose another.",
)
UNIT = Kind(
    "MST-009",
    "DESIGN 9",
    "不认识单位「{unit}」；请写 pcs、kg、mm、ml 这样的单位。",
    "“{unit}” is no known unit; write one such as pcs, kg, mm or ml.",
    422,
)
NAME_SAME = Kind("MST-010", "ALCOA+", "名称没有变化。", "The name is as it was.", 422)
NAME_CHANGED = Kind(
    "MST-011",
    "21 CFR 11.10(e)",
    "您打开之后名称已被改为「{now}」；请核对后再保存。",
    "Since you opened it the name was changed to “{now}”; look at it, then save again.",
)
NAME_SHAPE = Kind(
    "MST-012",
    "ALCOA+",
    "名称须有可读的文字，一行，最多 {most} 个字符，不含控制字符。",
    "A name has words to read, on one line of at most {most} characters without control characters.",
    422,
)
MOST_NAME = 200
Names = tuple[str, str | None]
"""A name as the plant writes it, and the one that an English reader reads."""


def check_names(*names: str | None) -> None:
    """Refuse what nobody can read; the wall BW310 asks the same of changes."""
    for name in names:
        if name is not None and (not identity_key(name) or len(name) > MOST_NAME or _unprintable(name)):
            raise NAME_SHAPE(most=MOST_NAME)


def _unprintable(name: str) -> bool:
    return any(unicodedata.category(char) == "Cc" for char in name)


def check_rename(kept: Names, was: Names, wanted: Names) -> None:
    """Refuse names that nobody can read, that change nothing, or that are given to what isn't called `was` any more."""
    check_names(*wanted)
    if _said(kept) != _said(was):
        raise NAME_CHANGED(now=" / ".join(name for name in kept if name)[:400])
    if kept == wanted:
        raise NAME_SAME()


def _said(names: Names) -> tuple[str, ...]:
    """As a form gives it back: blanks and line ends of a name of before don't count."""
    return tuple(" ".join((name or "").split()) for name in names)


def check_free(number: str, known: str | None) -> None:
    """Refuse a number that is a whole label, or means the same as `known`, which exists."""
    refuse_whole(number)
    if known is None:
        return
    if known == number:
        raise TAKEN(number=number[:80])
    raise ALIKE(number=number[:80], other=known[:80])


def known_unit(uom: str) -> bool:
    """Whether it can be converted or counted."""
    return units.unit(uom) is not None or uom.strip().casefold() in units.PACKS


def check_unit(uom: str) -> None:
    """Refuse to keep an item in a unit that nobody can convert or count."""
    if not known_unit(uom):
        raise UNIT(unit=uom[:40])


def check_device_identifier(agency: str, code: str) -> str:
    """The code as it is kept: a GTIN in its 14 digits, refused when a scanner would reject it; others as they are."""
    if agency != "GS1":
        return code
    if not (code.isascii() and code.isdigit() and len(code) in {8, 12, 13, 14}):
        raise GTIN_SHAPE(code=code[:60])
    right = gs1_check_digit(code[:-1])
    if str(right) != code[-1]:
        raise CHECK_DIGIT(code=code, right=right)
    return code.zfill(14)


@dataclass(frozen=True)
class Register:
    """A column of numbers; `near` is the one that keeps the number without its separators, where there is one.

    `item` is the column of the item within which the number is one thing's, where it isn't so in the whole plant; `otherwise` answers
    the number that is meant by what the register itself has not.
    """

    number: Any
    near: Any = None
    item: Any = None
    otherwise: Callable[[Any, str], str | None] | None = None
