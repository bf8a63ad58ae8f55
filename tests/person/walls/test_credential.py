"""What somebody with the application's password tries by hand with other people's credentials (21 CFR 11.100, 11.200(a)(3))."""

from typing import LiteralString

import pytest
from psycopg import sql

from models.person.rules import account_mail, credential
from runtime.postgres import API, APPLICATION, SUPERUSER
from tests.support.fixtures.walls import Psql, refusal

AS: LiteralString = (
    "select set_config('bw.actor_id', public_id::text, true), set_config('bw.actor_name', name, true)"
    " from person p join account a on a.person_id = p.id where a.login = %(login)s"
)
CODE: LiteralString = (
    "insert into sign_in_code (account_id, way, made_by_id, expires_at, first_hash, first_by_id)"
    " select a.id, %(way)s, b.person_id, now() + interval '1 day', %(hash)s, %(by)s from account a, account b"
    " where a.login = 'chen.pi' and b.login = %(made_by)s returning id"
)
SET: LiteralString = "update account set password_hash = 'x' where login = 'chen.pi'"
CERTIFY: LiteralString = (
    "insert into certification (account_id, person_id, name, statement)"
    " select a.id, a.person_id, 'x', 'x' from account a where a.login = 'chen.pi'"
)
SIGN: LiteralString = (
    "insert into signature (attempt_id, act, about, subject, person_id, printed_name, meaning, outcome, digest, statement, zone)"
    " select t.id, t.act, t.about, 'act', t.person_id, 'x', t.meaning, 'lift', t.digest, t.statement, 'Asia/Shanghai'"
    " from signing_attempt t where t.id = %(attempt)s"
)


def test_nobody_sets_a_password_that_another_can_sign_with(psql: Psql) -> None:
    with psql.transaction() as connection:
        connection.execute(AS, {"login": "admin"})
        with refusal("BW188"):
            connection.execute(SET)
    with psql.transaction() as connection:
        connection.execute(AS, {"login": "admin"})
        connection.execute("update account set password_hash = 'x', own_since = null where login = 'chen.pi'")
        with refusal("BW188"):
            connection.execute("update account set own_since = now() where login = 'chen.pi'")


def test_not_even_the_person_calls_a_password_the_own_one_without_certifying(psql: Psql) -> None:
    with psql.transaction() as connection:
        connection.execute(AS, {"login": "chen.pi"})
        with refusal("BW188"):
            connection.execute("update account set own_since = now() where login = 'chen.pi'")


def test_a_login_begins_without_a_right_to_sign(psql: Psql) -> None:
    with psql.transaction() as connection:
        connection.execute(AS, {"login": "admin"})
        with refusal("BW188"):
            connection.execute(
                "insert into account (person_id, login, password_hash, own_since)"
                " select person_id, 'second', 'x', now() from account where login = 'chen.pi'"
            )


def test_nobody_certifies_somebody_else(psql: Psql) -> None:
    with psql.transaction() as connection:
        connection.execute(AS, {"login": "admin"})
        with refusal("BW190"):
            connection.execute(CERTIFY)


def test_no_signature_rests_on_a_password_that_somebody_else_set(psql: Psql) -> None:
    made: LiteralString = (
        "insert into signing_attempt (act, about, person_id, account_id, meaning, digest, statement, result)"
        " select 'lift_hold', 'x', a.person_id, a.id, 'lifted', r.digest, r.digest, 'accepted' from account a,"
        " lateral (select digest from signed_record limit 1) r where a.login = 'chen.pi' returning id"
    )
    with psql.transaction() as connection:
        connection.execute(AS, {"login": "chen.pi"})
        connection.execute("update account set own_since = null where login = 'chen.pi'")
        attempt = connection.execute(made).fetchone()
        assert attempt is not None
        with refusal("BW187"):
            connection.execute(SIGN, {"attempt": attempt[0]})
    with psql.transaction() as connection:
        # somebody's own attempt, but with another person's login
        connection.execute(AS, {"login": "zhou.shen"})
        with refusal("BW184"):
            connection.execute(
                made.replace(
                    "a.person_id, a.id", "(select person_id from account where login = 'zhou.shen'), a.id"
                ).encode()
            )


