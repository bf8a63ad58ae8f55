"""What a consignee passed on is with those whom they name, or with nobody we know; each unit in one place (21 CFR 7.49(d))."""

from collections import Counter
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.kernel.refusal import Refusal
from models.notice.rules import receivers as recall_receivers
from models.notice.rules.receivers import Known, Receiver
from models.recall.rules import recall
from models.recall.rules.funnel import ZERO, Answered, Places, Shipped, out
from models.recall.rules.recall import Acknowledged
from models.recall.rules.reconcile import Figures, reconcile
from tests.support.often import often

LOTS = {"L-0": "pcs", "L-1": "pcs", "L-2": "box"}


def answered(
    key: str, told: int, *said: int, parent: str = "", lots: tuple[str, ...] = ("L-0",), **more: Any
) -> Answered:
    """Received, used and passed on, where they have answered."""
    received, used, passed = (*said, 0, 0, 0)[:3]
    return Answered(
        "C-1", key, lots, Decimal(told),
        Decimal(received) if said else None, Decimal(received - used - passed) if said else None,
        Decimal(used) if said else None, Decimal(0) if said else None,
        key=key, parent=parent, passed_on=Decimal(passed), **more,
    )  # fmt: skip


def went(quantity: int, lot: str = "L-0", **more: Any) -> Shipped:
    return Shipped("C-1", "配送商", lot, "HIP", LOTS[lot], Decimal(quantity), **more)


def where(rows: Any) -> dict[tuple[str, str], int]:
    """By receiver (empty: the customer) and place."""
    found: Counter[tuple[str, str]] = Counter()
    for row in rows:
        for place, quantity in row.places._asdict().items():
            found[row.receiver, place] += int(quantity)
    return {key: n for key, n in found.items() if n}


def test_what_a_receiver_has_leaves_the_place_of_who_passed_it_on() -> None:
    top = answered("D", 30, 30, 4, 20)
    assert where(out([went(30)], [top])) == {("", "used"): 4, ("", "unnamed"): 20, ("", "answered"): 6}
    first = answered("H1", 12, parent="D")
    assert where(out([went(30)], [top, first])) == {
        ("", "used"): 4, ("", "unnamed"): 8, ("", "answered"): 6, ("H1", "silent"): 12,
    }  # fmt: skip
    said, third = answered("H1", 12, 12, 5, 3, parent="D"), answered("H2", 3, parent="H1", went_out=False)
    assert where(out([went(30)], [top, said, third])) == {
        ("", "used"): 4, ("", "unnamed"): 8, ("", "answered"): 6,
        ("H1", "used"): 5, ("H1", "answered"): 4, ("H2", "untold"): 3,
    }  # fmt: skip


def test_what_came_back_was_first_the_customers_own_and_used_goods_never_came_back() -> None:
    notices = [answered("D", 30, 30, 4, 20), answered("H1", 12, 12, 5, parent="D"), answered("H2", 8, parent="D")]

    def after(back: int) -> dict[tuple[str, str], int]:
        return where(out([went(30, returned=Decimal(back))], notices))

    used = {("", "used"): 4, ("H1", "used"): 5}
    assert after(0) == used | {("", "answered"): 6, ("H1", "answered"): 7, ("H2", "silent"): 8}
    assert after(6) == used | {("H1", "answered"): 7, ("H2", "silent"): 8}
    assert after(13) == used | {("H2", "silent"): 8}
    assert after(21) == used


@st.composite
def trees(draw: st.DrawFn) -> tuple[list[Shipped], list[Answered]]:
    """A customer with some batches, an answer, receivers of receivers, and goods that came back.

    Where they are `bold`, they say to have used and passed on more than they got, and name more than they passed on.
    """
    bold = draw(st.booleans())
    lots = tuple(draw(st.lists(st.sampled_from(sorted(LOTS)), min_size=1, max_size=3, unique=True)))
    counts = [draw(st.integers(1, 20)) for _ in lots]
    shipped = [
        went(n, lot, returned=Decimal(draw(st.integers(0, n))), transit=Decimal(draw(st.integers(0, n))))
        for lot, n in zip(lots, counts, strict=True)
    ]
    notices: list[Answered] = []
    waiting = [("D", "", sum(counts))]
    while waiting and len(notices) < 12:
        key, parent, told = waiting.pop()
        lines = {} if parent else {"quantities": tuple(map(Decimal, counts))}
        if not draw(st.booleans()) and parent:
            notices.append(answered(key, told, parent=parent, lots=lots, went_out=draw(st.booleans())))
            continue
        received = draw(st.integers(0, told))
        used = draw(st.integers(0, 2 * told if bold else received))
        passed = draw(st.integers(0, 2 * told if bold else received - used))
        notices.append(answered(key, told, received, used, passed, parent=parent, lots=lots, **lines))
        for number in range(draw(st.integers(0, 3))):
            if passed > 0:
                some = draw(st.integers(1, passed))
                passed -= 0 if bold else some
                waiting.append((f"{key}.{number}", key, some))
    order = draw(st.permutations(notices))  # the record may know them in any order
    return shipped, list(order)


@settings(max_examples=often(30, 3_000))
@given(trees())
def test_however_far_goods_were_passed_on_each_unit_is_in_one_place(case: tuple[list[Shipped], list[Answered]]) -> None:
    shipped, notices = case
    rows = out(shipped, notices)
    plain = out(shipped, [one for one in notices if not one.parent])
    by_name = {one.key: one for one in notices}
    for uom in ("pcs", "box"):
        total, before = (_sum(row.places for row in found if row.uom == uom) for found in (rows, plain))
        assert min(total) >= 0
        assert total.total == sum(one.out for one in shipped if one.uom == uom), "what is out, no unit more or less"
        assert total.transit == before.transit
    used = sum((one.used or ZERO for one in notices), ZERO)
    assert sum(row.places.used for row in rows) <= used, "nobody used more than they said"
    for key in {row.receiver for row in rows if row.receiver}:
        its = _sum(row.places for row in rows if row.receiver == key)
        assert min(its) >= 0
        assert its.total <= by_name[key].told, "nobody has more than was passed on to them"
    # with us and under way nothing depends on what was passed on
    assert [row.places.untold for row in rows if row.lot_no and not row.receiver] == [
        row.places.untold for row in plain if row.lot_no
    ]


