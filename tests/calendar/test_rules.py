"""Legal clocks: zones, holidays, daylight saving, midnight, leap days, and what holds for every event."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as some

from models.calendar.rules.deadline import Deadline, Rule, Start, Status, due, status
from models.calendar.rules.deadline_book import Book, read_book
from models.calendar.rules.working_days import ComputedCalendar, PublishedCalendar
from models.kernel.refusal import Refusal
from tests.support.house.proves import proves

DEFINITIONS = Path(__file__).parents[2] / "definitions"
SHANGHAI, NEW_YORK = ZoneInfo("Asia/Shanghai"), ZoneInfo("America/New_York")


def texts(folder: str) -> list[str]:
    return [file.read_text(encoding="utf-8") for file in sorted((DEFINITIONS / folder).glob("*.yaml"))]


BOOK = read_book(texts("deadlines"), texts("calendars"))
KEYS = sorted({rule.key for rule in BOOK.rules})
CALENDARS = {calendar.key: calendar for calendar in BOOK.calendars}
MOMENTS = some.datetimes(datetime(2025, 1, 1), datetime(2029, 12, 31), timezones=some.just(UTC))  # noqa: DTZ001 - the strategy adds it


def at(zone: ZoneInfo, *parts: int) -> datetime:
    return datetime(*parts, tzinfo=zone)  # type: ignore[arg-type,misc]


def last_day(key: str, event_at: datetime) -> str:
    return str(BOOK.due(key, event_at).last_day)


@proves("T 62")
@pytest.mark.parametrize(
    ("event", "ends"),
    [
        ("2026-11-13", "2026-11-30"),  # Thanksgiving on the 26th
        ("2026-11-25", "2026-12-10"),
        ("2026-11-26", "2026-12-10"),  # on the holiday itself
        ("2026-12-10", "2026-12-24"),  # Christmas Eve is worked
        ("2026-12-11", "2026-12-28"),
        ("2026-12-24", "2027-01-11"),  # Christmas, New Year
        ("2027-12-17", "2028-01-04"),  # Christmas observed on Friday the 24th, New Year on Friday the 31st
        ("2028-02-15", "2028-03-01"),  # Washington's Birthday and a leap day
        ("2026-06-12", "2026-06-29"),  # Juneteenth on a Friday
        ("2020-06-12", "2020-06-26"),  # before there was Juneteenth
        ("2026-06-25", "2026-07-10"),  # Independence Day on a Saturday, kept on Friday
        ("2026-05-15", "2026-06-01"),  # Memorial Day, the last Monday in May
    ],
)
def test_ten_us_working_days(event: str, ends: str) -> None:
    assert last_day("us.806.report", datetime.fromisoformat(event).replace(hour=15, tzinfo=NEW_YORK)) == ends


@proves("R74", "T 58")
@pytest.mark.parametrize(
    ("key", "event", "ends"),
    [
        ("cn.recall.plan", "2026-02-13", "2026-02-27"),  # 14 worked, 15-23 free, 24-27
        ("cn.recall.plan", "2026-02-14", "2026-02-28"),  # Saturday the 28th is worked
        ("cn.recall.plan", "2025-01-24", "2025-02-07"),  # Sunday the 26th is worked
        ("cn.recall.plan", "2026-09-30", "2026-10-13"),  # Saturday 10 October is worked
        ("cn.recall.notify.1", "2026-02-16", "2026-02-17"),  # notices know no holiday
        ("cn.recall.notify.2", "2026-02-16", "2026-02-19"),
        ("cn.recall.notify.3", "2026-02-16", "2026-02-23"),
        ("cn.adverse.death", "2028-02-25", "2028-03-03"),  # leap year
        ("cn.adverse.death", "2027-02-25", "2027-03-04"),
    ],
)
def test_china_and_the_spring_festival(key: str, event: str, ends: str) -> None:
    assert last_day(key, datetime.fromisoformat(event).replace(hour=10, tzinfo=SHANGHAI)) == ends


def test_europe_two_ten_fifteen_days_over_leap_day() -> None:
    aware = at(ZoneInfo("Europe/Brussels"), 2028, 2, 27, 12)
    keys = ("eu.mdr87.threat", "eu.mdr87.death", "eu.mdr87.serious")
    assert [last_day(key, aware) for key in keys] == ["2028-02-29", "2028-03-08", "2028-03-13"]
    assert last_day("eu.mdr87.threat", at(ZoneInfo("Europe/Brussels"), 2028, 2, 29, 12)) == "2028-03-02"


def test_midnight_in_shanghai_parts_the_days() -> None:
    before = BOOK.due("cn.recall.notify.1", datetime(2026, 3, 10, 15, 59, 59, 999999, tzinfo=UTC))
    after = BOOK.due("cn.recall.notify.1", datetime(2026, 3, 10, 16, tzinfo=UTC))  # 00:00 on the 11th
    assert (str(before.last_day), str(after.last_day)) == ("2026-03-11", "2026-03-12")
    assert after.due_at == datetime(2026, 3, 12, 16, tzinfo=UTC)
    assert after.due_at - before.due_at == timedelta(days=1)


@pytest.mark.parametrize(
    ("event", "due_at"),
    [
        (at(NEW_YORK, 2026, 3, 2, 12), "2026-03-17T04:00:00+00:00"),  # summer time begins on the 8th
        (at(NEW_YORK, 2026, 10, 23, 12), "2026-11-07T05:00:00+00:00"),  # and ends on 1 November
    ],
)
def test_a_day_ends_at_local_midnight_over_both_changes_of_the_clock(event: datetime, due_at: str) -> None:
    assert BOOK.due("us.806.report", event).due_at.isoformat() == due_at


def test_the_hour_that_comes_twice_is_one_day() -> None:
    first, second = at(NEW_YORK, 2026, 11, 1, 1, 30), at(NEW_YORK, 2026, 11, 1, 1, 30).replace(fold=1)
    assert BOOK.due("us.806.report", first).due_at == BOOK.due("us.806.report", second).due_at


def test_hours_are_elapsed_time() -> None:
    found = BOOK.due("cn.adverse.group", datetime(2026, 2, 15, 20, tzinfo=UTC))
    assert (found.due_at, found.last_day) == (datetime(2026, 2, 16, 8, tzinfo=UTC), None)


def test_a_year_that_nobody_published_is_said_and_never_too_late() -> None:
    found = BOOK.due("cn.recall.plan", at(SHANGHAI, 2026, 12, 30, 9))
    assert found.provisional
    assert (
        str(found.last_day) == "2027-01-04"
    )  # the 31st and four unknown days, New Year's Day and a weekend among them
    assert "2027" in found.zh
    assert "Provisional" in found.en
    assert not BOOK.due("cn.recall.plan", at(SHANGHAI, 2026, 12, 24, 9)).provisional
    with pytest.raises(Refusal, match="DLN-010") as info:
        CALENDARS["china"].is_working(date(2027, 1, 4))
    assert "2025, 2026" in info.value.zh
    with pytest.raises(Refusal, match="DLN-010"):
        CALENDARS["us-federal"].is_working(date(1985, 1, 21))


@given(MOMENTS, some.booleans())
def test_a_provisional_deadline_is_never_later_than_the_true_one(event: datetime, swapped: bool) -> None:
    """Whatever the coming notices say: here that 2027 to 2030 repeat the days of 2026, or have no holiday at all."""
    china = CALENDARS["china"]
    assert isinstance(china, PublishedCalendar)
    rule = BOOK.rule("cn.recall.plan", event)
    later = {
        year: china.years[2026].model_copy(
            update={
                "free": tuple(
                    off.model_copy(update={"first": off.first.replace(year=year), "last": off.last.replace(year=year)})
                    for off in (china.years[2026].free if swapped else ())
                ),
                "worked": tuple(day.replace(year=year) for day in (china.years[2026].worked if swapped else ())),
            }
        )
        for year in range(2027, 2031)
    }
    full = china.model_copy(update={"years": {**china.years, **later}})
    assert due(rule, event, china).due_at <= due(rule, event, full).due_at
    assert not due(rule, event, full).provisional


@given(some.sampled_from(KEYS), MOMENTS)
def test_what_is_due_is_due_after_the_event(key: str, event: datetime) -> None:
    found = BOOK.due(key, event)
    assert found.due_at > event
    assert found.due_at.tzinfo is UTC
    assert found.zh
    assert found.en


@given(some.sampled_from(KEYS), MOMENTS, some.timedeltas(timedelta(0), timedelta(days=40)))
def test_a_later_event_is_never_due_earlier(key: str, event: datetime, later: timedelta) -> None:
    assert BOOK.due(key, event).due_at <= BOOK.due(key, event + later).due_at


@given(some.sampled_from([key for key in KEYS if BOOK.rule(key, datetime(2026, 1, 1, tzinfo=UTC)).calendar]), MOMENTS)
def test_working_days_never_end_on_a_holiday_or_weekend(key: str, event: datetime) -> None:
    rule = BOOK.rule(key, event)
    found = BOOK.due(key, event)
    calendar = BOOK.calendar(rule.calendar)
    assert calendar is not None
    if rule.unit == "working_days" and not found.provisional:
        assert found.last_day is not None
        assert calendar.is_working(found.last_day)
        begins = event.astimezone(ZoneInfo(rule.zone)).date()
        between = [begins + timedelta(days=n) for n in range(1, (found.last_day - begins).days + 1)]
        assert sum(calendar.is_working(day) for day in between) == rule.amount


@given(MOMENTS, MOMENTS, some.none() | MOMENTS)
def test_status_is_open_then_met_or_late(due_at: datetime, now: datetime, met_at: datetime | None) -> None:
    found = status(due_at, now, met_at)
    done = met_at is not None and met_at <= now
    if done and met_at is not None and met_at < due_at:
        assert found is Status.MET
    else:
        assert found is (Status.OPEN if now < due_at and not done else Status.LATE)


def test_at_the_last_instant_it_is_met_and_at_the_next_it_is_late() -> None:
    due_at = BOOK.due("cn.recall.notify.1", datetime(2026, 3, 10, 16, tzinfo=UTC)).due_at
    just_before = due_at - timedelta(microseconds=1)
    assert status(due_at, just_before) is Status.OPEN
    assert status(due_at, due_at) is Status.LATE
    assert status(due_at, due_at, just_before) is Status.MET
    assert status(due_at, due_at, due_at) is Status.LATE


def test_everything_stays_on_the_deadline() -> None:
    found: Deadline = BOOK.due("cn.recall.plan", at(SHANGHAI, 2026, 2, 13, 10))
    assert found.as_dict() == {
        "rule_key": "cn.recall.plan",
        "rule_version": 1,
        "jurisdiction": "CN",
        "clause": "医疗器械召回管理办法 (令第29号)；试行办法 (令第82号) 第16-17条",
        "event_at": "2026-02-13T02:00:00+00:00",
        "due_at": "2026-02-27T16:00:00+00:00",
        "last_day": "2026-02-27",
        "zone": "Asia/Shanghai",
        "calendar": "china",
        "calendar_version": 1,
        "provisional": False,
        "zh": found.zh,
        "en": found.en,
    }
    assert "春节" in found.zh
    assert "holidays between: Spring Festival" in found.en


def test_an_event_sets_the_clocks_of_its_class_and_countries() -> None:
    moment = datetime(2026, 3, 1, tzinfo=UTC)
    found = BOOK.applying(Start.RECALL_DECIDED, moment, {"CN", "US"}, "II")
    assert [rule.key for rule in found] == ["cn.recall.notify.2", "cn.recall.plan"]
    after = BOOK.applying(Start.PLAN_REPORTED, moment, {"CN"}, "II")
    assert [(rule.key, rule.repeats) for rule in after] == [("cn.recall.progress.2", True)]
    assert [rule.key for rule in BOOK.applying(Start.BECAME_AWARE, moment, {"EU"})] == [
        "eu.mdr87.threat",
        "eu.mdr87.death",
        "eu.mdr87.serious",
    ]


def test_the_version_in_force_on_the_day_of_the_event_applies() -> None:
    old = BOOK.rule("cn.recall.plan", datetime(2026, 1, 1, tzinfo=UTC))
    new = old.model_copy(update={"version": 2, "amount": 3, "effective_from": date(2026, 3, 1)})
    book = Book((*BOOK.rules, new), BOOK.calendars)
    assert book.due("cn.recall.plan", at(SHANGHAI, 2026, 2, 28, 23, 59)).rule_version == 1
    assert book.due("cn.recall.plan", at(SHANGHAI, 2026, 3, 1)).rule_version == 2
    with pytest.raises(Refusal, match="DLN-004"):
        book.rule("cn.no.such", datetime(2026, 1, 1, tzinfo=UTC))


def test_an_event_without_a_zone_is_refused() -> None:
    with pytest.raises(Refusal, match="DLN-001"):
        BOOK.due("cn.recall.plan", datetime(2026, 1, 1))  # noqa: DTZ001 - that is the point
    rule = BOOK.rule("cn.recall.plan", datetime(2026, 1, 1, tzinfo=UTC))
    with pytest.raises(Refusal, match="DLN-002"):
        due(rule, datetime(2026, 1, 1, tzinfo=UTC), CALENDARS["us-federal"])


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("amount: 1\n", "amount: 0\n"),
        ("calendar: china", "calendar: mars"),
        ("Asia/Shanghai", "Asia/Atlantis"),
        ("version: 1\n", "version: 1\n    surprise: 2\n"),
        ("key: cn.recall.notify.2", "key: cn.recall.notify.1"),
        ("start: recall_decided", "start: whenever"),
        ("rules:", "rules: ["),
    ],
)
def test_wrong_data_is_refused(old: str, new: str) -> None:
    china = (DEFINITIONS / "deadlines/china.yaml").read_text(encoding="utf-8")
    with pytest.raises(Refusal, match="DLN-003"):
        read_book([china.replace(old, new)], texts("calendars"))


@pytest.mark.parametrize(
    ("old", "new"),
    [("to: 2026-10-07", "to: 2026-09-07"), ("2026-10-10]", "2025-10-10]"), ("2026-10-10]", "2026-10-01]")],
)
def test_wrong_calendars_are_refused(old: str, new: str) -> None:
    china = (DEFINITIONS / "calendars/china.yaml").read_text(encoding="utf-8")
    with pytest.raises(Refusal, match="DLN-003"):
        read_book([], [china.replace(old, new)])


@given(some.integers(1986, 2200))
def test_a_us_year_has_eleven_holidays_on_weekdays(year: int) -> None:
    calendar = CALENDARS["us-federal"]
    assert isinstance(calendar, ComputedCalendar)
    days = [day for each in calendar.holidays if (day := each.observed(year))]
    assert len(days) == (11 if year >= 2021 else 10)
    assert all(day.isoweekday() <= 5 and not calendar.is_working(day) for day in days)


def test_every_event_has_a_name_and_every_rule_is_a_real_version() -> None:
    assert all(isinstance(rule, Rule) for rule in BOOK.rules)
    assert {rule.basis for rule in BOOK.rules} == {"read", "general_knowledge", "own"}
