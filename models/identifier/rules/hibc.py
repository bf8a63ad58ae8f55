"""Reads HIBC supplier labels: primary (+LIC PCN unit-of-measure), secondary ($, $$, $+, $$+) and supplements (/S /16D …).

Source: ANSI/HIBC 2.6. Serves requirement 95.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from models.identifier.rules.check_digits import century, digits, mod43
from models.identifier.rules.scan import HIBC_CHECK, HIBC_FORM, IMPOSSIBLE_DATE, LOST_CHECK, ScanDate
from models.kernel.refusal import Refusal

_PRIMARY = re.compile(r"[A-Z][A-Z0-9]{3}[A-Z0-9]{1,18}[0-9]")
_DATE_FORMS = {"2": "MMDDYY", "3": "YYMMDD", "4": "YYMMDDHH", "5": "YYJJJ", "6": "YYJJJHH"}


@dataclass
class HibcReading:
    """What a HIBC barcode says."""

    di: str | None = None
    lot: str | None = None
    serial: str | None = None
    expiry: ScanDate | None = None
    production: ScanDate | None = None
    quantity: int | None = None
    link: str | None = None
    check: str | None = None
    problems: list[Refusal] = field(default_factory=list)


def read_hibc(text: str, reference_year: int) -> HibcReading | None:
    """A barcode that begins with + (the asterisks of a printed Code 39 are dropped); None when it can't be HIBC."""
    text, lost = _printed(text)
    both = re.fullmatch(r"(\+[A-Z][A-Z0-9]{3}.+?) *(\+[0-9$].+)", text)
    first, second = (_read_one(part, reference_year) for part in both.groups()) if both else (None, None)
    if first and second and first.di and not second.di and first.check == second.link:
        reading: HibcReading | None = replace(
            second, di=first.di, check=first.check, problems=[*first.problems, *second.problems]
        )
    else:
        reading = _read_one(text, reference_year)
    if reading and lost:
        reading.problems.append(LOST_CHECK())
    return reading


def _printed(text: str) -> tuple[str, bool]:
    """As it is encoded: without the asterisks of a printed Code 39, in capitals; and whether its check character was lost.

    One label in 43 ends in a blank: it is printed as `_`, and lost where a text is trimmed.  One misread label in 43 looks
    as if that had happened, so a blank that isn't there checks nothing.
    """
    text = text.strip("*")
    raised = text.upper()
    if mod43(raised[:-1]) == raised[-1:]:
        return raised, False
    bare = raised.removesuffix("_")
    return (bare + " ", bare == raised) if mod43(bare) == " " else (text, False)


def _read_one(text: str, reference_year: int) -> HibcReading | None:
    """One barcode: primary, secondary, or both joined by a stroke."""
    if not re.fullmatch(r"\+[A-Z0-9$.\-/+% ]{3,}", text):
        return None
    reading = HibcReading(check=text[-1])
    expected = mod43(text[:-1])
    if expected != text[-1]:
        reading.problems.append(HIBC_CHECK(expected=expected))
    body = text[1:-1]
    if body[0] in "$0123456789":  # a secondary label alone carries the primary's check character as its link
        reading.link, body = body[-1], body[:-1]
        fields = body.split("/")
        _read_secondary(fields[0], reading, reference_year)
    else:
        fields = body.split("/")
        if not _PRIMARY.fullmatch(fields[0]):
            return None
        reading.di = fields[0]
        if len(fields) > 1 and fields[1][:1] in tuple("$0123456789") and not _supplement(fields[1]):
            _read_secondary(fields.pop(1), reading, reference_year)
    for part in fields[1:]:
        _read_supplement(part, reading)
    return reading


def _supplement(part: str) -> bool:
    return bool(re.fullmatch(r"1[46]D[0-9]{8}", part))


def _read_supplement(part: str, reading: HibcReading) -> None:
    if _supplement(part):
        day = ScanDate.of(int(part[3:7]), int(part[7:9]), int(part[9:11]))
        if day is None:
            reading.problems.append(IMPOSSIBLE_DATE(value=part[3:]))
        elif part.startswith("16D"):
            reading.production = day
        else:
            reading.expiry = day
    elif part.startswith("S") and len(part) > 1:
        reading.serial = part[1:]
    elif part.startswith("Q") and digits(part[1:]):
        reading.quantity = int(part[1:])
    else:
        reading.problems.append(HIBC_FORM(part=part))


def _read_secondary(text: str, reading: HibcReading, reference_year: int) -> None:
    match = re.fullmatch(r"(\$\$\+|\$\$|\$\+|\$|)(.*)", text, re.DOTALL)
    marker, rest = (match[1], match[2]) if match else ("", text)
    if marker.startswith("$$"):
        if marker == "$$":
            rest = _read_quantity(rest, reading)
        rest = _read_expiry(rest, reading, reference_year)
    elif not marker:
        rest = _read_day_of_year(rest, reading, reference_year)
    if marker.endswith("+"):
        reading.serial = rest or None
    else:
        reading.lot = rest or None


def _read_quantity(rest: str, reading: HibcReading) -> str:
    width = {"8": 2, "9": 5}.get(rest[:1])
    if width is None:
        return rest
    if digits(rest[1 : 1 + width]) and len(rest) > width:
        reading.quantity = int(rest[1 : 1 + width])
        return rest[1 + width :]
    reading.problems.append(HIBC_FORM(part=rest))
    return ""


def _read_expiry(rest: str, reading: HibcReading, reference_year: int) -> str:
    flag = rest[:1]
    if flag == "7" or not flag:
        return rest[1:]
    form = _DATE_FORMS.get(flag, "MMYY")
    written = rest[1:] if flag in _DATE_FORMS else rest
    value = written[: len(form)]
    if not digits(value) or len(value) < len(form) or flag not in "0123456":
        reading.problems.append(HIBC_FORM(part=rest))
        return rest
    reading.expiry = _date(value, form, reference_year)
    if reading.expiry is None:
        reading.problems.append(IMPOSSIBLE_DATE(value=value))
    return written[len(form) :]


def _read_day_of_year(rest: str, reading: HibcReading, reference_year: int) -> str:
    if not digits(rest[:5]) or len(rest) < 5:
        reading.problems.append(HIBC_FORM(part=rest))
        return rest
    reading.expiry = _date(rest[:5], "YYJJJ", reference_year)
    if reading.expiry is None:
        reading.problems.append(IMPOSSIBLE_DATE(value=rest[:5]))
    return rest[5:]


def _date(value: str, form: str, reference_year: int) -> ScanDate | None:
    def part(letters: str) -> int:
        at = form.index(letters)
        return int(value[at : at + len(letters)])

    year = century(part("YY"), reference_year)
    if "JJJ" in form:
        day = date(year, 1, 1) + timedelta(days=part("JJJ") - 1)
        return ScanDate(day) if day.year == year else None
    return ScanDate.of(year, part("MM"), part("DD") if "DD" in form else 0)
