"""What a plan must say before anything is measured by it (REQUIREMENTS 28-30; ISO 13485 8.2.6)."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.inspection.rules import plan as rules
from models.inspection.rules.plan import Known, Measure
from models.kernel.refusal import Refusal

GOOD = Measure("直径", "Diameter", "variable", "mm", Decimal("11.98"), Decimal("12.02"), 5)
LOOK = Measure("外观", "Appearance", "attribute", sample_size=3)
limit = st.none() | st.decimals(-1000, 1000, places=3)
measure = st.builds(
    Measure,
    st.text("abc", min_size=1, max_size=3),
    st.text("ABC", min_size=1, max_size=3),
    st.sampled_from(["variable", "attribute"]),
    st.none() | st.just("mm"),
    limit,
    limit,
    st.integers(1, 9),
    st.integers(0, 9),
)


@given(st.lists(measure, max_size=4))
def test_a_plan_that_is_taken_can_always_give_both_verdicts(measures: list[Measure]) -> None:
    try:
        rules.check_measures(measures)
    except Refusal:
        return
    assert measures
    for one in measures:
        assert one.accept < one.sample_size, "all samples bad must fail"
        if one.kind == "variable":
            ends = [one.lower, one.upper]
            assert any(end is not None for end in ends), "some value must fail"
            assert None in ends or ends == sorted(ends, key=lambda end: end or 0), "some value must pass"


@pytest.mark.parametrize(
    ("code", "measures"),
    [
        ("INP-002", ()),
        ("INP-003", (GOOD, Measure("直径", "Width", "attribute"))),
        ("INP-003", (LOOK, Measure("表面", "appearance", "attribute"))),
        ("INP-004", (Measure("直径", "Diameter", "variable", "mm"),)),
        ("INP-004", (Measure("直径", "Diameter", "variable", None, Decimal(1)),)),
        ("INP-005", (Measure("直径", "Diameter", "variable", "mm", Decimal(2), Decimal(1)),)),
        ("INP-006", (Measure("外观", "Appearance", "attribute", "mm"),)),
        ("INP-007", (Measure("外观", "Appearance", "attribute", sample_size=3, accept=3),)),
    ],
)
def test_what_could_never_give_a_verdict_is_refused(code: str, measures: tuple[Measure, ...]) -> None:
    rules.check_measures((GOOD, LOOK))
    with pytest.raises(Refusal) as why:
        rules.check_measures(measures)
    assert why.value.code == code


def test_what_is_bought_is_inspected_when_it_comes_and_what_is_made_when_it_is_finished() -> None:
    for stage, kind in (("incoming", "finished"), ("final", "raw")):
        with pytest.raises(Refusal) as why:
            rules.check_target(stage, kind)
        assert why.value.code == "INP-008"
    for stage in rules.STAGES:
        rules.check_target(stage, "component")


def test_an_item_has_one_plan_at_a_stage() -> None:
    first = Known("IQC-1", "incoming", "PEEK")
    rules.check_version("IQC-1", "incoming", "PEEK", first, first)
    with pytest.raises(Refusal) as why:
        rules.check_version("IQC-2", "incoming", "PEEK", None, first)
    assert why.value.code == "INP-009"
    with pytest.raises(Refusal) as why:
        rules.check_version("IQC-1", "incoming", "TITANIUM", first, None)
    assert why.value.code == "INP-010"
