"""Goods, documents and links say the same, whoever writes them (DESIGN 2.4; ISO 13485 7.5.8, 7.5.9; REQUIREMENTS 12, 21, 25).

Attacked with a plain connection of the application's role, past all of our code; each attack ends as a commit would.
"""

from typing import Any, LiteralString

import pytest

from runtime.postgres import APPLICATION, OWNER, SUPERUSER
from tests.support.fixtures.walls import Psql, refusal
from tests.whole.walls.forging import acting

NOW: LiteralString = "set constraints all immediate"
SHIPMENT: LiteralString = (
    "insert into shipment (shipment_no, customer_id, status) select 'SH-D', min(id), %(status)s from customer"
)
LINE: LiteralString = (
    "insert into shipment_line (shipment_id, lot_id, quantity) select h.id, l.id, %(quantity)s from shipment h, lot l"
    " where h.shipment_no = 'SH-D' and l.lot_no = %(lot)s"
)
LEAVE: LiteralString = (
    "insert into stock_movement (lot_id, kind, from_location_id, quantity, shipment_line_id) select l.id, 'ship',"
    " s.location_id, %(quantity)s, (select max(id) from shipment_line) from lot l join stock s on s.lot_id = l.id"
    " where l.lot_no = %(lot)s and s.quantity >= %(quantity)s limit 1"
)
SHIPPED: LiteralString = "update shipment set status = 'shipped', shipped_at = now() where shipment_no = 'SH-D'"
BACK: LiteralString = "update shipment_line set returned = returned + %(quantity)s where id = (select max(n.id) from shipment_line n join shipment h on h.id = n.shipment_id where h.shipment_no = 'SH-1')"
COME: LiteralString = (
    "insert into stock_movement (lot_id, kind, to_location_id, quantity, shipment_line_id, operation_run_id, reason)"
    " select l.id, %(kind)s, o.id, %(quantity)s, {line}, {run}, 'x' from lot l, location o"
    " where l.lot_no = %(lot)s and o.code = %(to)s"
)
GO: LiteralString = (
    "insert into stock_movement (lot_id, kind, from_location_id, quantity, operation_run_id, reason)"
    " select l.id, %(kind)s, s.location_id, 1, {run}, %(reason)s from lot l join stock s on s.lot_id = l.id"
    " where l.lot_no = 'R-1' and s.quantity > 0 limit 1"
)
RUN_OF: LiteralString = "(select max(r.id) from operation_run r join lot b on b.id = r.lot_id where b.lot_no = 'B-NEW')"
LINK: LiteralString = (
    "insert into genealogy_edge (parent_lot_id, child_lot_id, kind, quantity, operation_run_id)"
    " select p.id, c.id, %(kind)s, %(quantity)s, {run} from lot p, lot c where (p.lot_no, c.lot_no) = (%(parent)s, %(child)s)"
)
Step = tuple[str, dict[str, Any]]


def tried(psql: Psql, *steps: Step, role: str = APPLICATION) -> None:
    """All steps and what a commit would look at."""
    with psql.transaction(role) as connection:
        for statement, given in steps:
            connection.execute(statement.encode(), given)
        connection.execute(NOW)


def refused(psql: Psql, state: str, *steps: Step, role: str = APPLICATION) -> None:
    with refusal(state):
        tried(psql, *steps, role=role)


def shipping(
    quantity: int, left: int | None, lot: str = "B-OK", of: str = "B-OK", status: str = "shipped"
) -> list[Step]:
    """A shipment with one line, and what leaves for it."""
    steps: list[Step] = [(SHIPMENT, {"status": status}), (LINE, {"quantity": quantity, "lot": lot})]
    return steps if left is None else [*steps, (LEAVE, {"quantity": left, "lot": of})]


