"""A signature says what its attempt said, and the words are kept, past all of our code (21 CFR 11.50, 11.70)."""

import hashlib
from typing import Any, LiteralString

import pytest

from tests.support.fixtures.walls import Psql, refusal
from tests.whole.walls.forging import ATTEMPT, KEEP, SIGN, acting, approval, forge, kept


def test_a_signature_without_a_statement_is_refused(psql: Psql) -> None:
    with refusal("BW065"):
        forge(psql, words=None, said={"words": None})


def test_a_signature_says_what_its_attempt_said(psql: Psql) -> None:
    facts: dict[str, Any] = approval(psql)
    with psql.transaction() as connection, refusal("BW065"):
        words = {"record": facts["digest"], "meaning": facts["meaning"], "signer": acting(connection, facts["person"])}
        proven, other = kept(connection, **words), kept(connection, **words, reason="没有例外")
        ((attempt,),) = connection.execute(ATTEMPT, {**facts, "words": proven}).fetchall()
        connection.execute(SIGN, {**facts, "attempt": attempt, "words": other})


@pytest.mark.parametrize("wrong", [{"record": "0" * 64}, {"meaning": "reviewed"}, {"signer": "别人"}])
def test_a_statement_is_about_this_record_in_this_meaning_by_this_person(psql: Psql, wrong: dict[str, str]) -> None:
    facts: dict[str, Any] = approval(psql)
    with psql.transaction() as connection, refusal("BW066"):
        signer = acting(connection, facts["person"])
        words = {"record": facts["digest"], "meaning": facts["meaning"], "signer": signer, **wrong}
        facts["words"] = kept(connection, **words)
        ((attempt,),) = connection.execute(ATTEMPT, facts).fetchall()
        connection.execute(SIGN, {**facts, "attempt": attempt})


def test_a_text_is_kept_under_its_own_digest_only(psql: Psql) -> None:
    text: LiteralString = '{"record":"forged"}'
    with psql.transaction() as connection, refusal("BW067"):
        connection.execute(KEEP, (hashlib.sha256(b"another").hexdigest(), text))


def test_every_signature_of_this_plant_has_its_record_and_its_statement_word_by_word(psql: Psql) -> None:
    rows = psql.run(
        "select s.form, r.canonical, s.digest, t.canonical, s.statement, s.printed_name from signature s"
        " join signed_record r on r.digest = s.digest join signed_record t on t.digest = s.statement"
    )
    assert len(rows) == psql.plant.scalar("select count(*) from signature") > 5
    for form, record, digest, statement, said, _name in rows:
        assert form == 2
        assert hashlib.sha256(record.encode()).hexdigest() == digest
        assert hashlib.sha256(statement.encode()).hexdigest() == said
