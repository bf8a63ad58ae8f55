"""What decides who may do what, and by which limits, changes with a reason only, whoever changes it (11.10(e); ALCOA+)."""

from typing import LiteralString

import pytest

from models.migrations.rights import REASONS
from runtime.postgres import APPLICATION, OWNER, SUPERUSER
from tests.support.fixtures.walls import Psql, refusal

SAY: LiteralString = "select set_config('bw.reason', %(reason)s, true)"
CHANGES: dict[str, LiteralString] = {
    "account": "update account set disabled = not disabled",
    "characteristic": "update characteristic set upper = 99 where plan_id = (select id from inspection_plan where code = 'FQC-packaged')",
    "customer": "update customer set level = 'retail'",
    "equipment": "update equipment set status = 'out_of_service' where status = 'in_service'",
    "inspection_plan": "update inspection_plan set status = 'superseded'",
    "item": "update item set implantable = not implantable, shelf_life_months = 999",
    "location": "update location set kind = 'transit'",
    "person": "update person set active = not active where name = '钱新'",
    "qualification": "update qualification set valid_until = now() + interval '9 years'",
    "role": "update role set permissions = permissions || array['lot.lift'] where key = 'sales'",
    "role_grant": "update role_grant set revoked_at = now() where revoked_at is null",
    "site": "update site set late_entry_hours = 9999",
    "supplier": "update supplier set status = 'blocked'",
}
NAMES: tuple[LiteralString, ...] = (
    "update customer set name = name || ' x'",
    "update equipment set name_en = coalesce(name_en, '') || ' x'",
    "update item set name = name || ' x'",
    "update location set name_en = coalesce(name_en, '') || ' x'",
    "update person set name = name || ' x'",
    "update supplier set name = name || ' x'",
)
UNREADABLE: tuple[LiteralString, ...] = (
    "update item set name = ''",
    "update supplier set name = ' — '",
    "update customer set name_en = ''",
    "update location set name = U&'\\200B'",
    "update equipment set name = E'a\\x07b'",
    "update person set name_en = E'a\\nb'",
    "update item set name = repeat('x', 201)",
)
GIVE: LiteralString = (
    "insert into role_grant (person_id, role) select id, 'administrator' from person where name = '钱新'"
)


def test_every_table_with_such_columns_is_tried() -> None:
    assert set(CHANGES) == set(REASONS)


@pytest.mark.parametrize("role", [APPLICATION, OWNER, SUPERUSER])
@pytest.mark.parametrize("table", CHANGES)
def test_what_decides_changes_with_a_reason_only(psql: Psql, table: str, role: str) -> None:
    with psql.transaction(role) as connection:
        for nothing in ("", "  "):
            connection.execute(SAY, {"reason": nothing})
            with refusal("BW179"), connection.transaction():
                connection.execute(CHANGES[table])
        connection.execute(SAY, {"reason": "as decided in the meeting"})
        assert connection.execute(CHANGES[table]).rowcount > 0


@pytest.mark.parametrize("role", [APPLICATION, OWNER, SUPERUSER])
def test_a_role_is_given_with_a_reason_only(psql: Psql, role: str) -> None:
    with psql.transaction(role) as connection:
        connection.execute(SAY, {"reason": ""})
        with refusal("BW179"), connection.transaction():
            connection.execute(GIVE)
        connection.execute(SAY, {"reason": "new colleague"})
        connection.execute(GIVE)


def test_what_decides_nothing_changes_without_one(psql: Psql) -> None:
    """The control: a wall that stands in the way of everything proves nothing."""
    with psql.transaction() as connection:
        connection.execute(SAY, {"reason": ""})
        connection.execute("update item set description = 'x'")
        connection.execute("update person set email = 'x@example.test'")


@pytest.mark.parametrize("role", [APPLICATION, OWNER, SUPERUSER])
@pytest.mark.parametrize("change", NAMES)
def test_what_things_are_called_changes_with_a_reason_only(psql: Psql, change: LiteralString, role: str) -> None:
    with psql.transaction(role) as connection:
        connection.execute(SAY, {"reason": ""})
        with refusal("BW179"), connection.transaction():
            connection.execute(change)
        connection.execute(SAY, {"reason": "one way to name them"})
        assert connection.execute(change).rowcount > 0


@pytest.mark.parametrize("role", [APPLICATION, OWNER, SUPERUSER])
@pytest.mark.parametrize("change", UNREADABLE)
def test_a_name_becomes_words_that_somebody_can_read(psql: Psql, change: LiteralString, role: str) -> None:
    with psql.transaction(role) as connection:
        connection.execute(SAY, {"reason": "why not"})
        with refusal("BW310"), connection.transaction():
            connection.execute(change)
