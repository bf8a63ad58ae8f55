"""What may be split, merged and packed anew, and that no quantity is made or lost by it; pure (REQUIREMENTS 7)."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from models.kernel.refusal import Refusal
from models.lot.rules.lot import LotFacts, LotStatus, last_day
from models.reshape import rules

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)
ZONE = "Asia/Shanghai"
QUANTITY = some.decimals("0.000001", "99999999999999", places=6)
SIZE = some.decimals("0.000001", "9999", places=6)


def lot(number: str = "L", **more: Any) -> rules.Lot:
    facts: dict[str, Any] = {
        "status": LotStatus.RELEASED,
        "holds": (),
        "expires_on": None,
        "expiry_precision": "day",
    }
    facts |= {key: more.pop(key) for key in list(more) if key in facts or key == "uom"}
    given: dict[str, Any] = {
        "item_no": "I",
        "item_uom": "pcs",
        "kind": "raw",
        "pack_size": Decimal(1),
        "there": Decimal(100),
        **more,
    }
    return rules.Lot(facts=LotFacts(lot_no=number, **facts), **given)


@given(QUANTITY, QUANTITY, SIZE)
def test_packing_anew_is_exact_or_refused(quantity: Decimal, new_quantity: Decimal, size: Decimal) -> None:
    exact = Fraction(size) * Fraction(quantity) / Fraction(new_quantity)
    if (exact * 10**6).denominator == 1:
        assert Fraction(rules.pack_size(lot(pack_size=size), quantity, new_quantity, "box")) == exact
    else:
        # six decimals don't say it
        with pytest.raises(Refusal, match="RSH-006"):
            rules.pack_size(lot(pack_size=size), quantity, new_quantity, "box")


@given(some.lists(some.decimals("0.000001", "1000", places=6), min_size=1, max_size=8), QUANTITY)
def test_the_rest_of_a_split_is_what_was_not_taken(parts: list[Decimal], there: Decimal) -> None:
    split = [rules.Part(f"P-{number}", quantity) for number, quantity in enumerate(parts)]
    taken = sum(map(Fraction, parts))
    if taken > Fraction(there):
        with pytest.raises(Refusal, match="STK-001"):
            rules.check_split(lot(there=there), split, "x")
    else:
        assert Fraction(rules.check_split(lot(there=there), split, "x")) + taken == Fraction(there)


DATES = some.tuples(some.dates(date(2026, 12, 1), date(2040, 1, 1)), some.sampled_from(["day", "month"])) | some.none()


@given(some.lists(DATES, min_size=2, max_size=6))
def test_a_merged_lot_outlives_none_of_its_parents(known: list[tuple[date, str] | None]) -> None:
    lots = [
        lot(f"L-{number}", expires_on=one[0] if one else None, expiry_precision=one[1] if one else "day")
        for number, one in enumerate(known)
    ]
    made = rules.dates(lots)
    ends = [last_day(*one) for one in known if one is not None]
    if ends:
        assert made.expires_on is not None
        assert last_day(made.expires_on, made.expiry_precision) == min(ends)
    else:
        assert made.expires_on is None
    assert rules.check_merge(lots, "M", "x", NOW, ZONE) == 100 * len(lots)


@pytest.mark.parametrize("status", list(LotStatus))
def test_what_may_be_done_in_each_state(status: LotStatus) -> None:
    """The table of docs/how-to/reshape.md."""
    one, part = lot(status=status), [rules.Part("P", Decimal(10))]

    def may(check: Callable[..., object], *arguments: object) -> bool:
        try:
            check(*arguments)
        except Refusal as no:
            return no.code != "RSH-001"
        return True

    assert may(rules.check_split, one, part, "x") is (status not in {LotStatus.IN_PROCESS, LotStatus.CLOSED})
    assert may(rules.check_merge, [one, lot("O", status=status)], "M", "x", NOW, ZONE) is (
        status in {LotStatus.RELEASED, LotStatus.REJECTED}
    )
    packed = may(rules.check_repack, one, part[0], Decimal(2), "box", None, "x")
    assert packed is (status is LotStatus.RELEASED)
    assert may(rules.check_disposition, one, part[0], "x") is (
        status not in {LotStatus.IN_PROCESS, LotStatus.CLOSED, LotStatus.REJECTED}
    )


@pytest.mark.parametrize("status", sorted(rules.SPLITTABLE - rules.DECIDED))
def test_something_remains_of_what_waits_for_a_decision(status: LotStatus) -> None:
    with pytest.raises(Refusal, match="RSH-003"):
        rules.check_split(lot(status=status), [rules.Part("P", Decimal(100))], "x")


def test_an_expired_lot_is_split_and_not_merged_or_packed() -> None:
    old = lot("OLD", expires_on=date(2026, 11, 21))
    assert rules.check_split(old, [rules.Part("P", Decimal(10))], "x") == 90
    with pytest.raises(Refusal, match="LOT-004"):
        rules.check_merge([old, lot("O")], "M", "x", NOW, ZONE)
    with pytest.raises(Refusal, match="LOT-004"):
        rules.check_packable(old, NOW, ZONE)
