"""Codes, names and addresses as people type them (21 CFR 11.100)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.kernel.refusal import Refusal
from models.person.rules import account_mail, credential
from models.process.sign.sign import Attempt, Signing, check_attempt
from tests.process.rules.test_signature import NOW
from ui.frame.i18n import Words

CODES = st.text(credential.ALPHABET, min_size=1, max_size=2 * credential.HALF)


@given(CODES, st.sampled_from(["-", " ", "_", "\u2013", "  "]))
def test_a_code_is_itself_however_it_is_grouped_and_typed(code: str, between: str) -> None:
    assert credential.as_typed(credential.in_groups(code).replace("-", between).lower()) == code


@given(st.uuids(), st.uuids(), st.binary(min_size=1, max_size=40), st.binary(min_size=1, max_size=40))
def test_no_link_opens_another_code_or_another_plant(one: object, other: object, here: bytes, there: bytes) -> None:
    made = account_mail.make(here, one)  # type: ignore[arg-type]
    assert account_mail.read(here, made) == one
    if here != there:
        with pytest.raises(Refusal):
            account_mail.read(there, made)
    if one != other:
        assert account_mail.make(here, other) != made  # type: ignore[arg-type]


@given(st.text(max_size=80))
def test_what_we_never_made_is_refused_and_breaks_nothing(token: str) -> None:
    with pytest.raises(Refusal):
        account_mail.read(b"secret", token)


@given(st.text(st.characters(codec="utf-8"), min_size=1, max_size=30))
def test_a_name_is_confirmed_as_it_is_on_record_and_as_nothing_else(name: str) -> None:
    credential.check_certified(name, name, binding=True)
    with pytest.raises(Refusal):
        credential.check_certified(name + "x", name, binding=True)
    with pytest.raises(Refusal):
        credential.check_certified(name, name, binding=False)


def test_what_a_page_asks_to_confirm_is_what_is_kept() -> None:
    for language in ("zh", "en"):
        said = credential.CERTIFIED[language].format(name="陈批")
        assert Words(language)("password.certified", name="陈批") == said


def test_an_attempt_with_a_password_that_somebody_else_set_signs_nothing() -> None:
    attempt = Attempt(NOW, 1, "d", "m", accepted=True, used=False, task_id=7, own=False)
    signing = Signing(person_id=1, on_behalf_of_id=None, task_id=7, meaning="m", meaning_title="M")
    with pytest.raises(Refusal, match="SIG-010"):
        check_attempt(attempt, signing, NOW)
