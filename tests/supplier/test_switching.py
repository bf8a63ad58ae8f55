"""How strictly lots are inspected follows the switching rules of the standard, lot by lot, for each item from each supplier (GB/T 2828.1 9.3; STANDARDS Q 88)."""

from hypothesis import given
from hypothesis import strategies as st

from models.supplier.rules.switching import RELAXING, TIGHTENING, WITHIN, Inspected, Severity, after, series
from tests.support.house.proves import proves

LOTS = st.lists(st.booleans(), max_size=60)
MOSTLY_GOOD = st.lists(st.sampled_from([True, True, True, False]), max_size=60)
VECTOR = "++++- ++++- ++-++ -+-++ +++-+ +++++ +-+++ -+-++"
"""Forty lots, accepted or not."""
STATES = "nnnnn nnnnn nnNtt ttttt ttTnn nnnnn nnnnn Ntttt"
"""By which each of them is inspected, worked out by hand; in capitals the lot by which it is switched."""


def flat(said: str) -> str:
    return said.replace(" ", "")


@proves("R29", "Q 88")
def test_forty_lots_are_inspected_as_the_standard_has_it() -> None:
    found = series(one == "+" for one in flat(VECTOR))
    said = "".join(one.severity.value[0].upper() if one.switched else one.severity.value[0] for one in found)
    assert said == flat(STATES)


def oracle(lots: list[bool]) -> list[Severity]:
    """The severity of each next lot, told by looking back over all lots and not by going forward: where the newest switch lies, from the end."""
    now, begun, found = Severity.NORMAL, 0, []
    for n in range(1, len(lots) + 1):
        since = lots[begun:n]
        five = since[-5:]
        if now is Severity.NORMAL and five.count(False) > 1:
            now, begun = Severity.TIGHTENED, n
        elif now is Severity.TIGHTENED and len(since) > 4 and five == [True] * 5:
            now, begun = Severity.NORMAL, n
        found.append(now)
    return found


@given(LOTS | MOSTLY_GOOD)
def test_a_series_is_what_looking_back_says(lots: list[bool]) -> None:
    assert [one.then for one in series(lots)] == oracle(lots)


@given(LOTS | MOSTLY_GOOD)
def test_it_is_tightened_by_two_of_five_and_relaxed_by_five_in_a_row_and_by_nothing_else(lots: list[bool]) -> None:
    found = series(lots)
    for n, one in enumerate(found):
        ran = _since(found, n)
        if one.switched and one.then is Severity.TIGHTENED:
            assert not one.accepted
            assert sum(not other.accepted for other in ran[-WITHIN:]) == TIGHTENING
        if one.switched and one.then is Severity.NORMAL:
            assert len(ran) >= RELAXING
            assert all(other.accepted for other in ran[-RELAXING:])
        if one.severity is Severity.NORMAL and not one.switched:
            assert sum(not other.accepted for other in ran[-WITHIN:]) < TIGHTENING
        if n:
            assert one.severity is found[n - 1].then


def _since(found: tuple[Inspected, ...], n: int) -> tuple[Inspected, ...]:
    """The lots since the newest switch before that one, with itself."""
    first = next((m + 1 for m in range(n - 1, -1, -1) if found[m].switched), 0)
    return found[first : n + 1]


@given(LOTS, st.booleans())
def test_only_the_newest_five_matter(lots: list[bool], accepted: bool) -> None:
    for severity in Severity:
        assert after(severity, [*lots, accepted]) is after(severity, [*lots, accepted][-5:])


def test_one_lot_alone_switches_nothing_and_a_good_lot_never_tightens() -> None:
    assert after(Severity.NORMAL, [False]) is Severity.NORMAL
    assert after(Severity.NORMAL, [False, True, True, True, True]) is Severity.NORMAL
    assert after(Severity.NORMAL, [False, True, True, True, False]) is Severity.TIGHTENED
    assert after(Severity.NORMAL, [False, True, True, True, True, False]) is Severity.NORMAL
    assert after(Severity.TIGHTENED, [True] * 4) is Severity.TIGHTENED
