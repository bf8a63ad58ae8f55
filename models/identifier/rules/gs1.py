"""Reads GS1 element strings, bracketed or not, and GS1 Digital Links into elements with their problems.

Lexing never gives up: what can be read is read, and every rule that is broken is named (requirement 95).
"""

from __future__ import annotations

import re
from urllib.parse import unquote

from models.identifier.rules.application_identifiers import (
    ALIASES,
    PRIMARY_KEYS,
    Element,
    attribute_allowed,
    belongs_in_path,
    broken_rule,
    excluded_pairs,
    known,
    missing_companions,
    qualifiers_fit,
    shape_fits,
    starting,
)
from models.identifier.rules.check_digits import REFERENCE_YEAR, century, digits, gs1_check_digit
from models.identifier.rules.scan import (
    CHECK_DIGIT,
    COMPANION,
    COMPRESSED_LINK,
    CONTENT,
    EXCLUSIVE,
    LINK,
    NO_VALUE,
    NOT_SERIALISED,
    RAN_ON,
    REPEATED,
    SHAPE,
    UNKNOWN_AI,
    ScanDate,
)
from models.kernel.refusal import Refusal

Reading = tuple[list[Element], list[Refusal]]
SEPARATOR = "\x1d"
_BRACKET = re.compile(r"(?<!\\)\(([^()]{0,4})\)")


def value_problems(ai: str, value: str) -> list[Refusal]:
    """What is wrong with one element."""
    entry = known(ai)
    if entry is None:
        return [UNKNOWN_AI(ai=ai)]
    if not value:
        return [NO_VALUE(ai=ai)]
    if not shape_fits(entry, value):
        return [SHAPE(ai=ai, value=value)]
    rule = broken_rule(ai, value)
    if rule == "csum":
        width = {"253": 13, "255": 13, "8003": 14, "8006": 14, "8026": 14}.get(ai, len(value))
        return [CHECK_DIGIT(value=value, expected=gs1_check_digit(value[: width - 1].zfill(1)))]
    return [CONTENT(ai=ai, value=value, rule=rule)] if rule else []


def message_problems(elements: list[Element]) -> list[Refusal]:
    """What is wrong with the elements together: repeats, exclusions, missing companions."""
    first_values: dict[str, str] = {}
    problems = [
        REPEATED(ai=element.ai)
        for element in elements
        if first_values.setdefault(element.ai, element.value) != element.value
    ]
    ais = set(first_values)
    problems += [EXCLUSIVE(first=first, second=second) for first, second in sorted(set(excluded_pairs(ais)))]
    problems += [COMPANION(ai=ai, needed=needed) for ai, needed in missing_companions(ais)]
    if "8030" in ais:
        for ai, plain_length in (("253", 13), ("255", 13), ("8003", 14)):
            if ai in ais and len(first_values[ai]) <= plain_length:
                problems.append(NOT_SERIALISED(ai=ai))
    return list({str(problem): problem for problem in problems}.values())


def _element(ai: str, value: str) -> Element:
    entry = known(ai)
    return Element(ai, value, entry.data_title if entry else "")


def read_bracketed(text: str) -> Reading | None:
    r"""`(01)09506000134352(10)ABC`; None when the text does not begin with a bracketed AI.

    Blanks are no GS1 characters, so people's spacing is dropped.  `\\(` is a bracket inside a value, and so is one that holds
    no identifier there is: `(10)AB(C)1` is the lot `AB(C)1`, which GS1 allows.
    """
    text = re.sub(r"\s+", "", text)
    parts = _BRACKET.split(text)
    if len(parts) < 3 or parts[0] or not digits(parts[1]) or len(parts[1]) < 2:
        return None
    said: list[list[str]] = []
    for ai, written in zip(parts[1::2], parts[2::2], strict=True):
        if said and not (digits(ai) and len(ai) >= 2):
            said[-1][1] += f"({ai}){written}"
        else:
            said.append([ai, written])
    elements: list[Element] = []
    problems: list[Refusal] = []
    for ai, written in said:
        value = written.replace("\\(", "(").rstrip(SEPARATOR)
        elements.append(_element(ai, value))
        problems += value_problems(ai, value)
    return elements, problems


def swallowed(elements: list[Element]) -> list[Refusal]:
    """Values of variable length that read as if a lost separator had let them run on: `10ABC17261231`.

    Only when the rest is element by element what GS1 prescribes; the value stays, for a lot may look like that.
    """
    present = {element.ai for element in elements}
    problems = []
    for element in elements:
        cuts = range(1, len(element.value) - 7) if element.ai in {"10", "21", "240", "30", "37"} else ()
        rest = next((element.value[cut:] for cut in cuts if _runs_on(element.value[cut:], present)), "")
        if rest:
            first = element.value.removesuffix(rest)
            problems.append(RAN_ON(ai=element.ai, value=element.value, first=first, rest=rest))
    return problems


def _runs_on(rest: str, present: set[str]) -> bool:
    """Whether a date that the label lacks begins here, and everything after it reads clean."""
    if rest[:2] not in {"11", "15", "17"} - present or not label_date(rest[2:8], REFERENCE_YEAR):
        return False
    return not rest[8:] or not read_unbracketed(rest[8:])[1]


