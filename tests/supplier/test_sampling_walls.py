# ruff: noqa: S608 - statements are put together from our own words
"""The database itself: what counts for switching is written once with its verdict, by the rules, and no verdict comes without it (STANDARDS Q 88)."""

from typing import LiteralString

import pytest

from runtime.postgres import SUPERUSER
from tests.support.fixtures.walls import Psql, refusal

LOT: LiteralString = "(select min(lot_id) from sampling_lot)"
OF: LiteralString = f"(select id from inspection where lot_id = {LOT} and stage = 'incoming' and revision = 1)"
COUNTS: LiteralString = (
    "insert into sampling_lot (severity_id, seq, lot_id, inspection_id, accepted, severity, then_severity)"
    " select s.id, 1, l.id, i.id, true, 'normal', 'normal' from lot l join inspection i on i.lot_id = l.id and i.stage = 'incoming' and i.revision = 1"
    f" join sampling_severity s on (s.supplier_id, s.item_id) = (l.supplier_id, l.item_id) where l.id = {LOT.replace('sampling_lot', 'was')}"
)
WRONG: tuple[tuple[str, str], ...] = (
    ("true, 'normal', 'normal'", "true, 'normal', 'tightened'"),
    ("true, 'normal', 'normal'", "true, 'tightened', 'tightened'"),
    ("true, 'normal', 'normal'", "false, 'normal', 'normal'"),
    ("s.id, 1,", "s.id, 2,"),
    ("then_severity)", "then_severity, judged_at)"),
    ("l.id, i.id,", "l.id, i.id + 1,"),
)


def test_what_counts_is_written_with_its_verdict_and_by_the_rules_only(psql: Psql) -> None:
    psql.refused("BW459", "insert into sampling_severity (supplier_id, item_id, severity) select supplier_id, item_id + 1, 'tightened' from sampling_severity limit 1")  # fmt: skip
    psql.refused("BW459", "update sampling_severity set severity = 'tightened', since = now()")
    psql.refused("BW459", "update sampling_severity set item_id = item_id + 1")
    psql.refused("BW459", "update sampling_severity set since = now() - interval '1 day'")
    psql.refused("BW002", "update sampling_lot set accepted = true", SUPERUSER)
    for table in ("sampling_lot", "sampling_severity"):
        psql.refused("BW002", f"delete from {table}", SUPERUSER)
    with psql.transaction(SUPERUSER) as connection:
        connection.execute("create temporary table was on commit drop as select * from sampling_lot")
        connection.execute("set local session_replication_role = replica")
        connection.execute("delete from sampling_lot")
        connection.execute(
            f"update inspection set decided_at = now(), status = 'accepted' where id = {OF.replace('sampling_lot', 'was')}"
        )
        connection.execute("set local session_replication_role = origin")
        connection.execute("savepoint here")
        for said, instead in WRONG:
            with refusal("BW458"):
                connection.execute(
                    COUNTS.replace(said, instead).replace(
                        "'normal' from",
                        "'normal', now() - interval '1 day' from" if "judged_at" in instead else "'normal' from",
                    )
                )
            connection.execute("rollback to savepoint here")
        connection.execute(COUNTS)  # as it is, it is taken
        with refusal("BW458"):
            connection.execute(COUNTS)


@pytest.mark.parametrize("status", ["accepted", "failed"])
def test_no_lot_is_decided_on_without_counting(psql: Psql, status: LiteralString) -> None:
    with psql.transaction(SUPERUSER) as connection:
        connection.execute("create temporary table was on commit drop as select * from sampling_lot")
        connection.execute("set local session_replication_role = replica")
        connection.execute("delete from sampling_lot")
        connection.execute(f"update inspection set status = 'open' where id = {OF.replace('sampling_lot', 'was')}")
        connection.execute("set local session_replication_role = origin")
        connection.execute("alter table inspection disable trigger user")
        connection.execute("alter table inspection enable trigger inspection_counts")
        connection.execute(
            f"update inspection set status = '{status}', decided_at = now() where id = {OF.replace('sampling_lot', 'was')}"
        )
        with refusal("BW460"):
            connection.execute("set constraints all immediate")
