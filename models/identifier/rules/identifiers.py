"""Says what anything typed or scanned is: GS1 element strings, Digital Links and EPC URIs, HIBC, MA, bare GTIN and SSCC, or text.

`parse` reads; it refuses only what nobody can look for (empty, far too long, control characters, emoji).  `normalise`,
`compact` and `look_alike` make the keys under which registers and people's typing meet.  Serves requirements 19, 95 and
STANDARDS U 83.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace

from models.identifier.rules.application_identifiers import Element, known
from models.identifier.rules.check_digits import (
    GTIN_LENGTHS,
    REFERENCE_YEAR,
    csum,
    digits,
    gs1_check_digit,
    gtin,
    mod43,
)
from models.identifier.rules.epc import read_epc
from models.identifier.rules.gs1 import (
    SEPARATOR,
    label_date,
    link_problem,
    message_problems,
    read_bracketed,
    read_link,
    read_unbracketed,
    swallowed,
    value_problems,
)
from models.identifier.rules.hibc import read_hibc
from models.identifier.rules.identity import near_key
from models.identifier.rules.scan import (
    CHECK_DIGIT,
    EMPTY,
    GTIN_LENGTH,
    IMPOSSIBLE_DATE,
    LOST_CHECK,
    MA_FORM,
    SYMBOLOGY,
    TOO_LONG,
    UNPRINTABLE,
    Scan,
    ScanDate,
)
from models.kernel.refusal import Refusal

LIMIT = 500
_GROUP_SEPARATORS = re.compile(
    r"\{GS\}|<GS>|\[GS\]|\{FNC1\}|<FNC1>|\[FNC1\]|\\x1d|\\u001d|&#(?:29|x1d);|\u241d", re.IGNORECASE
)
_GS1_SYMBOLOGIES = frozenset({"]C1", "]e0", "]e1", "]e2", "]d2", "]Q3", "]J1"})
_SYMBOLOGY = re.compile(r"\][A-Zdejz][0-9A-Fa-m]")  # ISO/IEC 15424: code letter and modifier
_NO_SCHEME = re.compile(r"[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+(?::\d+)?/")  # an address as people type it
_WORDS = {  # what stands before a number on a label, and which number it is then
    "lot": re.compile(
        r"(?:(?:lot|batch)(?:\s*(?:no\.?|nr\.?|number|code))?\s*[:#=]|(?:lot|batch)\s*(?:no|nr|number|code)(?:\.\s*|\s+)"
        r"|[【\[](?:lot|批号|批次号?)[】\]]|(?:生产|产品|供方|供应商)?批次?号?\s*[:#=]|(?:生产|产品)?批号\s)\s*(.+)",
        re.IGNORECASE,
    ),
    "serial": re.compile(
        r"(?:(?:sn|s/n|serial)(?:\s*(?:no\.?|nr\.?|number))?\s*[:#=]|(?:s/n|serial\s*(?:no|nr|number))(?:\.\s*|\s+)"
        r"|[【\[](?:s/?n|序列号)[】\]]|(?:序列号|出厂编号)\s*[:#=\s])\s*(.+)",
        re.IGNORECASE,
    ),
}
_LOOK_ALIKE = str.maketrans("OILSBZ", "011582")
_DASHES = re.compile("[\u2010-\u2015\u2212]+")


def normalise(text: str) -> str:
    """Trimmed, half-width (NFKC), case-folded, runs of blanks made one: two people's typing of one thing is equal."""
    return " ".join(_halfwidth(text).casefold().split())


def compact(text: str) -> str:
    """The second-chance key: the number without any separator; equals the `*_key` columns of the database."""
    return near_key(text)


def plain_dashes(text: str) -> str:
    """Every dash a hyphen: word processors make an en dash of it, and a Chinese keyboard types two em dashes."""
    return _DASHES.sub("-", text)


def look_alike(text: str) -> str:
    """The compact key with letters that look like digits read as digits: for “did you mean”, never for a match."""
    return compact(text).translate(_LOOK_ALIKE)


def _halfwidth(text: str) -> str:
    return unicodedata.normalize("NFKC", text)


def clean(text: str) -> str:
    """The text as one may look for it, or a refusal; group separators are kept as 0x1D, invisible marks dropped."""
    if len(text) > LIMIT:
        raise TOO_LONG(length=len(text), limit=LIMIT)
    marked = _GROUP_SEPARATORS.sub(SEPARATOR, text)
    # most labels by far: nothing in them could be dropped, folded or refused, and an import asks for hundreds of thousands
    usual = marked.isascii() and marked.isprintable()
    plain = marked.strip(" ") if usual else _without_marks(marked)
    if not plain.strip(SEPARATOR + "\ufe0f "):
        raise EMPTY(limit=LIMIT)
    return plain


