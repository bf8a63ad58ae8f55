"""Calibration: what was found, when the next is due, what is doubted when something was out of tolerance, and who decides on each result.

Pinned: of what an instrument measured, all from its last good calibration (that moment within) to the one that found it wrong (that moment
within) is doubted.  Good is a calibration that left it within its limits, by a standard that isn't doubted itself.  An instrument that
was calibrated by a doubted standard is doubted too, and whatever was calibrated by it, unless a later good one found it within.
Served are ISO 13485 7.6, 21 CFR 820.72, STANDARDS M 39, 40 and REQUIREMENTS 64, 65.
"""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any, Literal

from models.kernel.refusal import Kind
from models.kernel.text import Text
from models.kernel.time.moments import months_later

CLAUSE = "ISO 13485 7.6"
NO_READINGS = Kind("EQP-010", CLAUSE, "请至少填写一个校准点。", "Write down one point at least.", 422)
NO_LIMITS = Kind(
    "EQP-011",
    CLAUSE,
    "校准点「{point}」须有下限或上限，且下限不大于上限。",
    "The point “{point}” has a lower or an upper limit, and the lower isn't above the upper.",
    422,
)
NO_STANDARD = Kind(
    "EQP-012",
    CLAUSE,
    "请写明所用标准器：本厂的设备编号，或外部标准器及其有效期。",
    "Say which standard it was compared with: one of the plant's, or another with the day until which it holds.",
    422,
)
ITSELF = Kind("EQP-013", CLAUSE, "{equipment} 不能用自身作标准器。", "{equipment} is no standard for itself.", 422)
NO_INTERVAL = Kind(
    "EQP-014", CLAUSE, "请写明校准周期（月）。", "Say after how many months it is calibrated again.", 422
)
NOT_THE_LAST = Kind(
    "EQP-015",
    "ALCOA+; ISO 13485 7.6",
    "{equipment} 在 {last} 已有更晚的校准，请核对校准时间。",
    "{equipment} was calibrated later, on {last}; check when this was done.",
    422,
)
ASKED_ALREADY = Kind(
    "EQP-016", CLAUSE, "{equipment} 的校准任务已在待办中。", "The calibration of {equipment} is in the inbox already."
)
NOTHING = Kind("EQP-020", CLAUSE, "请至少对一个测量结果作出决定。", "Decide on one result at least.", 422)
NO_NUMBERS = Kind(
    "EQP-021",
    CLAUSE,
    "「{text}」不是结果编号；请写成 1-20, 35 这样。",
    "“{text}” names no results; write their numbers as 1-20, 35.",
    422,
)
NO_RESULT = Kind("EQP-022", CLAUSE, "{number} 没有编号 {seq} 的结果。", "{number} has no result {seq}.", 422)
DECIDED = Kind(
    "EQP-023",
    CLAUSE,
    "{number} 的结果 {seq} 已经决定，每个结果只决定一次。",
    "Result {seq} of {number} is decided already; each is decided once.",
)
TWICE = Kind("EQP-024", CLAUSE, "结果 {seq} 出现了两次。", "Result {seq} is named twice.", 422)
UNDECIDED = Kind(
    "EQP-025",
    CLAUSE,
    "{number} 不能关闭：还有 {n} 个测量结果未决定。",
    "{number} can't be closed: {n} results aren't decided on.",
)
OVER = Kind("EQP-026", CLAUSE, "{number} 已经关闭。", "{number} is closed.")
NO_BATCH = Kind("EQP-027", CLAUSE, "{number} 没有批次 {lot} 的结果。", "{number} has no results of batch {lot}.", 422)
UNKNOWN = Kind("EQP-404", "DESIGN 2.5", "找不到超差评估「{number}」。", "There is no assessment “{number}”.", 404)

PROCESS = "calibration"
ASSESSMENT = "out-of-tolerance"
LEAD = timedelta(days=14)
"""So long before it is due a calibration is in the inbox."""
MOST_POINTS = 100
NUMBERS = re.compile(r"(\d{1,6})(?:\s*[-–~至]\s*(\d{1,6}))?")
SPLIT = re.compile(r"[\s,，、;；]+")


class Fate(StrEnum):
    """What becomes of a result that was measured with an instrument out of tolerance."""

    NO_EFFECT = "no_effect"
    REINSPECT = "reinspect"
    NONCONFORMANCE = "nonconformance"


