"""A clock runs where goods were sold and at home, and nowhere else (STANDARDS 2.10)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.partner.rules import EEA, MARKETS, fresh, market, markets

countries = st.sampled_from([None, "CN", "US", "DE", "NO", "GB", "CH", "BR", "JP"])


@pytest.mark.parametrize(
    ("country", "found"),
    [("CN", "CN"), ("US", "US"), ("DE", "EU"), ("NO", "EU"), ("GB", None), ("CH", None), ("BR", None), (None, None)],
)
def test_whose_market_a_country_is(country: str | None, found: str | None) -> None:
    assert market(country) == found
    assert len(EEA) == 30


@given(countries, st.lists(countries))
def test_there_is_no_market_where_nothing_was_sold_and_the_own_one_is_always_there(
    own: str | None, consignees: list[str | None]
) -> None:
    found = markets(own or "CN", consignees)
    sold = {market(one) for one in (own or "CN", *consignees)} - {None}
    assert set(found) == sold
    assert list(found) == [one for one in MARKETS if one in found]


@given(st.lists(st.sampled_from(MARKETS), unique=True), st.sets(st.sampled_from(MARKETS)))
def test_a_market_begins_once(reached: list[str], running: set[str]) -> None:
    assert set(fresh(reached, running)) == set(reached) - running
