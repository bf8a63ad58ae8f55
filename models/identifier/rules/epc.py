"""Reads EPC URIs, as RFID readers and EPCIS documents send them, into the elements of the label that they stand for.

`urn:epc:id:sgtin:0614141.112345.400` is (01)10614141123459(21)400: the dot says how long the company prefix is, the indicator
of a GTIN and the extension digit of an SSCC stand behind it, and the check digit is left out.  Source: GS1 EPC Tag Data Standard
2.1, chapters 6, 7 and 12 (pure identities, tag URIs, patterns and classes).  Serves requirements 19 and 95.
"""

import re
from typing import NamedTuple
from urllib.parse import unquote

from models.identifier.rules.application_identifiers import Element, known
from models.identifier.rules.check_digits import digits, gs1_check_digit
from models.identifier.rules.gs1 import Reading, value_problems
from models.identifier.rules.scan import EPC

BEGINS = re.compile(r"urn:epc:", re.IGNORECASE | re.ASCII)
_FORM = re.compile(
    r"urn:epc:(?P<form>id|class|idpat|tag):(?P<scheme>[a-z]+)(?P<bits>-[0-9]+)?:(?:(?P<filter>[0-7])\.)?"
    r"(?P<prefix>[0-9]{6,12})\.(?P<rest>.*)",
    re.IGNORECASE | re.ASCII,
)
_TAIL = re.compile(r"(?:[!'()*+,.:;=_A-Za-z0-9-]|%(?:2[1-9A-F]|[3-6][0-9A-F]|7[0-9A-E]))+", re.IGNORECASE | re.ASCII)
"""A serial, lot or asset number; `"`, `%`, `&`, `/`, `<`, `>` and `?` stand there as percent signs with their code."""


class _Scheme(NamedTuple):
    """How many digits the key has without its check digit, its identifier, and the one of what follows the last dot."""

    width: int
    ai: str
    tail: str = ""
    turned: bool = False
    """Whether the first digit of the printed key stands behind the company prefix."""
    before: str = ""
    """What the printed key begins with."""


_KEYS: dict[str, _Scheme] = {
    "sgtin": _Scheme(13, "01", "21", turned=True),
    "lgtin": _Scheme(13, "01", "10", turned=True),
    "upui": _Scheme(13, "01", "235", turned=True),
    "sscc": _Scheme(17, "00", turned=True),
    "sgln": _Scheme(12, "414", "254"),
    "pgln": _Scheme(12, "417"),
    "grai": _Scheme(12, "8003", "8003", before="0"),
    "gdti": _Scheme(12, "253", "253"),
    "gsrn": _Scheme(17, "8018"),
    "gsrnp": _Scheme(17, "8017"),
    "gsin": _Scheme(16, "402"),
}
_FREE = {"giai": "8004", "ginc": "401"}
"""Keys that are the company prefix and what its owner put behind it, without a check digit."""


def read_epc(text: str) -> Reading | None:
    """The elements of an EPC URI, none of them and ID-029 where it is wrong; None for what is no EPC URI."""
    if not BEGINS.match(text):
        return None
    elements = _elements(text)
    if elements is None:
        return [], [EPC(part=text if len(text) <= 80 else text[:79] + "…")]
    return elements, [problem for one in elements for problem in value_problems(one.ai, one.value)]


def _elements(text: str) -> list[Element] | None:
    said = _FORM.fullmatch(text)
    if said is None:
        return None
    form, scheme, prefix, rest = said["form"].lower(), said["scheme"].lower(), said["prefix"], said["rest"]
    tagged = form == "tag"
    if tagged != bool(said["bits"]) or tagged != bool(said["filter"]) or (form == "class" and scheme != "lgtin"):
        return None  # only a tag says its bits and its filter, and only a lot is a class
    if scheme in _FREE:
        return [_element(_FREE[scheme], prefix + unquote(rest))] if _TAIL.fullmatch(rest) else None
    reference, dot, tail = rest.partition(".")
    key = _KEYS.get(scheme)
    if key is None or not _fits(key, prefix + reference, tail if dot else None):
        return None
    body = reference[:1] + prefix + reference[1:] if key.turned else prefix + reference
    number = key.before + body + gs1_check_digit(body)
    return _printed(key, number, "" if (form, tail) == ("idpat", "*") else unquote(tail))


def _fits(key: _Scheme, number: str, tail: str | None) -> bool:
    """As many digits as the key has, and a tail where it has one."""
    if len(number) != key.width or not digits(number) or (tail is not None) != bool(key.tail):
        return False
    return tail is None or bool(_TAIL.fullmatch(tail))


def _printed(key: _Scheme, number: str, tail: str) -> list[Element]:
    """The key and what follows it: in one value, or in two."""
    if key.ai == key.tail:
        return [_element(key.ai, number + tail)]
    if key.tail == "254" and tail == "0":
        tail = ""  # the place itself, without an extension
    return [_element(key.ai, number), *([_element(key.tail, tail)] if tail else [])]


def _element(ai: str, value: str) -> Element:
    entry = known(ai)
    return Element(ai, value, entry.data_title if entry else "")