FATES: dict[Fate, Text] = {
    Fate.NO_EFFECT: Text("无影响", "no effect"),
    Fate.REINSPECT: Text("重新检验", "inspect again"),
    Fate.NONCONFORMANCE: Text("开不合格", "nonconformance"),
}
HELD = (Fate.REINSPECT, Fate.NONCONFORMANCE)
"""Fates by which a batch is held."""


@dataclass(frozen=True)
class Reading:
    """What was read at one point, before and after it was adjusted, in the unit of the calibration."""

    point: str
    lower: Decimal | None
    upper: Decimal | None
    as_found: Decimal
    as_left: Decimal
    uncertainty: Decimal | None = None

    def within(self, value: Decimal) -> bool:
        """Whether the value lies within the limits, these among them."""
        return (self.lower is None or self.lower <= value) and (self.upper is None or value <= self.upper)


def readings(rows: Iterable[Mapping[str, Any]]) -> tuple[Reading, ...]:
    """The rows of the form, checked; what wasn't adjusted is left as it was found."""
    found = []
    for row in rows:
        lower, upper = _number(row.get("lower")), _number(row.get("upper"))
        one = Reading(
            point=str(row["point"]),
            lower=lower,
            upper=upper,
            as_found=Decimal(str(row["as_found"])),
            as_left=Decimal(str(row["as_left"] if row.get("as_left") is not None else row["as_found"])),
            uncertainty=_number(row.get("uncertainty")),
        )
        if (lower is None and upper is None) or (lower is not None and upper is not None and lower > upper):
            raise NO_LIMITS(point=one.point[:80])
        found.append(one)
    if not found:
        raise NO_READINGS()
    return tuple(found)


def _number(said: Any) -> Decimal | None:
    return None if said is None else Decimal(str(said))


def as_found(found: Iterable[Reading]) -> Literal["within", "out"]:
    """Out, where one point was."""
    return "within" if all(one.within(one.as_found) for one in found) else "out"


def left_good(found: Iterable[Reading]) -> bool:
    """Whether every point was within its limits when it was given back."""
    return all(one.within(one.as_left) for one in found)


def due_day(performed: date, months: int) -> date:
    """The day on which it may not be used any more, by its interval."""
    return months_later(performed, months)


def task_day(due: date, today: date, *, passed: bool) -> date:
    """When the next calibration comes into the inbox: `LEAD` before it is due, at once where this one didn't pass."""
    return max(today, due - LEAD) if passed else today


# what is doubted -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Done:
    """A calibration: whether it left the instrument within its limits by a standard that held, what it found (None: nobody says), and the standard."""

    id: int
    equipment: int
    at: datetime
    good: bool
    found: str | None = None
    standard: int | None = None


@dataclass(frozen=True)
class Doubt:
    """An instrument, from its last good calibration (None: it never had one) to the moment until which it is doubted, both within.

    A passed calibration at `good_from` or later frees it.
    """

    equipment: int
    because: Literal["found", "standard"]
    since: datetime | None
    until: datetime
    good_from: datetime


def doubted(known: Collection[Done], wrong: Done, now: datetime, *, standard_good: bool = True) -> tuple[Doubt, ...]:
    """The instrument of the calibration `wrong`, which is in `known`, and all that were calibrated by what is doubted.

    Each is doubted from its last calibration that rests on nothing doubted; walked until nothing new is doubted, so instruments that
    calibrate each other end it too.  None of them clears another: first everything is doubted that may be, and only what doesn't rest on
    that clears an instrument.
    """
    of: dict[int, list[Done]] = {}
    for one in sorted(known, key=lambda done: (done.at, done.id)):
        of.setdefault(one.equipment, []).append(one)
    because: Literal["found", "standard"] = "found" if standard_good else "standard"
    until = wrong.at if wrong.good else now
    first = Doubt(wrong.equipment, because, _good_before(of[wrong.equipment], wrong, ()), until, wrong.at)
    widest = _walk(of, first, now, None)
    found = _walk(of, first, now, widest)
    return tuple(found[key] for key in sorted(found))


