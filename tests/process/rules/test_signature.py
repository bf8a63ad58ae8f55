"""One person, one signature, over what was shown, with a fresh proof (21 CFR 11.50, 11.70, 11.100, 11.200)."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from models.kernel.refusal import Refusal
from models.process.sign import sign as signature
from models.process.sign.sign import FRESH, Attempt, Signing

NOW = datetime(2026, 11, 21, 8, tzinfo=UTC)
WANTED = Signing(person_id=7, on_behalf_of_id=None, task_id=3, meaning="approved", meaning_title="本人批准放行")
GOOD = Attempt(NOW - timedelta(seconds=5), 7, "d1", "approved", accepted=True, used=False, task_id=3)


def test_a_fresh_attempt_proves_the_signature() -> None:
    assert signature.check_attempt(GOOD, WANTED, NOW) is GOOD
    deputy = replace(GOOD, on_behalf_of_id=4)
    assert signature.check_attempt(deputy, replace(WANTED, on_behalf_of_id=4), NOW) is deputy


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"accepted": False}, "SIG-001"),
        ({"person_id": 8}, "SIG-001"),
        ({"task_id": 4}, "SIG-001"),
        ({"task_id": None}, "SIG-001"),
        ({"on_behalf_of_id": 8}, "SIG-001"),
        ({"used": True}, "SIG-009"),
        ({"meaning": "reviewed"}, "SIG-008"),
        ({"at": NOW - FRESH - timedelta(microseconds=1)}, "SIG-007"),
    ],
)
def test_an_attempt_that_proves_nothing(change: dict[str, Any], code: str) -> None:
    with pytest.raises(Refusal, match=code):
        signature.check_attempt(replace(GOOD, **change), WANTED, NOW)


def test_without_an_attempt_there_is_no_signature() -> None:
    with pytest.raises(Refusal, match="SIG-001"):
        signature.check_attempt(None, WANTED, NOW)


@given(some.timedeltas(timedelta(0), timedelta(hours=2)))
def test_a_proof_is_good_for_ten_minutes(age: timedelta) -> None:
    old = replace(GOOD, at=NOW - age)
    if age <= FRESH:
        signature.check_attempt(old, WANTED, NOW)
    else:
        with pytest.raises(Refusal, match="SIG-007"):
            signature.check_attempt(old, WANTED, NOW)


DIGESTS = some.sampled_from(["a", "b", "c", ""])


@given(DIGESTS, DIGESTS, some.none() | DIGESTS)
def test_a_signature_is_over_what_was_shown_and_what_was_signed_first(shown: str, true: str, first: str | None) -> None:
    if shown == true and first in {None, true}:
        signature.check_digest(shown, true, first)
        return
    with pytest.raises(Refusal, match="SIG-004" if shown != true else "SIG-005"):
        signature.check_digest(shown, true, first)


PEOPLE = some.sets(some.integers(1, 6), max_size=3)


@given(PEOPLE, PEOPLE)
def test_nobody_stands_behind_two_signatures(people: set[int], earlier: set[int]) -> None:
    if people & earlier:
        with pytest.raises(Refusal, match="SIG-006") as info:
            signature.check_other_person(people, earlier, "周审")
        assert (info.value.status, "周审" in info.value.zh) == (403, True)
    else:
        signature.check_other_person(people, earlier, "周审")
