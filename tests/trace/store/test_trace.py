"""A trace answers with every source, every customer and every gap (requirements 11-13, 21, 22, 24, 25)."""

import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest
import rfc8785
from sqlalchemy import text

from models.kernel.refusal import Refusal
from models.lot.tables import Lot
from models.trace.rules import csv_file as trace_csv
from models.trace.rules.trace import Answer, Direction
from models.trace.store import trace
from tests.support.graph import Plant, day
from tests.support.house.proves import proves


def ask(plant: Plant, lot: Lot, direction: Direction = Direction.BOTH, as_of: datetime | None = None) -> Answer:
    return trace.trace(plant.session, [lot.id], direction, as_of, identifier=lot.lot_no)


SCANS = text("select seq_scan from pg_stat_xact_user_tables where schemaname = 'public' and relname = 'genealogy_edge'")


def codes(answer: Answer) -> list[tuple[str, str]]:
    return [(finding.code, finding.lot_no) for finding in answer.findings]


def whole(value: Decimal | None) -> int:
    return int(value or 0)


def chain(plant: Plant) -> tuple[Lot, Lot, Lot]:
    """Steel (100) → needle (40 of it) → pack (all 50 needles); 30 packs shipped, 5 of them came back."""
    steel, needle, pack = plant.raw("STEEL-1"), plant.product("NEEDLE-1", 50), plant.product("PACK-1", 50)
    plant.use(steel, needle, 40, day(1))
    plant.use(needle, pack, 50, day(2))
    line = plant.ship(pack, 20, "C-1", "SH-1", day(3), order_no="PO-1")
    plant.ship(pack, 10, "C-2", "SH-2", day(4), status="arrived", arrived_at=day(5))
    plant.give_back(line, pack, 5, day(6))
    return steel, needle, pack


KEPT = text("select count(*) from pg_prepared_statements")


@pytest.mark.parametrize(("few", "kept"), [(trace.FEW, True), (-1, False)])
def test_the_plans_of_small_traces_are_kept_and_those_of_hubs_made_anew(
    graph_plant: Plant, monkeypatch: pytest.MonkeyPatch, few: int, kept: bool
) -> None:
    monkeypatch.setattr(trace, "FEW", few)
    steel, *_ = chain(graph_plant)
    connection = graph_plant.session.connection()
    driver: Any = connection.connection.driver_connection
    # as the application's engines for pages have it
    driver.prepare_threshold = None
    for _ in range(4):
        assert ask(graph_plant, steel).counts["nodes"] == 3
    assert (connection.execute(KEPT).scalar_one() > 0) == kept
    assert driver.prepare_threshold is None


@proves("R14")
@pytest.mark.parametrize("as_of", [None, day(9)])
def test_no_table_is_read_whole_where_all_links_hang_on_one_material(
    graph_plant: Plant, as_of: datetime | None
) -> None:
    steel = graph_plant.raw("STEEL-1", 1000)
    for number in range(300):
        graph_plant.use(steel, graph_plant.product(f"NEEDLE-{number}", 1), 1, day(1))
    connection = graph_plant.session.connection()
    # as costly as an index seems where one material has all the links
    connection.execute(text("set local random_page_cost = 10000"))
    before = connection.execute(SCANS).scalar_one()
    answer = ask(graph_plant, steel, Direction.FORWARD, as_of)
    assert answer.counts["nodes"] == 301 if as_of is None else answer.counts["nodes"] >= 1
    assert connection.execute(SCANS).scalar_one() == before


@proves("R11")
def test_backward_reaches_every_supplier_lot(graph_plant: Plant) -> None:
    _, _, pack = chain(graph_plant)
    answer = ask(graph_plant, pack, Direction.BACKWARD)
    assert [(node.lot_no, node.depth) for node in answer.nodes] == [("STEEL-1", -2), ("NEEDLE-1", -1), ("PACK-1", 0)]
    assert answer.nodes[0].supplier_lot_no == "SUP-STEEL-1"
    assert [(edge.parent, edge.child, whole(edge.quantity)) for edge in answer.edges] == [
        ("NEEDLE-1", "PACK-1", 50),
        ("STEEL-1", "NEEDLE-1", 40),
    ]
    assert (answer.complete, answer.balanced, answer.findings) == (True, True, ())