def _without_marks(text: str) -> str:
    plain = "".join(char for char in _halfwidth(text) if unicodedata.category(char) != "Cf")
    plain = re.sub(r"[\t\r\n]", " ", plain.strip(" \t\r\n\u3000\x1e\x04"))  # a label pasted line by line
    if len(plain) > LIMIT:
        raise TOO_LONG(length=len(plain), limit=LIMIT)
    for position, char in enumerate(plain, 1):
        if char != SEPARATOR and _unprintable(char):
            name = unicodedata.name(char, f"U+{ord(char):04X}")
            raise UNPRINTABLE(position=position, name=name)
    return plain


def _unprintable(char: str) -> bool:
    category = unicodedata.category(char)
    return (
        category in {"Cc", "Cs", "Co", "Cn"}
        or (category == "So" and ord(char) > 0x2190)
        or 0x1F000 <= ord(char) < 0x20000
    )


def parse(text: str, *, reference_year: int = REFERENCE_YEAR) -> Scan:
    """What the text is; raises a `Refusal` ID-001 … ID-003 when it can be nothing.

    `reference_year` fixes the century of two-digit years (49 years back to 50 ahead).
    """
    whole = clean(text)
    symbology = None
    if whole.startswith("]"):
        match = _SYMBOLOGY.match(whole)
        if not match:
            return Scan(whole, "text", problems=(SYMBOLOGY(prefix=whole[:3]),))
        symbology = match[0]
    content = whole.removeprefix(symbology or "")
    if not content.strip(SEPARATOR):
        raise EMPTY(limit=LIMIT)
    scan = _read(content, symbology, reference_year) or Scan(content, "text", symbology)
    if content.startswith("+") and text.rstrip("\t\r\n\x1e\x04").endswith(" "):
        return _blank_checked(content, symbology, reference_year, scan)
    return scan


def _blank_checked(content: str, symbology: str | None, year: int, without: Scan) -> Scan:
    """A HIBC code that the scanner ended with a blank: its check character, unless the code is right without it too."""
    checked = _from_hibc(content + " ", symbology, year)
    if without.problems or without.kind != "hibc":
        return replace(checked, text=content) if checked and not checked.problems else without
    return replace(without, problems=(LOST_CHECK(),))  # right without its blank: by chance, once in 43


def _read(content: str, symbology: str | None, year: int) -> Scan | None:
    if symbology in _GS1_SYMBOLOGIES:
        elements, problems = _unbracketed(content)
        return _from_elements("gs1", content, symbology, elements, problems, year)
    if symbology and symbology[1] in "EI":
        return _from_linear(content, symbology, year)
    uri = _from_uri(content, symbology, year)
    if uri:
        return uri
    bracketed = read_bracketed(content)
    if bracketed:
        return _from_elements("gs1", content, symbology, *bracketed, year)
    if content.startswith(("^", SEPARATOR)) and symbology is None:
        elements, problems = _unbracketed(content.replace("^", SEPARATOR))
        return _from_elements("gs1", content, symbology, elements, problems, year)
    return (
        _from_hibc(content, symbology, year)
        or _from_ma(content, symbology, year)
        or _from_bare(content, symbology)
        or _from_unmarked(content, symbology, year)
        or _from_label(content, symbology, year)
        or _from_address(content, symbology)
    )


def _link(content: str) -> tuple[list[Element], list[Refusal]] | None:
    """A Digital Link; without its scheme only when everything reads clean, for a lot number may look like an address."""
    typed = read_link("https://" + content) if _NO_SCHEME.match(content) else None
    return typed if typed and not typed[1] else read_link(content)


def _from_address(content: str, symbology: str | None) -> Scan | None:
    problem = link_problem(content)
    return Scan(content, "text", symbology, problems=(problem,)) if problem else None


def _from_uri(content: str, symbology: str | None, year: int) -> Scan | None:
    """A Digital Link, or an EPC URI; an EPC that is wrong holds nothing."""
    link = _link(content)
    if link:
        return _from_elements("digital_link", content, symbology, *link, year)
    epc = read_epc(content)
    if epc and not epc[0]:
        return Scan(content, "text", symbology, problems=tuple(epc[1]))
    return _from_elements("epc", content, symbology, *epc, year) if epc else None


