"""What a link takes, and what a request needs (REQUIREMENTS 52)."""

from contextlib import nullcontext
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.kernel import links
from models.kernel.refusal import Refusal
from models.notice.rules import links as notice_links
from models.scar import rules
from models.scar.rules import Door

SECRET = b"k" * 40
NOW = datetime(2026, 12, 1, 8, tzinfo=UTC)
SAID = dict.fromkeys(rules.Asked, "x")


@given(key=st.uuids(), other=st.uuids(), place=st.integers(0, 42), sign=st.sampled_from("Aa0_-Zz9"))
def test_only_our_own_link_opens_its_own_round_and_nothing_else(key: UUID, other: UUID, place: int, sign: str) -> None:
    token = rules.make(SECRET, key)
    assert rules.read(SECRET, token) == key
    changed = token[:place] + sign + token[place + 1 :]
    forged = (
        rules.make(b"x" * 40, key),
        notice_links.make(SECRET, key),
        token[:22] + rules.make(SECRET, other)[22:] if other != key else "",
        changed if changed != token else "",
        token + "=",
        "",
        "林",
    )
    for one in forged:
        with pytest.raises(Refusal) as said:
            rules.read(SECRET, one)
        assert said.value.code == "SCR-020"
    assert links.read(SECRET, b"recall-notice", token) is None


@given(answered=st.booleans(), newest=st.booleans(), is_open=st.booleans(), left=st.integers(-3, 3))
def test_a_link_takes_something_only_while_all_of_it_holds(*, answered: bool, newest: bool, is_open: bool, left: int) -> None:  # fmt: skip
    door = Door(expires_at=NOW + timedelta(seconds=left), answered=answered, newest=newest, open=is_open)
    shut = rules.shut(door, NOW)
    assert (shut is None) == (not answered and newest and is_open and left > 0)
    if shut is not None:
        assert shut.code == ("SCR-022" if answered else "SCR-021" if newest and is_open else "SCR-023")


@given(
    asks=st.sets(st.sampled_from(list(rules.Asked))),
    left=st.sets(st.sampled_from(list(rules.Asked))),
    name=st.sampled_from(("", " ", "王工")),
)
def test_an_answer_has_a_name_and_everything_that_was_asked(asks: set[str], left: set[rules.Asked], name: str) -> None:
    said = {one: " " if one in left else text for one, text in SAID.items()}
    whole = bool(name.strip()) and not asks & left
    with nullcontext() if whole else pytest.raises(Refusal, match=r"SCR-02[45]"):
        rules.check_answer(asks, said, name)


@given(due=st.integers(-5, 500), until=st.integers(-5, 500))
def test_it_is_due_today_at_the_earliest_and_its_link_ends_no_earlier(due: int, until: int) -> None:
    today = date(2026, 12, 1)
    fine = 0 <= due <= until <= rules.LONGEST
    with nullcontext() if fine else pytest.raises(Refusal, match=r"SCR-00[78]"):
        rules.check_sent(today + timedelta(days=due), today + timedelta(days=until), today)
