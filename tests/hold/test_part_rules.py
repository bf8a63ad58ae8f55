"""A quantity that is held at a place: what can be held, and which promises it leaves nothing for (ISO 13485 8.3.1)."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as some

from models.hold import rules
from models.hold.rules import Promise, Scope, There
from models.kernel.refusal import Refusal
from tests.support.record import check_sentences

AMOUNTS = some.decimals(min_value=0, max_value=10**9, places=3)
WANTED = some.one_of(
    AMOUNTS, some.decimals(min_value=-10, max_value=0), some.sampled_from([Decimal("NaN"), Decimal("Infinity")])
)
PROMISES = some.lists(
    some.builds(Promise, some.just("SH-1"), some.just("上海第一医院"), some.none(), AMOUNTS), max_size=6
)


@given(AMOUNTS, AMOUNTS, AMOUNTS, AMOUNTS, some.booleans())
def test_never_more_is_held_than_lies_loose_there(
    quantity: Decimal, packed: Decimal, held: Decimal, wanted: Decimal, wholly: bool
) -> None:
    there = There("L-1", "pcs", "FG-A1", quantity, packed, held, wholly)
    fits = not wholly and quantity > 0 and wanted + packed + held <= quantity
    if fits:
        rules.check_part(there, wanted)
        return
    with pytest.raises(Refusal) as info:
        rules.check_part(there, wanted)
    check_sentences(info.value)


@given(some.sampled_from(Scope), some.integers(1, 3), some.sampled_from([None, "", "FG-A1"]), some.none() | WANTED)
def test_an_act_says_all_of_what_it_holds_and_nothing_besides(
    scope: Scope, lots: int, place: str | None, quantity: Decimal | None
) -> None:
    told = lots == 1 and bool(place) and quantity is not None and quantity.is_finite() and quantity > 0
    if told if scope is Scope.PLACE else not place and quantity is None:
        rules.check_reach(scope, lots, place, quantity)
        return
    with pytest.raises(Refusal) as info:
        rules.check_reach(scope, lots, place, quantity)
    check_sentences(info.value)


@given(PROMISES, AMOUNTS)
def test_what_is_lacking_is_what_is_promised_and_not_there(promises: list[Promise], free: Decimal) -> None:
    found = rules.broken(promises, free)
    promised = sum((one.quantity for one in promises), Decimal(0))
    assert sum((one.lacking for one in found), Decimal(0)) == max(promised - free, Decimal(0))
    assert all(0 < one.lacking <= one.promise.quantity for one in found)