def _from_elements(
    kind: str, text: str, symbology: str | None, elements: list[Element], problems: list[Refusal], year: int
) -> Scan:
    values: dict[str, str] = {}
    for element in elements:
        values.setdefault(element.ai, element.value)
    number = values.get("01") or values.get("02")
    count = values.get("37") or values.get("30") or ""
    expiry = values.get("17") or values.get("7003") or ""
    return Scan(
        text=text,
        kind=kind,
        symbology=symbology,
        agency="GS1",
        di=number,
        gtin=number,
        sscc=values.get("00"),
        lot=values.get("10"),
        serial=values.get("21"),
        expiry=label_date(expiry, year),
        production=label_date(values.get("11", ""), year),
        quantity=int(count) if digits(count) else None,
        elements=tuple(elements),
        problems=tuple(problems + message_problems(elements)),
        di_candidates=_gtin_forms(number) if number else (),
    )


def _gtin_forms(number: str) -> tuple[str, ...]:
    """The 14 digits and every shorter GTIN that they may have been stored as."""
    bare = number.zfill(14)
    return tuple(dict.fromkeys([bare, *(bare[-size:] for size in GTIN_LENGTHS if not bare[:-size].strip("0")), number]))


def _from_linear(content: str, symbology: str, year: int) -> Scan:
    """EAN/UPC (]E0 13 digits, ]E4 8 digits, perhaps with a composite part) and ITF-14."""
    number, bar, composite = content.partition("|")
    widths = {"]E0": 13, "]E3": 13, "]E4": 8}
    good = gtin(number) and len(number) == widths.get(symbology, len(number))
    elements = [Element("01", number.zfill(14), "GTIN")]
    problems = [] if good else [SYMBOLOGY(prefix=symbology)]
    if bar and composite.startswith("]e0"):
        more, more_problems = read_unbracketed(composite[3:])
        elements, problems = elements + more, problems + more_problems
    return _from_elements("gtin", content, symbology, elements, problems, year)


def _from_hibc(content: str, symbology: str | None, year: int) -> Scan | None:
    reading = read_hibc(content, year)
    if reading is None:
        return None
    forms: tuple[str, ...] = ()
    if reading.di:  # registers hold it with or without the check character
        forms = (reading.di, reading.di + (mod43("+" + reading.di) or ""))
    return Scan(
        text=content,
        kind="hibc",
        symbology=symbology,
        agency="HIBCC",
        di=reading.di,
        lot=reading.lot,
        serial=reading.serial,
        expiry=reading.expiry,
        production=reading.production,
        quantity=reading.quantity,
        problems=tuple(reading.problems),
        di_candidates=forms,
    )


def _from_ma(content: str, symbology: str | None, year: int) -> Scan | None:
    """`MA.156.M0.<maker>.<product>` and after it S serial, L lot, D/M made, E/V expiry, C check, each after a dot."""
    if not re.match(r"MA\.156\.M[0-9A-Z]+\.", content, re.IGNORECASE):
        return None
    nodes = content.split(".")
    di, problems = ".".join(nodes[:5]), [] if len(nodes) >= 5 and all(nodes) else [MA_FORM(part=content)]
    found = {node[:1].upper(): node[1:] for node in nodes[5:] if node}
    dates: dict[str, ScanDate | None] = {}
    for letter in "DMEV":
        if letter in found:
            value = found[letter][2:] if len(found[letter]) == 8 else found[letter]
            dates[letter] = label_date(value, year)
            if dates[letter] is None:
                problems.append(IMPOSSIBLE_DATE(value=found[letter]))
    return Scan(
        text=content,
        kind="ma",
        symbology=symbology,
        agency="MA",
        di=di,
        lot=found.get("L"),
        serial=found.get("S"),
        expiry=dates.get("E") or dates.get("V"),
        production=dates.get("D") or dates.get("M"),
        problems=tuple(problems),
        di_candidates=(di,),
    )


def gtin_problems(number: str) -> list[Refusal]:
    """Why a number that should be a GTIN is none: length and check digit (21 CFR 830.20)."""
    if not digits(number) or len(number) not in GTIN_LENGTHS:
        return [GTIN_LENGTH(value=number, length=len(number))]
    return [] if csum(number) else [CHECK_DIGIT(value=number, expected=gs1_check_digit(number[:-1]))]