def _walk(
    of: Mapping[int, Sequence[Done]], first: Doubt, now: datetime, widest: Mapping[int, Doubt] | None
) -> dict[int, Doubt]:
    found = {first.equipment: first}
    changed = True
    while changed:
        changed = False
        for equipment, those in of.items():
            if equipment == first.equipment:
                continue
            doubt = _by_standards(equipment, those, found, now, widest)
            if doubt is not None and doubt != found.get(equipment):
                found[equipment], changed = doubt, True
    return found


def _rests_on(one: Done, found: Mapping[int, Doubt]) -> bool:
    """Whether it was compared with a standard at a time when that is doubted."""
    standard = found.get(one.standard) if one.standard is not None else None
    return standard is not None and (standard.since is None or standard.since <= one.at) and one.at <= standard.until


def _by_standards(
    equipment: int, those: Sequence[Done], found: Mapping[int, Doubt], now: datetime, widest: Mapping[int, Doubt] | None
) -> Doubt | None:
    bad = [one for one in those if _rests_on(one, found)]
    if not bad:
        return None
    later = [
        one for one in those if one.at > bad[-1].at and one.good and widest is not None and not _rests_on(one, widest)
    ]
    if later and later[0].found == "within":
        return None  # found within by a standard that isn't doubted, before anything was adjusted
    return Doubt(
        equipment,
        "standard",
        _good_before(those, bad[0], bad),
        later[0].at if later else now,
        bad[-1].at + timedelta(microseconds=1),
    )


def _good_before(those: Sequence[Done], wrong: Done, bad: Collection[Done]) -> datetime | None:
    """When the last good calibration before this one was."""
    earlier = [one.at for one in those if one.good and (one.at, one.id) < (wrong.at, wrong.id) and one not in bad]
    return max(earlier, default=None)


# who decides ---------------------------------------------------------------------------------------------------------


def numbers(said: str) -> tuple[int, ...]:
    """`1-20, 35` as numbers, in their order."""
    found: list[int] = []
    for part in SPLIT.split(re.sub(r"\s*([-–~至])\s*", r"\1", said.strip())):
        if not part:
            continue
        match = NUMBERS.fullmatch(part)
        first, last = (int(match[1]), int(match[2] or match[1])) if match else (1, 0)
        if match is None or last < first or last - first > 100_000:
            raise NO_NUMBERS(text=part[:40])
        found += range(first, last + 1)
    return tuple(found)


def spans(those: Iterable[int]) -> str:
    """Numbers as people write them: `1-20, 35`."""
    found: list[list[int]] = []
    for one in sorted(set(those)):
        if found and one == found[-1][1] + 1:
            found[-1][1] = one
        else:
            found.append([one, one])
    return ", ".join(str(first) if first == last else f"{first}-{last}" for first, last in found)


@dataclass(frozen=True)
class Kept:
    """A result of an assessment: its number there, its batch, and what was decided."""

    seq: int
    lot_no: str
    decision: str | None = None


def decided(
    number: str,
    kept: Collection[Kept],
    named: Iterable[tuple[str, Fate]],
    batches: Iterable[tuple[str, Fate]] = (),
    rest: Fate | None = None,
) -> dict[int, Fate]:
    """Which result becomes what: those named by number, those of named batches that are open, then all others that are; each once."""
    known = {one.seq: one for one in kept}
    found: dict[int, Fate] = {}
    for said, fate in named:
        for seq in numbers(said):
            if seq not in known:
                raise NO_RESULT(number=number, seq=seq)
            if seq in found:
                raise TWICE(seq=seq)
            if known[seq].decision is not None:
                raise DECIDED(number=number, seq=seq)
            found[seq] = fate
    of_batch: dict[str, Fate] = {}
    for lot, fate in batches:
        those = [one.seq for one in kept if one.lot_no == lot]
        if not those:
            raise NO_BATCH(number=number, lot=lot)
        if lot in of_batch:
            raise TWICE(seq=lot)
        of_batch[lot] = fate
    for one in kept:
        fate_ = of_batch.get(one.lot_no, rest)
        if one.decision is None and fate_ is not None and one.seq not in found:
            found[one.seq] = fate_
    if not found:
        raise NOTHING()
    return dict(sorted(found.items()))


def check_closing(number: str, undecided: int) -> None:
    """Refuse to close while a result isn't decided on."""
    if undecided:
        raise UNDECIDED(number=number, n=undecided)
