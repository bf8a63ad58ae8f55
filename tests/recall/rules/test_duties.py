"""When somebody is told of a legal deadline: before it ends, and at its end (STANDARDS T 58-65)."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some

from models.kernel.refusal import Refusal
from models.person.rules.roles import Role
from models.recall.rules import duties as rules

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


@given(some.datetimes(timezones=some.just(UTC)), some.timedeltas(timedelta(seconds=1), timedelta(days=3650)))
def test_the_warning_always_lies_between_the_event_and_the_end(event: datetime, long: timedelta) -> None:
    if event.year > 9900 - 12 or event.year < 2:
        return
    (before, early), (at, due) = rules.moments(event, event + long)
    assert (before, at) == (rules.BEFORE, rules.AT)
    assert event <= early <= due == event + long
    assert early <= event + long * 3 / 4
    if long > rules.DAY:
        assert due - early >= rules.DAY


@pytest.mark.parametrize(
    ("long", "left"),
    [(10 * rules.DAY, timedelta(days=2.5)), (2 * rules.DAY, rules.DAY), (12 * HOUR, 3 * HOUR), (-5 * rules.DAY, None)],
)
def test_three_quarters_or_a_day_before_whichever_is_earlier(long: timedelta, left: timedelta | None) -> None:
    (_, early), (_, due) = rules.moments(NOON, NOON + long)
    assert due - early == (left if left is not None else timedelta(0))


def test_the_coordinator_is_told_before_and_the_quality_manager_at_the_end() -> None:
    assert rules.TO == {rules.BEFORE: Role.RECALL_COORDINATOR, rules.AT: Role.QUALITY_MANAGER}


def test_only_a_missed_deadline_is_explained_and_by_something() -> None:
    for form, missed, code in (({"explanation": "x"}, False, "RCL-023"), ({"explanation": " "}, True, "RCL-024")):
        with pytest.raises(Refusal, match=code):
            rules.check(form, missed=missed)
    rules.check({"explanation": "邮件系统故障, 已电话报告"}, missed=True)
