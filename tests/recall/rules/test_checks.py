"""Effectiveness checks: the sample is as large as the law says, and nobody can pick it (STANDARDS C 67)."""

import math
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from random import Random

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from models.kernel.refusal import Refusal
from models.kernel.time.reported import told
from models.recall.rules import checks as rules
from models.recall.rules.checks import Attempt
from tests.support.house.proves import proves

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
SENT = NOW - timedelta(days=2)
customers = st.lists(st.text(min_size=1, max_size=6), unique=True, max_size=60)
shares = st.decimals(0, 100, places=3)
seeds = st.text(max_size=20)


@proves("C 67")
@pytest.mark.parametrize(("level", "drawn"), [("A", 50), ("b", 10), ("C", 5), ("D", 1), ("E", 0)])
def test_fifty_customers_by_level(level: str, drawn: int) -> None:
    chosen = rules.strategy(level, Decimal(20) if level == "b" else None)
    assert len(rules.draw("seed", [f"C-{n}" for n in range(50)], chosen.share)) == drawn


@proves("C 67")
@given(seeds, customers, shares, st.randoms())
def test_the_draw_is_a_subset_of_the_right_size_whatever_the_order(
    seed: str, names: list[str], share: Decimal, chance: Random
) -> None:
    drawn = rules.draw(seed, names, share)
    shuffled = list(names)
    chance.shuffle(shuffled)
    assert rules.draw(seed, shuffled, share) == drawn
    assert set(drawn) <= set(names)
    assert len(set(drawn)) == len(drawn) == math.ceil(Fraction(share) * len(names) / 100)


@given(seeds, customers, shares, shares)
def test_a_larger_share_only_adds(seed: str, names: list[str], one: Decimal, other: Decimal) -> None:
    small, large = sorted((one, other))
    assert rules.draw(seed, names, large)[: rules.size(small, len(names))] == rules.draw(seed, names, small)


def test_every_customer_has_the_same_chance() -> None:
    names = [f"C-{n}" for n in range(20)]
    times = dict.fromkeys(names, 0)
    for n in range(2000):
        for name in rules.draw(rules.seed("RC-2026-001", str(n)), names, Decimal(10)):
            times[name] += 1
    assert all(140 <= each <= 260 for each in times.values()), times  # 200 expected, 4.5 deviations to either side


def test_a_draw_is_the_same_in_years() -> None:
    seed = rules.seed("RC-2026-001", "9f3a")
    assert seed == "ea41acebad83066824b4db3e6f1986e0b26adfdc2fe84e25d84e5894222335a7"
    assert rules.draw(seed, [f"C-{n}" for n in range(1, 11)], Decimal(30)) == ("C-3", "C-4", "C-7")


@pytest.mark.parametrize("share", [None, "0", "9.99", "100.01", "NaN", "Infinity", "-20"])
def test_level_b_states_its_share(share: str | None) -> None:
    with pytest.raises(Refusal, match="RCK-002"):
        rules.strategy("B", None if share is None else Decimal(share))


def test_the_other_levels_have_theirs() -> None:
    for level, share in rules.SHARES.items():
        assert rules.strategy(level.lower(), share).share == share
        with pytest.raises(Refusal, match="RCK-003"):
            rules.strategy(level, Decimal(50))
    for level in ("", "F", "AB"):
        with pytest.raises(Refusal, match="RCK-001"):
            rules.strategy(level)


def attempt(*, reached: bool = True, hours: int = 1, **more: object) -> Attempt:
    said = {"spoken_with": "王医生", "notice_received": True, "acted": True} if reached else {}
    return Attempt(reached, SENT + timedelta(hours=hours), **{**said, **more})  # type: ignore[arg-type]


def test_half_an_answer_is_refused() -> None:
    for wrong in (
        attempt(spoken_with=" "),
        attempt(notice_received=None),
        attempt(acted=None),
        attempt(notice_received=False),
        attempt(reached=False, spoken_with="王医生"),
        attempt(reached=False, acted=False),
    ):
        with pytest.raises(Refusal, match="RCK-007"):
            rules.check_attempt(wrong, SENT, NOW)
    for hours in (-1, 49):
        with pytest.raises(Refusal, match="RCK-008"):
            rules.check_attempt(attempt(hours=hours), SENT, NOW)
    for right in (attempt(), attempt(reached=False), attempt(notice_received=False, acted=False), attempt(hours=48)):
        rules.check_attempt(right, SENT, NOW)


outcomes = st.builds(
    lambda reached, got, did: attempt(
        reached=reached, **({"notice_received": got, "acted": got and did} if reached else {})
    ),
    st.booleans(),
    st.booleans(),
    st.booleans(),
)


@given(st.lists(st.lists(outcomes, max_size=4), max_size=30))
def test_progress_adds_up(checks: list[list[Attempt]]) -> None:
    found = rules.progress(checks)
    assert found.drawn == len(checks) == found.done + found.open
    assert found.done == sum(any(one.reached for one in attempts) for attempts in checks)
    assert 0 <= found.effective <= found.done
    assert (found.share is None) == (found.done == 0)


def test_the_last_answer_counts() -> None:
    silent, no, yes = attempt(reached=False), attempt(acted=False), attempt()
    assert rules.settled([no, yes]) == yes
    assert rules.settled([yes, no, silent]) == no
    assert rules.progress([[silent], [no], [no, yes], [yes, no], [yes, silent]]).as_dict() == {
        "drawn": 5,
        "done": 4,
        "open": 1,
        "effective": 2,
        "effective_percent": "50.0",
    }


@given(st.integers(-200, 200), st.integers(0, 59))
@example(0, 30)
def test_a_moment_told_to_the_minute_is_never_before_what_it_follows(minutes: int, seconds: int) -> None:
    sent = SENT.replace(second=seconds)
    given = SENT.replace(second=0) + timedelta(minutes=minutes)
    found = told(given, sent, NOW)
    assert (found is None) == (minutes < 0)
    assert found is None or sent <= found <= NOW
