"""Waits that end by the clock: how long, until which day, on working days; raced by a fact, round by round."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.calendar.rules.working_days import Off, PublishedCalendar, Words, Year
from models.definition.document import Definition
from models.kernel.refusal import Refusal
from models.process import engine as process
from models.process.engine import RunState, SiteTime
from models.process.time.moments import LAST, UNIVERSAL, forward
from tests.support.definitions import NOW, end, small, task, text
from tests.support.often import often

SUZHOU = ZoneInfo("Asia/Shanghai")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NATIONAL = Off(zh="国庆节", en="National Day", **{"from": date(2026, 10, 1), "to": date(2026, 10, 7)})
YEAR = Year(source="notice", free=(NATIONAL,), worked=(date(2026, 10, 10),))
CALENDAR = PublishedCalendar(
    key="plant", version=1, title=Words(zh="日历", en="calendar"), kind="published", years={2026: YEAR}
)
SITE = SiteTime(SUZHOU, CALENDAR)


def at(text_: str) -> datetime:
    """`2026-09-30 20:00` on the clock of Suzhou."""
    return datetime.fromisoformat(text_).replace(tzinfo=SUZHOU)


@pytest.mark.parametrize(
    ("begins", "span", "ends"),
    [
        ("2026-11-20 20:00", 8 * HOUR, "2026-11-23 04:00"),  # a Friday evening goes on on Monday
        ("2026-11-20 20:00", DAY, "2026-11-23 20:00"),
        ("2026-11-21 10:00", DAY, "2026-11-24 00:00"),  # Saturday counts nothing
        ("2026-11-21 10:00", timedelta(0), "2026-11-23 00:00"),  # and nothing ends on it
        ("2026-11-20 00:00", DAY, "2026-11-23 00:00"),
        ("2026-09-30 12:00", DAY, "2026-10-08 12:00"),  # over National Day
        ("2026-10-09 12:00", DAY, "2026-10-10 12:00"),  # a Saturday that is worked
        ("2026-12-31 12:00", DAY, "2027-01-01 12:00"),  # a year that nobody has published counts
    ],
)
def test_working_time_runs_on_working_days_only(begins: str, span: timedelta, ends: str) -> None:
    assert forward(at(begins), span, SITE) == at(ends)


def test_without_a_calendar_monday_to_friday_are_worked() -> None:
    assert forward(at("2026-09-30 12:00"), DAY, SiteTime(SUZHOU)) == at("2026-10-01 12:00")


MOMENTS = st.integers(0, 300 * 24 * 60).map(lambda minutes: at("2026-01-01 00:00") + timedelta(minutes=minutes))
SPANS = st.integers(0, 20 * 24 * 60).map(lambda minutes: timedelta(minutes=minutes))


@settings(max_examples=often(25, 2_000), deadline=None)
@given(begins=MOMENTS, first=SPANS, second=SPANS)
def test_working_time_adds_up_and_never_ends_early_or_on_a_free_day(
    begins: datetime, first: timedelta, second: timedelta
) -> None:
    ends = forward(begins, first + second, SITE)
    assert ends == forward(forward(begins, first, SITE), second, SITE)
    assert ends >= begins + first + second
    assert SITE.works(ends.astimezone(SUZHOU).date())


def test_what_lies_beyond_every_calendar_never_comes() -> None:
    assert forward(datetime(9999, 12, 30, tzinfo=UTC), 9 * DAY, SITE) == LAST
    far = small(task("fill", next="wait", form=[{"key": "day", "title": text("day"), "type": "date", "required": True}]),
                {"key": "wait", "kind": "wait", "next": "end", "until": {"date": "fill.day", "offset": "P9D"}}, end())  # fmt: skip
    state = process.complete(
        far, process.start(far, {}, NOW).state, "fill", None, {"day": "9999-12-31"}, ["a"], NOW
    ).state
    moment = process.until(far.stage("wait"), NOW, state, UNIVERSAL)
    assert moment is not None
    assert moment.at == LAST


def wait(until: dict[str, Any], **parts: Any) -> Definition:
    """A day is answered, then it is waited; a fact leads to `seen`, the time to `late`, from where it begins again."""
    form = [{"key": "day", "title": text("day"), "type": "date"}]
    return small(
        task("fill", next="wait", form=form),
        {"key": "wait", "kind": "wait", "fact": "goods.came", "next": "seen", "until": until, **parts},
        task("late", next="fill"),
        end("seen", "seen"),
    )


def waiting(
    definition: Definition, day: str = "2026-12-01", state: RunState | None = None, now: datetime = NOW
) -> RunState:
    state = state or process.start(definition, {}, now).state
    return process.complete(definition, state, "fill", None, {"day": day}, ["a"], now).state


BOTH = {"after": "P3D", "date": "fill.day", "offset": "PT12H", "elapsed": "late"}


@pytest.mark.parametrize(
    ("until", "day", "moment"),
    [
        ({"after": "P3D"}, "2026-12-01", NOW + 3 * DAY),
        ({"date": "fill.day"}, "2026-12-01", at("2026-12-01 00:00")),
        ({"date": "fill.day", "offset": "P2D"}, "2026-12-01", at("2026-12-03 00:00")),
        ({"date": "fill.day", "offset": "P5D", "working": True}, "2026-11-20", at("2026-11-27 00:00")),
        ({"after": "PT8H", "working": True}, "2026-12-01", at("2026-11-23 08:00")),
        (BOTH, "2026-11-22", at("2026-11-22 12:00")),
        (BOTH, "2026-12-22", NOW + 3 * DAY),
        ({"date": "fill.day"}, "", None),
    ],
)
def test_the_first_of_its_moments_ends_a_wait(until: dict[str, Any], day: str, moment: datetime | None) -> None:
    definition = wait(until)
    found = process.until(definition.stage("wait"), NOW, waiting(definition, day), SITE)
    assert (found.at if found else None) == moment


def refusal(code: str) -> Any:
    return pytest.raises(Refusal, match=code)


def test_time_and_fact_race_and_exactly_one_leads_on() -> None:
    definition, due = wait(BOTH), at("2026-11-22 12:00")
    state = waiting(definition, "2026-11-22")
    with refusal("PRC-013"):
        process.elapse(definition, state, "wait", due - timedelta(seconds=1), site=SITE)

    timed = process.elapse(definition, state, "wait", due, site=SITE)
    assert [one.key for one in timed.state.open] == ["late"]
    assert timed.state.outcomes["wait"] == "elapsed"
    assert process.fact(definition, timed.state, "goods.came", due).opened == ()

    told = process.fact(definition, state, "goods.came", due)
    assert told.ended == "seen"
    assert told.state.outcomes["wait"] == "fact"
    with refusal("PRC-008"):
        process.elapse(definition, told.state, "wait", due, site=SITE)


def test_a_wait_without_another_way_goes_on_when_its_time_comes() -> None:
    definition = wait({"after": "P1D"})
    assert process.elapse(definition, waiting(definition), "wait", NOW + DAY, site=SITE).ended == "seen"


def test_the_clock_of_an_earlier_round_moves_nothing() -> None:
    definition = wait({"after": "P1D", "elapsed": "late"})
    first = waiting(definition)
    late = NOW + DAY
    again = process.elapse(definition, first, "wait", late, opened_at=NOW, site=SITE).state
    again = process.complete(definition, again, "late", None, {}, ["a"], late).state
    again = waiting(definition, state=again, now=late)
    with refusal("PRC-001"):
        process.elapse(definition, again, "wait", late + 9 * DAY, opened_at=NOW, site=SITE)
    assert process.elapse(definition, again, "wait", late + DAY, opened_at=late, site=SITE).state.is_open("late")


def test_what_has_no_time_ends_by_no_clock() -> None:
    definition = small(
        {"key": "wait", "kind": "wait", "fact": "goods.came", "next": "work"}, task("work", next="end"), end()
    )
    state = process.start(definition, {}, NOW).state
    with refusal("PRC-001"):
        process.elapse(definition, state, "wait", NOW + 99 * DAY)
    with refusal("PRC-001"):
        process.elapse(definition, process.fact(definition, state, "goods.came", NOW).state, "work", NOW + 99 * DAY)


def test_a_changed_calendar_moves_what_is_still_waited_for() -> None:
    definition = wait({"after": "P1D", "working": True})
    opened = at("2026-09-30 12:00")
    state = waiting(definition, now=opened)
    ordinary = SiteTime(SUZHOU, CALENDAR.model_copy(update={"years": {2026: Year(source="before", free=())}}))
    [(_, before)] = process.moments(definition, state, ordinary)
    [(_, after)] = process.moments(definition, state, SITE)
    assert (before.at, after.at) == (at("2026-10-01 12:00"), at("2026-10-08 12:00"))
    with refusal("PRC-013"):
        process.elapse(definition, state, "wait", before.at, site=SITE)


def test_every_open_stage_has_its_clock_and_is_told_of_each_level_once() -> None:
    sla = {
        "complete": "PT1H",
        "escalations": [
            {"after": "PT2H", "to_role": "quality_manager", "message": text("late")},
            {"after": "P1D", "to_role": "site_manager", "message": text("later")},
        ],
    }
    stages: list[dict[str, Any]] = [
        {"key": "wait", "kind": "wait", "fact": "goods.came", "next": "join", "until": {"after": "P1D"}, "sla": sla},
        {"key": "child", "kind": "subprocess", "process": "child", "results": {"good": "join"}, "sla": sla},
        {"key": "print", "kind": "action", "does": ["label.print"], "next": "join", "sla": sla},
        task("join", next="end"),
    ]
    first = {"key": "all", "kind": "parallel", "tracks": {"start": ["wait", "child", "print"], "join": "join"}}
    definition = small(first, *stages, end())
    state = process.start(definition, {}, NOW).state

    def moments(state: RunState) -> list[tuple[str, str, int, timedelta]]:
        return [(one.key, m.kind, m.level, m.at - NOW) for one, m in process.moments(definition, state, SITE)]

    levels = [(key, "escalation", 1, 2 * HOUR) for key in ("child", "print", "wait")]
    second = [(key, "escalation", 2, DAY) for key in ("child", "print", "wait")]
    assert moments(state) == [*levels, ("wait", "until", 0, DAY), *second]
    told = process.raised(definition, state, "child", 1)
    assert moments(told) == [levels[1], levels[2], ("wait", "until", 0, DAY), *second]
    assert process.child_result(definition, told, "child", "good", NOW).state.open == tuple(
        one for one in state.open if one.key != "child"
    )
