"""The order's master: routing and bill as frozen when the order was made.  Limits come from here, never from who records.

Serves REQUIREMENTS 58, 61; 21 CFR 820.70, 820.184; ISO 13485 7.5.1.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from models.identifier.rules.identity import identity_key
from models.kernel.refusal import Kind
from models.kernel.time.moments import Zone
from models.kernel.time.reported import happened
from models.kernel.typed import compatible
from models.kernel.units.units import unit
from models.release.rules.master import fresh

OPENED_WHEN = Kind(
    "OPR-057",
    "ALCOA+",
    "下达时间 {at} 不可能：在将来，或距今超过 {days} 天。",
    "The order can't have been opened at {at}: that lies in the future, or more than {days} days back.",
    422,
)

NOT_YOURS = Kind(
    "OPR-031",
    "21 CFR 820.70; ISO 13485 7.5.1",
    "「{name}」的限值由生产订单规定（{limit}），不能由记录人另给。",
    "The limits of “{name}” are the work order's ({limit}); whoever records can't give others.",
    422,
)
STALE = Kind(
    "OPR-032",
    "ISO 13485 6.4.1; ALCOA+",
    "环境记录「{name}」不是在作业前后一小时内测得的，不算数。",
    "The reading “{name}” was not taken within an hour of the work and doesn't count.",
    422,
)
CROSSED = Kind(
    "OPR-033",
    "21 CFR 820.70",
    "「{name}」的下限高于上限，或订单中重复出现。",
    "The lower limit of “{name}” is above its upper limit, or the order has it twice.",
    422,
)
OTHER_UNIT = Kind(
    "OPR-035",
    "21 CFR 820.70; ISO 13485 7.5.1",
    "生产订单规定「{name}」以 {unit} 记录，不能以 {told} 与其限值比较；请换算后填写。",
    "The order asks for “{name}” in {unit}; what is told in {told} can't be held against its limits. Convert it first.",
    422,
)
NO_SUCH_MATERIAL = Kind(
    "OPR-034",
    "ISO 13485 7.5.1; 21 CFR 820.181",
    "物料清单中的 {item} 不存在、重复、就是产品自身，或数量不大于零。",
    "{item} in the bill of material doesn't exist, is there twice, is the product itself, or has no quantity above zero.",
    422,
)


@dataclass(frozen=True)
class Limit:
    """What a parameter or reading must be, inclusive; without limits it must only be recorded."""

    name: str
    unit: str | None = None
    lower: Decimal | None = None
    upper: Decimal | None = None
    name_en: str | None = None
    """What an English reader reads; orders of before have none."""


def read(rows: Iterable[Mapping[str, Any]]) -> dict[str, Limit]:
    """The frozen limits of a step by name; numbers are kept as text so that they stay as entered."""
    found = (
        Limit(row["name"], row.get("unit"), _number(row.get("lower")), _number(row.get("upper")), row.get("name_en"))
        for row in rows
    )
    return {one.name: one for one in found}


def english(rows: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """What a step's parameters or readings are called in English, by name, where it says so."""
    return {row["name"]: row["name_en"] for row in rows if row.get("name_en")}


def _number(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def check_limits(limits: Iterable[Limit]) -> None:
    """Refuse an order whose own limits contradict each other."""
    seen: set[str] = set()
    for one in limits:
        crossed = one.lower is not None and one.upper is not None and one.lower > one.upper
        names = {identity_key(name) for name in (one.name, one.name_en) if name}
        if crossed or names & seen:
            raise CROSSED(name=one.name)
        seen |= names


def limits_for(known: Mapping[str, Limit], told: Limit) -> Limit:
    """The master's limits of what was recorded, by either name, in its unit.

    Refused when the recorder gives other limits or another unit, or limits where the master has none.
    """
    right = known.get(told.name) or _by_either(known, told.name) or Limit(told.name, told.unit)
    if (told.lower is not None and told.lower != right.lower) or (told.upper is not None and told.upper != right.upper):
        raise NOT_YOURS(name=told.name, limit=said(right))
    if right.unit is not None and told.unit is not None and not same_unit(told.unit, right.unit):
        raise OTHER_UNIT(name=told.name, unit=right.unit, told=told.unit[:40])
    return right


def same_unit(one: str, other: str) -> bool:
    """Whether two spellings are one unit: `℃` is `°C`, `KG` is `kg`; `mPa` is no `MPa`, and 85 °F are no 85 °C."""
    known = unit(one)
    return compatible(one) == compatible(other) or (known is not None and known == unit(other))


def _by_either(known: Mapping[str, Limit], name: str) -> Limit | None:
    """As a reader of the other language calls it, however it is typed."""
    meant = identity_key(name)
    return next(
        (one for one in known.values() if meant in {identity_key(one.name), identity_key(one.name_en or "")}), None
    )


def said(limit: Limit) -> str:
    """Limits in short: `80…90 °C`."""
    ends = ["" if one is None else f"{one:f}" for one in (limit.lower, limit.upper)]
    return f"{ends[0]}…{ends[1]} {limit.unit or ''}".strip() if any(ends) else "–"


def check_fresh(name: str, measured_at: datetime, started_at: datetime, finished_at: datetime) -> None:
    """Refuse a reading from another time than the work's."""
    if not fresh(measured_at, started_at, finished_at):
        raise STALE(name=name)


def check_opened(opened: datetime | None, now: datetime, zone: Zone) -> datetime | None:
    """When the order was opened, where it is told; refused for a time that can't be."""
    return happened(opened, now, zone, OPENED_WHEN)
