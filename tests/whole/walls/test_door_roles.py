"""The API's role makes attempts and sessions, the worker's what is signed: neither makes a signature alone."""

from typing import LiteralString

import psycopg
import pytest

from runtime.postgres import API, APPLICATION, WORKER
from tests.support.fixtures.walls import Psql

DOORS: tuple[LiteralString, ...] = (
    "insert into signing_attempt (account_id, meaning, result) select id, 'released', 'accepted' from account limit 1",
    "update signing_attempt set result = 'accepted'",
    "insert into login_session select * from login_session where false",
    "update login_session set expires_at = now() + interval '1 year'",
    "update account set password_hash = (select password_hash from account limit 1)",
    "update account set person_id = person_id",
    "insert into account select * from account where false",
    "insert into sign_in_code select * from sign_in_code where false",
    "insert into certification select * from certification where false",
)
ACTS: tuple[LiteralString, ...] = (
    "insert into signature select * from signature where false",
    "insert into signed_record select * from signed_record where false",
    "update lot set status = 'released'",
    "update lot set quantity = quantity + 1",
    "insert into lot (lot_no, item_id) select lot_no, item_id from lot where false",
    "insert into stock_movement select * from stock_movement where false",
    "insert into genealogy_edge select * from genealogy_edge where false",
    "insert into lot_fact select * from lot_fact where false",
    "update hold set lifted_at = now()",
    "insert into hold select * from hold where false",
    "update inspection set status = 'accepted'",
    "insert into inspection_result select * from inspection_result where false",
    "update nonconformance set status = 'closed'",
    "insert into operation_run select * from operation_run where false",
    "update recall set status = 'closed'",
    "insert into recall_notice select * from recall_notice where false",
    "update recall_notice set passed_on = 0",
    "insert into recall_scope select * from recall_scope where false",
    "update serial_unit set serial_no = serial_no",
    "update shipment set status = 'planned'",
    "update shipment_line set quantity = 1",
    "update work_order set quantity = 1",
)


@pytest.mark.parametrize("statement", DOORS)
def test_the_worker_lets_nobody_in_and_makes_no_attempt(psql: Psql, statement: LiteralString) -> None:
    with psql.transaction(WORKER) as connection, pytest.raises(psycopg.Error) as told:
        connection.execute(statement)
    assert told.value.sqlstate in {"BW200", "42501"}


@pytest.mark.parametrize("statement", ACTS)
def test_the_api_writes_no_act(psql: Psql, statement: LiteralString) -> None:
    with psql.transaction(API) as connection, pytest.raises(psycopg.Error) as told:
        connection.execute(statement)
    assert told.value.sqlstate in {"BW201", "42501"}


@pytest.mark.parametrize("role", [WORKER, API])
def test_neither_can_become_the_other_or_the_application(psql: Psql, role: str) -> None:
    for other in (WORKER, API):
        if other != role:
            with psql.transaction(role) as connection, pytest.raises(psycopg.Error, match="permission denied"):
                connection.execute(f"set role {other}".encode())
    refused, statement = ("BW200", DOORS[2]) if role == WORKER else ("BW201", ACTS[0])
    with psql.transaction(role) as connection:
        connection.execute(f"set role {APPLICATION}".encode())
        with pytest.raises(psycopg.Error) as told:
            connection.execute(statement)
    assert told.value.sqlstate == refused, "who logged in counts, not whose hat is on"


@pytest.mark.parametrize("role", [WORKER, API])
def test_both_read_what_the_application_reads(psql: Psql, role: str) -> None:
    assert psql.run("select count(*) from lot", role) == psql.run("select count(*) from lot")
