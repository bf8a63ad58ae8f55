"""When a legal deadline ends, and whether it was kept (STANDARDS 2.10, rows C and T 62, 65, 77).

The day of the event never counts (21 CFR 810.3).  Days end at midnight in the zone of the authority: `due_at` is the first
instant that is too late.  Hours are hours of elapsed time.  A year that the calendar doesn't know makes the deadline
`provisional`: its days all count as working days, so the deadline is never later than the true one.
"""

from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Any, Literal
from zoneinfo import ZoneInfo

from pydantic import Field

from models.calendar.rules.working_days import ComputedCalendar, Frozen, PublishedCalendar, Words
from models.kernel.refusal import Kind
from models.kernel.text import Text
from models.kernel.time.moments import day_ends, minute, plant_day

NO_ZONE = Kind(
    "DLN-001",
    "STANDARDS 2.10",
    "事件时间 {at} 没有时区，无法计算期限。",
    "The time of the event, {at}, has no zone, so no deadline can be computed.",
    422,
)
NO_CALENDAR = Kind(
    "DLN-002",
    "STANDARDS 2.10",
    "期限规则 {key} 按工作日计算，但没有日历「{calendar}」。",
    "The deadline rule {key} counts working days, but there is no calendar “{calendar}”.",
    422,
)


class Start(StrEnum):
    """What sets a clock going or stops it."""

    RECALL_DECIDED = "recall_decided"
    RECALL_INITIATED = "recall_initiated"
    SCOPE_EXTENDED = "scope_extended"
    CUSTOMERS_NOTIFIED = "customers_notified"
    PLAN_REPORTED = "plan_reported"
    PROGRESS_REPORTED = "progress_reported"
    RECALL_COMPLETED = "recall_completed"
    SUMMARY_REPORTED = "summary_reported"
    AUTHORITY_REPORTED = "authority_reported"
    BECAME_AWARE = "became_aware"
    REMEDIAL_ACTION_NEEDED = "remedial_action_needed"
    INFORMATION_RECEIVED = "information_received"
    EVENT_REPORTED = "event_reported"
    AUTHORITY_ASKED = "authority_asked"
    LOCATION_ANSWERED = "location_answered"


START_NAMES: dict[Start, Text] = {
    Start.RECALL_DECIDED: Text("作出召回决定", "the decision to recall"),
    Start.RECALL_INITIATED: Text("启动纠正或撤回", "the start of the correction or removal"),
    Start.SCOPE_EXTENDED: Text("启动扩大召回范围", "the start of the extension"),
    Start.CUSTOMERS_NOTIFIED: Text("完成通知", "the notices"),
    Start.PLAN_REPORTED: Text("提交召回计划", "the recall plan"),
    Start.PROGRESS_REPORTED: Text("上一次进展报告", "the last report on progress"),
    Start.RECALL_COMPLETED: Text("召回完成", "the completion of the recall"),
    Start.SUMMARY_REPORTED: Text("提交总结报告", "the summary report"),
    Start.AUTHORITY_REPORTED: Text("向主管部门报告", "the report to the authority"),
    Start.BECAME_AWARE: Text("知悉事件", "becoming aware of the event"),
    Start.REMEDIAL_ACTION_NEEDED: Text("认定需要补救措施", "finding that remedial action is needed"),
    Start.INFORMATION_RECEIVED: Text("收到补充信息", "receiving the information"),
    Start.EVENT_REPORTED: Text("提交事件报告", "the report of the event"),
    Start.AUTHORITY_ASKED: Text("主管部门提出要求", "the authority's request"),
    Start.LOCATION_ANSWERED: Text("答复去向", "the answer"),
}

Unit = Literal["hours", "calendar_days", "working_days"]
UNIT_NAMES: dict[str, Text] = {
    "hours": Text("小时", "hour(s)"),
    "calendar_days": Text("个自然日", "calendar day(s)"),
    "working_days": Text("个工作日", "working day(s)"),
}


class Rule(Frozen):
    """One legal deadline, one version of it.  `stop` is the event that meets it; `basis` says how sure the figure is."""

    key: str = Field(pattern=r"^[a-z0-9]+(\.[a-z0-9]+)+$")
    version: int = Field(ge=1)
    effective_from: date | None = None
    jurisdiction: Literal["CN", "US", "EU"]
    recall_class: Literal["I", "II", "III"] | None = None
    title: Words
    start: Start
    also_starts: tuple[Start, ...] = ()
    stop: Start
    repeats: bool = False
    amount: int = Field(ge=1, le=3650)
    unit: Unit
    calendar: str | None = None
    zone: str
    clause: str
    basis: Literal["read", "general_knowledge", "own"]


