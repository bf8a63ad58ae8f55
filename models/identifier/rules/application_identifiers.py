"""What GS1 application identifiers may contain and which belong together: the rule layer above biip's table.

biip knows every AI with its title, length and characters.  Here stands what it does not check: check digits, dates and
code lists inside a value (`content_problem`), AIs that exclude each other, AIs that need another one beside them, and
which AIs may stand in the path of a Digital Link.  Source: GS1 General Specifications 3 (element strings), 4.13 (data
relationships), GS1 Digital Link 1.5.  Serves STANDARDS U 83.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from models.identifier.rules.check_digits import RULES

if TYPE_CHECKING:
    # Imported where a code is read: biip unpacks a table of all companies' prefixes, a tenth of a second of every start.
    from biip.gs1_application_identifiers import GS1ApplicationIdentifier

# Per AI (`n` = any digit): the rule of each component; `rule:width` takes that many characters, `rule` takes the rest,
# `?` before it means that the component may be missing.
_CONTENT: dict[str, str] = {
    "00": "csum",
    "01": "csum",
    "02": "csum",
    "03": "csum",
    "253": "csum:13 cset82",
    "255": "csum:13",
    "391n": "iso4217:3",
    "393n": "iso4217:3",
    "402": "csum",
    "41n": "csum:13",
    "421": "iso3166:3",
    "422": "iso3166:3",
    "424": "iso3166:3",
    "426": "iso3166:3",
    "423": "iso3166:3 ?iso3166:3 ?iso3166:3 ?iso3166:3 ?iso3166:3",
    "425": "iso3166:3 ?iso3166:3 ?iso3166:3 ?iso3166:3 ?iso3166:3",
    "4307": "iso3166alpha2",
    "4317": "iso3166alpha2",
    "4309": "latitude:10 longitude:10",
    "432[123]": "yesno",
    "432[45]": "yymmd0:6 hhmi:4",
    "4326": "yymmdd",
    "11": "yymmd0",
    "12": "yymmd0",
    "13": "yymmd0",
    "15": "yymmd0",
    "16": "yymmd0",
    "17": "yymmd0",
    "430[0-6]": "pcenc",
    "431[0-6]": "pcenc",
    "4320": "pcenc",
    "7003": "yymmdd:6 hhmi:4",
    "7006": "yymmdd",
    "7007": "yymmdd:6 ?yymmdd:6",
    "7011": "yymmdd:6 ?hhmi:4",
    "703n": "iso3166999:3",
    "7040": "csetnumeric:1 cset82:2 importeridx:1",
    "7241": "mediatype",
    "7250": "yyyymmdd",
    "7251": "yyyymmdd:8 hhmi:4",
    "7252": "iso5218",
    "725[346]": "pcenc",
    "725[79]": "pcenc",
    "7258": "posinseqslash",
    "8001": "nonzero:4 nonzero:5 nonzero:3 winding:1",
    "8003": "zero:1 csum:13",
    "8006": "csum:14 pieceoftotal:4",
    "8026": "csum:14 pieceoftotal:4",
    "8007": "iban",
    "8008": "yymmdd:6 hh:2 ?mi:2 ?ss:2",
    "8011": "nozeroprefix",
    "8013": "csumalpha",
    "8014": "csumalpha",
    "8017": "csum",
    "8018": "csum",
    "8030": "cset64",
}

# An AI of the left column may not stand beside another of the right column (`31nn`: any of the measure family).
_EXCLUDES: dict[str, str] = {
    "01": "255 37 02 03",
    "02": "03",
    "03": "37",
    "21": "235",
    "255": "02 415 8006 8020 8026",
    "390n": "391n 394n 8111",
    "394n": "8111",
    "392n": "393n",
    "395n": "392n 393n 8005",
    "420": "421",
    "421": "4307",
    "426": "422 423 424 425",
    "4330": "4331",
    "4332": "4333",
    "7250": "7251",
    "7256": "7253 7254 7255 7259",
    "8006": "01 37 8026",
    "8017": "8018",
    "8026": "02",
}
_FAMILIES = "31nn 32nn 33nn 34nn 35nn 36nn 390n 391n 392n 393n 394n 395n"  # decimal places: one member per message

_MEASURES = "30|31nn|32nn|35nn|36nn"
# An AI of the left column needs one of the alternatives (`|`) of every group; `+` joins AIs needed together.
_NEEDS: dict[str, str] = {
    "02": "37",
    "10": "01|02|03|8006|8026",
    "1[1356]": "01|02|03|8006|8026",
    "12": "8020",
    "17": "01|02|03|255|8006|8026",
    "20": "01|02|8006|8026",
    "21": "01|03|8006",
    "22": "01",
    "235": "01",
    "24[01]": "01|02|8006|8026",
    "242": "01|02|8006|8026",
    "243": "01",
    "250": "01|8006 21",
    "251": "01|8006",
    "254": "414",
    "30": "01|02",
    "31nn": "01|02",
    "32nn": "01|02",
    "33nn": "00|01",
    "337n": "01",
    "34nn": "00|01",
    "35[01267]n": "01|02",
    "35[345]n": "00|01",
    "36[01456]n": "01|02",
    "36[23789]n": "00|01",
    "37": "00 02|8026",
    "390n": "255|8020",
    "391n": "8020",
    "392n": f"01 {_MEASURES}",
    "393n": _MEASURES,
    "394n": "255",
    "395n": _MEASURES,
    "403": "00",
    "415": "8020",
    "422": "01|02|8006|8026",
    "42[3456]": "01|02",
    "427": "01|02 422",
    "43[0-3]n": "00",
    "4303": "4302",
    "4313": "4312",
    "7001": "01|02|8006|8026",
    "7002": "01|02",
    "7003": "01|02",
    "7004": "01+10",
    "700[5-9]": "01|02",
    "701n": "01|02",
    "7020": "01|8006 416",
    "7021": "01|8006",
    "7022": "7021",
    "703n": "01|02",
    "7041": "00",
    "71n": "01",
    "723n": "01|8004",
    "7240": "01|8006",
    "724[12]": "8017|8018",
    "725[012]": "8018",
    "725[3-6]": "8017|8018",
    "7257": "8018",
    "7258": "8018+7259",
    "7259": "8018",
    "8001": "01",
    "8005": "01|02",
    "8007": "415",
    "8008": "01|02",
    "8009": "00|01",
    "8011": "8010",
    "8012": "01|8006",
    "8014": "01",
    "8019": "8017|8018",
    "8020": "415",
    "8026": "37",
    "8030": "00|01+21|253|255|8003|8004|8006+21|8010+8011|8017|8018",
    "8040": "01+21",
    "8041": "01+21+8040",
    "8042": "01+21+8040",
    "8043": "01+21+8040",
    "8111": "255",
    "8200": "01",
}

# Digital Link: primary keys with the qualifiers that may follow in the path, in this order (alternatives with `|`).
PRIMARY_KEYS: dict[str, tuple[tuple[str, ...], ...]] = {
    "00": ((),),
    "01": (("22", "10", "21"), ("235",)),
    "253": ((),),
    "255": ((),),
    "401": ((),),
    "402": ((),),
    "414": (("254",), ("7040",)),
    "415": (("8020",),),
    "417": (("7040",),),
    "8003": ((),),
    "8004": (("7040",),),
    "8006": (("22", "10", "21"),),
    "8010": (("8011",),),
    "8013": ((),),
    "8017": (("8019",),),
    "8018": (("8019",),),
}
_NEVER_ATTRIBUTES = frozenset(
    (
        "03",
        "21",
        "22",
        "235",
        "254",
        "8011",
        "8014",
        "8019",
        "8020",
        "7040",
        "7041",
        "8040",
        "8041",
        "8042",
        "8043",
        "8200",
    )
)
ALIASES = {"gtin": "01", "sscc": "00", "cpv": "22", "lot": "10", "ser": "21", "gln": "414", "glnx": "254", "exp": "17"}


@dataclass(frozen=True, slots=True)
class Element:
    """One element string: application identifier, value, and the title that GS1 prints beside it."""

    ai: str
    value: str
    title: str = ""


@cache
def known(ai: str) -> GS1ApplicationIdentifier | None:
    """Biip's entry of exactly this AI."""
    from biip import ParseError
    from biip.gs1_application_identifiers import GS1ApplicationIdentifier

    try:
        entry = GS1ApplicationIdentifier.extract(ai)
    except ParseError:
        return None
    return entry if entry.ai == ai else None


