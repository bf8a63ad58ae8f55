"""The verdict follows from results and limits, and from nothing else (ISO 13485 8.2.6)."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from models.rules import inspection
from models.rules.inspection import Limits
from models.rules.refusals import Refusal


def verdict(plan: list[Limits], results: dict[tuple[int, int], bool]) -> str:
    return inspection.verdict(plan, results, "PEEK-20", "incoming")


VALUES = some.decimals(min_value=-100, max_value=100, places=3)


def variable(lower: Decimal | None = None, upper: Decimal | None = None, **more: Any) -> Limits:
    return Limits(
        **{
            "seq": 1,
            "zh": "直径",
            "en": "Diameter",
            "kind": "variable",
            "lower": lower,
            "upper": upper,
            "sample_size": 3,
            **more,
        }
    )


def attribute(**more: Any) -> Limits:
    return Limits(
        **{
            "seq": 2,
            "zh": "外观",
            "en": "Looks",
            "kind": "attribute",
            "lower": None,
            "upper": None,
            "sample_size": 3,
            **more,
        }
    )


@given(some.none() | VALUES, some.none() | VALUES, VALUES)
def test_limits_are_inclusive(lower: Decimal | None, upper: Decimal | None, value: Decimal) -> None:
    inside = (lower is None or lower <= value) and (upper is None or value <= upper)
    assert inspection.passes(variable(lower, upper), value, None) is inside


@pytest.mark.parametrize("value", [None, Decimal("NaN"), Decimal("Infinity"), Decimal("-Infinity")])
def test_a_variable_needs_a_number(value: Decimal | None) -> None:
    with pytest.raises(Refusal, match="INS-004"):
        inspection.passes(variable(), value, passed=True)


def test_an_attribute_needs_a_word() -> None:
    with pytest.raises(Refusal, match="INS-004"):
        inspection.passes(attribute(), Decimal(1), None)
    assert inspection.passes(attribute(), None, passed=True)
    assert not inspection.passes(attribute(), None, passed=False)


PLANS = some.lists(some.tuples(some.integers(1, 6), some.integers(0, 3)), min_size=1, max_size=4).map(
    lambda sizes: [attribute(seq=seq, sample_size=size, accept=accept) for seq, (size, accept) in enumerate(sizes, 1)]
)


@given(PLANS, some.data())
def test_the_verdict_is_accepted_exactly_when_no_characteristic_has_too_many_failures(
    plan: list[Limits], data: some.DataObject
) -> None:
    samples = [(one.seq, number) for one in plan for number in range(1, one.sample_size + 1)]
    results = {sample: data.draw(some.booleans()) for sample in samples}
    failures = {one.seq: sum(not good for (seq, _), good in results.items() if seq == one.seq) for one in plan}
    right = "failed" if any(failures[one.seq] > one.accept for one in plan) else "accepted"
    assert verdict(plan, results) == right
    # results of samples that the plan doesn't ask for don't help
    assert verdict(plan, {**results, (99, 1): False, (plan[0].seq, 99): False}) == right


@given(PLANS, some.data())
def test_there_is_no_verdict_before_every_sample_has_its_result(plan: list[Limits], data: some.DataObject) -> None:
    samples = [(one.seq, number) for one in plan for number in range(1, one.sample_size + 1)]
    missing = data.draw(some.sets(some.sampled_from(samples), min_size=1))
    results = dict.fromkeys(set(samples) - missing, False)
    with pytest.raises(Refusal, match="INS-001") as info:
        verdict(plan, results)
    assert info.value.status == 422


@given(PLANS, some.data())
def test_a_better_result_never_turns_accepted_into_failed(plan: list[Limits], data: some.DataObject) -> None:
    samples = [(one.seq, number) for one in plan for number in range(1, one.sample_size + 1)]
    results = {sample: data.draw(some.booleans()) for sample in samples}
    better = {**results, data.draw(some.sampled_from(samples)): True}
    order = ["failed", "accepted"]
    assert order.index(verdict(plan, better)) >= order.index(verdict(plan, results))


def test_the_signed_verdict_is_the_right_one() -> None:
    for right, other in (("accepted", "failed"), ("failed", "accepted")):
        inspection.check_verdict(right, right)
        with pytest.raises(Refusal, match="INS-005"):
            inspection.check_verdict(right, other)
    with pytest.raises(Refusal, match="INS-005"):
        inspection.check_verdict("accepted", "anything else")


@given(some.dictionaries(some.tuples(some.integers(1, 9), some.integers(1, 9)), some.booleans()))
def test_without_a_plan_there_is_never_a_verdict(results: dict[tuple[int, int], bool]) -> None:
    with pytest.raises(Refusal, match="INS-008") as info:
        verdict([], results)
    assert ("PEEK-20" in info.value.zh, "来料" in info.value.zh) == (True, True)
    assert info.value.en == "There is no inspection plan for item PEEK-20 at the incoming stage; make one first."
