"""Nobody writes by hand that somebody took a list out, or changes the view that somebody else keeps (DESIGN 2.4)."""

from typing import LiteralString

import pytest

from runtime.postgres import API, APPLICATION, OWNER, WORKER
from tests.support.fixtures.walls import Psql, refusal

AS: LiteralString = (
    "select set_config('bw.actor_id', p.public_id::text, true), set_config('bw.actor_name', p.name, true)"
    " from person p join account a on a.person_id = p.id where a.login = %s"
)
TAKEN: LiteralString = """
insert into list_export (person_id, list_key, query, language, rows, size, digest, at)
select a.person_id, 'subjects', '', 'zh', 1, 10, repeat('a', 64), now() - cast(%s as interval) from account a where a.login = %s
"""
VIEW: LiteralString = """
insert into saved_view (person_id, list_key, name, query, for_role, version)
select a.person_id, 'subjects', %s, '', %s, %s from account a where a.login = 'lin.jian'
"""
CHANGE: LiteralString = "update saved_view set {}"


@pytest.mark.parametrize(("whose", "late"), [("chen.pi", "0"), ("lin.jian", "1 hour"), ("lin.jian", "-1 hour")])
@pytest.mark.parametrize("role", [APPLICATION, API, OWNER])
def test_who_took_a_list_out_is_who_acts_at_the_moment_of_it(psql: Psql, role: str, whose: str, late: str) -> None:
    with psql.transaction(role) as connection:
        connection.execute(AS, ["lin.jian"])
        connection.execute(TAKEN, ["0", "lin.jian"])
        with refusal("BW365"):
            connection.execute(TAKEN, [late, whose])


def test_that_it_was_taken_out_stays(psql: Psql) -> None:
    for statement in ("update list_export set rows = 0", "delete from list_export"):
        with psql.transaction(OWNER) as connection:
            connection.execute(AS, ["lin.jian"])
            connection.execute(TAKEN, ["0", "lin.jian"])
            with refusal("BW002"):
                connection.execute(statement)


def test_the_worker_takes_nothing_out(psql: Psql) -> None:
    with psql.transaction(WORKER) as connection:
        connection.execute(AS, ["lin.jian"])
        with refusal("BW250"):
            connection.execute(TAKEN, ["0", "lin.jian"])


@pytest.mark.parametrize(
    "statement",
    [
        "update saved_view set name = 'theirs', version = version + 1, changed_at = now()",
        "delete from saved_view",
    ],
)
@pytest.mark.parametrize("role", [APPLICATION, OWNER])
def test_a_view_is_changed_by_its_owner_alone(psql: Psql, role: str, statement: LiteralString) -> None:
    with psql.transaction(role) as connection:
        connection.execute(AS, ["lin.jian"])
        connection.execute("delete from saved_view")  # the one that the plant is filled with is theirs
        connection.execute(VIEW, ["mine", None, 1])
        connection.execute(statement)
        connection.execute("delete from saved_view")
        connection.execute(VIEW, ["mine", None, 1])
        connection.execute(AS, ["chen.pi"])
        with refusal("BW366"):
            connection.execute(statement)


def test_a_view_stays_its_owners_and_of_its_list(psql: Psql) -> None:
    for column in ("list_key = 'lots'", "created_at = now() - interval '1 day'"):
        with psql.transaction() as connection:
            connection.execute(AS, ["lin.jian"])
            connection.execute(VIEW, ["mine", None, 1])
            with refusal("BW366"):
                connection.execute(CHANGE.format("version = version + 1, " + column))


def test_a_view_counts_its_changes_and_is_shared_with_a_role_of_its_owner(psql: Psql) -> None:
    for given in (["mine", None, 2], ["mine", "qa_approver", 1]):
        with psql.transaction() as connection:
            connection.execute(AS, ["lin.jian"])
            connection.execute(VIEW, ["shared", "inspector", 1])
            with refusal("BW367"):
                connection.execute(VIEW, given)
    for change in ("name = 'other'", "version = version + 2", "version = version + 1, for_role = 'qa_approver'"):
        with psql.transaction() as connection:
            connection.execute(AS, ["lin.jian"])
            connection.execute(VIEW, ["mine", None, 1])
            with refusal("BW367"):
                connection.execute(CHANGE.format(change))
