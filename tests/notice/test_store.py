"""A notice's lot list against the register: one statement, whole counts, nothing quietly taken or dropped."""

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from sqlalchemy import text

from models.notice.rules.lot_list.reader import matching, parse
from models.notice.store import lot_list
from tests.support.graph import Plant
from tests.support.house.proves import proves
from tests.support.often import often


def found(plant: Plant, notice: str) -> lot_list.ResolvedList:
    return lot_list.resolve(plant.session, parse(notice))


@proves("R53")
def test_numbers_and_ranges_meet_the_register_however_they_are_written(graph_plant: Plant) -> None:
    made = [graph_plant.product(f"NS-{number}") for number in (4928019, 4928020, 5000000, 6203182, 6203183)]
    graph_plant.product("NS-492802")
    graph_plant.product("XNS4928020")
    answer = found(graph_plant, "Lot ns6203183; NS4928020 – NS6203182; NS9")
    assert [(entry.label, entry.status, entry.lots, entry.sample) for entry in answer.entries] == [
        ("ns6203183", "found", 1, ("NS-6203183",)),
        ("NS9", "unknown", 0, ()),
        ("NS4928020 – NS6203182", "found", 3, ("NS-4928020", "NS-5000000", "NS-6203182")),
    ]
    assert (answer.lots, answer.unknown, answer.parsed.complete) == (4, ("NS9",), True)
    assert lot_list.lots(graph_plant.session, parse("NS4928020 – NS6203182")) == {lot.id for lot in made[1:4]}


def test_the_suppliers_lots_and_serials_are_met_too(graph_plant: Plant) -> None:
    raw = graph_plant.raw("R-1", supplier_lot="CX 77")
    lot = graph_plant.product("L-5")
    for number in ("1001", "1002", "1003"):
        graph_plant.unit(lot, number)
    assert lot_list.lots(graph_plant.session, parse("CX77")) == {raw.id}
    serials = found(graph_plant, "Serial numbers 1001 - 1002")
    assert [(entry.status, entry.lots, entry.serials) for entry in serials.entries] == [("found", 1, 2)]
    as_lot = found(graph_plant, "Lot 1001").entries[0]
    assert (as_lot.status, as_lot.lots, as_lot.other_register) == ("other_register", 0, 1)
    assert lot_list.lots(graph_plant.session, parse("Lot 1001")) == frozenset()


def test_the_items_of_the_notice_narrow_its_numbers(graph_plant: Plant) -> None:
    graph_plant.identifier(graph_plant.item("NEEDLE"), "00888480539391")
    needle, _ = graph_plant.product("A-1"), graph_plant.lot("A-2", "finished", 1, item="PUMP")
    answer = found(graph_plant, "REF needle, Lots A1 - A9")
    assert [(entry.lots, entry.other_item) for entry in answer.entries] == [(1, 1)]
    assert found(graph_plant, "UDI-DI 888480539391 Lot A-2").entries[0].status == "other_item"
    assert lot_list.lots(graph_plant.session, parse("(01)00888480539391(10)A-1")) == {needle.id}
    unknown = found(graph_plant, "REF MYSTERY, Lots A1 - A9")
    assert (unknown.lots, unknown.unknown_items) == (2, ("MYSTERY",))


def test_all_lots_are_all_lots_of_the_item(graph_plant: Plant) -> None:
    lots = {graph_plant.product(f"A-{number}").id for number in range(30)}
    graph_plant.lot("P-1", "finished", 1, item="PUMP")
    answer = found(graph_plant, "REF NEEDLE, all lots")
    assert (answer.lots, len(answer.entries[0].sample)) == (30, lot_list.SAMPLE)
    assert lot_list.lots(graph_plant.session, parse("REF NEEDLE, all lots")) == lots
    everything = found(graph_plant, "all lots")
    assert (everything.lots, everything.parsed.questions[0].ask) == (0, "all_of_which")


def test_a_hundred_thousand_lots_are_counted_in_one_statement(graph_plant: Plant, sent: list[str]) -> None:
    item = graph_plant.item("NEEDLE")
    graph_plant.session.connection().execute(
        text(
            "insert into lot (public_id, lot_no, item_id, kind, status, quantity, uom, expiry_precision, origin, extra)"
            " select gen_random_uuid(), 'K' || lpad(n::text, 7, '0'), :item, 'finished', 'released', 1, 'pcs', 'day',"
            " 'native', '{}' from generate_series(1, 100000) n"
        ),
        {"item": item.id},
    )
    sent.clear()
    answer = found(graph_plant, "Lots K0000001 - K9999999, K0000005, Z1 - Z9")
    assert len(sent) == 1
    assert [entry.lots for entry in answer.entries] == [1, 100_000, 0]
    assert answer.lots == 100_000  # each once
    assert answer.unknown == ("Z1 – Z9",)
    assert answer.entries[1].sample[:2] == ("K0000001", "K0000002")


def test_a_list_with_nothing_but_questions_finds_nothing(graph_plant: Plant) -> None:
    graph_plant.product("1234-5678")
    answer = found(graph_plant, "1234-5678")
    assert (answer.entries, answer.lots, len(answer.parsed.questions)) == ((), 0, 1)


NUMBERS = some.from_regex(r"(A|A-|B)[0-9]{2,3}X?", fullmatch=True)
BOUNDS = some.tuples(
    some.sampled_from(["A", "B", "a-"]), some.integers(10, 99), some.integers(10, 99), some.sampled_from(["", "X"])
)


@settings(max_examples=often(6, 250), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    some.lists(NUMBERS, min_size=1, max_size=15, unique=True),
    some.lists(NUMBERS, max_size=4),
    some.lists(BOUNDS, max_size=3),
)
def test_the_register_answers_as_the_pure_rule(
    new_plant: Callable[[], AbstractContextManager[Plant]],
    register: list[str],
    singles: list[str],
    bounds: list[tuple[str, int, int, str]],
) -> None:
    said = [*singles, *(f"{a}{min(b, c)}{d} – {a}{max(b, c)}{d}" for a, b, c, d in bounds if b != c)]
    if not said:
        return
    parsed = parse("Lot " + "; ".join(said))
    with new_plant() as plant:
        ids = {number: plant.product(number).id for number in register}
        assert lot_list.lots(plant.session, parsed) == {ids[number] for number in matching(parsed, register)}


@pytest.mark.parametrize("notice", ["'; drop table lot; --", "100%", "Lot A.*1 – A.*9", "Lot ((((", "Lot A+1"])
def test_signs_in_a_notice_are_only_signs(graph_plant: Plant, notice: str) -> None:
    graph_plant.product("AXX5")
    assert found(graph_plant, notice).lots == 0
