"""May this operation be recorded: order, people, machines, time and yield, at and around every limit."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from models.equipment import rules as equipment_rules
from models.equipment.rules import Machine
from models.kernel.refusal import Refusal
from models.production.rules import operation
from models.production.rules.operation import Skill, Step
from tests.support.house.proves import proves

NOW = datetime(2026, 11, 21, 8, tzinfo=UTC)
PLANT = "Asia/Shanghai"
AN_INSTANT = timedelta(microseconds=1)
MOMENTS = some.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1), timezones=some.just(UTC))  # noqa: DTZ001 - the strategy adds it
AMOUNTS = some.decimals(min_value=-5, max_value=100, places=2)


def steps(*done: bool) -> list[Step]:
    return [Step(seq=(place + 1) * 10, title_zh="工序", title_en="Step", done=one) for place, one in enumerate(done)]


@proves("R58", "L 24", "11.10(f)")
@given(some.lists(some.booleans(), max_size=6), some.integers(0, 70))
def test_a_step_is_recorded_when_all_before_it_are_done_and_it_is_not(done: list[bool], seq: int) -> None:
    planned = steps(*done)
    codes = None
    wanted = next((one for one in planned if one.seq == seq), None)
    if wanted is None:
        codes = "OPR-002"
    elif wanted.done:
        codes = "OPR-004"
    elif not all(one.done for one in planned if one.seq < seq):
        codes = "OPR-003"
    if codes is None:
        assert operation.check_sequence("WO-1", reversed(planned), seq) is wanted
    else:
        with pytest.raises(Refusal, match=codes):
            operation.check_sequence("WO-1", reversed(planned), seq)


@given(MOMENTS, some.none() | some.timedeltas(AN_INSTANT, timedelta(days=300)), MOMENTS)
def test_a_qualification_holds_from_its_first_instant_until_before_its_last(
    begins: datetime, lasts: timedelta | None, at: datetime
) -> None:
    skill = Skill(1, "machining", begins, None if lasts is None else begins + lasts)
    holds = begins <= at and (lasts is None or at < begins + lasts)
    if holds:
        assert operation.check_person("王操", "machining", [skill], at) is skill
    else:
        with pytest.raises(Refusal, match="OPR-006"):
            operation.check_person("王操", "machining", [skill], at)


def test_another_skill_is_not_the_skill() -> None:
    skill = Skill(1, "cleaning", NOW - timedelta(days=1), None)
    with pytest.raises(Refusal, match="OPR-006") as info:
        operation.check_person("钱新", "machining", [skill], NOW)
    assert (info.value.status, "钱新" in info.value.zh, "machining" in info.value.en) == (403, True, True)
    assert operation.check_person("钱新", None, [], NOW) is None


@proves("M 40")
@given(MOMENTS, MOMENTS)
def test_calibration_runs_out_at_its_instant(due: datetime, at: datetime) -> None:
    machine = Machine("M-07", "mill", in_service=True, needs_calibration=True, last_result="passed", due_at=due)
    if at < due:
        equipment_rules.check_machine(machine, at, PLANT)
    else:
        with pytest.raises(Refusal, match="EQP-002"):
            equipment_rules.check_machine(machine, at, PLANT)


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"in_service": False}, "EQP-003"),
        ({"in_service": False, "needs_calibration": False}, "EQP-003"),
        ({"last_result": None}, "EQP-004"),
        ({"due_at": None}, "EQP-004"),
        ({"last_result": "failed"}, "EQP-005"),
        ({"due_at": NOW}, "EQP-002"),
    ],
)
def test_a_machine_that_must_not_be_used(facts: dict[str, Any], code: str) -> None:
    good: dict[str, Any] = {
        "in_service": True,
        "needs_calibration": True,
        "last_result": "passed",
        "due_at": NOW + AN_INSTANT,
    }
    equipment_rules.check_machine(Machine("M-07", "mill", **good), NOW, PLANT)
    with pytest.raises(Refusal, match=code):
        equipment_rules.check_machine(Machine("M-07", "mill", **{**good, **facts}), NOW, PLANT)


def test_what_needs_no_calibration_is_used_without() -> None:
    equipment_rules.check_machine(
        Machine("T-1", "table", in_service=True, needs_calibration=False, last_result=None, due_at=None), NOW, PLANT
    )


@given(MOMENTS, MOMENTS)
def test_work_ends_after_it_began_and_not_in_the_future(started: datetime, finished: datetime) -> None:
    good = started <= finished <= NOW + operation.CLOCK_SKEW
    if good:
        operation.check_period(started, finished, NOW)
    else:
        with pytest.raises(Refusal, match="OPR-009"):
            operation.check_period(started, finished, NOW)


def test_what_the_step_asks_for_is_there() -> None:
    step = Step(10, "清洗", "Cleaning", done=False, equipment_kind="washer", environment=True)
    operation.check_kinds(step, ["caliper", "washer"], readings=1)
    with pytest.raises(Refusal, match="OPR-008"):
        operation.check_kinds(step, ["caliper"], readings=1)
    with pytest.raises(Refusal, match="OPR-010"):
        operation.check_kinds(step, ["washer"], readings=0)


@given(AMOUNTS, AMOUNTS, some.booleans())
def test_nothing_is_made_out_of_nothing(produced: Decimal, scrapped: Decimal, finish: bool) -> None:
    planned = Decimal(50)
    if produced < 0 or scrapped < 0 or produced + scrapped > planned:
        expected = "OPR-011"
    elif finish and produced <= 0:
        expected = "OPR-012"
    else:
        operation.check_yield(planned, produced, scrapped, finish=finish)
        return
    with pytest.raises(Refusal, match=expected):
        operation.check_yield(planned, produced, scrapped, finish=finish)
