"""The draw of a surprise drill: repeatable, fair by weight, never what nobody has."""

import re
from collections import Counter
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from models.drill.rules.pick import IMPLANT, Candidate, pick, weight, why
from ui.frame.i18n import Words

candidates = st.lists(
    st.builds(
        Candidate,
        lot_no=st.text("ABC123 /", min_size=1, max_size=6),
        outstanding=st.decimals(0, 10**6, places=2),
        customers=st.integers(1, 500),
        implantable=st.booleans(),
        drilled_lately=st.booleans(),
    ),
    max_size=20,
    unique_by=lambda one: one.lot_no,
)


@given(candidates, st.text(max_size=40))
def test_the_same_seed_draws_the_same_in_any_order(lots: list[Candidate], seed: str) -> None:
    drawn = pick(lots, seed)
    assert pick(lots[::-1], seed) == drawn
    assert drawn in lots if lots else drawn is None


@given(candidates)
def test_each_language_says_the_whole_draw(lots: list[Candidate]) -> None:
    for chosen in lots:
        zh, en = (Words(language).half(why(chosen, lots, "5f1c")) for language in ("zh", "en"))
        assert not re.search("[\u4e00-\u9fff]", en)
        for half in (zh, en):
            assert chosen.lot_no in half
            assert f"{weight(chosen)}/" in half
            assert "5f1c" in half


@given(candidates)
def test_everything_outside_can_be_drawn(lots: list[Candidate]) -> None:
    assert all(weight(one) >= 1 for one in lots)


def test_the_draw_follows_the_weights() -> None:
    plain = Candidate("A", Decimal(100), 4, implantable=False, drilled_lately=False)
    implant = Candidate("B", Decimal(100), 4, implantable=True, drilled_lately=False)
    lately = Candidate("C", Decimal(100), 4, implantable=False, drilled_lately=True)
    assert weight(implant) == IMPLANT * weight(plain)
    assert weight(lately) < weight(plain)
    drawn = Counter(one.lot_no for n in range(4000) if (one := pick([plain, implant, lately], str(n))))
    assert drawn["B"] > 2 * drawn["A"] > 4 * drawn["C"] > 0
