"""The database itself: two people approve a supplier, nothing of an entry is edited, and no lot comes in unjudged (STANDARDS Q 87)."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, LiteralString

import psycopg
import pytest

from runtime.postgres import APPLICATION, OWNER, SUPERUSER
from tests.support.fixtures.walls import Psql, refusal

ENTRY: LiteralString = (
    "insert into supplier_approval (approval_no, supplier_id, item_id, revision, asked_by_id) select 'SA-X', s.id, i.id, 'X', min(p.id)"
    " from supplier s, item i, person p where s.supplier_no = 'S-1' and i.item_no = 'PEEK-20' group by s.id, i.id"
)
TERMS: LiteralString = "expires_on = current_date + 400, reassess_on = current_date + 300"
APPROVED: LiteralString = (
    f"update supplier_approval set status = 'approved', approved_at = now(), approved_by_id = (select max(id) from person), {TERMS}"  # noqa: S608
    " where approval_no = 'SA-X'"
)
REFUSED: LiteralString = (
    "update supplier_approval set status = 'refused', refused_at = now() where approval_no = 'SA-X'"
)
RUN: LiteralString = (
    "update process_run set subject_id = (select subject_id from supplier_approval where approval_no = 'SA-X')"
    " where id = (select min(run_id) from signature)"
)
SIGNED: LiteralString = (
    "update signature set signed_at = now(), person_id = (select max(id) from person), on_behalf_of_id = null"
    " where id = (select min(id) from signature where run_id = (select min(run_id) from signature))"
)
SIGNED_TOO: LiteralString = (
    "update signature set signed_at = now(), person_id = (select max(id) - 1 from person), on_behalf_of_id = null, run_id = (select min(run_id) from signature)"
    " where id = (select max(id) from signature where run_id is not null)"
)
JUDGED: LiteralString = (
    "insert into supplier_receipt (lot_id, approval_id, finding) select l.id, a.id, 'approved' from lot l, supplier_approval a"
    " where l.lot_no = 'W-NEW' and a.approval_no = 'SA-X'"
)
ARRIVED: LiteralString = (
    "insert into lot (lot_no, item_id, kind, quantity, uom, supplier_id, supplier_lot_no) select 'W-NEW', i.id, 'raw', 5, 'pcs', s.id, 'W'"
    " from supplier s, item i where s.supplier_no = 'S-1' and i.item_no = 'PEEK-20'"
)
MOVED: LiteralString = (
    "insert into stock_movement (lot_id, kind, quantity, to_location_id) select l.id, 'receive', 5, p.id from lot l, location p"
    " where l.lot_no = 'W-NEW' and p.code = 'RCV-01'"
)


@contextmanager
def entry(
    psql: Psql, *statements: LiteralString, past: tuple[LiteralString, ...] = ()
) -> Iterator[psycopg.Connection[Any]]:
    """An entry as far as these statements bring it; `past` are carried out past the walls."""
    with psql.transaction(SUPERUSER) as connection:
        connection.execute("set local session_replication_role = replica")
        for one in (ENTRY, *past):
            connection.execute(one)
        connection.execute("set local session_replication_role = origin")
        for one in statements:
            connection.execute(one)
        yield connection


def test_an_entry_begins_as_a_request_and_only_an_update_or_an_import_carries_over(psql: Psql) -> None:
    begun: tuple[LiteralString, ...] = (
        ENTRY.replace("asked_by_id)", "status, expires_on, reassess_on)").replace(
            "min(p.id)", "'approved', current_date + 2, current_date + 1"
        ),
        ENTRY.replace("asked_by_id)", "status, origin)").replace("min(p.id)", "'approved', 'carried_over'"),
        ENTRY.replace("asked_by_id)", "status, origin)").replace("min(p.id)", "'approved', 'migrated'"),
        ENTRY.replace("asked_by_id)", "round)").replace("min(p.id)", "2"),
    )
    for role in (APPLICATION, OWNER, SUPERUSER):
        for one in begun:
            psql.refused("BW399", one, role)


def test_what_it_is_about_never_changes_nor_why_a_round_was_begun(psql: Psql) -> None:
    for change in (
        "revision = 'Z'",
        "item_id = item_id + 1",
        "origin = 'migrated'",
        "opened_at = opened_at - interval '1 day'",
        "reason = 'y'",
        "asked_by_id = null",
        "round = round + 2, round_at = now()",
        "round = round + 1, round_at = now() - interval '1 day'",
    ):
        with entry(psql) as connection, refusal("BW400"):
            connection.execute(f"update supplier_approval set {change} where approval_no = 'SA-X'")  # noqa: S608 - our own words


@pytest.mark.parametrize("decision", [APPROVED, REFUSED], ids=["approved", "refused"])
def test_it_is_decided_by_a_signature_of_somebody_who_did_not_ask_for_it(psql: Psql, decision: LiteralString) -> None:
    with entry(psql) as connection, refusal("BW401"):
        connection.execute(decision)
    own: LiteralString = (
        "update supplier_approval set asked_by_id = (select max(id) from person) where approval_no = 'SA-X'"
    )
    with entry(psql, past=(RUN, SIGNED, own)) as connection, refusal("BW401"):
        connection.execute(decision)


def test_one_signature_is_not_enough_and_terms_are_not_edited_afterwards(psql: Psql) -> None:
    with entry(psql, past=(RUN, SIGNED)) as connection, refusal("BW402"):
        connection.execute(APPROVED)
    with entry(psql, APPROVED, past=(RUN, SIGNED, SIGNED_TOO)) as connection:
        for change in ("expires_on = expires_on + 400", "condition = 'certificate'"):
            connection.execute("set local session_replication_role = replica")
            connection.execute("update signature set signed_at = now() - interval '1 day'")
            connection.execute("set local session_replication_role = origin")
            with refusal("BW401"), connection.transaction():
                connection.execute(f"update supplier_approval set {change} where approval_no = 'SA-X'")  # noqa: S608
    with entry(psql, past=(RUN, SIGNED, SIGNED_TOO)) as connection, refusal("BW002"):
        connection.execute("delete from supplier_approval where approval_no = 'SA-X'")


def test_a_lot_is_covered_by_an_approval_of_its_own_that_is_in_force(psql: Psql) -> None:
    in_force: LiteralString = f"update supplier_approval set revision = '', status = 'approved', origin = 'migrated', {TERMS} where approval_no = 'SA-X'"  # noqa: S608
    elsewhere: LiteralString = "delete from supplier_approval where revision = '' and approval_no <> 'SA-X'"
    with entry(psql, ARRIVED, JUDGED, past=(elsewhere, in_force)) as connection:
        for change in (
            "status = 'requested'",
            "expires_on = current_date - 2, reassess_on = current_date - 3",
            "revision = 'X'",
            "condition = 'certificate'",
            "condition = 'other', condition_text = 'x'",
            "condition = 'lots', most_lots = 1",
            "item_id = (select id from item where item_no = 'HIP-12')",
            "approved_at = now() - interval '1 day', approved_by_id = 1",
        ):
            with refusal("BW403"), connection.transaction():
                connection.execute("set local session_replication_role = replica")
                if "most_lots" not in change:
                    connection.execute(
                        "delete from supplier_receipt where lot_id = (select id from lot where lot_no = 'W-NEW')"
                    )
                connection.execute(f"update supplier_approval set {change} where approval_no = 'SA-X'")  # noqa: S608
                connection.execute("set local session_replication_role = origin")
                connection.execute(JUDGED)
    for said in (
        "insert into supplier_receipt (lot_id, finding) select id, 'uncontrolled' from lot where lot_no = 'W-NEW'",
        "insert into supplier_receipt (lot_id, finding, hold_id) select l.id, 'unlisted', 0 from lot l where lot_no = 'W-NEW'",
        "insert into supplier_receipt (lot_id, finding, judged_at, hold_id) select l.id, 'unlisted', now() - interval '1 day', 0 from lot l where lot_no = 'W-NEW'",
    ):
        with entry(psql, ARRIVED) as connection, refusal("BW403"):
            connection.execute(said)


def test_nothing_comes_into_stock_from_a_supplier_unjudged(psql: Psql) -> None:
    with entry(psql, ARRIVED, MOVED) as connection, refusal("BW404"):
        connection.execute("set constraints received_from_whom immediate")


def test_what_was_judged_never_changes(psql: Psql) -> None:
    with psql.transaction(SUPERUSER) as connection, refusal("BW002"):
        connection.execute("update supplier_receipt set finding = 'approved'")


SIGNS: tuple[LiteralString, ...] = (
    RUN,
    SIGNED,
    "delete from supplier_approval where revision = '' and approval_no <> 'SA-X'",
    APPROVED.replace("status =", "revision = '', status ="),
    ARRIVED,
    ARRIVED.replace("'W-NEW'", "'W-PART'"),
    (
        "insert into genealogy_edge (parent_lot_id, child_lot_id, kind, quantity, uom, at, source) select p.id, c.id, 'split', 1, p.uom, now(), 'native'"
        " from lot p, lot c where p.lot_no = 'W-NEW' and c.lot_no = 'W-PART'"
    ),
    "insert into hold (lot_id, reason, cause, placed_by_id) select id, 'w', 'supplier', (select min(id) from person) from lot where lot_no in ('W-NEW', 'W-PART')",
    "insert into supplier_receipt (lot_id, finding, hold_id) select l.id, 'unlisted', h.id from lot l join hold h on h.lot_id = l.id where l.lot_no = 'W-NEW'",
)
LIFTED: LiteralString = (
    "update hold set lifted_at = now(), lifted_by_id = (select max(id) from person), lift_reason = 'x', lift_signature_id = s.id, lift_run_id = s.run_id"
    " from (select id, run_id from signature where signed_at = now()) s where hold.reason = 'w'"
)
OF_RECEIPT: LiteralString = f"{LIFTED} and hold.id in (select hold_id from supplier_receipt)"  # noqa: S608 - our own words
OF_PART: LiteralString = f"{LIFTED} and hold.id not in (select hold_id from supplier_receipt where hold_id is not null)"  # noqa: S608

FULL: LiteralString = (
    "with few as (update supplier_approval set condition = 'lots', most_lots = 1 where approval_no = 'SA-X' returning id, approved_at)"
    " insert into supplier_receipt (lot_id, approval_id, finding, terms_at)"
    " select (select id from lot where lot_no = 'W-PART'), id, 'approved', approved_at from few"
)


def test_the_signature_of_an_approval_lets_go_of_what_waited_for_it_and_of_nothing_else(psql: Psql) -> None:
    for one in ((LIFTED,), (OF_RECEIPT, OF_PART)):  # the lot with what was split off it
        with entry(psql, *one, past=SIGNS) as connection:
            assert connection.execute(
                "select count(*) from hold where reason = 'w' and lifted_at is null"
            ).fetchone() == (0,)
    for lifted, change in (
        (OF_PART, "update supplier_receipt set finding = finding"),  # what was split off alone
        (OF_RECEIPT.replace("max(id) from person", "min(id) from person"), "update hold set reason = reason"),
        (OF_RECEIPT, "update supplier_receipt set finding = 'refused' where hold_id is not null"),
        (OF_RECEIPT, "update supplier_receipt set finding = 'certificate' where hold_id is not null"),
        (OF_RECEIPT, "update supplier_approval set condition = 'certificate' where approval_no = 'SA-X'"),
        (OF_RECEIPT, "update supplier_approval set condition = 'other', condition_text = 'x' where approval_no = 'SA-X'"),
        (OF_RECEIPT, "update supplier_approval set revision = 'X' where approval_no = 'SA-X'"),
        (OF_RECEIPT, "update supplier_approval set approved_at = now() - interval '1 day' where approval_no = 'SA-X'"),
        (OF_RECEIPT, "update supplier_approval set item_id = (select id from item where item_no = 'HIP-12') where approval_no = 'SA-X'"),
        (OF_RECEIPT, "update hold set cause = 'manual' where reason = 'w'"),
        (OF_RECEIPT, FULL),
    ):  # fmt: skip
        with entry(psql, past=(*SIGNS, change)) as connection, refusal("BW037"):
            connection.execute(lifted)


def test_the_last_day_ends_at_the_plant(psql: Psql) -> None:
    in_force: LiteralString = (
        "update supplier_approval set status = 'approved', origin = 'migrated', reassess_on = null,"
        " expires_on = (now() at time zone 'Pacific/Pago_Pago')::date where approval_no = 'SA-X'"
    )
    asked: LiteralString = "select approval_covers(a, 'X', null) from supplier_approval a where a.approval_no = 'SA-X'"
    # never the same day there: one clock is 25 hours ahead of the other
    zones: tuple[tuple[LiteralString, bool], ...] = (("Pacific/Pago_Pago", True), ("Pacific/Kiritimati", False))
    for zone, covered in zones:
        with entry(psql, past=(in_force, f"update site set zone = '{zone}'")) as connection:  # noqa: S608
            assert connection.execute(asked).fetchone() == (covered,)
