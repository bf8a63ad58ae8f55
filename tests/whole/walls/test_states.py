"""The states that docs draw are those of the record, and the database refuses each way that isn't drawn (DESIGN 2.4, 6, 8)."""

import re
from typing import LiteralString

import psycopg
import pytest
from psycopg import sql
from sqlmodel import SQLModel

from runtime.postgres import SUPERUSER
from runtime.reference.states import LIVES, Life
from tests.support.fixtures.walls import Psql

WALL: LiteralString = "select pg_get_functiondef(%(name)s::regproc)"
PAIR = re.compile(r"\('([a-z_]+)', '([a-z_]+)'\)")
lives = pytest.mark.parametrize("life", LIVES, ids=lambda life: str(life.key))


@lives
def test_the_drawn_states_are_those_of_the_table(life: Life) -> None:
    checks = [
        str(check.sqltext) for check in SQLModel.metadata.tables[life.table].constraints if hasattr(check, "sqltext")
    ]
    known = next(re.findall(r"'([a-z_]+)'", check) for check in checks if check.startswith("status in"))
    assert set(life.states) == set(known)


@pytest.mark.parametrize(("key", "wall"), [("definition", "definition_wall"), ("lot", "lot_wall")])
def test_the_drawn_ways_are_those_of_the_wall(psql: Psql, key: str, wall: str) -> None:
    life = next(life for life in LIVES if life.key == key)
    [(text,)] = psql.run(WALL, name=wall)
    listed = text.partition("(old.status, new.status) in (")[2].partition("then")[0]
    assert set(PAIR.findall(listed)) == life.ways


@lives
def test_a_way_that_is_not_drawn_is_refused(psql: Psql, life: Life) -> None:
    """Each of them, by hand; a row is first put into the state behind the walls, where the plant has none in it."""
    table = sql.Identifier(life.table)
    for old in life.states:
        for new in life.states:
            if old == new or (old, new) in life.ways:
                continue
            with psql.transaction(SUPERUSER) as connection:
                connection.execute("set local session_replication_role = replica")
                row = connection.execute(
                    sql.SQL("update {} set status = {} where id = (select min(id) from {}) returning id").format(
                        table, old, table
                    )
                ).fetchone()
                assert row
                connection.execute("set local session_replication_role = origin")
                connection.execute("set constraints all immediate")
                change = sql.SQL("update {} set status = {} where id = {}").format(table, new, row[0])
                with pytest.raises(psycopg.Error) as refused:
                    connection.execute(change)
                assert (refused.value.sqlstate or "").startswith("BW"), f"{old} to {new}: {refused.value}"
