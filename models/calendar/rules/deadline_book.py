"""All deadline rules and calendars that are in force, read from data files (definitions/deadlines, definitions/calendars).

The newest version of a rule that was effective on the day of the event applies (STANDARDS 2.10); what began under an older
version stays under it, because a `Deadline` carries its rule's version.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import yaml
from pydantic import ValidationError

from models.calendar.rules.deadline import NO_ZONE, Deadline, Rule, Start, due
from models.calendar.rules.working_days import ComputedCalendar, PublishedCalendar, read_calendar
from models.kernel.refusal import Kind
from models.kernel.time.moments import plant_day

BAD_FILE = Kind(
    "DLN-003",
    "STANDARDS 2.10",
    "期限或日历数据有误：{problem}",
    "The data of deadlines or calendars is wrong: {problem}",
    422,
)
UNKNOWN_RULE = Kind(
    "DLN-004",
    "STANDARDS 2.10",
    "{day} 没有生效的期限规则「{key}」。",
    "No deadline rule “{key}” was in force on {day}.",
    404,
)


@dataclass(frozen=True, slots=True)
class Book:
    """The rules and calendars of one release of the data."""

    rules: tuple[Rule, ...]
    calendars: tuple[PublishedCalendar | ComputedCalendar, ...]

    def rule(self, key: str, event_at: datetime) -> Rule:
        """The version of the rule in force when the event happened, by the date in the rule's zone; DLN-004."""
        if event_at.tzinfo is None:
            raise NO_ZONE(at=event_at.isoformat())
        found = [rule for rule in self.rules if rule.key == key and _begins(rule) <= plant_day(event_at, rule.zone)]
        if not found:
            raise UNKNOWN_RULE(key=key, day=event_at.isoformat(timespec="minutes"))
        return max(found, key=lambda rule: (_begins(rule), rule.version))

    def due(self, key: str, event_at: datetime) -> Deadline:
        """The deadline that an event sets, under the version in force at that time."""
        rule = self.rule(key, event_at)
        return due(rule, event_at, self.calendar(rule.calendar))

    def applying(
        self, event: Start, event_at: datetime, jurisdictions: Collection[str], recall_class: str | None = None
    ) -> tuple[Rule, ...]:
        """The rules whose clock the event sets going, in the order of the files; rules of another class left out."""
        keys = dict.fromkeys(
            rule.key
            for rule in self.rules
            if rule.jurisdiction in jurisdictions
            and event in {rule.start, *rule.also_starts}
            and rule.recall_class in {None, recall_class}
            and _begins(rule) <= plant_day(event_at, rule.zone)
        )
        return tuple(self.rule(key, event_at) for key in keys)

    def calendar(self, key: str | None) -> PublishedCalendar | ComputedCalendar | None:
        """The calendar of that name."""
        return next((calendar for calendar in self.calendars if calendar.key == key), None)


def _begins(rule: Rule) -> date:
    return rule.effective_from or date.min


def read_book(rule_files: Iterable[str], calendar_files: Iterable[str]) -> Book:
    """The book in the texts of YAML files; DLN-003 says what is wrong with them."""
    try:
        calendars = tuple(read_calendar(yaml.safe_load(text)) for text in calendar_files)
        rules = tuple(rule for text in rule_files for rule in _rules(yaml.safe_load(text)))
    except (ValidationError, yaml.YAMLError, TypeError, KeyError, AttributeError) as error:
        raise BAD_FILE(problem=str(error)) from error
    for rule in rules:
        _check(rule, rules, calendars)
    return Book(rules, calendars)


def _rules(data: dict[str, Any]) -> list[Rule]:
    """The rules of a file; jurisdiction, zone and calendar stand once at its head."""
    head = {name: data[name] for name in ("jurisdiction", "zone")} | {"calendar": data.get("calendar")}
    return [Rule.model_validate(head | each) for each in data["rules"]]


def _check(rule: Rule, rules: tuple[Rule, ...], calendars: tuple[PublishedCalendar | ComputedCalendar, ...]) -> None:
    """What one rule alone can't know."""
    problem = None
    if sum((each.key, each.version) == (rule.key, rule.version) for each in rules) > 1:
        problem = f"{rule.key} version {rule.version} stands twice"
    elif rule.unit == "working_days" and rule.calendar not in [calendar.key for calendar in calendars]:
        problem = f"{rule.key}: unknown calendar {rule.calendar}"
    else:
        try:
            ZoneInfo(rule.zone)
        except (ZoneInfoNotFoundError, ValueError):
            problem = f"{rule.key}: unknown zone {rule.zone}"
    if problem:
        raise BAD_FILE(problem=problem)
