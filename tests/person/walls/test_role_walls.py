"""What may change about a role, past all of our code (REQ 112; STANDARDS D 102; 21 CFR 11.10(e), 11.10(g); DESIGN 2.4)."""

from typing import Any, LiteralString

import psycopg
import pytest

from models.person.rules.roles import Role
from runtime.postgres import APPLICATION, OWNER, SUPERUSER
from tests.support.fixtures.walls import Psql, refusal
from tests.whole.walls.test_walls import NO_RIGHT

AS: LiteralString = (
    "select set_config('bw.actor_id', p.public_id::text, true), set_config('bw.actor_name', p.name, true)"
    " from person p join account a on a.person_id = p.id where a.login = %s"
)
MORE: LiteralString = "update role set permissions = permissions || array['fault.settle'] where key = %(role)s"
HELP: LiteralString = "insert into role (key, zh, en, duty, permissions) values ('help', '服务台', 'Help', 'administration', array['people.write'])"


def acting(connection: psycopg.Connection[Any], login: str) -> None:
    connection.execute(AS, (login,))


@pytest.mark.parametrize("role", [APPLICATION, OWNER])
@pytest.mark.parametrize(
    "what",
    ["key = 'other'", "duty = 'audit', permissions = '{}'", "shipped = false"],
)
def test_what_a_role_is_stays(psql: Psql, what: LiteralString, role: str) -> None:
    statement: LiteralString = "update role set {what} where key = 'sales'"
    psql.refused("BW360", statement.format(what=what), role)


def test_nobody_ships_a_role_or_lets_administration_sign_for_quality(psql: Psql) -> None:
    given: LiteralString = "insert into role (key, zh, en, duty, shipped, quality) values ('x', '甲', 'x', %(duty)s, %(shipped)s, %(quality)s)"  # fmt: skip
    psql.refused("BW360", given, duty="business", shipped=True, quality=False)
    psql.refused("BW360", given, duty="administration", shipped=False, quality=True)
    psql.refused("BW360", "update role set quality = true where key = 'administrator'")
    psql.run(given, duty="business", shipped=False, quality=True)


@pytest.mark.parametrize("role", [APPLICATION, OWNER])
def test_nobody_lets_a_role_of_their_own_permit_more(psql: Psql, role: str) -> None:
    with psql.transaction(role) as connection:
        connection.execute(b"update role set permissions = array['people.write'] where key = 'administrator'")
        acting(connection, "admin")
        with refusal("BW361"), connection.transaction():
            connection.execute(MORE, {"role": "administrator"})
        acting(connection, "zhou.shen")
        connection.execute(MORE, {"role": "administrator"})


@pytest.mark.parametrize("role", [APPLICATION, OWNER])
def test_nobody_gives_themselves_a_role(psql: Psql, role: str) -> None:
    give: LiteralString = (
        "insert into role_grant (person_id, role) select person_id, 'auditor' from account where login = 'qian.xin'"
    )
    with psql.transaction(role) as connection:
        acting(connection, "qian.xin")
        with refusal("BW361"), connection.transaction():
            connection.execute(give)
        acting(connection, "admin")
        connection.execute(give)


@pytest.mark.parametrize("role", [APPLICATION, OWNER, SUPERUSER])
def test_somebody_who_manages_accounts_stays(psql: Psql, role: str) -> None:
    less: LiteralString = "update role set permissions = array['record.read'] where key = 'administrator'"
    psql.refused("BW362", less, role)
    with psql.transaction(role) as connection:
        connection.execute(HELP)
        connection.execute(
            b"insert into role_grant (person_id, role) select person_id, 'help' from account where login = 'qian.xin'"
        )
        connection.execute(less)


@pytest.mark.parametrize("key", [one.value for one in Role])
def test_what_is_held_or_in_use_is_not_set_aside(psql: Psql, key: str) -> None:
    """Shipped roles that nobody holds and nothing names can be; all others stay."""
    free = psql.run("select role_holders(%(key)s) = 0 and not exists (select from role_uses(%(key)s))", key=key)
    statement: LiteralString = "update role set active = false where key = %(key)s"
    if free == [(True,)]:
        psql.run(statement, key=key)
    else:
        psql.refused("BW363", statement, key=key)
    assert (free == [(True,)]) is (
        key in {"sales", "after_sales", "supplier_quality", "equipment", "documents", "training"}
    )


def test_a_role_is_in_use_by_an_effective_definition_an_open_task_and_a_rule_of_owners(psql: Psql) -> None:
    uses: LiteralString = "select place from role_uses(%s) group by place order by place"
    with psql.transaction() as connection:
        seen = [place for (place,) in connection.execute(uses, ("qa_reviewer",))]
        assert seen == ["code", "definition", "task"]
        connection.execute(b"insert into owner_rule (subject_kind, role) values ('lot', 'sales')")
        assert [place for (place,) in connection.execute(uses, ("sales",))] == ["owner"]
        assert [place for (place,) in connection.execute(uses, ("training",))] == []


def test_a_role_that_is_set_aside_is_given_to_nobody(psql: Psql) -> None:
    with psql.transaction() as connection:
        connection.execute(b"update role set active = false where key = 'sales'")
        with refusal("BW363"), connection.transaction():
            connection.execute(b"insert into role_grant (person_id, role) select max(id), 'sales' from person")


def test_no_role_is_deleted(psql: Psql) -> None:
    psql.refused(NO_RIGHT, "delete from role where key = 'sales'")
    psql.refused("BW002", "delete from role where key = 'sales'", OWNER)


def test_each_change_is_one_version_more_whatever_is_said(psql: Psql) -> None:
    ((before,),) = psql.run("select version from role where key = 'sales'")
    changed: LiteralString = "update role set en = 'X', version = 77 where key = 'sales' returning version"
    assert psql.run(changed) == [(before + 1,)]