@proves("R12")
def test_forward_names_every_customer_with_quantities(graph_plant: Plant) -> None:
    steel, _, _ = chain(graph_plant)
    answer = ask(graph_plant, steel, Direction.FORWARD)
    assert [
        (row.customer_no, row.lot_no, *map(whole, (row.shipped, row.returned, row.outstanding, row.in_transit)))
        for row in answer.customers
    ] == [("C-1", "PACK-1", 20, 5, 15, 15), ("C-2", "PACK-1", 10, 0, 10, 0)]
    assert answer.customers[0].shipments[0].order_no == "PO-1"
    assert [(row.lot_no, row.location, whole(row.quantity)) for row in answer.stock] == [
        ("PACK-1", "WH-1", 25),
        ("STEEL-1", "WH-1", 60),
    ]
    assert answer.counts == {
        "nodes": 3, "edges": 2, "sources": 1, "customers": 2, "shipments": 2, "locations": 1, "held": 0, "findings": 0,
        "evidence_gaps": 6, "open_issues": 0,
    }  # fmt: skip


def test_customers_of_a_shared_material_are_not_mixed_in(graph_plant: Plant) -> None:
    steel, needle, _ = chain(graph_plant)
    other = graph_plant.product("OTHER-1", 10)
    graph_plant.use(steel, other, 10)
    graph_plant.ship(other, 1, "C-9")
    assert {row.customer_no for row in ask(graph_plant, needle).customers} == {"C-1", "C-2"}
    assert {row.customer_no for row in ask(graph_plant, steel).customers} == {"C-1", "C-2", "C-9"}


def test_planned_and_cancelled_shipments_reached_nobody(graph_plant: Plant) -> None:
    lot = graph_plant.raw("R")
    graph_plant.ship(lot, 1, status="planned", shipped_at=None)
    graph_plant.ship(lot, 1, status="cancelled", shipped_at=None, shipment_no="SH-X")
    answer = ask(graph_plant, lot)
    assert answer.customers == ()
    assert answer.balanced


def test_a_corrected_link_is_not_followed_any_more(graph_plant: Plant) -> None:
    wrong, right, needle = graph_plant.raw("WRONG", 10), graph_plant.raw("RIGHT", 10), graph_plant.product("N", 5)
    mistake = graph_plant.edge(wrong, needle, 10, at=day(1))
    graph_plant.move(right, "consume", 10, day(1))
    graph_plant.edge(right, needle, 10, at=day(3), supersedes_id=mistake.id)
    assert ask(graph_plant, needle).lot_nos() == ("RIGHT", "N")
    assert ask(graph_plant, wrong).lot_nos() == ("WRONG",)
    assert ask(graph_plant, needle, as_of=day(2)).lot_nos() == ("WRONG", "N")
    assert ask(graph_plant, needle, as_of=day(3)).lot_nos() == ("RIGHT", "N")


def test_as_of_shows_what_was_known_then_and_never_changes(graph_plant: Plant) -> None:
    steel, _, pack = chain(graph_plant)
    graph_plant.hold(pack, day(4), lifted=day(8))
    then = ask(graph_plant, steel, as_of=day(3.5))
    assert [(row.customer_no, whole(row.shipped), whole(row.returned)) for row in then.customers] == [("C-1", 20, 0)]
    assert [(row.lot_no, whole(row.quantity)) for row in then.stock] == [("PACK-1", 30), ("STEEL-1", 60)]
    assert not any(node.held for node in then.nodes)
    assert [node.lot_no for node in ask(graph_plant, steel, as_of=day(7)).nodes if node.held] == ["PACK-1"]
    assert ask(graph_plant, steel, as_of=day(0.5)).lot_nos() == ("STEEL-1",)
    graph_plant.use(steel, graph_plant.product("LATER", 1), 1, day(20))
    graph_plant.ship(pack, 5, "C-3", at=day(20))
    assert ask(graph_plant, steel, as_of=day(3.5)).digest == then.digest


@pytest.mark.parametrize(
    ("text", "code"), [("yesterday", "TRC-010"), ("2026-13-01", "TRC-010"), ("2999-01-01", "TRC-011"), ("1", "TRC-010")]
)
def test_a_moment_that_is_none_is_refused(graph_plant: Plant, text: str, code: str) -> None:
    graph_plant.raw("R")
    with pytest.raises(Refusal) as caught:
        trace.trace_identifier(graph_plant.session, "R", Direction.BOTH, text)
    assert caught.value.code == code


