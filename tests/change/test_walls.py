"""The database itself: who approves a change, what never changes of it, and that no lock is edited away or walked around."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, LiteralString

import psycopg

from runtime.postgres import APPLICATION, OWNER, SUPERUSER
from tests.support.fixtures.walls import Psql, refusal

CASE: LiteralString = "insert into change (change_no, title, reason, kind, target, opened_by_id) select 'CHG-X', 'x', 'x', 'item', 'X', min(id) from person"
APPROVED: LiteralString = "update change set status = 'approved', approved_at = now(), approved_by_id = (select max(id) from person) where change_no = 'CHG-X'"
LOCKED: LiteralString = "insert into change_lock (change_id, lot_id, step) select c.id, %(lot)s, 'incoming' from change c where change_no = 'CHG-X'"
OF_X = " where change_id = (select id from change where change_no = 'CHG-X')"


@contextmanager
def case(
    psql: Psql, *statements: LiteralString, past: tuple[LiteralString, ...] = (), lot: int = 0
) -> Iterator[psycopg.Connection[Any]]:
    """A change as far as these statements bring it; `past` are carried out past the walls."""
    with psql.transaction(SUPERUSER) as connection:
        connection.execute("set local session_replication_role = replica")
        for one in (CASE, *past):
            connection.execute(one, {"lot": lot})
        connection.execute("set local session_replication_role = origin")
        for one in statements:
            connection.execute(one, {"lot": lot})
        yield connection


def any_lot(psql: Psql, where: LiteralString) -> int:
    """A batch of the filled plant."""
    [[key]] = psql.run("select id from lot l where " + where + " order by id limit 1")  # noqa: S608 - our own words
    return int(key)


def test_a_change_begins_open_and_is_of_something_that_can_change(psql: Psql) -> None:
    for role in (APPLICATION, OWNER, SUPERUSER):
        psql.refused(
            "BW379",
            "insert into change (change_no, title, reason, kind, target, opened_by_id) select 'CHG-Y', 'x', 'x', 'weather', 'X', min(id) from person",
            role,
        )


def test_what_was_asked_for_never_changes_nor_how_it_ended(psql: Psql) -> None:
    for change in (
        "title = 'y'",
        "target = 'y'",
        "first_step = 'leave'",
        "also = '{A}'",
        "opened_by_id = opened_by_id + 1",
    ):
        with case(psql) as connection, refusal("BW380"):
            connection.execute(f"update change set {change} where change_no = 'CHG-X'")  # noqa: S608 - our own words
    ended: LiteralString = "update change set status = 'refused', closed_at = now() where change_no = 'CHG-X'"
    with case(psql, past=(ended,)) as connection, refusal("BW380"):
        connection.execute("update change set status = 'open', closed_at = null where change_no = 'CHG-X'")


def test_it_goes_on_by_a_signature_only(psql: Psql) -> None:
    with case(psql) as connection, refusal("BW381"):
        connection.execute(APPROVED)
    with case(psql, past=(APPROVED,)) as connection, refusal("BW381"):
        connection.execute("update change set status = 'closed', closed_at = now() where change_no = 'CHG-X'")


def test_whoever_asked_does_not_approve_even_by_a_signature(psql: Psql) -> None:
    signed: LiteralString = "update signature set signed_at = now(), person_id = (select min(id) from person) where id = (select min(id) from signature where run_id is not null)"
    run: LiteralString = (
        "update process_run set subject_id = (select subject_id from change where change_no = 'CHG-X')"
        " where id = (select run_id from signature where run_id is not null order by id limit 1)"
    )
    with case(psql, past=(signed, run)) as connection, refusal("BW381"):
        connection.execute(
            "update change set status = 'approved', approved_at = now(), approved_by_id = opened_by_id where change_no = 'CHG-X'"
        )


def test_a_batch_is_locked_by_an_approved_change_only(psql: Psql) -> None:
    lot = any_lot(psql, "true")
    with case(psql) as connection, refusal("BW383"):
        connection.execute(LOCKED, {"lot": lot})
    with case(psql, past=(APPROVED,)) as connection, refusal("BW383"):
        connection.execute(
            LOCKED.replace("step)", "step, freed_at)").replace("'incoming'", "'incoming', now()"), {"lot": lot}
        )


def test_a_lock_is_not_edited_away(psql: Psql) -> None:
    lot = any_lot(psql, "true")
    for change in (
        "freed_at = now()",
        "step = 'leave'",
        "lot_id = lot_id + 1",
        "locked_at = now() + interval '1 day'",
        "decision = 'old_way', decided_at = now(), decided_by_id = (select min(id) from person), reason = 'x'",
    ):
        with case(psql, past=(APPROVED, LOCKED), lot=lot) as connection, refusal("BW384"):
            connection.execute(f"update change_lock set {change}{OF_X}")  # noqa: S608 - our own words
    with case(psql, past=(APPROVED, LOCKED), lot=lot) as connection, refusal("BW002"):
        connection.execute("delete from change_lock" + OF_X)  # noqa: S608


def test_no_step_walks_around_a_lock(psql: Psql) -> None:
    with (
        case(
            psql,
            past=(APPROVED, LOCKED),
            lot=any_lot(psql, "exists (select from operation_run r where r.lot_id = l.id)"),
        ) as connection,
        refusal("BW385"),
    ):
        connection.execute(
            "insert into operation_run (work_order_id, lot_id, seq, run_no, code, started_at, finished_at, recorded_by_id)"
            " select r.work_order_id, r.lot_id, r.seq, 99, r.code, now(), now(), r.recorded_by_id from operation_run r"
            " join change_lock k on k.lot_id = r.lot_id join change c on c.id = k.change_id where c.change_no = 'CHG-X' limit 1"
        )
    waiting: LiteralString = (
        "exists (select from human_task t where t.lot_id = l.id and t.status = 'open' and t.stage = 'inspect')"
    )
    lot = any_lot(psql, waiting)
    with case(psql, past=(APPROVED, LOCKED), lot=lot) as connection, refusal("BW386"):
        connection.execute("alter table human_task disable trigger task_wall_role")
        connection.execute(
            "update human_task set status = 'done', done_at = now(), done_by_id = (select min(id) from person), outcome = 'accepted'"
            " where stage = 'inspect' and status = 'open' and lot_id = %s",
            (lot,),
        )
    stocked: LiteralString = (
        "l.status = 'released' and exists (select from stock s where s.lot_id = l.id and s.quantity > 0)"
    )
    lot = any_lot(psql, stocked)
    with case(psql, past=(APPROVED, LOCKED), lot=lot) as connection, refusal("BW387"):
        connection.execute(
            "insert into stock_movement (lot_id, kind, quantity, from_location_id) select s.lot_id, 'ship', 1, s.location_id"
            " from stock s where s.lot_id = %s and s.quantity > 0 limit 1",
            (lot,),
        )


def test_nothing_that_waits_for_a_decision_is_closed_over(psql: Psql) -> None:
    signed: LiteralString = (
        "update signature set signed_at = now() where id = (select min(id) from signature where run_id is not null)"
    )
    run: LiteralString = (
        "update process_run set subject_id = (select subject_id from change where change_no = 'CHG-X')"
        " where id = (select run_id from signature where run_id is not null order by id limit 1)"
    )
    with case(psql, past=(APPROVED, LOCKED, signed, run), lot=any_lot(psql, "true")) as connection, refusal("BW382"):
        connection.execute("update change set status = 'closed', closed_at = now() where change_no = 'CHG-X'")


def test_an_impact_never_changes(psql: Psql) -> None:
    kept: LiteralString = (
        "insert into change_impact (change_id, digest) select id, 'x' from change where change_no = 'CHG-X'"
    )
    with case(psql, past=(kept,)) as connection, refusal("BW002"):
        connection.execute("update change_impact set digest = 'y'" + OF_X)  # noqa: S608


TASK: LiteralString = (
    "insert into change_task (change_id, title, owner_id, due, run_id) select c.id, 'SOP', (select min(id) from person), current_date,"
    " (select max(id) from process_run) from change c where change_no = 'CHG-X'"
)
ITS_RUN: LiteralString = (
    "update process_run set subject_id = (select subject_id from change where change_no = 'CHG-X') where id in"
    " ((select max(id) from process_run), (select run_id from signature where run_id is not null order by id limit 1))"
)
SIGNED: LiteralString = (
    "update signature set signed_at = now() where id = (select min(id) from signature where run_id is not null)"
)
SIGNER: LiteralString = "(select person_id from signature where run_id is not null order by id limit 1)"


def test_a_task_is_planned_for_an_approved_change_that_is_not_verified(psql: Psql) -> None:
    with case(psql, past=(ITS_RUN,)) as connection, refusal("BW422"):
        connection.execute(TASK)
    with case(psql, past=(APPROVED,)) as connection, refusal("BW422"):  # its run is about something else
        connection.execute(TASK)
    verified: LiteralString = (
        "update change set verified_at = now(), verified_by_id = (select min(id) from person) where change_no = 'CHG-X'"
    )
    with case(psql, past=(APPROVED, ITS_RUN, verified)) as connection, refusal("BW422"):
        connection.execute(TASK)


def test_a_task_is_done_once_by_whoever_signs_and_stays_what_it_was(psql: Psql) -> None:
    done: LiteralString = "update change_task set done_at = now(), done_by_id = owner_id" + OF_X  # noqa: S608
    for change in (done, "update change_task set title = 'y'" + OF_X, "update change_task set due = due + 1" + OF_X):  # noqa: S608
        with case(psql, past=(APPROVED, TASK)) as connection, refusal("BW423"):
            connection.execute(change)
    with case(psql, past=(APPROVED, TASK, done)) as connection, refusal("BW423"):
        connection.execute("update change_task set done_at = null, done_by_id = null" + OF_X)  # noqa: S608
    with case(psql, past=(APPROVED, TASK)) as connection, refusal("BW002"):
        connection.execute("delete from change_task" + OF_X)  # noqa: S608


def test_it_is_verified_by_somebody_who_did_none_of_its_tasks_when_all_are_done(psql: Psql) -> None:
    verify: LiteralString = (
        f"update change set verified_at = now(), verified_by_id = {SIGNER} where change_no = 'CHG-X'"  # noqa: S608
    )
    own: LiteralString = f"update change_task set done_at = now(), done_by_id = {SIGNER}" + OF_X  # noqa: S608
    other: LiteralString = (
        f"update change_task set done_at = now(), done_by_id = (select max(id) from person where id <> {SIGNER})" + OF_X  # noqa: S608
    )
    for past in ((TASK, ITS_RUN, SIGNED), (TASK, own, ITS_RUN, SIGNED), (TASK, other, ITS_RUN)):
        with case(psql, past=(APPROVED, *past)) as connection, refusal("BW420"):
            connection.execute(verify)
    with case(psql, past=(APPROVED, TASK, other, ITS_RUN, SIGNED)) as connection:
        connection.execute(verify)


def test_it_is_not_closed_before_it_is_verified_and_everybody_is_trained(psql: Psql) -> None:
    closing: LiteralString = "update change set status = 'closed', closed_at = now() where change_no = 'CHG-X'"
    verified: LiteralString = (
        "update change set verified_at = now(), verified_by_id = (select min(id) from person) where change_no = 'CHG-X'"
    )
    reading: LiteralString = TASK.replace("(change_id, title,", "(change_id, kind, title,").replace(
        "c.id, 'SOP'", "c.id, 'training', 'SOP'"
    )
    for past in ((TASK,), (reading, verified)):
        with case(psql, past=(APPROVED, *past, ITS_RUN, SIGNED)) as connection, refusal("BW421"):
            connection.execute(closing)


def test_it_takes_effect_from_now_on_by_a_signature_when_everybody_is_trained(psql: Psql) -> None:
    verified: LiteralString = (
        "update change set verified_at = now(), verified_by_id = (select min(id) from person) where change_no = 'CHG-X'"
    )
    effect: LiteralString = (
        f"update change set effective_at = now(), effective_by_id = {SIGNER} where change_no = 'CHG-X'"  # noqa: S608
    )
    reading: LiteralString = TASK.replace("(change_id, title,", "(change_id, kind, title,").replace(
        "c.id, 'SOP'", "c.id, 'training', 'SOP'"
    )
    for past in (
        (ITS_RUN, SIGNED),
        (verified, ITS_RUN),
        (verified, reading, ITS_RUN, SIGNED),
        (verified, effect, ITS_RUN, SIGNED),
    ):
        with case(psql, past=(APPROVED, *past)) as connection, refusal("BW424"):
            connection.execute(effect.replace("= now()", "= now() + interval '1 day'"))
    with case(psql, past=(APPROVED, verified, ITS_RUN, SIGNED)) as connection, refusal("BW424"):
        connection.execute(effect.replace("= now()", "= now() - interval '1 day'"))
    later: LiteralString = effect.replace("= now()", "= now() + interval '1 day'")
    with case(psql, past=(APPROVED, verified, later, ITS_RUN, SIGNED)) as connection, refusal("BW425"):
        connection.execute("update change set status = 'closed', closed_at = now() where change_no = 'CHG-X'")
