"""Only an import brings over what another system says: nobody gets round a wall by calling something migrated.

ISO 13485 4.2.5; ALCOA+ (original).  Attacked with a plain connection of the application's role, past all of our code.
"""

from typing import LiteralString

import psycopg
import pytest
from psycopg import sql

from runtime.postgres import API, APPLICATION, OWNER, SUPERUSER, WORKER
from tests.support.fixtures.walls import IMPORTER, RUN, Psql, refusal

KEY: LiteralString = "insert into lot (lot_no, item_id, kind, status, quantity) select 'M-KEY', id, 'raw', 'received', 1 from item limit 1 returning id"
ROW: LiteralString = (
    "insert into import_row (run_id, source, kind, source_key, row_hash, outcome, target_table, target_id)"
    " select max(id), 'test', 'lot', 'M-1', repeat('0', 64), %(outcome)s, %(table)s, %(lot)s from import_run"
    " where at = now()"
)
LOT: LiteralString = (
    "insert into lot (id, lot_no, item_id, kind, status, quantity, origin, import_row_id) overriding system value"
    " select %(lot)s, 'M-1', min(i.id), 'raw', %(status)s, 1, 'migrated', (select max(id) from import_row) from item i"
)
CALLED: dict[str, LiteralString] = {
    "lot": "insert into lot (lot_no, item_id, kind, status, quantity, origin) select 'M-2', min(id), 'raw', 'received', 1, 'migrated' from item",
    "shipment": "insert into shipment (shipment_no, customer_id, origin) select 'SH-M', min(id), 'migrated' from customer",
    "work_order": "insert into work_order (work_order_no, item_id, quantity, origin) select 'WO-M', min(id), 1, 'migrated' from item",
    "inspection": "insert into inspection (inspection_no, lot_id, stage, revision, status, origin)"
    " select 'IQC-M', id, 'incoming', 9, 'accepted', 'migrated' from lot where lot_no = 'R-WAIT'",
    "item": "insert into item (item_no, name, kind, origin) values ('I-M', 'x', 'raw', 'migrated')",
    "genealogy_edge": "insert into genealogy_edge (parent_lot_id, child_lot_id, kind, quantity, source)"
    " select p.id, c.id, 'consume', 1, 'inventree' from lot p, lot c where (p.lot_no, c.lot_no) = ('R-1', 'R-WAIT')",
}


def born(
    connection: psycopg.Connection, status: str, *, outcome: str = "imported", table: str = "lot", other: int = 0
) -> None:
    """A lot that begins at that state, by the row that says so; keys are given out and taken back as the importer does."""
    with connection.transaction(force_rollback=True):
        row = connection.execute(KEY).fetchone()
    assert row is not None
    connection.execute(ROW, {"lot": row[0] + other, "outcome": outcome, "table": table})
    connection.execute(LOT, {"lot": row[0], "status": status})


@pytest.mark.parametrize("status", ["released", "packed", "closed", "rejected", "received"])
def test_an_import_brings_a_lot_with_the_row_that_tells_of_it(psql: Psql, status: str) -> None:
    """The control: what the attacks below get wrong is the one thing that they change."""
    with psql.importing() as connection:
        born(connection, status)


@pytest.mark.parametrize("role", [APPLICATION, OWNER, SUPERUSER])
def test_a_lot_is_born_released_by_no_row_that_tells_of_something_else(psql: Psql, role: str) -> None:
    for wrong in ({"outcome": "rejected"}, {"table": "item"}, {"other": 1}):
        with psql.importing(role) as connection, refusal("BW174"):
            born(connection, "released", **wrong)


def test_a_lot_is_born_released_by_no_row_of_an_import_before(psql: Psql) -> None:
    released = LOT.replace("%(lot)s, 'M-1'", "max(i.id) + 1000000, 'M-1'")
    with psql.importing() as connection, refusal("BW174"):
        connection.execute(released, {"status": "released"})


@pytest.mark.parametrize("role", [APPLICATION, OWNER, SUPERUSER])
@pytest.mark.parametrize("table", CALLED)
def test_nothing_is_called_migrated_outside_of_an_import(psql: Psql, table: str, role: str) -> None:
    psql.refused("BW174", CALLED[table], role)
    with psql.importing(role) as connection:
        connection.execute(CALLED[table])


@pytest.mark.parametrize("table", ["shipment", "work_order", "inspection", "item", "customer", "supplier", "location"])
def test_what_is_our_own_is_not_called_migrated_afterwards(psql: Psql, table: str) -> None:
    psql.refused("BW174", f"update {table} set origin = 'migrated'")  # noqa: S608 - names of our own tables


def test_an_import_is_no_one_elses_and_of_now(psql: Psql) -> None:
    psql.refused("BW174", RUN)
    with psql.transaction() as connection:
        connection.execute(IMPORTER)
        dated = RUN.replace("(source,", "(at, source,").replace("('test'", "(now() - interval '1 year', 'test'")
        assert connection.execute(f"{dated} returning at = now()".encode()).fetchone() == (True,)
        with refusal("BW174"):  # a row of somebody else's run
            connection.execute(
                ROW.replace("'test', 'lot'", "'other', 'lot'"), {"outcome": "imported", "table": None, "lot": None}
            )
    with psql.importing() as connection, refusal("BW174"):
        earlier = ROW.replace("max(id)", "min(id)").replace("where at = now()", "")
        connection.execute(earlier, {"outcome": "imported", "table": None, "lot": None})


@pytest.mark.parametrize("role", [WORKER, API])
def test_neither_the_worker_nor_the_door_for_people_imports(psql: Psql, role: str) -> None:
    with refusal("BW281"), psql.importing(role):
        pass
    with psql.importing(SUPERUSER) as connection:
        connection.execute(sql.SQL("set session authorization {}").format(sql.Identifier(role)))
        with refusal("BW281"):
            connection.execute(ROW, {"outcome": "imported", "table": "lot", "lot": 1})


def test_nothing_is_added_to_what_another_system_shipped(psql: Psql) -> None:
    line: LiteralString = (
        "insert into shipment_line (shipment_id, lot_id, quantity) select h.id, l.id, 1 from shipment h, lot l"
        " where h.shipment_no = 'SH-M' and l.lot_no = 'B-OK'"
    )
    with psql.importing() as connection:
        connection.execute(CALLED["shipment"])
        connection.execute(line)
        connection.execute("select set_config('bw.actor_id', 'service:test', true)")
        with refusal("BW174"):
            connection.execute(line)
