"""One table says what may be done with a held batch; the rule answers what it says, of any holds together."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some

from models.kernel.refusal import Refusal
from models.lot.rules import held
from models.lot.rules.held import ALLOWED, Act
from models.lot.rules.open_hold import HoldKind, OpenHold
from tests.support.record import check_sentences

NOW = datetime(2026, 11, 28, 6, tzinfo=UTC)
HOLDS = some.lists(
    some.builds(
        OpenHold,
        some.sampled_from(HoldKind),
        some.text("断裂 RC-1", min_size=1, max_size=20),
        placed_at=some.datetimes(timezones=some.just(UTC)),
    ),
    max_size=4,
)


@given(HOLDS, some.sampled_from(Act))
def test_an_act_goes_through_where_every_hold_allows_it_and_nowhere_else(holds: list[OpenHold], act: Act) -> None:
    if all(act in ALLOWED[one.kind] for one in holds):
        held.check("L-1", holds, act)
        return
    with pytest.raises(Refusal) as info:
        held.check("L-1", holds, act)
    assert info.value.code == "LOT-003"
    assert any(one.reason in info.value.zh for one in holds if act not in ALLOWED[one.kind])
    check_sentences(info.value)


@given(HOLDS, some.sampled_from(Act))
def test_what_a_refusal_says_is_allowed_is_allowed(holds: list[OpenHold], act: Act) -> None:
    for one in held.allowed(holds):
        held.check("L-1", holds, one)
    assert (act in held.allowed(holds)) is all(act in ALLOWED[one.kind] for one in holds)


def test_work_that_began_before_the_hold_has_happened_and_is_recorded() -> None:
    hold = OpenHold(HoldKind.RECALL, "RC-1", placed_at=NOW)
    held.check("L-1", [hold], Act.OPERATE, began=NOW - timedelta(minutes=1))
    with pytest.raises(Refusal, match="LOT-003"):
        held.check("L-1", [hold], Act.OPERATE, began=NOW)


def test_a_recall_allows_nothing_that_a_doubt_of_quality_forbids() -> None:
    for kind in (HoldKind.CONTAINMENT, HoldKind.RECALL):
        assert ALLOWED[kind] <= ALLOWED[HoldKind.QUALITY]
    assert ALLOWED[HoldKind.CONTAINMENT] <= ALLOWED[HoldKind.RECALL]


def test_every_act_has_words_in_both_languages() -> None:
    assert set(held.ACT_WORDS) == set(Act)
    assert set(ALLOWED) == set(HoldKind)