@pytest.mark.parametrize(
    ("way", "made_by", "actor", "hashed"),
    [
        ("mail", "chen.pi", "chen.pi", None),  # for oneself
        ("mail", "admin", "lin.jian", None),  # in somebody else's name
        ("hands", "admin", "admin", "0" * 64),  # with a half that nobody was shown
        ("console", "admin", "admin", "0" * 64),  # in a plant that has begun
    ],
)
def test_a_code_is_asked_for_by_somebody_else_in_their_own_name(
    psql: Psql, way: str, made_by: str, actor: str, hashed: str | None
) -> None:
    with psql.transaction() as connection:
        connection.execute(AS, {"login": actor})
        with refusal("BW189"):
            connection.execute(CODE, {"way": way, "made_by": made_by, "hash": hashed, "by": None})


def test_one_person_takes_one_half_and_only_the_owner_uses_the_code(psql: Psql) -> None:
    half = "update sign_in_code set {n}_hash = %(hash)s, {n}_by_id = (select person_id from account where login = %(by)s) where id = %(id)s"  # fmt: skip
    first, second = (half.format(n=name).encode() for name in ("first", "second"))
    with psql.transaction() as connection:
        connection.execute(AS, {"login": "admin"})
        made = connection.execute(CODE, {"way": "hands", "made_by": "admin", "hash": None, "by": None}).fetchone()
        assert made is not None
        given = {"id": made[0], "hash": "0" * 64}
        connection.execute(first, given | {"by": "admin"})
        for attempt, state in ((second, "BW189"), (first, "BW189")):
            connection.execute("savepoint s")
            with refusal(state):
                connection.execute(attempt, given | {"by": "admin", "hash": "1" * 64})
            connection.execute("rollback to s")
        with refusal("BW189"):
            connection.execute("update sign_in_code set used_at = now() where id = %(id)s", given)


def test_nobody_points_somebody_elses_codes_at_another_address(psql: Psql) -> None:
    with psql.transaction() as connection:
        connection.execute(AS, {"login": "admin"})
        with refusal("BW191"):
            connection.execute("update person set email = 'admin@x.test' where name = '陈批'")


BY: LiteralString = "select set_config('bw.actor_id', %(who)s, true)"
OTHERWISE: LiteralString = "update service_actor set furnishes = false where actor_id = 'service:test'"
"""The plant of these tests is then one that no demonstration has founded."""


@pytest.mark.parametrize("who", ["service:clock", "service:operator", "service:outbox"])
def test_no_part_of_the_software_points_codes_at_another_address(psql: Psql, who: str) -> None:
    with psql.transaction() as connection:
        connection.execute(BY, {"who": who})
        with refusal("BW191"):
            connection.execute("update person set email = 'admin@x.test' where name = '陈批'")


@pytest.mark.parametrize(
    ("state", "statement"),
    [
        ("BW188", "update account set password_hash = 'x', own_since = now() where login = 'chen.pi'"),
        (
            "BW188",
            (
                "insert into account (person_id, login, password_hash, own_since)"
                " select person_id, 'second', 'x', now() from account where login = 'chen.pi'"
            ),
        ),
        ("BW190", CERTIFY),
        ("BW191", "update person set email = 'admin@x.test' where name = '陈批'"),
        ("BW192", "insert into person (name, email) values ('陈批二', 'Chen.Pi+2@example.test')"),
    ],
)
@pytest.mark.parametrize("role", [APPLICATION, API])
def test_who_furnishes_demonstrations_makes_nobody_in_a_plant_that_was_founded_otherwise(
    psql: Psql, role: str, state: str, statement: LiteralString
) -> None:
    with psql.transaction(SUPERUSER) as connection:
        connection.execute(OTHERWISE)
        connection.execute(sql.SQL("set session authorization {}").format(sql.Identifier(role)))
        connection.execute(BY, {"who": "service:demo"})
        with refusal(state):
            connection.execute(statement)


def test_one_mailbox_belongs_to_one_person(psql: Psql) -> None:
    with psql.transaction() as connection:
        connection.execute(AS, {"login": "admin"})
        with refusal("BW192"):
            connection.execute("insert into person (name, email) values ('陈批二', 'Chen.Pi+2@example.test')")


@pytest.mark.parametrize("address", ["A@b.C", " a+x@b.c ", "a+b+c@d.e", "no-at+tag", "陈@例.中"])
def test_the_database_folds_an_address_as_the_rule_does(psql: Psql, address: str) -> None:
    assert psql.run("select mail_key(%(a)s)", a=address) == [(credential.mail_key(address),)]


def test_the_kinds_of_news_are_all_worded() -> None:
    assert set(account_mail.News.__args__) == set(account_mail._SAID)  # type: ignore[attr-defined]
