"""Co-exposure: everything that touched a lot, machine, person, room or load between two instants (requirement 20).

An event (an operation, a measurement, goods lying somewhere, a fact written down) has participants: lots, machines,
people, rooms, a load.  What was exposed to a thing are the other participants of every event that the thing took part in
while the window was open.  One row for each of them says why: which operation, in which role, when, how much.  The answer
is a value with a digest, and nothing is cut off; when it is empty it says so.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, NamedTuple

from models.exposure.rules.window import Window, window
from models.exposure.rules.words import why
from models.kernel.large_json import canonical
from models.kernel.refusal import Kind
from models.kernel.text import Text
from models.trace.rules.trace import leaf, names

_CLAUSE = "REQ 20"

UNKNOWN = Kind(
    "EXP-001",
    _CLAUSE,
    "找不到“{text}”：没有这个批次、设备、人员、房间或炉次。",
    "Nothing is known under “{text}”: no lot, machine, person, room or load.",
    404,
)
SEVERAL = Kind(
    "EXP-002",
    _CLAUSE,
    "“{text}”有 {count} 种含义（{meanings_zh}），请指明其中一个。",
    "“{text}” means {count} different things ({meanings_en}); name one of them.",
)


class Sort(StrEnum):
    """What can be exposed, and what can expose."""

    LOT = "lot"
    EQUIPMENT = "equipment"
    PERSON = "person"
    LOCATION = "location"
    LOAD = "load"


SORT_NAMES: dict[Sort, Text] = {
    Sort.LOT: Text("批次", "Lot"),
    Sort.EQUIPMENT: Text("设备", "Equipment"),
    Sort.PERSON: Text("人员", "Person"),
    Sort.LOCATION: Text("房间/库位", "Room"),
    Sort.LOAD: Text("炉次", "Load"),
}
PREFIX, OPEN = "exposure:", "*"
_REFERENCE = re.compile(rf"({'|'.join(Sort)}):(?=\S)(.+)", re.DOTALL)


class Subject(NamedTuple):
    """What is asked about.  `key` is the record's own, and never leaves it."""

    sort: Sort
    key: int
    number: str
    name: str
    name_en: str | None = None

    @property
    def reference(self) -> str:
        """`equipment:G-17`."""
        return f"{self.sort}:{self.number}"

    @property
    def zh(self) -> str:
        """The label in Chinese."""
        return " ".join(part for part in (SORT_NAMES[self.sort][0], self.number, self.name) if part)

    @property
    def en(self) -> str:
        """The label in English."""
        return " ".join(part for part in (SORT_NAMES[self.sort][1], self.number, self.name_en or self.name) if part)


class Found(NamedTuple):
    """A participant of an event, as the store brings it.  `event` tells events of one kind apart."""

    event: str  # operation, inspection, stay, fact
    event_key: int
    act: str  # number of the operation or the inspection, or name of the fact
    title_zh: str | None
    title_en: str | None
    work_order_no: str | None
    load_no: str | None
    starts_at: datetime
    ends_at: datetime | None
    sort: str
    key: int
    number: str
    name: str | None
    role: str
    quantity: Decimal | None
    uom: str | None


class FoundLot(NamedTuple):
    """A lot of the answer, as it stands now."""

    lot_no: str
    item_no: str
    item: str
    status: str
    held: bool
    expires_on: str | None  # as printed: a day, or only a month


# --- the answer ------------------------------------------------------------------------------------------------------


class Touch(NamedTuple):
    """One thing that was there, and why."""

    sort: str
    number: str
    name: str | None
    role: str
    event: str
    act: str
    work_order_no: str | None
    load_no: str | None
    starts_at: datetime
    ends_at: datetime | None
    quantity: Decimal | None
    uom: str | None
    zh: str
    en: str


class Exposed(NamedTuple):
    """A thing of the answer, once: how often it was there, from when, till when (null: still)."""

    sort: str
    number: str
    name: str | None
    touches: int
    first_at: datetime
    last_at: datetime | None
    roles: tuple[str, ...]


