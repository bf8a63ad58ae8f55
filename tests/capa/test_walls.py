"""The database itself: a criterion doesn't change once it is fixed, data come after it, and nothing is closed without proof."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, LiteralString

import psycopg

from runtime.postgres import APPLICATION, OWNER, SUPERUSER
from tests.support.fixtures.walls import Psql, refusal

CASE: LiteralString = "insert into capa (capa_no, title) values ('CAPA-X', 'x')"
WRITTEN: LiteralString = (
    "insert into capa_plan (capa_id, measure, limit_value, measure_on, planned_by_id) select c.id, 'findings', 0, current_date, min(p.id)"
    " from capa c, person p where c.capa_no = 'CAPA-X' group by c.id"
)
FIXED: LiteralString = "update capa_plan set fixed_at = now(), fixed_by_id = (select max(id) from person) where capa_id = (select id from capa where capa_no = 'CAPA-X')"
VERIFIED: LiteralString = (
    "update capa_plan set verified_at = now() where capa_id = (select id from capa where capa_no = 'CAPA-X')"
)
MEASURED: LiteralString = "insert into capa_measurement (plan_id, since, until, value, result) select id, now(), now(), 0, %(result)s from capa_plan where capa_id = (select id from capa where capa_no = 'CAPA-X')"


@contextmanager
def case(
    psql: Psql, *statements: LiteralString, past: tuple[LiteralString, ...] = ()
) -> Iterator[psycopg.Connection[Any]]:
    """A case as far as these statements bring it; `past` are carried out past the walls."""
    with psql.transaction(SUPERUSER) as connection:
        connection.execute(CASE)
        connection.execute("set local session_replication_role = replica")
        for one in past:
            connection.execute(one)
        connection.execute("set local session_replication_role = origin")
        for one in statements:
            connection.execute(one)
        yield connection


def test_it_begins_open_and_ends_by_a_signature_only(psql: Psql) -> None:
    for role in (APPLICATION, OWNER, SUPERUSER):
        psql.refused(
            "BW371",
            "insert into capa (capa_no, title, status, closed_at) values ('CAPA-Y', 'x', 'closed', now())",
            role,
        )
    for status in ("closed", "withdrawn"):
        with case(psql) as connection, refusal("BW373"):
            connection.execute("update capa set status = %s, closed_at = now() where capa_no = 'CAPA-X'", (status,))


def test_what_opened_it_never_changes(psql: Psql) -> None:
    with case(psql) as connection, refusal("BW372"):
        connection.execute("update capa set title = 'y' where capa_no = 'CAPA-X'")


def test_how_it_ended_never_changes(psql: Psql) -> None:
    ended: LiteralString = "update capa set status = 'withdrawn', closed_at = now() where capa_no = 'CAPA-X'"
    with case(psql, past=(ended,)) as connection, refusal("BW372"):
        connection.execute("update capa set status = 'open', closed_at = null where capa_no = 'CAPA-X'")


def test_it_is_not_closed_before_it_is_proven(psql: Psql) -> None:
    signed: LiteralString = "update signature set signed_at = now(), run_id = (select min(id) from process_run) where id = (select min(id) from signature)"
    run: LiteralString = "update process_run set subject_id = (select subject_id from capa where capa_no = 'CAPA-X') where id = (select min(id) from process_run)"
    measured: LiteralString = "insert into capa_measurement (plan_id, since, until, value, result) select id, now(), now(), 1, 'failed' from capa_plan where capa_id = (select id from capa where capa_no = 'CAPA-X')"
    for past in ((WRITTEN,), (WRITTEN, measured)):
        with case(psql, past=(*past, signed, run)) as connection, refusal("BW374"):
            connection.execute("update capa set status = 'closed', closed_at = now() where capa_no = 'CAPA-X'")


def test_a_plan_is_not_fixed_when_it_is_written_nor_without_a_signature(psql: Psql) -> None:
    with case(psql, past=(WRITTEN,)) as connection, refusal("BW377"):
        connection.execute(FIXED)
    with case(psql) as connection, refusal("BW375"):
        connection.execute(
            WRITTEN.replace("planned_by_id)", "planned_by_id, fixed_at)").replace("min(p.id)", "min(p.id), now()")
        )
    with case(psql, past=(WRITTEN,)) as connection, refusal("BW375"):
        connection.execute(WRITTEN.replace("'findings'", "2, 'findings'").replace("measure,", "round, measure,", 1))


def test_a_criterion_that_is_fixed_never_changes(psql: Psql) -> None:
    for change in (
        "limit_value = 99",
        "measure = 'failed_share'",
        "measure_on = current_date + 1",
        "fixed_at = null, fixed_by_id = null",
        "actions = '[1]'",
    ):
        with case(psql, past=(WRITTEN, FIXED)) as connection, refusal("BW376"):
            connection.execute(
                f"update capa_plan set {change} where capa_id = (select id from capa where capa_no = 'CAPA-X')"  # noqa: S608 - our own words
            )
    with case(psql, past=(WRITTEN, FIXED, VERIFIED)) as connection, refusal("BW376"):
        connection.execute("update capa_plan set verified_at = now() + interval '1 day'")


def test_nothing_is_measured_before_the_criterion_was_fixed_and_the_actions_verified(psql: Psql) -> None:
    for past in ((WRITTEN,), (WRITTEN, FIXED)):
        with case(psql, past=past) as connection, refusal("BW378"):
            connection.execute(MEASURED, {"result": "effective"})
    early = MEASURED.replace("select id, now()", "select id, now() - interval '1 day'", 1)
    with case(psql, past=(WRITTEN, FIXED, VERIFIED)) as connection, refusal("BW378"):
        connection.execute(early, {"result": "effective"})


def test_what_was_measured_never_changes(psql: Psql) -> None:
    measured: LiteralString = "insert into capa_measurement (plan_id, since, until, value, result) select id, now(), now(), 0, 'failed' from capa_plan where capa_id = (select id from capa where capa_no = 'CAPA-X')"
    with case(psql, past=(WRITTEN, FIXED, VERIFIED, measured)) as connection, refusal("BW002"):
        connection.execute("update capa_measurement set result = 'effective'")


SCOPED: LiteralString = (
    "insert into capa_scope (capa_id, lot_id, reason, added_by_id) select c.id, min(l.id), 'x', min(p.id)"
    " from capa c, lot l, person p where c.capa_no = 'CAPA-X' group by c.id"
)
ENDED: LiteralString = "update capa_scope set ended_at = now(), end_reason = 'x', ended_by_id = added_by_id where capa_id = (select id from capa where capa_no = 'CAPA-X')"


def test_what_it_is_about_is_ended_once_and_never_rewritten(psql: Psql) -> None:
    rewritten: tuple[LiteralString, ...] = (
        "update capa_scope set direction = 'both'",
        "update capa_scope set reason = 'y'",
        "update capa_scope set lot_id = lot_id + 1",
    )
    with case(psql, past=(SCOPED,)) as connection:
        for one in rewritten:
            with refusal("BW398"), connection.transaction():
                connection.execute(one)
    with case(psql, past=(SCOPED, ENDED)) as connection, refusal("BW398"):
        connection.execute("update capa_scope set end_reason = 'y'")
    ended: LiteralString = "update capa set status = 'withdrawn', closed_at = now() where capa_no = 'CAPA-X'"
    for statement, past in ((SCOPED, (ended,)), (ENDED, (SCOPED, ended))):
        with case(psql, past=past) as connection, refusal("BW397"):
            connection.execute(
                "select set_config('bw.actor_id', public_id::text, true) from person order by id limit 1"
            )
            connection.execute(statement)


def test_what_it_is_about_is_said_by_whoever_says_it(psql: Psql) -> None:
    with case(psql) as connection, refusal("BW183"):
        connection.execute(SCOPED)
