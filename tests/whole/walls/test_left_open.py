"""Doors that the application's roles found open when they were tried one by one, and the wall that stands there now.

The attacker is a person of the plant with the password of the worker's or the API's role (DESIGN 2.4; 21 CFR 11.10(d), (e), (g)).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import LiteralString

import psycopg
import pytest

from runtime.postgres import API, SUPERUSER, WORKER
from tests.support.fixtures.walls import Psql, refusal
from tests.whole.walls.forging import acting

NO_RIGHT = "42501"
SOMEBODY = "wu.jingli"


@contextmanager
def attacker(psql: Psql, role: str) -> Iterator[psycopg.Connection]:
    """A transaction of somebody who works here, through that role."""
    with psql.transaction(role) as connection:
        acting(connection, psql.plant.by(SOMEBODY).person_id)
        yield connection


def told(psql: Psql, role: str, statement: str) -> str | None:
    """The SQLSTATE of the refusal; nothing where it goes through, to the end of the transaction."""
    with attacker(psql, role) as connection:
        try:
            connection.execute(statement.encode())
            connection.execute("set constraints all immediate")
        except psycopg.Error as error:
            return error.sqlstate
    return None


ACTS_OF_THE_WORKER = (
    "applied", "clock_difference", "clock_jump", "definition_version", "environment_reading",
    "operation_environment", "operation_equipment", "operation_parameter", "operation_person", "packed_content",
    "recall_check", "recall_check_attempt", "recall_disposition", "recall_lot", "recall_lot_decision", "recall_pull",
    "recall_report", "recall_return", "recall_sample", "routing_step", "trace_finding", "trace_health_found",
    "trace_health_lot", "trace_health_run", "trace_health_score", "worker_beat", "act_fault", "human_task",
    "notice_delivery", "process_run", "recall_deadline",
)  # fmt: skip


@pytest.mark.parametrize("table", ACTS_OF_THE_WORKER)
def test_the_api_adds_nothing_to_what_acts_write(psql: Psql, table: str) -> None:
    assert told(psql, API, f"insert into {table} select * from {table} where false") == "BW201"  # noqa: S608 - ours


THROUGH_THE_DOOR = (
    "insert into logistic_unit (unit_no, kind) select unit_no, kind from logistic_unit where false",
    "update logistic_unit set status = status",
    "update packed_content set unpacked_at = now()",
    "update process_run set status = 'completed', result = 'released', ended_at = now() where status = 'running'",
    "update process_run set state = '{}' where status = 'running'",
    "update human_task set status = 'done', done_at = now(), outcome = 'release' where status = 'open'",
    "update human_task set status = 'cancelled' where status = 'open'",
    "update human_task set due_at = now() + interval '9 years' where status = 'open'",
    "update notice_delivery set status = 'sent', done_at = now() where status not in ('sent', 'printed')",
    "update notice_delivery set address = 'attacker@example.test' where status not in ('sent', 'printed')",
    "update recall_deadline set missed_at = coalesce(missed_at, now())",
    "update act_fault set status = 'done', settled_at = now()",
    "update outbox set delivered_at = now() where delivered_at is null and given_up_at is null",
    "update recall set title = 'x'",
    "update recall set hold_report = '{}'",
    "update recall set score = '{}'",
    "update recall_notice set link_expires_at = now() + interval '9 years'",
    "update recall_notice set remark = 'x'",
    "update account_mail set status = 'sent'",
    "update definition_version set status = 'superseded' where status = 'effective'",
    "delete from worker_beat",
)


@pytest.mark.parametrize("statement", THROUGH_THE_DOOR)
def test_the_api_changes_nothing_that_acts_have_written(psql: Psql, statement: str) -> None:
    assert told(psql, API, statement) == "BW201"


MASTER = (
    "insert into role_grant (person_id, role) select max(id), 'qa_approver' from person",
    "insert into qualification (person_id, code, valid_from) values ((select max(id) from person), 'machining', now())",
    "update qualification set valid_until = now() + interval '9 years'",
    "update delegation set ends_at = now() + interval '9 years'",
    "update person set name = 'X'",
    "update account set disabled = false",
    "update account set locked_until = null, failed_count = 0",
    "update account set own_since = null",
    "update site set phone = '0'",
    "update item set name = 'X'",
    "update item_identifier set flagged = 'x'",
    "update bom_line set quantity = 99",
    "update supplier_item set supplier_item_no = 'X'",
    "update supplier set name = 'X'",
    "update customer set email = 'attacker@example.test'",
    "update customer set country = 'ZZ'",
    "update equipment set location_id = null",
    "update location set name = 'X'",
    (
        "insert into calibration (equipment_id, performed_at, due_at, result) select max(id), now(), now() + interval '9 years', 'passed'"
        " from equipment"
    ),
    "update inspection_plan set status = 'superseded'",
    "update characteristic set upper = 1000000",
    "update security_notice set seen_at = now()",
    "insert into security_notice (account_id, kind) select min(id), 'second_login' from account",
    "insert into account_mail (account_id, news, by_name, address) select min(id), 'x', 'y', 'a@example.test' from account",
    "update idempotency_key set body = '{}'",
    "update task_draft set form = '{}'",
    "insert into clock_jump (last_at, last_event_id, reason) select now(), max(id), 'x' from audit_event",
)


@pytest.mark.parametrize("statement", MASTER)
def test_the_worker_writes_nothing_that_people_keep(psql: Psql, statement: str) -> None:
    assert told(psql, WORKER, statement) == "BW250"


WORK = (
    "insert into operation_parameter (operation_run_id, name, value) values ((select r.id from operation_run r join lot l on l.id = r.lot_id where l.lot_no = 'B-OK' order by r.id limit 1), 'forged', 1)",
    "insert into operation_person (operation_run_id, person_id) values ((select r.id from operation_run r join lot l on l.id = r.lot_id where l.lot_no = 'B-OK' order by r.id limit 1), (select max(id) from person))",
    "insert into operation_equipment (operation_run_id, equipment_id) select (select r.id from operation_run r join lot l on l.id = r.lot_id where l.lot_no = 'B-OK' order by r.id limit 1), max(id) from equipment",
    "insert into operation_environment (operation_run_id, environment_reading_id) select (select r.id from operation_run r join lot l on l.id = r.lot_id where l.lot_no = 'B-OK' order by r.id limit 1), max(id) from environment_reading",
    (
        "insert into routing_step (work_order_id, seq, code, title_zh, title_en, parameters)"
        " select id, 99, 'X', 'x', 'x', '{}' from work_order where work_order_no = 'WO-B-OK'"
    ),
    (
        "insert into operation_run (work_order_id, lot_id, seq, run_no, code, started_at, finished_at, recorded_by_id)"
        " select w.id, w.lot_id, 10, 9, 'MACH', now() - interval '2 hours', now() - interval '1 hour', a.person_id"
        "   from work_order w, account a where work_order_no = 'WO-B-OK' and a.login = 'wu.jingli'"
    ),
)


@pytest.mark.parametrize("statement", WORK)
def test_nothing_is_added_to_work_that_was_told(psql: Psql, statement: str) -> None:
    assert told(psql, WORKER, statement) == "BW251"


SCOPES = (
    (
        "insert into recall_lot (scope_id, lot_id) select s.id, l.id from recall_scope s, lot l"
        " where l.lot_no = 'R-WAIT' and s.signed_at is not null"
    ),
    "insert into recall_scope (recall_id, version, digest) select id, 2, (select min(digest) from signed_record) from recall",
    # on the signatures of another version
    (
        "insert into recall_scope (recall_id, version, digest, signed_at)"
        " select recall_id, version + 1, digest, now() from recall_scope where signed_at is not null"
    ),
)


@pytest.mark.parametrize("statement", SCOPES)
def test_a_scope_has_the_lots_that_its_text_tells(psql: Psql, statement: str) -> None:
    assert told(psql, WORKER, statement) == "BW252"


RUNS = (
    (
        "update process_run set status = 'completed', result = 'released', ended_at = now() where status = 'running'"
        " and exists (select from human_task t where t.run_id = process_run.id and t.status = 'open')"
    ),
    "update process_run set status = 'cancelled', result = 'cancelled', ended_at = now() where status = 'running'",
    "update process_run set status = 'running', result = null, ended_at = null where status = 'completed'",
    "update process_run set result = 'rejected' where status = 'completed'",
    "update process_run set state = '{}' where status <> 'running'",
    "update process_run set definition_id = (select max(id) from definition_version)",
    "update process_run set lot_id = (select id from lot where lot_no = 'B-NEW') where lot_id is not null",
    "update process_run set parent_id = null where parent_id is not null",
    "update process_run set started_at = '1999-01-01'",
    "update process_run set workflow_id = workflow_id || 'x'",
    (
        "insert into process_run (workflow_id, definition_id, lot_id, state, status, result)"
        " select 'forged/1', d.id, l.id, '{}', 'completed', 'released' from definition_version d, lot l"
        "  where d.key = 'release' and l.lot_no = 'B-OK'"
    ),
    (
        "insert into process_run (workflow_id, definition_id, lot_id, state) select 'forged/2', d.id, l.id, '{}'"
        "   from definition_version d, lot l where d.key = 'recall' and l.lot_no = 'B-OK'"
    ),
)


@pytest.mark.parametrize("statement", RUNS)
def test_a_process_stays_what_it_is_about_and_how_it_ended(psql: Psql, statement: str) -> None:
    assert told(psql, WORKER, statement) == "BW253"


TASKS = (
    "update human_task set role = 'operator' where status = 'open'",
    "update human_task set stage = 'x' where status = 'open'",
    "update human_task set run_id = (select max(id) from process_run) where status = 'open'",
    "update human_task set due_at = now() + interval '9 years' where status = 'open'",
    "update human_task set opened_at = now() - interval '9 years' where status = 'open'",
    "update human_task set status = 'done', done_at = now(), outcome = 'release' where status = 'open'",
    (
        "insert into human_task (run_id, lot_id, process, stage, kind, role)"
        " select id, lot_id, 'release', 'forged', 'sign_off', 'operator' from process_run where lot_id is not null limit 1"
    ),
    (
        "insert into human_task (run_id, lot_id, process, stage, kind, role) select r.id, r.lot_id, 'release', 'approve',"
        " 'sign_off', 'operator' from process_run r join definition_version d on d.id = r.definition_id"
        " where d.key = 'release' and r.status = 'running' limit 1"
    ),
    (
        "insert into human_task (run_id, lot_id, process, stage, kind, role, status, outcome, reason)"
        " select r.id, r.lot_id, 'release', 'approve', 'sign_off', 'qa_approver', 'done', 'release', 'because' from process_run r"
        " join definition_version d on d.id = r.definition_id where d.key = 'release' and r.status = 'running' limit 1"
    ),
)


@pytest.mark.parametrize("statement", TASKS)
def test_a_task_is_a_step_of_its_process_and_stays_one(psql: Psql, statement: str) -> None:
    assert told(psql, WORKER, statement) == "BW254"


NUMBERS = (
    "update item_identifier set item_id = (select min(i.id) from item i where i.id <> item_id)",
    "update item_identifier set code = '06901234567885'",
    "update item set item_no = 'X' where id = (select min(id) from item)",
    "update customer set customer_no = 'X' where id = (select min(id) from customer)",
    "update supplier set supplier_no = 'X' where id = (select min(id) from supplier)",
    "update equipment set equipment_no = 'X' where id = (select min(id) from equipment)",
    "update location set code = 'X' where id = (select min(id) from location)",
    "update person set kind = 'service'",
    "update bom_line set quantity = 99",
    "update bom_line set optional = not optional",
    "update supplier_item set item_id = (select max(id) from item)",
    "update supplier_item set supplier_item_no = 'X'",
)


@pytest.mark.parametrize("statement", NUMBERS)
@pytest.mark.parametrize("role", [API, SUPERUSER])
def test_things_keep_their_numbers_and_what_they_are_made_of(psql: Psql, statement: str, role: str) -> None:
    assert told(psql, role, statement) == "BW255"


MAILS = (
    "insert into account_mail (account_id, news, by_name, address) select min(id), 'x', 'y', 'attacker@example.test' from account",
    (
        "insert into account_mail (account_id, news, by_name, address, status) select a.id, 'x', 'y', p.email, 'sent'"
        " from account a join person p on p.id = a.person_id where p.email is not null limit 1"
    ),
    (
        "insert into account_mail (account_id, news, by_name, address, code_id) select a.id, 'x', 'y', p.email, c.id"
        " from account a join person p on p.id = a.person_id, sign_in_code c where p.email is not null and c.account_id <> a.id limit 1"
    ),
    "update security_notice set kind = 'x'",
    "update security_notice set account_id = (select max(id) from account)",
)


@pytest.mark.parametrize("statement", MAILS)
def test_people_are_told_of_their_accounts_and_nobody_else_is(psql: Psql, statement: str) -> None:
    assert told(psql, API, statement) == "BW256"


@pytest.mark.parametrize("change", ["address = 'attacker@example.test'", "account_id = account_id + 1", "news = 'x'"])
def test_a_mail_about_an_account_stays_what_it_said(psql: Psql, change: str) -> None:
    assert told(psql, WORKER, f"update account_mail set {change}") == "BW256"  # noqa: S608 - our own words


FACTS = (
    "update outbox set payload = '{\"x\": 1}'",
    "update outbox set fact = 'lot.held'",
    "update outbox set next_at = now() + interval '9 years'",
    "update outbox set dismissed_at = now(), dismissed_by_id = (select max(id) from person), dismiss_reason = 'x'",
    "insert into outbox (fact, payload, delivered_at) values ('recall.notice', '{}', now())",
    "update act_fault set person_id = (select max(id) from person)",
    "update act_fault set command = '{\"x\": 1}'",
    "update act_fault set settled_by_id = (select min(id) from person)",
)


@pytest.mark.parametrize("statement", FACTS)
def test_a_fact_and_a_fault_stay_what_they_say(psql: Psql, statement: str) -> None:
    assert told(psql, WORKER, statement) == "BW257"


def test_what_arrived_has_arrived_and_a_receipt_stays(psql: Psql) -> None:
    with attacker(psql, WORKER) as connection:
        connection.execute("update outbox set delivered_at = now(), attempts = attempts + 1 where delivered_at is null")
        with refusal("BW257"):
            connection.execute("update outbox set delivered_at = null")
    with attacker(psql, WORKER) as connection:
        connection.execute("insert into applied (activity_key, receipt) values ('ship:x', '{}')")
        with refusal("BW257"):
            connection.execute('update applied set receipt = \'{"act": "ship"}\'')


RECALLS = (
    "update recall set title = 'x'",
    "update recall set reason = 'x'",
    "update recall set recall_class = 'III', hazard = 'none'",
    "update recall set depth = 'wholesale', recall_class = 'II'",
    "update recall set decided_at = now() - interval '1 year'",
    "update recall_notice set link_expires_at = now() + interval '9 years'",
    "insert into notice_delivery (notice_id, kind, status, done_at) select id, 'forged', 'sent', now() from recall_notice limit 1",
    "update notice_delivery set status = 'printed', done_by_id = (select max(id) from person), done_at = now()",
    (
        "insert into recall_lot_decision (recall_id, lot_id, kind, quantity, reason, decided_by_id)"
        " select r.id, l.id, 'release', 1, 'x', a.person_id from recall r, lot l, account a"
        "  where l.lot_no = 'R-WAIT' and a.login = 'wu.jingli'"
    ),
)


@pytest.mark.parametrize("statement", RECALLS)
def test_what_a_recall_was_decided_by_stays(psql: Psql, statement: LiteralString) -> None:
    assert told(psql, WORKER, statement) == "BW258"


def test_a_notice_stays_sent(psql: Psql) -> None:
    with attacker(psql, WORKER) as connection:
        connection.execute(
            "update recall_notice set status = 'sent', sent_at = coalesce(sent_at, now()) where status = 'open'"
        )
        with refusal("BW258"):
            connection.execute("update recall_notice set status = 'open'")


DEFINED = (
    (
        "insert into definition_version (key, version, digest, body, status)"
        " select key, 99, encode(sha256('{}'), 'hex'), '{}', 'effective' from definition_version where key = 'release'"
    ),
    "insert into definition_version (key, version, digest, body, status) values ('other', 1, 'x', '{}', 'effective')",
    "update definition_version set status = 'superseded' where status = 'effective'",
    "update definition_version set author_id = (select max(id) from person)",
)


@pytest.mark.parametrize("statement", DEFINED)
def test_no_definition_becomes_effective_by_the_worker(psql: Psql, statement: str) -> None:
    assert told(psql, WORKER, statement) == "BW259"
