"""A number of master data is given once, whoever writes it (DESIGN 2.4; REQUIREMENTS 19)."""

from typing import LiteralString

import pytest

from models.register.store import keyset
from tests.support.fixtures.walls import Psql, refusal

NEW: dict[str, tuple[LiteralString, LiteralString]] = {
    "item": (
        "insert into item (item_no, name, kind) values ('New-1 a', 'x', 'raw')",
        "insert into item (item_no, name, kind) values ('NEW 1_A', 'x', 'raw')",
    ),
    "supplier": (
        "insert into supplier (supplier_no, name) values ('New-1 a', 'x')",
        "insert into supplier (supplier_no, name) values ('NEW 1_A', 'x')",
    ),
    "customer": (
        "insert into customer (customer_no, name) values ('New-1 a', 'x')",
        "insert into customer (customer_no, name) values ('NEW 1_A', 'x')",
    ),
    "equipment": (
        "insert into equipment (equipment_no, name, kind) values ('New-1 a', 'x', 'y')",
        "insert into equipment (equipment_no, name, kind) values ('NEW 1_A', 'x', 'y')",
    ),
    "location": (
        "insert into location (code, name) values ('New-1 a', 'x')",
        "insert into location (code, name) values ('NEW 1_A', 'x')",
    ),
}


@pytest.mark.parametrize("table", NEW)
def test_a_number_that_folds_alike_is_refused(psql: Psql, table: str) -> None:
    first, second = NEW[table]
    with psql.transaction() as connection:
        connection.execute(first)
        with refusal("BW202") as said:
            connection.execute(second)
    assert "New-1 a" in said[0]


@pytest.mark.parametrize("table", NEW)
def test_of_two_who_come_at_once_the_second_waits_for_the_first(psql: Psql, table: str) -> None:
    first, second = NEW[table]
    with psql.transaction() as one, psql.transaction() as other:
        one.execute(first)
        other.execute("set local lock_timeout = '100ms'")
        with refusal("55P03"):
            other.execute(second)


def test_what_an_earlier_system_brings_is_as_it_was_and_listed(psql: Psql) -> None:
    with psql.importing() as connection:
        connection.execute("insert into supplier (supplier_no, name) values ('New-1 a', 'x')")
        connection.execute("insert into supplier (supplier_no, name, origin) values ('NEW 1_A', 'x', 'migrated')")
        assert connection.execute(keyset.ALIKE.text.encode()).fetchall() == [(["New-1 a", "NEW 1_A"],)]
