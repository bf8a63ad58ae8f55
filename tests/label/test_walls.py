"""The database itself refuses a new number that is all that a label says; what a home of before keeps stays and is listed."""

# ruff: noqa: S608 - statements are put together from our own words; every value is a parameter

from collections.abc import Iterator
from typing import LiteralString

import psycopg
import pytest

from models import migrations
from runtime.postgres import APPLICATION, Postgres
from tests.support.fixtures.walls import ACTOR, Psql, older_database, refusal

ITEM: LiteralString = "(select id from item order by id limit 1)"
LOT: LiteralString = (
    f"insert into lot (lot_no, item_id, kind, status, quantity) values (%(n)s, {ITEM}, 'raw', 'received', 1)"
)
SUPPLIER_LOT: LiteralString = (
    "insert into lot (lot_no, supplier_lot_no, item_id, kind, status, quantity)"
    f" values ('FRESH-1', %(n)s, {ITEM}, 'raw', 'received', 1)"
)
PART: LiteralString = (
    "insert into lot (lot_no, supplier_lot_no, item_id, kind, status, quantity)"
    f" values (%(own)s, %(n)s, {ITEM}, 'raw', 'received', 1)"
)
SERIAL: LiteralString = (
    "insert into serial_unit (serial_no, item_id, lot_id)"
    " select %(n)s, item_id, id from lot where origin = 'native' order by id limit 1"
)
UNIT: LiteralString = (
    "insert into logistic_unit (unit_no, kind, location_id, created_by_id)"
    " select %(n)s, 'case', (select min(id) from location), (select min(id) from person)"
)
OTHERS: dict[str, LiteralString] = {
    "item_no": "insert into item (item_no, name, kind) values (%(n)s, 'x', 'raw')",
    "supplier_no": "insert into supplier (supplier_no, name) values (%(n)s, 'x')",
    "customer_no": "insert into customer (customer_no, name, country) values (%(n)s, 'x', 'CN')",
    "equipment_no": "insert into equipment (equipment_no, name, kind) values (%(n)s, 'x', 'gauge')",
    "code": "insert into location (code, name) values (%(n)s, 'x')",
    "work_order_no": (
        f"insert into work_order (work_order_no, item_id, quantity, status) values (%(n)s, {ITEM}, 1, 'open')"
    ),
    "load_no": (
        "insert into operation_run select (jsonb_populate_record(null::operation_run, to_jsonb(r) || jsonb_build_object("
        "'id', (r.id + 100000), 'public_id', gen_random_uuid(), 'run_no', 99, 'load_no', %(n)s::text))).*"
        " from operation_run r where r.id = (select max(id) from operation_run)"
    ),
    "shipment_no": "update shipment set shipment_no = %(n)s where id = (select max(id) from shipment)",
    "order_no": "update shipment set order_no = %(n)s where id = (select max(id) from shipment)",
    "tracking_no": "update shipment set tracking_no = %(n)s where id = (select max(id) from shipment)",
    "recall_no": "update recall set recall_no = %(n)s where id = (select max(id) from recall)",
}
"""Every other register whose number people give."""
LABELS = [
    "]C10106901234567892" + "10PL-77",
    "(01)06901234567892(10)PL-77",
    "+A123PRODUCT11/$PL-77A",
    "LOT:X7",
    "批号：X7",
    "*X7*",
    "urn:epc:class:lgtin:6901234.056789.X7",
]
NO_WALL = {
    "inspection.inspection_no": "our own count",
    "nonconformance.nonconformance_no": "our own count",
    "item.catalogue_no": "the maker's, as it prints it",
    "supplier_item.supplier_item_no": "the supplier's, as it prints it",
    "supplier_receipt.certificate_no": "the supplier's, as it prints it",
    "out_of_tolerance_result.inspection_no": "a copy of our own count",
    "person.employee_no": "judged by its own rule",
    "trace_health_lot.lot_no": "a copy of the batch's",
    "trace_health_lot.supplier_lot_no": "a copy of the batch's",
}
"""Columns that hold a number and may hold anything, with the reason."""
BEFORE = "0053"
ROWS = """
set session_replication_role = replica;
insert into item (item_no, name, kind) values ('STEEL', 'Steel', 'raw');
insert into lot (lot_no, item_id, kind, status, quantity, supplier_lot_no)
  select n, 1, 'raw', 'received', 9, '批号：S-1' from unnest(array['A-1', '(01)06901234567892(10)PL-77', '***']) n;
insert into serial_unit (serial_no, item_id, lot_id) values ('S/N: 5', 1, 1);
insert into equipment (equipment_no, name, kind) values ('*M-07*', 'Mill', 'machine');
insert into work_order (work_order_no, item_id, quantity, status) values ('LOT:WO-1', 1, 1, 'open');
"""


