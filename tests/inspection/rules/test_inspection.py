"""The verdict follows from results and limits, and from nothing else (ISO 13485 8.2.6)."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from models.inspection.rules import inspection
from models.inspection.rules.inspection import Limits
from models.kernel.refusal import Refusal
from tests.support.house.proves import proves


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


@proves("case 11")
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


@given(some.integers(1, 20), some.integers(1, 500), some.sampled_from(["pcs", "件", "dozen", "box", "kg", "mm"]))
def test_there_are_never_more_samples_than_planned_nor_than_pieces(planned: int, quantity: int, uom: str) -> None:
    found = inspection.samples(planned, Decimal(quantity), uom)
    assert 1 <= found <= planned
    if uom in {"pcs", "件"}:
        assert found == min(planned, quantity)
    elif uom == "dozen":
        assert found == min(planned, 12 * quantity)
    elif uom in {"kg", "mm"}:
        assert found == planned


def test_a_box_has_as_many_samples_as_pieces_in_it() -> None:
    assert inspection.samples(30, Decimal(1), "box", Decimal(20)) == 20


def test_a_value_is_measured_with_a_gauge_of_the_kind_that_the_plan_names() -> None:
    inspection.check_gauge(variable(), None, None, None)
    inspection.check_gauge(variable(), "caliper", "G-17", "caliper")
    with pytest.raises(Refusal, match="INS-021") as none:
        inspection.check_gauge(variable(), "caliper", None, None)
    assert ("卡尺" in none.value.zh, "caliper" in none.value.en) == (True, True)
    with pytest.raises(Refusal, match="INS-022"):
        inspection.check_gauge(variable(), "caliper", "W-03", "washer")


def test_only_who_holds_the_plans_qualification_records_results() -> None:
    inspection.check_inspector("林检", None, ())
    inspection.check_inspector("林检", "inspection", {"inspection"})
    with pytest.raises(Refusal, match="INS-024") as info:
        inspection.check_inspector("新人", "inspection", {"cleaning"})
    assert info.value.status == 403


def test_what_failed_is_inspected_again_only_when_somebody_signed_for_it() -> None:
    inspection.check_retest("IQC-1", "accepted", authorised=False)
    inspection.check_retest("IQC-1", "failed", authorised=True)
    with pytest.raises(Refusal, match="INS-025"):
        inspection.check_retest("IQC-1", "failed", authorised=False)
