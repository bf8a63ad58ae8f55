"""A plant that exists is brought forward with what it recorded (DESIGN 10): nothing is lost, and the past keeps its times."""

from collections.abc import Iterator

import psycopg
import pytest
from alembic import command

from models import migrations
from runtime.commands.record.people import uncertified_at
from runtime.postgres import APPLICATION, OWNER, SUPERUSER, Postgres

BEFORE = "0004"
ROWS = """
set session_replication_role = replica;
insert into item (item_no, name, kind) values ('STEEL', 'Steel', 'raw');
insert into customer (customer_no, name) values ('C-1', 'Hospital');
insert into location (code, name) values ('WH-1', 'Warehouse');
insert into lot (lot_no, item_id, kind, status, quantity) select 'R-' || n, 1, 'raw', 'released', 9 from generate_series(1, 3) n;
insert into genealogy_edge (parent_lot_id, child_lot_id, kind, quantity, at, supersedes_id) values
  (1, 2, 'consume', 1, '2026-01-01 00:00+00', null), (3, 2, 'consume', 1, '2026-01-02 00:00+00', 1);
insert into stock_movement (lot_id, kind, to_location_id, quantity, at) values (1, 'receive', 1, 9, '2026-01-03 00:00+00');
insert into shipment (shipment_no, customer_id, status) values ('SH-1', 1, 'planned');
insert into shipment_line (shipment_id, lot_id, quantity) values (1, 1, 2);
-- the correction was written two days after the day that it tells of
insert into audit_event (at, actor_id, actor_name, source, transaction, table_name, row_id, operation, leaf)
values ('2026-01-04 00:00+00', 'x', 'X', 'test', 1, 'genealogy_edge', 2, 'insert', ''),
       ('2026-01-05 00:00+00', 'x', 'X', 'test', 1, 'shipment_line', 1, 'insert', '')
"""
KNOWN = """
select to_char(recorded_at at time zone 'UTC', 'DD'), to_char(superseded_at at time zone 'UTC', 'DD')
  from genealogy_edge order by id
"""


ODD = "0030"
ODD_ROWS = """
set session_replication_role = replica;
insert into site (code, name) values ('SZ', 'Plant');
insert into person (name) values ('Somebody');
insert into role_grant (person_id, role) values (1, 'inspector');
insert into item (item_no, name, kind) values ('STEEL', 'Steel', 'raw');
insert into customer (customer_no, name) values ('C-1', 'Hospital');
insert into location (code, name, kind) values ('WH-1', 'Warehouse', 'storage');
insert into lot (lot_no, item_id, kind, status, quantity, origin) values
  ('R-1', 1, 'raw', 'released', 9, 'migrated'), ('B-1', 1, 'finished', 'released', 9, 'native');
insert into genealogy_edge (parent_lot_id, child_lot_id, kind, quantity) values (1, 2, 'rework', 1), (2, 1, 'consume', 1);
insert into stock_movement (lot_id, kind, to_location_id, quantity) values (2, 'adjust', 1, 9);
insert into stock (lot_id, location_id, quantity) values (2, 1, 9);
insert into shipment (shipment_no, customer_id, status) values ('SH-1', 1, 'shipped');
insert into shipment_line (shipment_id, lot_id, quantity, returned) values (1, 2, 5, 2);
insert into inspection_plan (code, title, stage) values ('IQC', 'IQC', 'incoming');
insert into characteristic (plan_id, seq, name_zh, name_en, kind) values (1, 1, 'x', 'x', 'attribute');
insert into inspection (inspection_no, lot_id, plan_id, stage, status) values ('I-1', 1, 1, 'incoming', 'accepted');
insert into import_run (source, file_name, file_digest) values ('inventree', 'x.json', 'x');
insert into recall (recall_no, mode, title, reason, identifier, status) values ('RC-1', 'recall', 'x', 'x', 'x', 'withdrawn');
"""
KEPT = (
    "lot",
    "genealogy_edge",
    "stock_movement",
    "shipment",
    "shipment_line",
    "inspection",
    "import_run",
    "recall",
    "role_grant",
)
ACTS = """
select set_config('bw.actor_id', 'service:update', true), set_config('bw.actor_name', 'Batchwright', true),
       set_config('bw.source', 'test', true), set_config('bw.reason', 'returns come here', true);
update location set kind = 'returns';
update shipment set status = 'arrived', arrived_at = now();
update shipment_line set returned = 3;
insert into stock_movement (lot_id, kind, to_location_id, quantity, shipment_line_id, reason)
  select 2, 'return', id, 1, 1, 'x' from location where code = 'WH-1';
"""


@pytest.fixture
def odd(database_template: Postgres) -> Iterator[tuple[psycopg.Connection, str]]:
    """A database of the last release that holds what its walls let through, and its owner's address."""
    yield from _made(database_template, "odd", ODD, ODD_ROWS)