@pytest.mark.parametrize("label", LABELS)
@pytest.mark.parametrize("insert", [LOT, SUPPLIER_LOT, SERIAL, UNIT], ids=["lot", "supplier lot", "serial", "unit"])
def test_no_new_number_is_a_whole_label(psql: Psql, insert: LiteralString, label: str) -> None:
    assert label in psql.refused("BW138", insert, n=label)


@pytest.mark.parametrize("label", LABELS)
@pytest.mark.parametrize("column", [*OTHERS])
def test_no_number_of_anything_else_is_a_whole_label(psql: Psql, column: str, label: str) -> None:
    assert label in psql.refused("BW260", OTHERS[column], n=label)


def test_every_column_that_holds_a_number_has_the_wall(psql: Psql) -> None:
    """A new register without it fails here."""
    rows = psql.run(
        "select c.table_name || '.' || c.column_name as named, exists (select from pg_trigger t"
        " where t.tgrelid = c.table_name::regclass and t.tgname = c.column_name || '_is_no_label') as walled"
        " from information_schema.columns c join information_schema.tables b using (table_schema, table_name)"
        " where c.table_schema = 'public' and b.table_type = 'BASE TABLE' and c.data_type = 'text'"
        " and (c.column_name like '%%\\_no' or (c.table_name, c.column_name) = ('location', 'code'))"
    )
    assert len(rows) > 15
    open_ = {named for named, walled in rows if not walled}
    assert open_ == {*NO_WALL}


@pytest.mark.parametrize("number", ["X7", "2026/11-0042", "批-7", "A+B(1)", "012345678901234560"])
def test_a_number_with_signs_is_taken(psql: Psql, number: str) -> None:
    psql.run(LOT, n=number)


@pytest.fixture
def older(database_template: Postgres) -> Iterator[tuple[psycopg.Connection, str]]:
    """A database of before that keeps labels whole, and its owner's address."""
    with older_database(database_template, "older_labels", BEFORE, ROWS) as made:
        yield made


def test_an_upgrade_keeps_whole_labels_and_lists_them(
    older: tuple[psycopg.Connection, str], database_template: Postgres
) -> None:
    connection, owner = older
    migrations.upgrade(owner)
    listed = connection.execute("select register, label from stored_labels() order by 1, 2").fetchall()
    assert listed == [
        ("equipment", "*M-07*"),
        ("lot", "(01)06901234567892(10)PL-77"),
        ("serial_unit", "S/N: 5"),
        *[("supplier_lot", "批号：S-1")] * 3,
        ("work_order", "LOT:WO-1"),
    ]
    connection.execute("set session_replication_role = origin")
    found = connection.execute("select lot_no from lot where label_keys(lot_no) && array['PL77']").fetchall()
    assert found == [("(01)06901234567892(10)PL-77",)]
    assert connection.execute("select count(*) from lot").fetchone() == (3,), "nothing is lost"
    connection.execute("insert into service_actor (actor_id, what) values ('service:test', 'tests')")
    with database_template.connect(APPLICATION, "older_labels") as application, application.transaction():
        application.execute(ACTOR)
        application.execute(PART, {"own": "A-1-1", "n": "批号：S-1"})  # a part of a batch of before inherits it
        with refusal("BW138"):
            application.execute(PART, {"own": "A-1-2", "n": "批号：S-2"})