def read_unbracketed(text: str) -> Reading:
    """AI after AI; FNC1 arrives as GS (0x1D) and ends values of variable length."""
    elements: list[Element] = []
    problems: list[Refusal] = []
    rest = text.removeprefix(SEPARATOR)
    while rest:
        entry = starting(rest[:4])
        if entry is None:
            problems.append(UNKNOWN_AI(ai=rest[:2]))
            break
        field, found, after = rest[len(entry.ai) :].partition(SEPARATOR)
        value = field if entry.separator_required else field[: _fixed_length(entry.format)]
        remains = field[len(value) :]
        elements.append(Element(entry.ai, value, entry.data_title))
        problems += value_problems(entry.ai, value)
        rest = remains + found + after if remains else after
        if remains and rest.startswith(SEPARATOR):
            rest = rest[1:]
    if not elements and not problems:
        problems.append(NO_VALUE(ai=""))
    return elements, problems


def _fixed_length(shape: str) -> int:
    return sum(int(width) for width in re.findall(r"[NX](\d+)", shape)[1:])


def read_link(text: str) -> Reading | None:
    """A GS1 Digital Link URI, uncompressed; None when the text is no web address with a primary key in its path."""
    match = re.fullmatch(r"(https?|HTTPS?)://([^/?#]*)(/[^?#]*)?(\?[^#]*)?(#.*)?", text)
    if not match:
        return None
    host, path, query = match[2], match[3] or "", (match[4] or "?")[1:]
    segments = path.split("/")[1:]
    key_at = _primary_key(segments)
    if key_at is None:
        return None
    problems: list[Refusal] = []
    if not re.fullmatch(r"[A-Za-z0-9._:\[\]@~%-]+", host) or re.search(r"[\s<>\"{}|\\^`]", path + query):
        problems.append(LINK(part=host))
    elements: list[Element] = []
    for name, raw in zip(segments[key_at::2], segments[key_at + 1 :: 2], strict=False):
        ai = ALIASES.get(name, name)
        elements.append(_element(ai, _link_value(ai, raw)))
    key, qualifiers = elements[0].ai, tuple(element.ai for element in elements[1:])
    if (len(segments) - key_at) % 2 or not qualifiers_fit(key, qualifiers):
        problems.append(LINK(part=path))
    problems += _read_query(query, key, qualifiers, elements)
    for element in elements:
        problems += value_problems(element.ai, element.value)
    return elements, problems


def link_problem(text: str) -> Refusal | None:
    """Why a web address is no Digital Link: compressed (a single part in base64url behind the key or alone), or nothing of it."""
    match = re.fullmatch(r"https?://([^/?#]*)(/[^?#]*)?([?#].*)?", text, re.IGNORECASE)
    if not match:
        return None
    host, last = match[1].lower(), (match[2] or "").rsplit("/", maxsplit=1)[-1]
    mixed = re.search(r"[A-Z]", last) and re.search(r"[a-z]", last)
    if re.fullmatch(r"[A-Za-z0-9_-]{10,}", last) and (mixed or host.endswith("gs1.org")):
        return COMPRESSED_LINK()
    return LINK(part=text if len(text) <= 80 else text[:79] + "…")


def _read_query(query: str, key: str, qualifiers: tuple[str, ...], elements: list[Element]) -> list[Refusal]:
    problems: list[Refusal] = []
    for parameter in re.split(r"[&;]", query):
        name, equals, raw = parameter.partition("=")
        ai = ALIASES.get(name, name)
        if not equals or not digits(ai):
            continue
        in_path = any(element.ai == ai for element in elements)
        if in_path or not attribute_allowed(ai) or belongs_in_path(key, qualifiers, ai):
            problems.append(LINK(part=parameter))
        elements.append(_element(ai, _link_value(ai, raw.replace("+", " "))))
    return problems


def _primary_key(segments: list[str]) -> int | None:
    """The position of the rightmost primary key that has a value after it."""
    for at in range(len(segments) - 2, -1, -1):
        ai = ALIASES.get(segments[at], segments[at])
        if ai in PRIMARY_KEYS and segments[at + 1] and (len(segments) - at) % 2 == 0:
            return at
    return None


def _link_value(ai: str, raw: str) -> str:
    """The value without percent signs, what nobody can print made visible; a GTIN that lost its leading zeros gets them back."""
    decoded = unquote(raw, errors="replace")
    value = "".join(
        char if char >= " " and char != "\x7f" else "\ufffd" for char in decoded
    )  # %00 must not reach a query
    return value.zfill(14) if ai in {"01", "02"} and len(value) in {8, 12, 13} else value


def label_date(text: str, reference_year: int) -> ScanDate | None:
    """YYMMDD of a label; day 00 is the month."""
    if not digits(text[:6]) or len(text) < 6:
        return None
    return ScanDate.of(century(int(text[:2]), reference_year), int(text[2:4]), int(text[4:6]))
