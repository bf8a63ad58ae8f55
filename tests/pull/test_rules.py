"""Errands for held goods: nothing is forgotten, nobody is sent twice, and no difference goes unnamed (REQ 55)."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.kernel.refusal import Refusal
from models.pull import rules as pulling
from models.pull.rules import Line

amounts = st.decimals(min_value=0, max_value=1000, places=2)
lines = st.lists(
    st.builds(
        Line,
        kind=st.sampled_from(pulling.KINDS),
        place=st.sampled_from(["A", "B", "产线 2"]),
        title=st.just("somewhere"),
        uom=st.sampled_from(["EA", "m"]),
        lot_no=st.sampled_from(["H-1", "H-2", "H-3"]),
        quantity=amounts,
    ),
    max_size=30,
)


@given(lines)
def test_every_unit_at_a_place_is_on_exactly_one_errand(some: list[Line]) -> None:
    sent = pulling.errands(some)
    assert sum((one.quantity for one in sent), Decimal(0)) == sum((one.quantity for one in some), Decimal(0))
    assert len({(one.kind, one.place, one.uom) for one in sent}) == len(sent)
    assert all(one.quantity > 0 for one in sent)


@given(lines)
def test_nobody_is_sent_twice_for_the_same(some: list[Line]) -> None:
    known = {(one.kind, one.place, lot) for one in pulling.errands(some) for lot, _ in one.lines}
    assert pulling.errands(some, known) == ()


@given(lines)
def test_the_order_of_the_rows_does_not_matter(some: list[Line]) -> None:
    assert pulling.errands(reversed(some)) == pulling.errands(some)


@given(st.lists(st.tuples(st.text(min_size=1), amounts.filter(bool)), min_size=1, max_size=5), amounts)
def test_never_more_is_booked_than_was_found(some: list[tuple[str, Decimal]], found: Decimal) -> None:
    booked = pulling.booked(some, found)
    assert sum((quantity for _, quantity in booked), Decimal(0)) <= found


def test_what_is_short_of_several_lots_stays_in_the_books() -> None:
    some = [("H-1", Decimal(10)), ("H-2", Decimal(5))]
    assert pulling.booked(some, Decimal(14)) == ()
    assert pulling.booked(some[:1], Decimal(9)) == (("H-1", Decimal(9)),)
    assert pulling.booked(some, Decimal(20)) == tuple(some)


@given(expected=amounts.filter(bool), found=amounts)
def test_a_difference_is_always_named(expected: Decimal, found: Decimal) -> None:
    form = {"found": str(found), "location": "QA-01", "note": " "}
    if found == expected:
        pulling.check(expected, "EA", form)
    else:
        with pytest.raises(Refusal, match="PUL-001") as refused:
            pulling.check(expected, "EA", form)
        assert refused.value.params["uom"] == "EA"
        assert refused.value.en.count("EA") == 2
    pulling.check(expected, "EA", {**form, "note": "少两件"})


def test_goods_that_were_found_are_somewhere() -> None:
    with pytest.raises(Refusal, match="PUL-002"):
        pulling.check(Decimal(5), "EA", {"found": "5"})
    pulling.check(Decimal(5), "EA", {"found": "0", "note": "已经用掉"})


def test_closing_with_goods_still_out_needs_a_reason() -> None:
    pulling.check_close(0, None)
    pulling.check_close(2, "就地隔离")
    with pytest.raises(Refusal, match="PUL-003"):
        pulling.check_close(2, " ")
