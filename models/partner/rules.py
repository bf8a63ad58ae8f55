"""Whose market a country is, and which authorities' clocks a recall sets going (STANDARDS 2.10, rows 58-65, 73-74).

A clock runs where goods of the recall were sold and where the maker stands, and nowhere else: China by 医疗器械召回管理办法, the
United States by 21 CFR 806, the European Economic Area by MDR Art. 87(8) for a field safety corrective action.
"""

from collections.abc import Collection, Iterable

from models.kernel.text import Text

LEVELS: dict[str, Text] = {
    "wholesale": Text("批发", "wholesale"),
    "retail": Text("零售", "retail"),
    "user": Text("使用单位", "user"),
}
"""The levels of a distribution chain from the maker down."""
UNKNOWN = "unknown"
"""How requests and forms say that nobody has said a level."""
UNKNOWN_NAMES = Text("未知", "unknown")
ORDER = tuple(LEVELS)

EEA = frozenset(
    [
        "AT",
        "BE",
        "BG",
        "CY",
        "CZ",
        "DE",
        "DK",
        "EE",
        "ES",
        "FI",
        "FR",
        "GR",
        "HR",
        "HU",
        "IE",
        "IT",
        "LT",
        "LU",
        "LV",
        "MT",
        "NL",
        "PL",
        "PT",
        "RO",
        "SE",
        "SI",
        "SK",
        "IS",
        "LI",
        "NO",
    ]
)
"""The Union and the European Economic Area, where the MDR applies."""
MARKETS = ("CN", "US", "EU")
"""The markets whose rules are known; the order in which they are named."""


def market(country: str | None) -> str | None:
    """The market of a country; None where nobody has said the country, or its rules are not known."""
    if country in {"CN", "US"}:
        return country
    return "EU" if country in EEA else None


def markets(own: str, consignees: Iterable[str | None]) -> tuple[str, ...]:
    """The markets that a recall is about: the maker's own, and those of everybody who got some of it."""
    found = {market(own), *map(market, consignees)}
    return tuple(one for one in MARKETS if one in found)


def fresh(reached: Iterable[str], running: Collection[str]) -> tuple[str, ...]:
    """Markets that a recall reaches for the first time: their first clocks start, whatever was extended elsewhere."""
    return tuple(one for one in reached if one not in running)


def given(level: str | None) -> str | None:
    """A level as the record keeps it: None where nobody knows."""
    return None if level == UNKNOWN else level