@pytest.fixture
def older(database_template: Postgres) -> Iterator[tuple[psycopg.Connection, str]]:
    """A database of an early release with something in it, and its owner's address."""
    yield from _made(database_template, "older", BEFORE, ROWS)


def _made(database_template: Postgres, name: str, revision: str, rows: str) -> Iterator[tuple[psycopg.Connection, str]]:
    with database_template.connect() as administration:
        database_template.create_database(administration, name)
    owner = database_template.url(OWNER, name)
    command.upgrade(migrations.config(owner), revision)
    with database_template.connect(SUPERUSER, name) as connection:
        connection.execute(rows.encode())
        connection.execute("reset session_replication_role")
        yield connection, owner
    with database_template.connect() as administration:
        administration.execute(f'drop database "{name}" with (force)'.encode())


def test_what_was_recorded_before_says_since_when_it_is_known(older: tuple[psycopg.Connection, str]) -> None:
    connection, owner = older
    migrations.upgrade(owner)
    assert connection.execute(KNOWN.encode()).fetchall() == [("01", "04"), ("04", None)]
    moved, shipped = (
        connection.execute(f"select to_char(recorded_at at time zone 'UTC', 'DD') from {table}".encode()).fetchall()  # noqa: S608 - ours
        for table in ("stock_movement", "shipment_line")
    )
    assert (moved, shipped) == ([("03",)], [("05",)])
    assert connection.execute("select lots_below(array[1::bigint]), lots_below(array[3::bigint])").fetchone() == (
        [1],
        [3, 2],
    )
    disabled = "select count(*) from pg_trigger where tgenabled = 'D'"
    assert connection.execute(disabled.encode()).fetchone() == (0,)


PEOPLE = """
set session_replication_role = replica;
insert into person (name) values ('演示'), ('被重置'), ('自己改过');
insert into account (person_id, login, password_hash) select id, 'p' || id, 'x' from person order by id;
insert into audit_event (at, actor_id, actor_name, source, transaction, table_name, row_id, operation, before, after, leaf)
select now(), actor, name, 'test', 1, 'account', row_id, operation, before::jsonb, after::jsonb, ''
  from (values ('service:demo', 'demo', 1, 'insert', null, '{"password_hash": "a"}'),
               ('service:demo', 'demo', 2, 'insert', null, '{"password_hash": "a"}'),
               ('f0000000-0000-7000-8000-000000000000', '管理员', 2, 'update', '{"password_hash": "a"}', '{"password_hash": "b"}'),
               ('f0000000-0000-7000-8000-000000000000', '管理员', 3, 'insert', null, '{"password_hash": "a"}'))
    as e (actor, name, row_id, operation, before, after);
insert into audit_event (at, actor_id, actor_name, source, transaction, table_name, row_id, operation, before, after, leaf)
select now(), p.public_id::text, p.name, 'test', 1, 'account', 3, 'update', '{"password_hash": "a"}', '{"password_hash": "b"}', ''
  from person p where p.id = 3
"""


def test_passwords_of_before_are_nobodys_own_but_in_the_demonstration(
    older: tuple[psycopg.Connection, str], database_template: Postgres
) -> None:
    connection, owner = older
    connection.execute(PEOPLE.encode())
    connection.execute("reset session_replication_role")
    connection.commit()
    migrations.upgrade(owner)
    own = connection.execute("select own_since is not null from account order by id").fetchall()
    assert own == [(True,), (False,), (False,)]
    listed = uncertified_at(database_template.url(APPLICATION, "older"))
    assert [(one["login"], one["set_by"], one["set_by_another"]) for one in listed] == [
        ("p2", "管理员", True),
        ("p3", "自己改过", False),
    ]


def test_what_older_walls_let_through_is_kept_and_the_plant_goes_on(odd: tuple[psycopg.Connection, str]) -> None:
    """Links in a circle, a line that nothing left for, a verdict without values: they stay as they are, and bind nobody."""
    connection, owner = odd

    def columns() -> set[tuple[str, str]]:
        query = (
            "select table_name::text, column_name::text from information_schema.columns where table_schema = 'public'"
        )
        return set(connection.execute(query).fetchall())

    known = sorted(one for one in columns() if one[0] in KEPT)
    rows = [f"select {column} from {table} order by id" for table, column in known]  # noqa: S608 - ours
    before = [connection.execute(one.encode()).fetchall() for one in rows]
    migrations.upgrade(owner)
    assert [connection.execute(one.encode()).fetchall() for one in rows] == before
    with connection.transaction(force_rollback=True):
        connection.execute(ACTS.encode())
        connection.execute("set constraints all immediate")
