"""The depth of a recall chooses who is told; everybody of the scope is told or not told because (21 CFR 7.42(b)(1))."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.kernel.refusal import Refusal
from models.notice.rules.handling import DEPTHS
from models.partner import rules as partner_rules
from models.recall.rules import depth as rules
from models.recall.rules.funnel import ZERO, Answered, Lot, Shipped, funnel
from tests.support.often import often

ORDER = ("wholesale", "retail", "user")
DEPTH = st.sampled_from((None, *ORDER))
GONE = st.lists(
    st.tuples(
        st.integers(0, 5), st.integers(0, 3), st.integers(1, 40), st.integers(0, 40), st.integers(0, 40), st.booleans()
    ),
    max_size=12,
    unique_by=lambda one: one[:2],
)
LEVEL = st.lists(st.sampled_from((None, *ORDER)), min_size=6, max_size=6)


def went(gone: list[tuple[int, int, int, int, int, bool]], levels: list[str | None]) -> list[Shipped]:
    """What each customer got of each batch, what came back before, and what of the rest is under way."""
    return [
        Shipped(
            f"C-{who}", "医院", f"L-{lot}", "HIP", "pcs", Decimal(n), Decimal(min(back, n)),
            transit=Decimal(min(moving, n - min(back, n))), level=levels[who],
        )
        for who, lot, n, back, moving, _ in gone
    ]  # fmt: skip


def letters(gone: list[tuple[int, int, int, int, int, bool]]) -> list[Answered]:
    """A notice to each customer about the batches that they were told of."""
    told: dict[int, list[tuple[str, Decimal]]] = {}
    for who, lot, n, back, _, heard in gone:
        if heard:
            told.setdefault(who, []).append((f"L-{lot}", Decimal(n - min(back, n))))
    return [
        Answered(
            f"C-{who}", "医院", tuple(lot for lot, _ in its), sum((n for _, n in its), Decimal(0)),
            quantities=tuple(n for _, n in its),
        )
        for who, its in told.items()
    ]  # fmt: skip


@given(DEPTH, LEVEL)
def test_who_is_told_at_a_depth_is_told_at_every_wider_one_and_who_is_unknown_always(
    depth: str | None, levels: list[str | None]
) -> None:
    wider = ORDER[ORDER.index(depth) :] if depth else (None,)
    for level in levels:
        if level is None or rules.reaches(depth, level):
            assert all(rules.reaches(other, level) for other in (*wider, None))
        else:
            assert rules.limits(depth)
            assert ORDER.index(level) > ORDER.index(str(depth))


@settings(max_examples=often(25, 2_000))
@given(GONE, LEVEL, DEPTH)
def test_every_consignee_is_told_or_not_told_because_and_no_unit_vanishes(
    gone: list[tuple[int, int, int, int, int, bool]], levels: list[str | None], depth: str | None
) -> None:
    shipped, notices = went(gone, levels), letters(gone)
    told = {(one.customer_no, lot) for one in notices for lot in one.lots}
    beyond = rules.beyond(shipped, told, depth)
    named = {one.customer_no: one for one in rules.left_out(shipped, beyond, depth)}
    for one in shipped:
        pair = (one.customer_no, one.lot_no)
        there = one.shipped > one.returned_before
        due = there and pair not in told and rules.reaches(depth, one.level)
        ways = [pair in told, due, pair in beyond]
        assert sum(ways) == 1 or not (there or pair in told), "in exactly one of the three"
        if pair in beyond:
            assert named[one.customer_no].level == one.level
            assert named[one.customer_no].zh
            assert named[one.customer_no].en
    assert {customer for customer, _ in beyond} == set(named)

    lots = [Lot(f"L-{n}", "HIP", "pcs", ZERO, ZERO, ZERO, ZERO, ZERO, held=True, decided=False) for n in range(4)]
    limited, open_ = funnel(lots, shipped, notices, beyond), funnel(lots, shipped, notices)
    was, now = open_.places["pcs"], limited.places["pcs"]
    assert (now.total, now.outstanding, now.transit, now.silent) == (
        was.total,
        was.outstanding,
        was.transit,
        was.silent,
    )
    assert now.untold + now.left_out == was.untold
    assert limited.gaps == open_.gaps
    people, all_ = limited.customers, open_.customers
    assert people.total == people.answered + people.silent + people.untold + people.left_out == all_.total
    assert min(people) >= 0
    assert people.told == all_.told


@pytest.mark.parametrize(
    ("levels", "depth", "refused"),
    [
        (("I",), "wholesale", True),
        (("II", "I"), "retail", True),
        (("I",), "user", False),
        (("I",), None, False),
        (("II", "III", None), "wholesale", False),
    ],
)
def test_a_class_one_goes_down_to_the_user(levels: tuple[str | None, ...], depth: str | None, *, refused: bool) -> None:
    if refused:
        with pytest.raises(Refusal, match="RCM-010"):
            rules.check_class(levels, depth)
        with pytest.raises(Refusal, match="RCM-011"):
            rules.check_told(levels, depth, ())
    else:
        rules.check_class(levels, depth)
        rules.check_told(levels, depth, ())
        with pytest.raises(Refusal, match="RCM-012"):
            rules.check_told(levels, depth, ["C-1"])


def test_a_level_is_a_depth_and_the_other_way_round() -> None:
    assert set(partner_rules.LEVELS) == set(DEPTHS) == set(ORDER)
