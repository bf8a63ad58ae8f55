"""What an operation consumed is what is linked, and only a correction changes it, whoever asks and by whatever way.

Attacked with a plain connection of the application's role, past all of our code (DESIGN 2.4; REQUIREMENTS 21, 25).  Each
attack is a true correction of B-NEW with one thing wrong; the control shows that without it the database takes it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, LiteralString

import psycopg
import pytest

from runtime.postgres import APPLICATION, OWNER, SUPERUSER
from tests.support.fixtures.walls import Psql, refusal

WRONG = (
    "select e.id from genealogy_edge e join lot c on c.id = e.child_lot_id join lot p on p.id = e.parent_lot_id"
    " where c.lot_no = %(child)s and p.lot_no = 'R-1' and e.operation_run_id is not null and e.superseded_at is null"
)
EDGE = (
    "insert into genealogy_edge (parent_lot_id, child_lot_id, kind, quantity, uom, operation_run_id, at, supersedes_id)"
    " select e.parent_lot_id, {into}, {kind}, {quantity}, e.uom, {run}, {at}, e.id from genealogy_edge e"
    " where e.id = %(wrong)s"
)
BACK = (
    "insert into stock_movement (lot_id, kind, to_location_id, quantity, operation_run_id)"
    " select e.parent_lot_id, 'adjust', (select min(location_id) from stock), {back}, {of} from genealogy_edge e"
    " where e.id = %(wrong)s"
)
HOLD = (
    "insert into hold (lot_id, reason, cause, placed_by_id) select e.child_lot_id, 'x', {cause},"
    " (select min(id) from person) from genealogy_edge e where e.id = %(wrong)s"
)
RIGHT = {
    "into": "e.child_lot_id",
    "kind": "e.kind",
    "quantity": "e.quantity - 5",
    "run": "e.operation_run_id",
    "at": "e.at",
    "back": "5",
    "of": "e.operation_run_id",
    "cause": "'correction'",
}


@contextmanager
def corrected(
    psql: Psql,
    *,
    child: str = "B-NEW",
    role: str = APPLICATION,
    leave: frozenset[str] = frozenset({"hold"}),
    **wrong: str,
) -> Iterator[psycopg.Connection]:
    """The steps of a correction by hand, up to what a commit would look at; what follows is in the same transaction."""
    words = {**RIGHT, **wrong}
    with psql.transaction(role) as connection:
        found = connection.execute(WRONG, {"child": child}).fetchone()
        assert found is not None
        given: dict[str, Any] = {"wrong": found[0]}
        for name, step in {"edge": EDGE, "back": BACK, "hold": HOLD}.items():
            if name not in leave:
                connection.execute(step.format(**words).encode(), given)
        connection.execute("set constraints all immediate")
        yield connection


def refused(psql: Psql, state: str, **wrong: Any) -> None:
    with refusal(state), corrected(psql, **wrong):
        pass


@pytest.mark.parametrize("role", [APPLICATION, OWNER, SUPERUSER])
def test_a_correction_is_taken_when_everything_adds_up(psql: Psql, role: str) -> None:
    """The control."""
    with corrected(psql, role=role):
        pass


@pytest.mark.parametrize("role", [APPLICATION, OWNER, SUPERUSER])
def test_links_and_stock_say_the_same(psql: Psql, role: str) -> None:
    refused(psql, "BW101", role=role, leave=frozenset({"back", "hold"}))
    refused(psql, "BW101", role=role, back="4")
    refused(psql, "BW101", role=role, quantity="e.quantity - 6")
    refused(psql, "BW100", role=role, leave=frozenset({"edge", "hold"}))


def test_a_correction_tells_of_the_same_operation(psql: Psql) -> None:
    for what in (
        {"run": "null"},
        {"run": "(select max(id) from operation_run)"},
        {"into": "(select id from lot where lot_no = 'B-OK')"},
        {"kind": "'rework'"},
        {"at": "e.at + interval '1 minute'"},
        {"at": "e.at - interval '1 day'"},
    ):
        refused(psql, "BW102", **what)


def test_an_adjustment_of_another_operation_is_none_of_this_correction(psql: Psql) -> None:
    refused(psql, "BW101", of="(select max(r.id) from operation_run r where r.id <> e.operation_run_id)")


def test_a_batch_in_use_is_held_by_its_correction(psql: Psql) -> None:
    with corrected(psql, child="B-OK", leave=frozenset()):
        pass
    refused(psql, "BW103", child="B-OK")
    refused(psql, "BW103", child="B-OK", leave=frozenset(), cause="'manual'")


def test_an_old_adjustment_opens_no_closed_lot(psql: Psql) -> None:
    close: LiteralString = "update lot set status = 'closed' where lot_no = 'R-1'"
    reopen: LiteralString = "update lot set status = 'released' where lot_no = 'R-1'"
    for role in (APPLICATION, OWNER, SUPERUSER):
        with psql.transaction(role) as connection:
            connection.execute(close)
            with refusal("BW012"):
                connection.execute(reopen)
    with corrected(psql) as connection:
        connection.execute("set constraints lot_step_proven deferred")
        connection.execute(close)
        connection.execute(reopen)
        # a lot that was not released before is not released by it
    with corrected(psql) as connection:
        connection.execute("set constraints lot_step_proven deferred")
        connection.execute("update lot set status = 'rejected' where lot_no = 'R-1'")
        connection.execute(close)
        with refusal("BW012"):
            connection.execute(reopen)
