"""The database itself: a breakdown begins open and ends by the signature of somebody else, and nothing is made or measured with what is out of use."""

from typing import LiteralString

from runtime.postgres import API, SUPERUSER, WORKER
from tests.support.fixtures.walls import Psql, refusal

ANOTHER: LiteralString = (
    "insert into breakdown_lot (breakdown_id, lot_id, because, nonconformance_id)"
    " select breakdown_id, lot_id + 1, 'named', nonconformance_id from breakdown_lot limit 1"
)
OPENED: LiteralString = "update breakdown set status = 'open', ended_at = null, ended_by_id = null"


def test_a_breakdown_begins_open_and_keeps_what_it_is(psql: Psql) -> None:
    new: LiteralString = (
        "insert into breakdown (breakdown_no, title, title_en, equipment_id, happened_at, reported_at, reported_by_id, status, ended_at, ended_by_id)"
        " select 'BD-X', 'x', 'x', equipment_id, {}, {}, reported_by_id, {} from breakdown order by id limit 1"
    )
    for happened, reported, status in (
        ("now()", "now()", "'retired', now(), reported_by_id"),
        ("now()", "now() + interval '1 day'", "'open', null, null"),
        ("ended_at - interval '1 second'", "now()", "'open', null, null"),
    ):
        psql.refused("BW470", new.format(happened, reported, status), SUPERUSER)
    for change in (
        "happened_at = happened_at - interval '1 day'",
        "equipment_id = equipment_id + 1",
        "found = 'other'",
    ):
        psql.refused("BW470", "update breakdown set " + change)  # noqa: S608 - our own words
    psql.refused("BW002", "delete from breakdown", SUPERUSER)
    psql.refused("BW201", "update breakdown set found = 'x'", API)
    for table in ("breakdown_report", "breakdown_lot"):
        psql.refused("BW002", f"update {table} set id = id", SUPERUSER)  # noqa: S608 - our own words


def test_it_ends_by_the_signature_of_somebody_else_and_batches_have_their_deviation(psql: Psql) -> None:
    with psql.transaction(SUPERUSER) as connection:
        connection.execute("set local session_replication_role = replica")
        connection.execute(OPENED)
        connection.execute("set local session_replication_role = origin")
        connection.execute("savepoint here")
        for wall, statement in (
            ("BW471", "update breakdown set status = 'back', ended_at = now(), ended_by_id = (select min(id) from person)"),
            ("BW472", ANOTHER),
        ):  # fmt: skip
            with refusal(wall):
                connection.execute(statement)
            connection.execute("rollback to savepoint here")


def test_nothing_is_measured_or_made_with_what_is_out_of_use(psql: Psql) -> None:
    for wall, table, of in (
        ("BW473", "inspection_result", "inspection_id, name, sample_no, passed"),
        ("BW474", "operation_equipment", "operation_run_id"),
    ):
        with psql.transaction(SUPERUSER) as connection:
            connection.execute("set local session_replication_role = replica")
            connection.execute(OPENED)
            connection.execute("update breakdown set happened_at = now() - interval '2 hours'")
            connection.execute("update operation_run set started_at = now() - interval '1 hour', finished_at = now()")
            connection.execute("set local session_replication_role = origin")
            connection.execute(f"alter table {table} disable trigger user")
            trigger = "measured_broken_wall" if table == "inspection_result" else "worked_broken_wall"
            connection.execute(f"alter table {table} enable trigger {trigger}")
            statement = f"insert into {table} (equipment_id, {of}) select (select min(equipment_id) from breakdown), {of} from {table} order by id limit 1"  # noqa: S608
            connection.execute("savepoint here")
            with refusal(wall):
                connection.execute(statement)
            connection.execute("rollback to savepoint here")
            if table == "operation_equipment":  # begun before: with its deviation only
                connection.execute("set local session_replication_role = replica")
                connection.execute("update operation_run set started_at = now() - interval '3 hours'")
                connection.execute("set local session_replication_role = origin")
                with refusal(wall):
                    connection.execute(statement)


def test_whoever_writes_is_whoever_acts(psql: Psql) -> None:
    psql.refused(
        "BW183",
        "insert into breakdown_report (breakdown_id, said, happened_at, reported_by_id) select id, 'x', now(), (select max(id) from person) from breakdown limit 1",
        WORKER,
    )
