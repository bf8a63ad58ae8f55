"""A document written in parts is byte for byte the one written at once."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
import rfc8785
from hypothesis import assume, given
from hypothesis import strategies as st

from models.kernel import large_json as large

plain = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=8)
names = st.text(alphabet="abcxyz_", max_size=5)
documents = st.recursive(
    plain, lambda inner: st.lists(inner, max_size=5) | st.dictionaries(names, inner, max_size=5), max_leaves=20
)


@given(documents, st.integers(1, 3))
def test_the_parts_make_the_whole(document: Any, at_once: int) -> None:
    kept, large.AT_ONCE = large.AT_ONCE, at_once
    try:
        assert large.written(document) == json.dumps(document, ensure_ascii=False).encode()
    finally:
        large.AT_ONCE = kept


odd = st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(2**60), 2**60) | st.text(max_size=3)
any_name = st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=3)
anything = st.recursive(
    plain | odd | st.text(alphabet='\x00\x1f\x7f\u2028\\"/é😀', max_size=4),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(names | any_name, inner, max_size=4),
    max_leaves=12,
)


@given(anything)
def test_what_counts_as_plain_is_written_as_the_reference_writes_it(document: Any) -> None:
    assume(large.is_plain(document))
    assert large.canonical(document) == rfc8785.dumps(document)


@pytest.mark.parametrize("value", [1.5, 2**53, -(2**53), {"é": 1}, {1: 2}, Decimal(1), [[{"a": (1.0,)}]]])
def test_what_the_short_way_may_not_write_is_not_plain(value: Any) -> None:
    assert not large.is_plain(value)


@pytest.mark.parametrize(
    "value", [datetime(2026, 11, 29, tzinfo=UTC), date(2026, 11, 29), Decimal(1), {1: 2}, {"a": b"1"}]
)
def test_a_value_whose_form_nobody_chose_gets_no_digest(value: Any) -> None:
    with pytest.raises(TypeError):
        large.canonical([value])


def test_names_stand_in_the_order_of_their_characters() -> None:
    assert (
        large.canonical({"b": 1, "a_": 2, "A": 3, "a": "é\x01\x7f\u2028\n"})
        == '{"A":3,"a":"é\\u0001\x7f\u2028\\n","a_":2,"b":1}'.encode()
    )
