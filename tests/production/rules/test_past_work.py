"""Judging a past act gives the same answer whenever it is entered: by the histories as of its own time."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from models.equipment.rules import Machine
from models.kernel.refusal import Refusal
from models.kernel.time import reported
from models.lot.rules.lot import LotFacts, LotStatus
from models.order import rules
from models.production.rules import past_work as past
from models.production.rules.past_work import Calibrated, Held, LotHistory, Period, Since

PLANT = "Asia/Shanghai"
T0 = datetime(2026, 11, 1, 8, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
DAY = timedelta(hours=24)
HOURS = some.integers(0, 24 * 60).map(lambda hours: T0 + timedelta(hours=hours))
SINCES = some.lists(some.builds(Since, HOURS, some.sampled_from(list(LotStatus))), max_size=5)
HOLDS = some.lists(
    some.builds(
        lambda placed, lasts: Held("投诉", placed, None if lasts is None else placed + timedelta(hours=lasts)),
        HOURS,
        some.none() | some.integers(1, 500),
    ),
    max_size=3,
)
EXPIRIES = some.none() | some.dates(date(2026, 10, 30), date(2027, 1, 10))
CALIBRATIONS = some.lists(
    some.builds(
        lambda at, days, result: Calibrated(0, at, at + timedelta(days=days), result),
        HOURS,
        some.integers(1, 60),
        some.sampled_from(("passed", "passed", "failed")),
    ),
    max_size=5,
)
SERVICE = some.lists(some.builds(Since, HOURS, some.sampled_from(("in_service", "out_of_service"))), max_size=3)


def history(statuses: list[Since], holds: list[Held], expires: date | None, **more: Any) -> LotHistory:
    facts = LotFacts("R-1", LotStatus.RELEASED, expires_on=expires)
    return LotHistory(facts, T0, tuple(statuses), tuple(holds), **more)


def known_by(one: LotHistory, entered: datetime) -> LotHistory:
    """The history as it stood when somebody entered it: what came later was not there yet."""
    holds = tuple(
        Held(h.reason, h.placed_at, h.lifted_at if h.lifted_at and h.lifted_at <= entered else None)
        for h in one.holds
        if h.placed_at <= entered
    )
    return LotHistory(
        one.facts, one.came_at, tuple(s for s in one.statuses if s.at <= entered), holds, brought=one.brought
    )


def said(check: Any, *given: Any) -> str:
    try:
        check(*given)
    except Refusal as no:
        return no.code
    return "good"


@given(SINCES, HOLDS, EXPIRIES, HOURS, some.integers(0, 2000))
def test_a_lot_is_judged_the_same_whenever_its_consumption_is_entered(
    statuses: list[Since], holds: list[Held], expires: date | None, at: datetime, later: int
) -> None:
    whole = history(statuses, holds, expires)
    at_once = said(past.check_consumed, known_by(whole, at), at, PLANT)
    afterwards = said(past.check_consumed, known_by(whole, at + timedelta(hours=later)), at, PLANT)
    assert at_once == afterwards == said(past.check_consumed, whole, at, PLANT)


@given(CALIBRATIONS, SERVICE, HOURS, some.integers(0, 48), some.integers(0, 2000))
def test_a_machine_is_judged_the_same_whenever_its_use_is_entered(
    calibrations: list[Calibrated], service: list[Since], started: datetime, lasts: int, later: int
) -> None:
    machine = Machine("M-07", "mill", in_service=True, needs_calibration=True, last_result="passed", due_at=None)
    finished = started + timedelta(hours=lasts)
    first = min(service, key=lambda one: one.at, default=None)
    if first is not None:  # a machine is registered before it is used
        service = [Since(T0 - DAY, "in_service"), *service]

    def judge(entered: datetime) -> str:
        known = [one for one in calibrations if one.performed_at <= entered]
        stood = [one for one in service if one.at <= entered]
        return said(past.check_machine_during, machine, stood, known, started, finished, PLANT)

    assert judge(finished) == judge(finished + timedelta(hours=later))


def test_a_later_calibration_heals_nothing_and_a_later_failure_spoils_nothing() -> None:
    machine = Machine("M-07", "mill", in_service=True, needs_calibration=True, last_result=None, due_at=None)
    old = Calibrated(1, T0, T0 + 10 * DAY, "passed")
    again = Calibrated(2, T0 + 20 * DAY, T0 + 380 * DAY, "passed")
    failed = Calibrated(3, T0 + 30 * DAY, T0 + 390 * DAY, "failed")
    during = (machine, (), (old, again, failed))
    assert said(past.check_machine_during, *during, T0 + DAY, T0 + 2 * DAY, PLANT) == "good"
    assert said(past.check_machine_during, *during, T0 + 9 * DAY, T0 + 11 * DAY, PLANT) == "EQP-002"
    assert said(past.check_machine_during, *during, T0 + 15 * DAY, T0 + 16 * DAY, PLANT) == "EQP-002"
    assert said(past.check_machine_during, *during, T0 + 19 * DAY, T0 + 21 * DAY, PLANT) == "EQP-002"
    assert said(past.check_machine_during, *during, T0 + 21 * DAY, T0 + 22 * DAY, PLANT) == "good"
    assert said(past.check_machine_during, *during, T0 + 31 * DAY, T0 + 32 * DAY, PLANT) == "EQP-005"
    assert said(past.check_machine_during, *during, T0 - 2 * DAY, T0 - DAY, PLANT) == "EQP-004"


@pytest.mark.parametrize(
    ("at", "code"),
    [
        (T0 - DAY, "LOT-020"),
        (T0 + DAY, "LOT-002"),
        (T0 + 3 * DAY, "good"),
        (T0 + 5 * DAY, "LOT-003"),
        (T0 + 7 * DAY, "good"),
        (T0 + 12 * DAY, "LOT-004"),
    ],
)
def test_a_lot_is_what_it_was_when_it_went_in(at: datetime, code: str) -> None:
    statuses = [Since(T0, "received"), Since(T0 + 2 * DAY, "released")]
    one = history(statuses, [Held("投诉", T0 + 4 * DAY, T0 + 6 * DAY)], date(2026, 11, 11))
    assert said(past.check_consumed, one, at, PLANT) == code


def test_a_lot_from_another_system_was_there_before_we_knew_it() -> None:
    one = history([Since(T0, "released")], [], None, brought=True)
    assert said(past.check_consumed, one, T0 - 30 * DAY, PLANT) == "good"


@given(some.timedeltas(timedelta(0), timedelta(days=500)), some.booleans())
def test_an_entry_beyond_the_plants_limit_needs_a_reason(ago: timedelta, reasoned: bool) -> None:
    now, reason = T0 + 600 * DAY, "系统停机" if reasoned else " "
    finished = now - ago
    given = (finished - timedelta(hours=1), finished, now, DAY, reason, PLANT)
    if ago + timedelta(hours=1) > reported.OLDEST:
        assert said(past.check_told, *given) == "OPR-050"
    elif ago > DAY and not reasoned:
        assert said(past.check_told, *given) == "OPR-053"
    else:
        assert past.check_told(*given) == (ago > DAY)


def test_a_start_in_1970_and_an_end_tomorrow_are_refused() -> None:
    now = T0
    assert said(past.check_told, datetime(1970, 1, 1, tzinfo=UTC), now, now, DAY, "x", PLANT) == "OPR-050"
    assert said(past.check_told, now, now + DAY, now, DAY, "x", PLANT) == "OPR-009"
    assert said(past.check_reading, "湿度", now + DAY, now, PLANT) == "OPR-052"
    past.check_reading("湿度", now, now, PLANT)
    past.check_reading("湿度", None, now, PLANT)


def test_step_20_does_not_lie_before_step_10() -> None:
    done = (Period(10, T0, T0 + 60 * MINUTE),)
    for start, end in ((-1, 90), (0, 59)):
        assert said(past.check_after, 20, T0 + start * MINUTE, T0 + end * MINUTE, done, PLANT) == "OPR-051"
    past.check_after(20, T0, T0 + 60 * MINUTE, done, PLANT)
    # typed to the minute, recorded to the second
    past.check_after(20, T0, T0 + 60 * MINUTE, (Period(10, T0, T0 + timedelta(minutes=60, seconds=40)),), PLANT)


@given(some.integers(-600 * 24 * 60, 60), some.integers(-90, 90))
def test_an_order_was_opened_when_that_can_be_and_its_work_began_afterwards(opened: int, began: int) -> None:
    """In minutes from now, and from the opening."""
    now = T0 + timedelta(days=600)
    told = now + opened * MINUTE
    if opened > 0 or told < now - reported.OLDEST:
        assert said(rules.check_opened, told, now, PLANT) == "OPR-057"
        return
    at = rules.check_opened(told, now, PLANT)
    assert at == told
    wanted = "OPR-056" if began < 0 else "good"
    assert said(past.check_since_opened, 10, told + began * MINUTE, "WO-1", at, PLANT) == wanted
    assert said(past.check_since_opened, 10, told + began * MINUTE, "WO-1", None, PLANT) == "good"