class Lot(NamedTuple):
    """A lot of the answer, once."""

    lot_no: str
    item_no: str
    item: str
    status: str
    held: bool
    expires_on: str | None  # as printed: a day, or only a month
    touches: int
    first_at: datetime
    last_at: datetime | None
    roles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Exposure:
    """The whole answer.  `digest` covers everything but the moment at which it was asked."""

    of: str
    zh: str
    en: str
    since: datetime | None
    until: datetime | None
    counts: Mapping[str, int]
    lots: tuple[Lot, ...]
    others: tuple[Exposed, ...]
    touches: tuple[Touch, ...]

    @property
    def empty(self) -> bool:
        """Whether nothing was there."""
        return not self.touches

    def identifier(self) -> str:
        """What a trace, a recall or a drill can be asked for: the lots of this answer, also those found later."""
        return identifier(self.of, Window(self.since, self.until))

    def as_dict(self) -> dict[str, Any]:
        """Decimals and moments become text, tuples lists, empty text null."""
        return {name: leaf(getattr(self, name)) for name in names(Exposure)}

    @property
    def digest(self) -> str:
        """SHA-256 of the canonical form (RFC 8785), in hexadecimal."""
        return hashlib.sha256(canonical(self.as_dict())).hexdigest()

    def document(self, at: datetime | None = None) -> dict[str, Any]:
        """The wire form with its digest, its name for a trace, and the moment it was computed at."""
        body = self.as_dict()
        digest = hashlib.sha256(canonical(body)).hexdigest()
        return {**body, "digest": digest, "identifier": self.identifier(), "computed_at": leaf(at)}


def answer(subject: Subject, open_: Window, found: Iterable[Found], lots: Iterable[FoundLot]) -> Exposure:
    """Everybody else who took part while the window was open, each event and role once."""
    seen: dict[tuple[object, ...], Touch] = {}
    for one in found:
        if (one.sort, one.key) == (subject.sort, subject.key) or not open_.meets(one.starts_at, one.ends_at):
            continue
        seen[one.event, one.event_key, one.sort, one.key, one.role] = _touch(one)
    touches = sorted(seen.values(), key=_order)
    by_thing: dict[tuple[str, str], list[Touch]] = {}
    for touch in touches:
        by_thing.setdefault((touch.sort, touch.number), []).append(touch)
    known = {lot.lot_no: lot for lot in lots}
    exposed = [_exposed(of) for _, of in sorted(by_thing.items())]
    return Exposure(
        of=subject.reference,
        zh=subject.zh,
        en=subject.en,
        since=open_.since,
        until=open_.until,
        counts={
            "touches": len(touches),
            **{sort.value: sum(one.sort == sort for one in exposed) for sort in Sort},
        },
        lots=tuple(Lot(*known[one.number], *one[3:]) for one in exposed if one.sort == Sort.LOT),
        others=tuple(one for one in exposed if one.sort != Sort.LOT),
        touches=tuple(touches),
    )


def _touch(one: Found) -> Touch:
    zh, en = why(one.event, one.act, (one.title_zh, one.title_en), one.work_order_no, one.load_no, one.role)
    return Touch(
        one.sort, one.number, one.name, one.role, one.event, one.act, one.work_order_no, one.load_no,
        one.starts_at, one.ends_at, one.quantity, one.uom, zh, en,
    )  # fmt: skip


def _order(touch: Touch) -> tuple[object, ...]:
    return touch.starts_at, touch.event, touch.act, touch.work_order_no or "", touch.sort, touch.number, touch.role


def _exposed(of: list[Touch]) -> Exposed:
    ends = [one.ends_at for one in of if one.ends_at is not None]
    return Exposed(
        sort=of[0].sort,
        number=of[0].number,
        name=of[0].name,
        touches=len(of),
        first_at=of[0].starts_at,
        last_at=max(ends) if len(ends) == len(of) else None,
        roles=tuple(sorted({one.role for one in of})),
    )


# --- how it is asked for ---------------------------------------------------------------------------------------------


def read_reference(text: str) -> tuple[Sort, str] | None:
    """`equipment:G-17` → the sort and what is typed of it; None for a plain text."""
    match = _REFERENCE.fullmatch(text.strip())
    return (Sort(match[1]), match[2].strip()) if match else None


def identifier(of: str, open_: Window) -> str:
    """`exposure:equipment:G-17/2026-05-01T00:00:00Z/*`: an interval behind the thing, open ends as `*` (an address eats `..`)."""
    return PREFIX + "/".join([of, *(OPEN if end is None else _instant(end) for end in open_)])


def read_identifier(text: str) -> tuple[str, Window] | None:
    """Back from `identifier`, with or without its first word; None where the text is no such thing."""
    text = text.strip().removeprefix(PREFIX)
    parts = text.rsplit("/", 2)
    if len(parts) != len(("of", "since", "until")) or read_reference(parts[0]) is None:
        return None
    since, until = ("" if end == OPEN else end for end in parts[1:])
    return parts[0], window(since, until, "UTC")


def _instant(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="auto").replace("+00:00", "Z")
