"""What leads back to where it began is found, whatever its length and however much else there is."""

from collections.abc import Iterable

from hypothesis import given
from hypothesis import strategies as some

from models.kernel.circles import in_circles

ARROWS = some.lists(some.tuples(some.integers(0, 8), some.integers(0, 8)), max_size=24)


def reached(start: int, arrows: Iterable[tuple[int, int]]) -> set[int]:
    """By the definition, slowly."""
    found = {start}
    while True:
        more = {head for tail, head in arrows if tail in found} - found
        if not more:
            return found
        found |= more


@given(arrows=ARROWS)
def test_exactly_the_arrows_from_whose_end_their_beginning_is_reached_lie_on_a_circle(
    arrows: list[tuple[int, int]],
) -> None:
    assert in_circles(arrows) == {one for one in arrows if one[0] in reached(one[1], arrows)}


def test_a_circle_of_a_hundred_thousand_is_found_and_a_chain_as_long_is_none() -> None:
    chain = [(step, step + 1) for step in range(100_000)]
    assert in_circles(chain) == frozenset()
    assert in_circles([*chain, (100_000, 0)]) == {*chain, (100_000, 0)}