@dataclass(frozen=True, slots=True)
class Deadline:
    """What a clock says: everything that went into it stays on it, so that a later change of rules changes nothing.

    `due_at` (UTC) is the first instant that is too late; `last_day` the last day in `zone` (none for hours).
    """

    rule_key: str
    rule_version: int
    jurisdiction: str
    clause: str
    event_at: datetime
    due_at: datetime
    last_day: date | None
    zone: str
    calendar: str | None
    calendar_version: int | None
    provisional: bool
    zh: str
    en: str

    def as_dict(self) -> dict[str, Any]:
        """The wire form."""
        return {
            name: value.isoformat() if isinstance(value, date) else value  # a datetime is a date
            for name, value in asdict(self).items()
        }


class Status(StrEnum):
    """How a deadline stands."""

    OPEN = "open"
    MET = "met"
    LATE = "late"


def due(rule: Rule, event_at: datetime, calendar: PublishedCalendar | ComputedCalendar | None = None) -> Deadline:
    """When the deadline that began with `event_at` ends; DLN-001 without a zone, DLN-002 without the calendar."""
    if event_at.tzinfo is None:
        raise NO_ZONE(at=event_at.isoformat())
    zone = ZoneInfo(rule.zone)
    last_day: date | None = None
    free: list[tuple[date, Words]] = []
    unknown: list[date] = []
    if rule.unit == "hours":
        due_at = event_at.astimezone(UTC) + timedelta(hours=rule.amount)
    else:
        begins = plant_day(event_at, zone)
        if rule.unit == "calendar_days":
            last_day = begins + timedelta(days=rule.amount)
        else:
            if calendar is None or calendar.key != rule.calendar:
                raise NO_CALENDAR(key=rule.key, calendar=rule.calendar)
            last_day, free, unknown = _count(begins, rule.amount, calendar)
        due_at = day_ends(last_day, zone).astimezone(UTC)
    used = calendar if rule.unit == "working_days" else None
    zh, en = _explain(rule, event_at, due_at, last_day, free, unknown, used)
    return Deadline(
        rule_key=rule.key,
        rule_version=rule.version,
        jurisdiction=rule.jurisdiction,
        clause=rule.clause,
        event_at=event_at.astimezone(UTC),
        due_at=due_at,
        last_day=last_day,
        zone=rule.zone,
        calendar=used.key if used else None,
        calendar_version=used.version if used else None,
        provisional=bool(unknown),
        zh=zh,
        en=en,
    )


def _count(
    begins: date, amount: int, calendar: PublishedCalendar | ComputedCalendar
) -> tuple[date, list[tuple[date, Words]], list[date]]:
    """The last of `amount` working days after `begins`, the holidays passed, and the days nobody has published."""
    day, free, unknown = begins, list[tuple[date, Words]](), list[date]()
    while amount:
        day += timedelta(days=1)
        if not calendar.known(day):
            unknown.append(day)  # even a Saturday may be swapped for work: counting it can only be too early
            amount -= 1
        elif calendar.is_working(day):
            amount -= 1
        elif holiday := calendar.holiday(day):
            free.append((day, holiday))
    return day, free, unknown


def _explain(
    rule: Rule,
    event_at: datetime,
    due_at: datetime,
    last_day: date | None,
    free: list[tuple[date, Words]],
    unknown: list[date],
    calendar: PublishedCalendar | ComputedCalendar | None,
) -> Text:
    """How the deadline came about, in Chinese and English."""
    start, unit = START_NAMES[rule.start], UNIT_NAMES[rule.unit]
    at, end = minute(event_at, rule.zone), minute(due_at, rule.zone)
    zh = f"{rule.title.zh}：自{start[0]}（{at}，{rule.zone}）起 {rule.amount} {unit[0]}"
    en = f"{rule.title.en}: {rule.amount} {unit[1]} from {start[1]} ({at}, {rule.zone})"
    if last_day is None:
        zh, en = (f"{zh}，须在 {end} 前完成", f"{en}, before {end}")
    else:
        zh = f"{zh}，当日不计，须在 {last_day} 结束前完成"
        en = f"{en}, that day not counted, by the end of {last_day}"
    names_zh = list(dict.fromkeys(holiday.zh for _, holiday in free))
    names_en = list(dict.fromkeys(holiday.en for _, holiday in free))
    zh += f"；其间放假：{'、'.join(names_zh)}" if free else ""
    en += f"; holidays between: {', '.join(names_en)}" if free else ""
    zh, en = (f"{zh}。依据 {rule.clause}。", f"{en}. {rule.clause}.")
    if unknown and calendar:
        years = ", ".join(dict.fromkeys(str(day.year) for day in unknown))
        zh += f"暂定：日历「{calendar.title.zh}」没有 {years} 年的安排，该年各日均按工作日计算，不会晚于实际期限；请更新日历。"
        en += (
            f" Provisional: the calendar “{calendar.title.en}” does not know {years}; every day of it is counted as a "
            "working day, so this is never later than the true deadline. Update the calendar."
        )
    return Text(zh, en)


def status(due_at: datetime, now: datetime, met_at: datetime | None = None) -> Status:
    """How a deadline stands at `now`; what is done at `due_at` or after it is late, also when it is done."""
    if met_at is not None and met_at <= now:
        return Status.MET if met_at < due_at else Status.LATE
    return Status.OPEN if now < due_at else Status.LATE