def _from_bare(content: str, symbology: str | None) -> Scan | None:
    """Digits alone: a GTIN or SSCC when the check digit is right.

    A wrong check digit may as well be somebody's lot number, so it stays text with the problem beside it; eight digits
    are mostly dates, so there nothing is said.
    """
    number = re.sub(r"[ -]", "", content)
    if not digits(number):
        return None
    if len(number) == 18 and csum(number):
        return Scan(content, "sscc", symbology, "GS1", sscc=number, elements=(Element("00", number, "SSCC"),))
    if gtin(number):
        full = number.zfill(14)
        element = Element("01", full, "GTIN")
        return Scan(
            content, "gtin", symbology, "GS1", full, full, elements=(element,), di_candidates=_gtin_forms(number)
        )
    if len(number) in {12, 13, 14}:
        return Scan(content, "text", symbology, problems=tuple(gtin_problems(number)))
    if len(number) == 18:
        problem = CHECK_DIGIT(value=number, expected=gs1_check_digit(number[:-1]))
        return Scan(content, "text", symbology, problems=(problem,))
    return None


def _from_unmarked(content: str, symbology: str | None, year: int) -> Scan | None:
    """Element strings from a scanner that adds no prefix: only when an SSCC or GTIN leads and everything reads clean."""
    text = re.sub(r"[\^|~]", SEPARATOR, content)  # no value may hold them, scanners are set to send them
    leads = (text.startswith("00") and csum(text[2:20])) or (text.startswith(("01", "02")) and gtin(text[2:16]))
    if not leads or len(text) < 16:
        return None
    elements, problems = read_unbracketed(text)
    if problems and SEPARATOR not in text:
        return None
    return _from_elements("gs1", content, symbology, elements, [*problems, *swallowed(elements)], year)


def misread(text: str, reference_year: int = REFERENCE_YEAR) -> Scan | None:
    """Element strings without prefix of which one reads wrong: the check digit, or a value behind a number that is right.

    None for every other text.  `parse` takes such a text for a plain number, as it may stand in a register of before, and
    digits alone stay one: a lot may begin like a label.
    """
    content = re.sub(r"[\^|~]", SEPARATOR, clean(text))
    width = 18 if content.startswith("00") else 14
    leads, number = content[:2], content[2 : 2 + width]
    if leads not in {"00", "01", "02"} or digits(content) or not digits(number) or len(number) < width:
        return None
    elements, problems = read_unbracketed(content)
    wrong = problems[len(value_problems(leads, number)) :]  # in what follows
    right = csum(number) if width == 18 else gtin(number)
    if len(elements) == 1 or not problems or (wrong and not right):
        return None
    return _from_elements("gs1", clean(text), None, elements, problems, reference_year)


def _from_label(content: str, symbology: str | None, year: int) -> Scan | None:
    """What a label says in words: `LOT: X`, `批号：X`, `S/N: X`; and `*X*`, as Code 39 is printed."""
    if match := re.fullmatch(r"\*([^*]+)\*", content):
        return _read(match[1].strip(), symbology, year) or Scan(match[1].strip(), "text", symbology)
    for field, words in _WORDS.items():
        if match := words.fullmatch(content):
            value = match[1].strip().strip("*")
            inner = _read(value, symbology, year) if value else None
            if inner and inner.kind != "text":
                return inner
            lot, serial = (value, None) if field == "lot" else (None, value)
            return Scan(value, "text", symbology, lot=lot, serial=serial) if value else None
    return None


def _unbracketed(text: str) -> tuple[list[Element], list[Refusal]]:
    """With what a lost separator may have run together."""
    elements, problems = read_unbracketed(text)
    return elements, [*problems, *swallowed(elements)]


def element_string(elements: tuple[Element, ...] | list[Element], separator: str = SEPARATOR) -> str:
    """The unbracketed element string with FNC1 in front and after values of variable length; `parse` reads it back."""
    text = separator
    for place, element in enumerate(elements, 1):
        entry = known(element.ai)
        text += element.ai + element.value
        if place < len(elements) and (entry is None or entry.separator_required):
            text += separator
    return text


def bracketed(elements: tuple[Element, ...] | list[Element]) -> str:
    """The human-readable form `(01)…(10)…`; an opening bracket in a value is escaped with a backslash."""
    return "".join(f"({element.ai}){element.value.replace('(', chr(92) + '(')}" for element in elements)


__all__ = [
    "LIMIT",
    "Element",
    "Scan",
    "ScanDate",
    "bracketed",
    "clean",
    "compact",
    "element_string",
    "gtin_problems",
    "look_alike",
    "misread",
    "normalise",
    "parse",
    "plain_dashes",
]
