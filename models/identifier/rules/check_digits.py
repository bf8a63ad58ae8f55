"""Check digits and content rules of the parts of an identifier: small yes/no functions, one per rule.

Each function takes the characters of one component and says whether they may stand there. The names are those of the
GS1 syntax dictionary's content rules, so that a vector, a problem and the code use one word. Sources: GS1 General
Specifications 7.9 (check digit), 7.12 (dates), ISO 3166-1, ISO 4217, ISO 13616; ANSI/HIBC 2.6 (mod 43).
Serves STANDARDS U 83 and requirement 95.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable

from models.identifier.rules.code_lists import COUNTRIES, COUNTRY_LETTERS, CURRENCIES

CSET_39 = "#-/0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
CSET_82 = "!\"%&'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"
_PAIR_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
_PAIR_WEIGHTS = [n for n in range(2, 522) if all(n % divisor for divisor in range(2, n))]
_MOD_43 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-. $/+%"
GTIN_LENGTHS = (8, 12, 13, 14)


def digits(text: str) -> bool:
    """Only the ten ASCII digits; `str.isdigit` alone would let other scripts' digits through."""
    return text.isascii() and text.isdigit()


def gs1_check_digit(body: str) -> str:
    """The check digit of a GTIN, SSCC or GLN without its last digit: weights 3 and 1 from the right."""
    total = sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(body)))
    return str(-total % 10)


def csum(text: str) -> bool:
    """Digits whose last one is the GS1 check digit of the others."""
    return digits(text) and len(text) > 1 and gs1_check_digit(text[:-1]) == text[-1]


def gtin(text: str) -> bool:
    """A whole GTIN-8, -12, -13 or -14."""
    return len(text) in GTIN_LENGTHS and csum(text)


def csumalpha(text: str) -> bool:
    """The two check characters of a global model number (GS1 General Specifications 7.9.5)."""
    body, pair = text[:-2], text[-2:]
    if len(text) < 3 or len(body) > len(_PAIR_WEIGHTS) or not cset82(body):
        return False
    total = (
        sum(CSET_82.index(char) * weight for char, weight in zip(reversed(body), _PAIR_WEIGHTS, strict=False)) % 1021
    )
    return pair == _PAIR_ALPHABET[total // 32] + _PAIR_ALPHABET[total % 32]


def mod43(text: str) -> str | None:
    """The HIBC check character of `text` (with its leading +), or None when a character has no value."""
    if any(char not in _MOD_43 for char in text):
        return None
    return _MOD_43[sum(_MOD_43.index(char) for char in text) % 43]


def cset82(text: str) -> bool:
    """The 82 characters that GS1 allows in lots and serials."""
    return all(char in CSET_82 for char in text)


def cset39(text: str) -> bool:
    """The 39 characters of a component/part identifier."""
    return all(char in CSET_39 for char in text)


def cset64(text: str) -> bool:
    """Characters of file-safe base 64, with its padding when it has any."""
    body = text.rstrip("=")
    padding = len(text) - len(body)
    return bool(re.fullmatch(r"[0-9A-Za-z_-]*", body)) and (not padding or (padding < 3 and len(text) % 3 == 0))


def _in_range(low: int, high: int, width: int) -> Callable[[str], bool]:
    def rule(text: str) -> bool:
        return digits(text) and len(text) == width and low <= int(text) <= high

    return rule


def century(year: int, reference_year: int) -> int:
    """The four-digit year of two digits: the one from 49 years back to 50 ahead (GS1 General Specifications 7.12)."""
    full = reference_year - reference_year % 100 + year
    if full - reference_year > 50:
        return full - 100
    if full - reference_year <= -50:
        return full + 100
    return full


REFERENCE_YEAR = 2026


def _calendar_date(text: str, width: int, *, day_zero: bool) -> bool:
    if not digits(text) or len(text) != width:
        return False
    year, month, day = int(text[:-4]), int(text[-4:-2]), int(text[-2:])
    year = century(year, REFERENCE_YEAR) if width == 6 else year
    if year < 1 or not 1 <= month <= 12:
        return False
    return (day == 0 and day_zero) or 1 <= day <= monthrange(year, month)[1]


def yymmdd(text: str) -> bool:
    """A day."""
    return _calendar_date(text, 6, day_zero=False)


def yymmd0(text: str) -> bool:
    """A day, or a month when the day is 00."""
    return _calendar_date(text, 6, day_zero=True)


def hhmi(text: str) -> bool:
    """Hour and minute."""
    return len(text) == 4 and _in_range(0, 23, 2)(text[:2]) and _in_range(0, 59, 2)(text[2:])


def pieceoftotal(text: str) -> bool:
    """Piece number and total, of equal width, neither zero, the piece within the total."""
    half = len(text) // 2
    return digits(text) and len(text) % 2 == 0 and 0 < int(text[:half] or "0") <= int(text[half:] or "0")


def posinseqslash(text: str) -> bool:
    """`position/total` without leading zeros, the position within the total."""
    match = re.fullmatch(r"([1-9][0-9]*)/([1-9][0-9]*)", text)
    return bool(match) and int(match[1]) <= int(match[2])  # type: ignore[index]


def iban(text: str) -> bool:
    """Country, check digits and account, remainder 1 of 97 (ISO 13616)."""
    if not re.fullmatch(r"[A-Z]{2}[0-9]{2}[0-9A-Z]+", text) or text[:2] not in COUNTRY_LETTERS:
        return False
    return int("".join(str(int(char, 36)) for char in text[4:] + text[:4])) % 97 == 1


def pcenc(text: str) -> bool:
    """Every % is followed by two hexadecimal digits."""
    return not re.search(r"%(?![0-9A-Fa-f]{2})", text)


def _matches(pattern: str) -> Callable[[str], bool]:
    compiled = re.compile(pattern)
    return lambda text: bool(compiled.fullmatch(text))


RULES: dict[str, Callable[[str], bool]] = {
    "csum": csum,
    "csumalpha": csumalpha,
    "cset39": cset39,
    "cset64": cset64,
    "cset82": cset82,
    "csetnumeric": digits,
    "yymmdd": yymmdd,
    "yymmd0": yymmd0,
    "yyyymmdd": lambda text: _calendar_date(text, 8, day_zero=False),
    "yyyymmd0": lambda text: _calendar_date(text, 8, day_zero=True),
    "hh": _in_range(0, 23, 2),
    "mi": _in_range(0, 59, 2),
    "ss": _in_range(0, 59, 2),
    "hhmi": hhmi,
    "zero": _matches(r"0+"),
    "nonzero": lambda text: digits(text) and int(text) > 0,
    "nozeroprefix": _matches(r"0|[1-9][0-9]*"),
    "hasnondigit": _matches(r".*[^0-9].*"),
    "hyphen": _matches(r"-+"),
    "winding": _matches(r"[019]"),
    "yesno": _matches(r"[01]"),
    "importeridx": _matches(r"[0-9A-Za-z_-]"),
    "iso5218": _matches(r"[0129]"),
    "iso3166": lambda text: text in COUNTRIES,
    "iso3166999": lambda text: text in COUNTRIES or text == "999",
    "iso3166alpha2": lambda text: text in COUNTRY_LETTERS,
    "iso4217": lambda text: text in CURRENCIES,
    "latitude": _in_range(0, 1_800_000_000, 10),
    "longitude": _in_range(0, 3_600_000_000, 10),
    "mediatype": _matches(r"0[1-9]|10|[89][0-9]"),
    "pieceoftotal": pieceoftotal,
    "posinseqslash": posinseqslash,
    "iban": iban,
    "pcenc": pcenc,
}