def test_a_date_alone_is_the_end_of_that_day_in_the_plant(graph_plant: Plant) -> None:
    graph_plant.raw("R")
    answer = trace.trace_identifier(graph_plant.session, "R", Direction.BOTH, "2026-05-31")
    assert answer.as_dict()["as_of"] == "2026-05-31T15:59:59.999999Z"
    answer = trace.trace_identifier(graph_plant.session, "R", Direction.BOTH, "2026-05-31T14:00 08:00")
    assert answer.as_dict()["as_of"] == "2026-05-31T06:00:00.000000Z"


# --- what is missing is said ----------------------------------------------------------------------------------------


def test_a_made_lot_without_materials_ends_the_chain(graph_plant: Plant) -> None:
    needle, pack = graph_plant.product("N", 5), graph_plant.product("P", 5)
    graph_plant.use(needle, pack, 5)
    answer = ask(graph_plant, pack, Direction.BACKWARD)
    assert codes(answer) == [("TRC-101", "N")]
    assert not answer.complete
    assert "N" in answer.findings[0].zh
    assert ask(graph_plant, needle, Direction.FORWARD).complete, "its sources were not asked for"


@proves("R13")
def test_material_without_supplier_or_supplier_lot_ends_the_chain(graph_plant: Plant) -> None:
    assert codes(ask(graph_plant, graph_plant.raw("A", supplier_id=None, supplier_lot=None))) == [("TRC-102", "A")]
    assert codes(ask(graph_plant, graph_plant.raw("B", supplier_lot=None))) == [("TRC-103", "B")]


@proves("R13")
def test_consumption_without_a_lot_is_a_gap(graph_plant: Plant) -> None:
    steel = graph_plant.raw("R")
    graph_plant.use(steel, graph_plant.product("N", 5), 10)
    graph_plant.move(steel, "consume", 7)
    answer = ask(graph_plant, steel, Direction.FORWARD)
    assert codes(answer) == [("TRC-110", "R")]
    assert "17" in answer.findings[0].en
    assert "10" in answer.findings[0].en
    assert not answer.complete


@proves("R25")
def test_links_beyond_what_was_consumed_do_not_balance(graph_plant: Plant) -> None:
    steel = graph_plant.raw("R")
    graph_plant.edge(steel, graph_plant.product("N", 5), 10)
    answer = ask(graph_plant, steel, Direction.FORWARD)
    assert codes(answer) == [("TRC-111", "R")]
    assert (answer.complete, answer.balanced) == (True, False)


def test_links_without_quantity_are_named(graph_plant: Plant) -> None:
    steel = graph_plant.raw("R")
    graph_plant.edge(steel, graph_plant.product("N", 5), None)
    graph_plant.edge(steel, graph_plant.product("M", 5), 3, uom="kg")
    assert codes(ask(graph_plant, steel, Direction.FORWARD)) == [("TRC-112", "R")]


@proves("R25")
def test_shipping_papers_that_differ_from_the_stock_do_not_balance(graph_plant: Plant) -> None:
    lot = graph_plant.raw("R", 100)
    line = graph_plant.ship(lot, 30)
    line.quantity = Decimal(40)
    graph_plant.add(line)
    answer = ask(graph_plant, lot)
    assert codes(answer) == [("TRC-121", "R")]
    assert answer.nodes[0].balance.difference == -10
    line.quantity = Decimal(20)
    graph_plant.add(line)
    assert codes(ask(graph_plant, lot)) == [("TRC-120", "R")]


def test_a_migrated_lot_is_balanced_from_its_quantity_and_links(graph_plant: Plant) -> None:
    steel = graph_plant.raw("R", 100, origin="migrated")
    graph_plant.edge(steel, graph_plant.product("N", 5), 60)
    answer = ask(graph_plant, steel, Direction.FORWARD)
    assert codes(answer) == [("TRC-120", "R")]
    assert answer.nodes[0].balance.difference == 40
    assert "40 件" in answer.findings[0].zh
    assert "40 pcs" in answer.findings[0].en


def test_times_that_run_backwards_are_doubted(graph_plant: Plant) -> None:
    steel, needle, pack = graph_plant.raw("R"), graph_plant.product("N", 10), graph_plant.product("P", 10)
    graph_plant.use(steel, needle, 10, day(5))
    graph_plant.use(needle, pack, 10, day(2))
    graph_plant.ship(pack, 1, at=day(1))
    answer = ask(graph_plant, steel)
    assert codes(answer) == [("TRC-130", "N"), ("TRC-131", "P")]
    assert answer.complete


