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


def test_what_is_critical_is_not_closed_by_one_signature(psql: Psql) -> None:
    with psql.transaction(SUPERUSER) as connection:
        connection.execute("alter table nonconformance disable trigger nonconformance_wall")
        connection.execute("update nonconformance set severity = 'critical' where nonconformance_no like 'NC-R-FAIL%'")
        connection.execute("alter table nonconformance enable trigger nonconformance_wall")
        # signed by one, with everything else that a decision needs
        connection.execute("alter table signature disable trigger user")
        connection.execute(
            "update signature s set outcome = 'accept', run_id = n.run_id, subject_id = n.subject_id from nonconformance n"
            " where n.nonconformance_no like 'NC-R-FAIL%' and s.id = (select min(id) from signature)"
        )
        with refusal("BW370"):
            connection.execute(
                "update nonconformance n set status = 'closed', cause = 'x', decision_reason = 'x', disposition = 'accept',"
                " closed_at = now(), owner_id = s.person_id, decided_by_id = s.person_id from signature s"
                " where s.run_id = n.run_id and n.nonconformance_no like 'NC-R-FAIL%'"
            )


def test_a_nonconformance_is_about_something(psql: Psql) -> None:
    psql.refused("23514", "insert into nonconformance (nonconformance_no, title) values ('NC-NONE', 'x')")