@cache
def starting(text: str) -> GS1ApplicationIdentifier | None:
    """Biip's entry of the AI at the beginning of `text` (at most four digits are looked at)."""
    from biip import ParseError
    from biip.gs1_application_identifiers import GS1ApplicationIdentifier

    try:
        return GS1ApplicationIdentifier.extract(text)
    except ParseError:
        return None


@cache
def _pattern(template: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"n(?![^\[]*\])", "[0-9]", template))


@cache
def _like(ai: str, template: str) -> bool:
    return bool(_pattern(template).fullmatch(ai))


@cache
def _content_rules(ai: str) -> tuple[str, ...]:
    for template, rules in _CONTENT.items():
        if _like(ai, template):
            return tuple(rules.split())
    return ()


def shape_fits(entry: GS1ApplicationIdentifier, value: str) -> bool:
    """Length and characters, by biip's pattern."""
    return bool(re.fullmatch(entry.pattern.removeprefix("^").removesuffix("$"), entry.ai + value))


def broken_rule(ai: str, value: str) -> str | None:
    """The name of the first content rule that the value breaks."""
    rest = value
    for step in _content_rules(ai):
        name, _, width = step.removeprefix("?").partition(":")
        part = rest[: int(width)] if width else rest
        rest = rest[len(part) :]
        if not part and (step.startswith("?") or name == "cset82"):
            continue
        if not RULES[name](part):
            return name
    return None


