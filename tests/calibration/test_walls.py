# ruff: noqa: S608 - statements are put together from our own words
"""The database itself: how a calibration comes in, what stays blocked, and that each result is decided once, by a signature."""

from typing import LiteralString

from runtime.postgres import API, APPLICATION, OWNER, SUPERUSER, WORKER
from tests.support.fixtures.walls import Psql, refusal

GAUGE: LiteralString = "(select min(id) from equipment where equipment_no = 'G-17')"
OF_X: LiteralString = " where id = (select min(id) from out_of_tolerance_result)"


def test_what_was_found_is_signed_and_the_register_takes_passed_ones_only(psql: Psql) -> None:
    plain: LiteralString = (
        "insert into calibration (equipment_id, performed_at, due_at, result) values ("
        + GAUGE
        + ", now(), now() + interval '1 day', 'passed')"
    )
    signed: LiteralString = (
        "insert into calibration (equipment_id, performed_at, due_at, run_id, as_found) values ("
        + GAUGE
        + ", now(), now() + interval '1 day',"
        " (select min(id) from process_run), 'within')"
    )
    for role in (APPLICATION, OWNER, SUPERUSER):
        psql.refused("BW405", signed, role)
    psql.refused("BW250", plain, WORKER)
    psql.refused("BW406", plain.replace("'passed'", "'failed'"), API)
    psql.run(plain, API)


def test_a_block_is_placed_by_a_signed_calibration_and_not_lifted_by_hand(psql: Psql) -> None:
    psql.refused(
        "BW407",
        "insert into equipment_block (equipment_id, calibration_id, because, doubted_until, good_from)"
        " select equipment_id, id, 'found', now(), now() from calibration where id not in (select calibration_id from equipment_block) order by id limit 1",
    )
    for change in (
        "doubted_until = doubted_until + interval '1 day'",
        "because = 'found', equipment_id = equipment_id + 1",
    ):
        psql.refused("BW407", "update equipment_block set " + change)
    with psql.transaction(SUPERUSER) as connection:
        connection.execute("set local session_replication_role = replica")
        connection.execute("update equipment_block set lifted_at = null, lifted_by_id = null")
        connection.execute("set local session_replication_role = origin")
        with refusal("BW408"):
            connection.execute(
                "update equipment_block set lifted_at = now(), lifted_by_id = (select min(id) from person)"
            )
    psql.refused("BW002", "delete from equipment_block", SUPERUSER)


def test_nothing_is_measured_or_made_with_what_is_blocked(psql: Psql) -> None:
    for wall, table, of in (
        ("BW409", "inspection_result", "inspection_id, name, sample_no, passed"),
        ("BW410", "operation_equipment", "operation_run_id"),
    ):
        with psql.transaction(SUPERUSER) as connection:
            connection.execute("set local session_replication_role = replica")
            connection.execute(
                "update equipment_block set lifted_at = null, lifted_by_id = null, placed_at = now() - interval '1 hour', equipment_id = "
                + GAUGE
            )
            connection.execute("update operation_run set finished_at = now()")
            connection.execute("set local session_replication_role = origin")
            connection.execute(f"alter table {table} disable trigger user")
            connection.execute(
                f"alter table {table} enable trigger {'measured' if table == 'inspection_result' else 'worked'}_in_doubt_wall"
            )
            with refusal(wall):
                connection.execute(
                    f"insert into {table} (equipment_id, {of}) select {GAUGE}, {of} from {table} order by id limit 1"
                )


def test_what_an_assessment_found_never_changes_and_is_decided_by_signatures(psql: Psql) -> None:
    for change in ("counts = '{}'", "lots = '[]'", "digest = 'x'", "results = 0"):
        psql.refused("BW411", "update out_of_tolerance set " + change)
    with psql.transaction(SUPERUSER) as connection:
        connection.execute("set local session_replication_role = replica")
        connection.execute("update out_of_tolerance set status = 'open', closed_at = null")
        connection.execute(
            "update out_of_tolerance_result set decision = null, decided_at = null, decided_by_id = null, reason = null"
        )
        connection.execute("set local session_replication_role = origin")
        connection.execute("savepoint here")
        for wall, statement in (
            ("BW412", "update out_of_tolerance set status = 'closed', closed_at = now()"),
            ("BW415", "update out_of_tolerance_result set seq = seq + 1" + OF_X),
            (
                "BW416",
                "update out_of_tolerance_result set decision = 'no_effect', decided_at = now(), decided_by_id = (select min(id) from person), reason = 'x'"
                + OF_X,
            ),
        ):
            with refusal(wall):
                connection.execute(statement)
            connection.execute("rollback to savepoint here")
    psql.refused("BW415", "update out_of_tolerance_result set reason = 'other'" + OF_X)
    psql.refused(
        "BW414",
        "insert into out_of_tolerance_result (assessment_id, seq, result_id, equipment_id, lot_id, inspection_no, characteristic, passed, measured_at)"
        " select assessment_id, 99, result_id + 1, equipment_id, lot_id, inspection_no, characteristic, passed, measured_at from out_of_tolerance_result limit 1",
    )
    psql.refused(
        "BW411",
        "insert into out_of_tolerance (assessment_no, title, title_en, equipment_id, calibration_id, digest) select 'OOT-X', 'x', 'x', equipment_id, id, 'x'"
        " from calibration where id not in (select calibration_id from equipment_block) order by id limit 1",
    )


def test_an_operation_is_kept_in_an_assessment_with_the_machine_batch_and_time_that_it_had(psql: Psql) -> None:
    row: LiteralString = (
        "insert into out_of_tolerance_result (assessment_id, seq, operation_run_id, equipment_id, lot_id, characteristic, began_at, measured_at)"
        " select a.id, 99, o.id, {}, {}, 'x', {}, o.finished_at from out_of_tolerance a, operation_run o"
        " join operation_equipment u on u.operation_run_id = o.id order by u.id limit 1"
    )
    other: LiteralString = (
        "(select min(e.id) from equipment e where e.id <> all(select equipment_id from operation_equipment))"
    )
    with psql.transaction(SUPERUSER) as connection:
        connection.execute("set local session_replication_role = replica")
        connection.execute("update out_of_tolerance set status = 'open', closed_at = null, opened_at = now()")
        connection.execute("set local session_replication_role = origin")
        connection.execute("savepoint here")
        for said in (
            (other, "o.lot_id", "o.started_at"),
            ("u.equipment_id", "(select max(id) from lot where id <> o.lot_id)", "o.started_at"),
            ("u.equipment_id", "o.lot_id", "o.started_at - interval '1 second'"),
        ):
            with refusal("BW414"):
                connection.execute(row.format(*said))
            connection.execute("rollback to savepoint here")
        connection.execute(row.format("u.equipment_id", "o.lot_id", "o.started_at"))