def test_a_product_older_than_its_part_is_doubted(graph_plant: Plant) -> None:
    part = graph_plant.product("PART", 10, manufactured_on=day(9).date())
    whole = graph_plant.product("WHOLE", 10, manufactured_on=day(2).date())
    graph_plant.use(part, whole, 10)
    assert ("TRC-132", "WHOLE") in codes(ask(graph_plant, whole, Direction.BACKWARD))


@proves("R22")
def test_a_loop_ends_and_is_named(graph_plant: Plant) -> None:
    lots = [graph_plant.product(f"L{number}", 10) for number in range(4)]
    for number, lot in enumerate(lots):
        graph_plant.use(lot, lots[(number + 1) % 4], 10)
    answer = ask(graph_plant, lots[0])
    assert sorted(answer.lot_nos()) == ["L0", "L1", "L2", "L3"]
    assert ("TRC-140", "L0") in codes(answer)
    assert "L0 → L1 → L2 → L3" in next(each.en for each in answer.findings if each.code == "TRC-140")


@proves("R22")
def test_rework_and_installation_lead_back_lawfully(graph_plant: Plant) -> None:
    steel, lot, rework = graph_plant.raw("R"), graph_plant.product("L", 10), graph_plant.product("RW", 4)
    graph_plant.use(steel, lot, 10, day(1))
    graph_plant.edge(lot, rework, 4, kind="rework", at=day(2))
    graph_plant.edge(rework, lot, 4, kind="rework", at=day(3))
    graph_plant.edge(lot, lot, 1, kind="install")
    assert {code for code, _ in codes(ask(graph_plant, lot))} <= {"TRC-111"}


# --- one answer in every form ------------------------------------------------------------------------------------------


@proves("R24")
def test_json_and_csv_carry_the_same_digest(graph_plant: Plant) -> None:
    steel, _, pack = chain(graph_plant)
    graph_plant.customer("C-3").contact = '=HYPERLINK("http://x")'
    graph_plant.customer("C-3").name = '\'引号\n医院, "二"'
    graph_plant.ship(pack, 1, "C-3", "-SH", day(7))
    graph_plant.ship(pack, 1, "C-3", "-SH2", day(7))
    graph_plant.edge(steel, graph_plant.raw("+1-2", supplier_lot=None), None)
    document = ask(graph_plant, steel).document(day(9))
    written = "".join(trace_csv.to_csv(document))
    assert trace_csv.digest(json.loads(json.dumps(document))) == document["digest"]
    assert trace_csv.digest(trace_csv.from_csv(written)) == document["digest"]
    assert ",=HYPERLINK" not in written
    assert document["digest"] in written


def test_the_canonical_form_is_rfc_8785(graph_plant: Plant) -> None:
    steel, _, _ = chain(graph_plant)
    graph_plant.customer("C-1").name = '医院 \u2028 \x7f \\ " / \t é 😀'
    answer = ask(graph_plant, steel)
    assert answer.canonical() == rfc8785.dumps(answer.as_dict())


def test_the_same_graph_has_the_same_digest_whenever_it_is_asked(graph_plant: Plant) -> None:
    steel, _, pack = chain(graph_plant)
    first = ask(graph_plant, steel)
    assert first.digest == ask(graph_plant, steel).digest
    assert first.document(day(1))["digest"] == first.document(day(2))["digest"] == first.digest
    graph_plant.ship(pack, 1)
    assert ask(graph_plant, steel).digest != first.digest


def test_the_number_of_statements_does_not_depend_on_the_graph(
    new_plant: Callable[[], AbstractContextManager[Plant]],
) -> None:
    from sqlalchemy import event

    counted: list[int] = []
    for size in (1, 40):
        with new_plant() as plant:
            start, before = plant.raw("R", 10_000), plant.raw("R0", 10_000)
            before = start
            for number in range(size):
                child = plant.product(f"L{number}", 20)
                plant.use(before, child, 10)
                plant.ship(child, 1, f"C-{number}")
                before = child
            sent: list[Any] = []
            event.listen(
                plant.session.connection(), "before_cursor_execute", lambda *said, sent=sent: sent.append(said[2])
            )
            assert len(ask(plant, start).nodes) == size + 1
            counted.append(len(sent))
    assert counted == [11, 11]