def excluded_pairs(ais: set[str]) -> Iterator[tuple[str, str]]:
    """Pairs that may not stand in one message."""
    for first in sorted(ais):
        for template, others in _EXCLUDES.items():
            if _like(first, template):
                for other in others.split():
                    yield from ((first, second) for second in sorted(ais) if second != first and _like(second, other))
        for family in _FAMILIES.split():
            if _like(first, family):
                yield from ((first, second) for second in sorted(ais) if first < second and second[:3] == first[:3])


def missing_companions(ais: set[str]) -> Iterator[tuple[str, str]]:
    """AIs that stand without the AIs they need, with the alternatives as text."""
    for ai in sorted(ais):
        for template, groups in _NEEDS.items():
            if not _like(ai, template):
                continue
            for group in groups.split():
                if not any(_all_present(ais, choice) for choice in group.split("|")):
                    yield ai, group.replace("|", " / ")


def _all_present(ais: set[str], choice: str) -> bool:
    return all(any(_like(ai, template) for ai in ais) for template in choice.split("+"))


def attribute_allowed(ai: str) -> bool:
    """May the AI stand in the query of a Digital Link?"""
    return ai not in _NEVER_ATTRIBUTES


def qualifiers_fit(key: str, qualifiers: tuple[str, ...]) -> bool:
    """Do the qualifiers stand in one of the orders that belong to the primary key, gaps allowed?"""
    return any(_is_subsequence(qualifiers, order) for order in PRIMARY_KEYS[key])


def belongs_in_path(key: str, qualifiers: tuple[str, ...], ai: str) -> bool:
    """Could the AI have stood in the path, so that it may not stand in the query?"""
    return any(ai in order and set(qualifiers) <= set(order) for order in PRIMARY_KEYS[key])


def _is_subsequence(wanted: tuple[str, ...], order: tuple[str, ...]) -> bool:
    rest = iter(order)
    return all(item in rest for item in wanted)