@pytest.mark.parametrize("role", [APPLICATION, OWNER, SUPERUSER])
def test_a_line_of_a_shipment_says_what_left(psql: Psql, role: str) -> None:
    tried(psql, *shipping(5, 5), role=role)
    tried(psql, *shipping(5, 2), (LEAVE, {"quantity": 3, "lot": "B-OK"}), role=role)
    for quantity, left in ((1_000_000, 39), (5, None), (5, 4), (4, 5)):
        refused(psql, "BW175", *shipping(quantity, left), role=role)
    refused(psql, "BW175", *shipping(5, 5, of="R-1"), role=role)  # another lot went


def test_what_is_planned_has_not_left_and_what_is_shipped_has(psql: Psql) -> None:
    tried(psql, *shipping(5, None, status="planned"))
    tried(psql, *shipping(5, 5, status="planned"), (SHIPPED, {}))
    refused(psql, "BW175", *shipping(5, 5, status="planned"))
    refused(psql, "BW175", *shipping(5, None, status="planned"), (SHIPPED, {}))


@pytest.mark.parametrize(
    "change",
    [
        "customer_id = customer_id + 1",
        "shipment_no = 'SH-OTHER'",
        "shipped_at = now() - interval '1 year'",
        "shipped_at = null",
        "status = 'planned'",
        "status = 'cancelled'",
    ],
)
def test_a_shipment_stays_what_left_to_whom_and_when(psql: Psql, change: str) -> None:
    psql.refused("BW176", f"update shipment set {change} where shipment_no = 'SH-1'")  # noqa: S608 - our own words


def test_what_comes_back_is_booked_in(psql: Psql) -> None:
    line = "(select n.id from shipment_line n join shipment h on h.id = n.shipment_id where h.shipment_no = 'SH-1')"
    back: Step = (BACK, {"quantity": 2})
    come = {"kind": "return", "quantity": 2, "lot": "B-OK", "to": "RET-01"}
    tried(psql, back, (COME.format(line=line, run="null"), come))
    refused(psql, "BW175", back)
    refused(psql, "BW175", (COME.format(line=line, run="null"), come))
    refused(psql, "BW175", back, (COME.format(line=line, run="null"), come | {"quantity": 1}))
    refused(psql, "BW175", (COME.format(line="null", run="null"), come))
    refused(psql, "BW175", back, (COME.format(line=line, run="null"), come | {"lot": "R-1"}))


@pytest.mark.parametrize("role", [APPLICATION, OWNER, SUPERUSER])
def test_nothing_comes_from_nothing(psql: Psql, role: str) -> None:
    received = {"kind": "receive", "quantity": 7, "lot": "R-1", "to": "RM-A1"}
    made = {"kind": "produce", "quantity": 7, "lot": "B-NEW", "to": "CR-2"}
    refused(psql, "BW175", (COME.format(line="null", run="null"), received), role=role)
    for run in ("null", RUN_OF, RUN_OF.replace("B-NEW", "B-OK")):
        refused(psql, "BW175", (COME.format(line="null", run=run), made), role=role)


def test_a_lot_comes_once_with_what_it_says(psql: Psql) -> None:
    lot: LiteralString = (
        "insert into lot (lot_no, item_id, kind, status, quantity) select 'R-COME', id, 'raw', 'received', 10"
        " from item where item_no = 'PEEK-20'"
    )
    come = {"kind": "receive", "quantity": 10, "lot": "R-COME", "to": "RCV-01"}
    receipt = COME.format(line="null", run="null")
    tried(psql, (lot, {}), (receipt, come))
    refused(psql, "BW175", (lot, {}), (receipt, come | {"quantity": 11}))
    refused(psql, "BW175", (lot, {}), (receipt, come), (receipt, come))


def test_what_is_used_is_linked_and_what_is_linked_was_used(psql: Psql) -> None:
    used: Step = (GO.format(run=RUN_OF), {"kind": "consume", "reason": None})
    link = {"kind": "consume", "quantity": 1, "parent": "R-1", "child": "B-NEW"}
    tried(psql, used, (LINK.format(run=RUN_OF), link))
    refused(psql, "BW175", used)
    refused(psql, "BW175", (GO.format(run="null"), {"kind": "consume", "reason": "x"}))
    refused(psql, "BW181", (LINK.format(run=RUN_OF), link))
    refused(psql, "BW181", used, (LINK.format(run=RUN_OF), link), (LINK.format(run="null"), link))
    refused(psql, "BW181", used, (LINK.format(run=RUN_OF), link | {"child": "B-OK"}))


