"""A link is kept for ever; a corrected one says since when, and only its correction can say it (REQUIREMENTS 21)."""

import threading
from typing import LiteralString

import psycopg

from runtime.postgres import APPLICATION, OWNER, SUPERUSER
from tests.support.fixtures.walls import ACTOR, Psql, refusal

LINK = "select e.id from genealogy_edge e join lot l on l.id = e.parent_lot_id where l.lot_no = 'R-1' order by e.id limit 1"
CORRECT: LiteralString = (
    "insert into genealogy_edge (parent_lot_id, child_lot_id, kind, quantity, uom, supersedes_id)"
    " select e.parent_lot_id, e.child_lot_id, e.kind, e.quantity + 1, e.uom, e.id from genealogy_edge e where e.id = %(link)s"
)
SUPERSEDE: LiteralString = "update genealogy_edge set superseded_at = now() where id = %(link)s"


def link(psql: Psql) -> int:
    """A link out of R-1 that counts."""
    ((found,),) = psql.run(LINK)
    return int(found)


def test_a_correction_says_on_the_wrong_link_since_when_it_is_known(psql: Psql) -> None:
    with psql.transaction() as connection:
        wrong = link(psql)
        connection.execute(CORRECT, {"link": wrong})
        said = connection.execute(
            "select s.recorded_at, e.superseded_at from genealogy_edge e join genealogy_edge s on s.supersedes_id = e.id"
            " where e.id = %s",
            [wrong],
        ).fetchone()
        assert said is not None
        assert said[0] == said[1]
        trail = connection.execute(
            "select operation from audit_event where table_name = 'genealogy_edge' and row_id = %s order by id", [wrong]
        ).fetchall()
        assert [row[0] for row in trail] == ["insert", "update"]


def test_nobody_says_it_without_a_correction(psql: Psql) -> None:
    wrong = link(psql)
    psql.refused("42501", SUPERSEDE, APPLICATION, link=wrong)
    psql.refused("BW002", SUPERSEDE, OWNER, link=wrong)
    psql.refused("BW002", SUPERSEDE, SUPERUSER, link=wrong)


def test_a_correction_changes_nothing_else_and_is_not_taken_back(psql: Psql) -> None:
    wrong = link(psql)
    for change in ("quantity = 1", "superseded_at = null", "recorded_at = now() - interval '1 year'"):
        with psql.transaction(SUPERUSER) as connection:
            connection.execute(CORRECT, {"link": wrong})
            with refusal("BW002"):
                connection.execute(f"update genealogy_edge set {change} where id = %s".encode(), [wrong])  # noqa: S608 - ours


def test_a_link_is_corrected_once(psql: Psql) -> None:
    with psql.transaction() as connection:
        wrong = link(psql)
        connection.execute(CORRECT, {"link": wrong})
        with refusal("BW037"):
            connection.execute(CORRECT, {"link": wrong})


def test_two_corrections_at_once_leave_one(psql: Psql) -> None:
    """The second waits for the first and is then refused; here the first is rolled back, so the second holds."""
    wrong, outcome = link(psql), []

    def second() -> None:
        with psycopg.connect(psql.url(APPLICATION)) as connection:
            connection.execute(ACTOR)
            connection.execute(CORRECT, {"link": wrong})
            outcome.append("corrected")
            connection.rollback()

    with psql.transaction() as first:
        first.execute(CORRECT, {"link": wrong})
        thread = threading.Thread(target=second)
        thread.start()
        thread.join(0.3)
        assert not outcome, "the second one must wait"
    thread.join(10)
    assert outcome == ["corrected"]
