"""The database keeps deviations and nonconformances open until their own signed decision (ISO 13485 8.3.1, 8.3.2)."""

from runtime.postgres import APPLICATION, OWNER, SUPERUSER
from tests.support.fixtures.walls import Psql, refusal
from tests.whole.walls.test_walls import RELEASE

WHOLE = (
    "update nonconformance n set status = 'closed', cause = 'x', decision_reason = 'x', disposition = 'accept',"
    " closed_at = now(), owner_id = p.id, decided_by_id = p.id from (select min(id) as id from person) p"
    " where nonconformance_no like 'NC-R-FAIL%%'"
)


def test_a_nonconformance_is_closed_by_nothing_but_its_signed_decision(psql: Psql) -> None:
    psql.refused("BW106", "update nonconformance set status = 'closed' where nonconformance_no like 'NC-R-FAIL%%'")
    for role in (APPLICATION, OWNER, SUPERUSER):
        psql.refused("BW106", WHOLE, role)


def test_what_opened_a_nonconformance_never_changes(psql: Psql) -> None:
    psql.refused("BW105", "update nonconformance set title = 'x' where nonconformance_no like 'NC-R-FAIL%%'")
    psql.refused("BW105", "update nonconformance set run_id = null where nonconformance_no like 'NC-R-FAIL%%'")


def test_no_nonconformance_begins_closed(psql: Psql) -> None:
    psql.refused(
        "BW104",
        "insert into nonconformance (nonconformance_no, lot_id, title, status)"
        " select 'NC-X', id, 'x', 'closed' from lot limit 1",
    )


def test_a_batch_with_an_open_nonconformance_is_not_released(psql: Psql) -> None:
    with psql.transaction(SUPERUSER) as connection:
        connection.execute("alter table lot disable trigger lot_wall")  # it asks for the signatures first
        connection.execute(
            "insert into nonconformance (nonconformance_no, lot_id, title) select 'NC-X', id, 'x' from lot"
            " where lot_no = 'B-SEEN'"
        )
        with refusal("BW107"):
            connection.execute(RELEASE, {"lot": "B-SEEN"})