@pytest.mark.parametrize("kind", ["consume", "rework", "install", "processed-in-load"])
@pytest.mark.parametrize("role", [APPLICATION, OWNER, SUPERUSER])
def test_no_link_is_invented(psql: Psql, kind: str, role: str) -> None:
    refused(
        psql,
        "BW181",
        (LINK.format(run="null"), {"kind": kind, "quantity": 1, "parent": "R-1", "child": "B-OK"}),
        role=role,
    )


def test_no_lot_is_made_of_itself(psql: Psql) -> None:
    """R-1 went into B-NEW, so nothing of B-NEW goes into what an order makes of it and R-1 again."""
    order: LiteralString = (
        "insert into work_order (work_order_no, item_id, lot_id, quantity) select 'WO-LOOP', item_id, id, 1 from lot"
        " where lot_no = 'R-1'"
    )
    run: LiteralString = (
        "insert into operation_run (work_order_id, lot_id, seq, run_no, code, started_at, finished_at, recorded_by_id)"
        " select w.id, w.lot_id, 10, 1, '10', now(), now(), p.id from work_order w, person p where w.work_order_no = 'WO-LOOP' order by p.id limit 1"
    )
    used: LiteralString = (
        "insert into stock_movement (lot_id, kind, from_location_id, quantity, operation_run_id) select l.id, 'consume',"
        " s.location_id, 1, (select max(id) from operation_run) from lot l join stock s on s.lot_id = l.id"
        " where l.lot_no = 'B-OK' and s.quantity > 0 limit 1"
    )
    link = {"kind": "consume", "quantity": 1, "parent": "B-OK", "child": "R-1"}
    steps: list[Step] = [
        (used, {}),
        (LINK.format(run="(select max(id) from operation_run)"), link),
    ]
    with psql.transaction(SUPERUSER) as connection, refusal("BW181"):
        ((first,),) = connection.execute("select min(id) from person").fetchall()
        acting(connection, first)
        # as if such an order had been worked on: its own wall refuses it
        connection.execute("set local session_replication_role = replica")
        connection.execute(order)
        connection.execute(run)
        connection.execute("set local session_replication_role = origin")
        for statement, given in steps:
            connection.execute(statement.encode(), given)
        connection.execute(NOW)


@pytest.mark.parametrize("kind", ["scrap", "sample"])
def test_what_is_scrapped_or_kept_says_why(psql: Psql, kind: str) -> None:
    tried(psql, (GO.format(run="null"), {"kind": kind, "reason": "break test"}))
    for reason in (None, "", "  "):
        refused(psql, "BW175", (GO.format(run="null"), {"kind": kind, "reason": reason}))


def test_nobody_says_that_it_was_known_before(psql: Psql) -> None:
    with psql.transaction() as connection:
        for table, insert in (
            ("shipment_line", LINE),
            ("stock_movement", GO.format(run="null")),
            ("genealogy_edge", LINK.format(run="null")),
        ):
            connection.execute(SHIPMENT.replace("SH-D", f"SH-{table}"), {"status": "shipped"})
            dated = insert.replace(") select ", ", recorded_at) select ", 1).replace(
                " from ", ", now() - interval '1 year' from ", 1
            )
            given = {
                "quantity": 1,
                "lot": "B-OK",
                "kind": "scrap" if table == "stock_movement" else "consume",
                "reason": "x",
            }
            given |= {"parent": "R-1", "child": "B-OK"}
            row = connection.execute(f"{dated.replace('SH-D', f'SH-{table}')}".encode(), given)
            assert row.rowcount == 1, table
            found = connection.execute(f"select recorded_at = now() from {table} order by id desc limit 1".encode())  # noqa: S608 - ours
            assert found.fetchone() == (True,), table
