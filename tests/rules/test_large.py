"""A document written in parts is byte for byte the one written at once."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from models.rules import large
from models.rules.trace import canonical

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
        assert large.written(document, canonical=True) == canonical(document)
    finally:
        large.AT_ONCE = kept
