"""Shipped = returned + used + outstanding, whatever customers answer, and every difference is named (STANDARDS C 70)."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from models.recall.rules.funnel import ZERO, Answered, Shipped
from models.recall.rules.reconcile import Figures, reconcile
from tests.support.house.proves import proves

quantity = st.integers(0, 50).map(Decimal)


@st.composite
def cases(draw: st.DrawFn) -> tuple[list[Shipped], list[Answered]]:
    """Some customers with some batches; answers that may be wrong in every way that the rule of answers allows."""
    shipped, answers = [], []
    for customer in range(draw(st.integers(0, 4))):
        lots = [f"L-{n}" for n in range(draw(st.integers(1, 3)))]
        told = ZERO
        for lot in lots:
            sent, before = draw(quantity), ZERO
            before = draw(st.integers(0, int(sent)).map(Decimal))
            back = draw(st.integers(0, int(sent - before)).map(Decimal))
            scrapped = draw(st.integers(0, int(back)).map(Decimal))
            told += sent - before
            shipped.append(Shipped(f"C-{customer}", "医院", lot, "HIP", "pcs", sent, before, back, {"scrap": scrapped}))
        received = draw(st.none() | st.integers(0, int(told)).map(Decimal))
        if received is None:
            answers.append(Answered(f"C-{customer}", "医院", tuple(lots), told))
        else:
            used = draw(st.integers(0, int(received)).map(Decimal))
            hand = received - used
            back = draw(st.integers(0, int(hand)).map(Decimal))
            answers.append(Answered(f"C-{customer}", "医院", tuple(lots), told, received, hand, used, back))
    return shipped, answers


@proves("C 70")
@given(cases())
def test_nothing_is_lost_and_nothing_is_made(case: tuple[list[Shipped], list[Answered]]) -> None:
    shipped, answers = case
    found = reconcile(shipped, answers)
    for one in [line.figures for line in found.lines] + list(found.totals.values()):
        assert one.shipped == one.returned_before + one.returned + one.used + one.outstanding
        assert one.returned == one.scrapped + one.reworked + one.restocked + one.undecided
    total = found.totals.get("pcs", Figures())
    assert total.shipped == sum((one.shipped for one in shipped), ZERO)
    # nobody can have used what came back
    came = {one.customer_no: ZERO for one in answers}
    for sent in shipped:
        came[sent.customer_no] += sent.returned
    assert total.used == sum((min(one.used or ZERO, one.told - came[one.customer_no]) for one in answers), ZERO)
    assert total.outstanding >= 0
    for name in Figures._fields:
        assert getattr(total, name) == sum((getattr(line.figures, name) for line in found.lines), ZERO)


@given(cases())
def test_a_difference_is_named_exactly_where_there_is_one(case: tuple[list[Shipped], list[Answered]]) -> None:
    shipped, answers = case
    named = {(one.customer_no, one.code) for one in reconcile(shipped, answers).differences}
    for answer in answers:
        its = [one for one in shipped if one.customer_no == answer.customer_no]
        came = sum((one.returned for one in its), ZERO)
        silent = answer.received is None
        assert ((answer.customer_no, "no_answer") in named) == (silent and came > 0)
        if answer.received is not None and answer.will_return is not None and answer.used is not None:
            assert ((answer.customer_no, "short") in named) == (answer.received < answer.told)
            assert ((answer.customer_no, "to_come") in named) == (came < answer.will_return)
            assert ((answer.customer_no, "more_back") in named) == (came > answer.will_return)
            assert ((answer.customer_no, "too_many") in named) == (came + answer.used > answer.told)


def test_what_was_used_of_two_batches_is_not_guessed() -> None:
    shipped = [Shipped("C-1", "医院", lot, "HIP", "pcs", Decimal(10), returned=Decimal(4)) for lot in ("A", "B")]
    answer = Answered("C-1", "医院", ("A", "B"), Decimal(20), Decimal(20), Decimal(15), Decimal(5), Decimal(15))
    found = reconcile(shipped, [answer])
    assert [(line.lot_no, int(line.figures.used), int(line.figures.outstanding)) for line in found.lines] == [
        ("A", 0, 6),
        ("B", 0, 6),
        ("", 5, -5),
    ]
    assert found.totals["pcs"].outstanding == 7
    assert [(one.code, int(one.quantity)) for one in found.differences] == [
        ("to_come", 7),
        ("undecided", 4),
        ("undecided", 4),
    ]


def test_a_settled_recall_has_no_difference() -> None:
    done = Shipped(
        "C-1", "医院", "A", "HIP", "pcs", Decimal(10), ZERO, Decimal(8), {"scrap": Decimal(6), "rework": Decimal(2)}
    )
    answer = Answered("C-1", "医院", ("A",), Decimal(10), Decimal(10), Decimal(8), Decimal(2), Decimal(8))
    found = reconcile([done], [answer])
    assert found.settled
    assert found.as_dict()["totals"][0]["outstanding"] == "0"
    assert not reconcile([done], []).settled
