"""The one type of words in both languages."""

import json

import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from models.kernel.large_json import is_plain
from models.kernel.text import Text

words = st.text(max_size=20)


@given(words, words)
def test_it_says_the_reader_s_language_and_the_other_one_where_that_is_missing(zh: str, en: str) -> None:
    text = Text(zh, en)
    assert text.say("zh") == text.say("zh-CN") == (zh or en)
    assert text.say("en") == text.say("fr") == (en or zh)


@given(words, words)
def test_it_is_written_as_the_pair_that_it_is(zh: str, en: str) -> None:
    """What was signed with a pair in it has the same bytes and digest."""
    assert json.dumps(Text(zh, en)) == json.dumps((zh, en))
    assert rfc8785.dumps({"said": Text(zh, en)}) == rfc8785.dumps({"said": [zh, en]})
    assert is_plain(Text(zh, en))
    assert Text(zh, en) == (zh, en)


def test_facts_are_filled_in_in_both_languages() -> None:
    assert Text("批次 {lot}", "batch {lot}").filled(lot="H-1") == ("批次 H-1", "batch H-1")


def test_what_is_the_same_in_both_languages_is_said_once() -> None:
    assert Text("m", "m").both == "m"
    assert Text("件", "pcs").both == "件 pcs"