@settings(max_examples=often(15, 1_500))
@given(trees())
def test_the_reconciliation_of_what_was_passed_on_balances_line_by_line(
    case: tuple[list[Shipped], list[Answered]],
) -> None:
    shipped, notices = case
    books = reconcile(shipped, notices)
    for line in books.lines:
        got = line.figures
        assert got.shipped == got.returned_before + got.returned + got.used + got.outstanding + got.passed_on
    for total in books.totals.values():
        assert total.passed_on == 0, "what one passed on, others have"


def _sum(places: Any) -> Places:
    total = Places()
    for one in places:
        total = total.plus(one)
    return total


def test_an_answer_counts_what_was_passed_on() -> None:
    recall.check_acknowledgement(
        Acknowledged(Decimal(30), Decimal(6), Decimal(4), Decimal(6), "王", Decimal(20)), Decimal(30)
    )
    for passed, code in ((19, "RCL-025"), (-1, "RCL-025")):
        with pytest.raises(Refusal) as refusal:
            recall.check_acknowledgement(
                Acknowledged(Decimal(30), Decimal(6), Decimal(4), Decimal(6), "王", Decimal(passed)), Decimal(30)
            )
        assert refusal.value.code == code


def some(name: str, quantity: int | str = 5) -> Receiver:
    return Receiver(name, Decimal(quantity))


@pytest.mark.parametrize(
    ("code", "named", "known"),
    [
        ("RCS-001", [some("市一院", 12), some("市二院", 9)], Known(Decimal(20))),
        ("RCS-001", [some("市一院", 12)], Known(Decimal(20), Decimal(9))),
        ("RCS-002", [some("市一院")], Known(ZERO)),
        ("RCS-003", [some("市一院"), some(" \u200b ")], Known(Decimal(20))),
        ("RCS-003", [some("市一院", 0)], Known(Decimal(20))),
        ("RCS-004", [some("St Mary"), some("市一院"), some("ＳＴ  mary")], Known(Decimal(20))),
        ("RCS-005", [some("st-mary")], Known(Decimal(20), Decimal(5), ("St Mary",))),
        ("RCS-006", [some("华东配送")], Known(Decimal(20), above=("H1", "华东配送"))),
        ("RCS-007", [some("市一院")], Known(Decimal(20), above=tuple(f"D{n}" for n in range(9)))),
        ("RCS-009", [some(f"医院 {n}", "0.001") for n in range(1001)], Known(Decimal(20))),
    ],
)  # fmt: skip
def test_nobody_is_named_who_cant_have_got_it(code: str, named: list[Receiver], known: Known) -> None:
    with pytest.raises(Refusal) as refusal:
        recall_receivers.check(named, known)
    assert refusal.value.code == code


def test_names_need_not_reach_what_was_passed_on() -> None:
    recall_receivers.check(
        [some("市一院", 12), some("市二院", 3)], Known(Decimal(20), Decimal(5), ("市三院",), ("华东配送",))
    )
    recall_receivers.check([], Known(ZERO))


def test_rows_pasted_from_a_spreadsheet_are_read_and_a_row_that_cant_be_is_refused_by_its_number() -> None:
    text = "市一院\t王医生\tqa@h1.test\t12\n市二院；；0512-6666 0000；１，０００ 件\n\nSt. Mary; 3.5 pcs;\n"
    assert recall_receivers.read(text) == (
        Receiver("市一院", Decimal(12), "王医生", "qa@h1.test", ""),
        Receiver("市二院", Decimal(1000), "", "", "0512-6666 0000"),
        Receiver("St. Mary", Decimal("3.5")),
    )
    for bad in ("市一院", "市一院; 王医生", "; 12", "市一院; 1-2", "市一院; 1,2", "市一院; 12 到 15"):
        with pytest.raises(Refusal) as refusal:
            recall_receivers.read(f"市三院; 1\n{bad}")
        assert (refusal.value.code, refusal.value.params["row"]) == ("RCS-008", "2")


@given(
    st.lists(
        st.builds(
            Receiver,
            st.text("市一二三院AB", min_size=1, max_size=8),
            st.decimals(min_value="0.001", max_value=99999, places=3),
            contact=st.sampled_from(["", "王医生"]),
            email=st.sampled_from(["", "a@b.test"]),
            phone=st.sampled_from(["", "0512 66660000"]),
        ),
        max_size=20,
    )
)
def test_what_a_form_shows_again_reads_the_same(rows: list[Receiver]) -> None:
    assert recall_receivers.read(recall_receivers.said(rows)) == tuple(rows)


def test_reading_a_long_list_costs_no_more_than_its_length() -> None:
    rows = recall_receivers.read("\n".join(f"医院 {n}; 联系人 {n}; qa{n}@h.test; 1" for n in range(5_000)))
    assert len(rows) == 5_000


def test_five_hundred_receivers_share_one_answer() -> None:
    notices = [answered("D", 600, 600, 0, 550), *(answered(f"H{n}", 1, parent="D") for n in range(500))]
    found = where(out([went(600)], notices))
    assert (found["", "unnamed"], found["", "answered"], len(found)) == (50, 50, 502)
    assert Figures().passed_on == 0
