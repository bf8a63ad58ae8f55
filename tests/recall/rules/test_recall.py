"""The pure rules of recalls: answers that add up, differences of scopes, closing, the score of a drill."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.kernel.refusal import Refusal
from models.recall.rules import recall
from models.recall.rules.recall import Acknowledged, DrillFacts

quantities = st.decimals(min_value=0, max_value=10_000, places=2)
lots = st.sets(st.sampled_from("ABCDEFGH"))


def record(lot_nos: set[str], customers: set[str]) -> dict[str, Any]:
    return {
        "lots": [{"lot_no": one} for one in lot_nos],
        "customers": [{"customer_no": one, "lot_no": "A"} for one in customers],
    }


@given(quantities, quantities, quantities)
def test_an_answer_that_adds_up_is_taken(on_hand: Decimal, used: Decimal, more: Decimal) -> None:
    received = on_hand + used
    recall.check_acknowledgement(Acknowledged(received, on_hand, used, on_hand, "王医生"), received + more)


@given(st.tuples(*[st.decimals(min_value=-100, max_value=100, places=1)] * 5))
def test_no_accepted_answer_loses_or_makes_units(numbers: tuple[Decimal, ...]) -> None:
    received, on_hand, used, will_return, shipped = numbers
    try:
        recall.check_acknowledgement(Acknowledged(received, on_hand, used, will_return, "x"), shipped)
    except Refusal as refusal:
        # each sentence is true: nobody reads that 20 of 20 are too many
        true = {
            "RCL-011": received > shipped,
            "RCL-019": on_hand + used != received or min(received, on_hand, used, will_return) < 0,
            "RCL-020": will_return > on_hand,
        }
        assert true[refusal.code]  # noqa: PT017 - both ways are checked
        return
    assert 0 <= on_hand + used == received <= shipped
    assert 0 <= will_return <= on_hand


@given(lots, lots, lots, lots)
def test_a_difference_rebuilds_the_later_scope(a: set[str], b: set[str], c: set[str], d: set[str]) -> None:
    found = recall.difference(record(a, c), record(b, d))
    assert a - set(found.lots_gone) | set(found.lots_added) == b
    assert not set(found.lots_added) & a
    customers = {f"{one} A" for one in c} - set(found.customers_gone) | set(found.customers_added)
    assert customers == {f"{one} A" for one in d}


@pytest.mark.parametrize(("outstanding", "silent"), [(1, 0), (0, 1), (5, 5)])
def test_closing_with_something_open_needs_a_reason(outstanding: int, silent: int) -> None:
    for reason in (None, "", "  "):
        with pytest.raises(Refusal, match="RCL-007"):
            recall.check_close({"ea": Decimal(outstanding)}, silent, reason)
    recall.check_close({"ea": Decimal(outstanding)}, silent, "上门核实")
    recall.check_close({}, 0, None)


def test_no_reason_closes_over_a_batch_in_house_without_a_decision() -> None:
    with pytest.raises(Refusal, match="RCL-021"):
        recall.check_close({}, 0, "上门核实", undecided=("H-1",))


def test_no_reason_closes_over_what_came_back_and_waits_for_a_decision() -> None:
    with pytest.raises(Refusal, match="RCL-026"):
        recall.check_close({}, 0, "上门核实", returned={"kg": Decimal("0.5")})


def test_a_drill_that_nobody_answered_is_not_worth_100() -> None:
    def points(answered: int) -> int:
        return int(recall.score(DrillFacts(0, 0, True, True, 40, answered, 0))["points"])

    assert [points(answered) for answered in (0, 20, 39, 40)] == [75, 87, 99, 100]
    nobody_to_ask = recall.score(DrillFacts(0, 0, True, True, 0, 0, 0))
    assert (nobody_to_ask["points"], nobody_to_ask["parts"]["answered"]) == (75, 0)


times = st.none() | st.floats(0, 1e7)


@given(times, times, st.booleans(), st.booleans(), st.integers(0, 500), st.integers(0, 500), st.integers(0, 50))
def test_a_score_stays_between_nothing_and_full(
    scope: float | None,
    hold: float | None,
    complete: bool,
    balanced: bool,
    customers: int,
    answered: int,
    overdue: int,
) -> None:
    facts = DrillFacts(scope, hold, complete, balanced, customers, min(answered, customers), overdue)
    found = recall.score(facts)
    assert 0 <= found["points"] == sum(found["parts"].values()) <= 100
    assert all(0 <= found["parts"][name] <= found["of"][name] for name in found["of"])
    better = recall.score(DrillFacts(0, 0, True, True, customers, customers, 0))
    assert better["points"] == (100 if customers else 75) >= found["points"]


def test_a_slow_drill_loses_points() -> None:
    def points(scope: float) -> int:
        return int(recall.score(DrillFacts(scope, 60, True, True, 1, 1, 0))["points"])

    assert points(recall.SCOPE_GOAL) == 100
    assert points(recall.SCOPE_GOAL * 1.5) == 90
    assert points(recall.SCOPE_GOAL * 3) == 80


def test_overdue_counts_what_was_late_and_what_still_is() -> None:
    now = datetime(2026, 11, 22, tzinfo=UTC)
    early, late = now - timedelta(days=2), now - timedelta(days=1)
    assert (
        recall.overdue([(early, late), (late, early), (early, None), (None, None), (now + timedelta(1), None)], now)
        == 2
    )


def test_numbers_are_printed_the_same_way() -> None:
    assert recall.number("recall", 2026, 1) == "RC-2026-001"
    assert recall.number("drill", 2026, 1234) == "RD-2026-1234"


def refused(*numbers: int, shipped: int, uom: str, passed: int = 0) -> Refusal:
    received, on_hand, used, will_return = map(Decimal, numbers)
    with pytest.raises(Refusal) as info:
        recall.check_acknowledgement(
            Acknowledged(received, on_hand, used, will_return, "王", Decimal(passed)), Decimal(shipped), uom
        )
    return info.value


@pytest.mark.parametrize(
    ("refusal", "zh", "en"),
    [
        (
            refused(1200, 1200, 0, 0, shipped=30, uom="ea"),
            "收到 1,200 件超过发货数量 30 件。",
            "Received 1,200 pcs is more than the 30 pcs that were shipped.",
        ),
        (
            refused(30, 20, 1, 0, shipped=30, uom="ea"),
            "现有库存 20 件加已使用 1 件应等于收到的 30 件。",
            "On hand 20 pcs plus used 1 pc should make the 30 pcs received.",
        ),
        (
            refused(30, 20, 1, 0, shipped=30, uom="m", passed=1),
            "现有库存 20 米、已使用 1 米 与转给他人 1 米之和应等于收到的 30 米。",
            "On hand 20 m, used 1 m and passed on 1 m should make the 30 m received.",
        ),
        (
            refused(30, 30, 0, 31, shipped=30, uom="box"),
            "将退回 31 盒不能超过现有库存 30 盒。",
            "31 boxes to be returned is more than the 30 boxes on hand.",
        ),
        (  # batches that are counted in several units: the number alone
            refused(31, 31, 0, 0, shipped=30, uom=""),
            "收到 31超过发货数量 30。",
            "Received 31 is more than the 30 that were shipped.",
        ),
    ],
)
def test_an_answer_that_can_not_be_is_refused_with_its_units(refusal: Refusal, zh: str, en: str) -> None:
    assert (refusal.zh, refusal.en) == (zh, en)


def test_closing_says_of_each_unit_how_much_is_out() -> None:
    with pytest.raises(Refusal, match="RCL-007") as info:
        recall.check_close({"m": Decimal(4), "ea": Decimal(28)}, 2, None)
    assert "还有 28 件、4 米在外未收回" in info.value.zh
    assert "28 pcs, 4 m are out still" in info.value.en
