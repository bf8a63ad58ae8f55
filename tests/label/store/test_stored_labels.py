"""A whole label that a record of before keeps where a number belongs is found by what it says, and left for a decision (REQ 19)."""

import re
import string
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from datetime import date
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as some
from sqlalchemy import event, text

from models.identifier.rules.check_digits import gs1_check_digit, mod43
from models.identifier.rules.identifiers import Element, bracketed, element_string
from models.identifier.rules.identity import near_key
from models.identifier.rules.scanned_field import held
from models.notice.rules.lot_list import reader as lot_list_rules
from models.notice.store import lot_list
from models.plant.store import left_to_decide
from models.recall.store import recalls
from models.resolve.rules import HitKind, Match
from models.resolve.store import resolve
from models.trace.rules.trace import Answer, Direction
from models.trace.store import trace
from tests.identifier.rules.test_epc import PUBLISHED, WRONG
from tests.identifier.rules.test_vectors import load
from tests.support.graph import Plant
from tests.support.often import often
from ui.frame.i18n import Words

NewPlant = Callable[[], AbstractContextManager[Plant]]

GTIN = "06901234567892"
WHOLE = (
    f"]C101{GTIN}10PL-77",
    f"]d201{GTIN}17261231\x1d10PL-77",
    f"(01){GTIN}(17)261231(10)PL-77",
    f"(01) {GTIN} (10) PL-77 ",
    f"01{GTIN}1726123110PL-77",
    f"01{GTIN}10PL-77{{GS}}17261231",
    f"^01{GTIN}10PL-77",
    f"https://id.gs1.org/01/{GTIN}/10/PL-77?17=261231",
    f"id.gs1.org/01/{GTIN}/10/PL%2D77",
    f"https://example.com/gtin/{GTIN}/lot/PL-77",
    "+A123PRODUCT11/$$3261231PL-774",
    "+A123PRODUCT110+$$3261231PL-770V",
    "*+A123PRODUCT11/$PL-77A*",
    "MA.156.M0.100001.1234.LPL-77.E261231",
    "]C0PL-77",
    "]Q1PL-77",
    "*PL-77*",
    "LOT:PL-77",
    "Lot No.: PL-77",
    "批号：PL-77",
    "生产批号 PL-77",
    "Lot No. PL-77",
    "lot no.PL-77",
    "BATCH NUMBER PL-77",
    "Lot Nr. PL-77",
    "lot=PL-77",
    "批号＝PL-77",
    "【批号】PL-77",
    "[LOT] PL-77",
    "S/N PL-77",
    "Serial No. PL-77",
    "【序列号】 PL-77",
    f"LOT: (01){GTIN}(10)PL-77",
    "urn:epc:class:lgtin:690123.0456789.PL-77",
    "URN:EPC:ID:SGTIN:6901234.056789.PL%2D77",
    "urn:epc:tag:sgtin-198:1.6901234.056789.PL-77",
    f"\u200b（０１）{GTIN}（１０）ＰＬ-７７\x07",
)
"""One lot as scanners send it and people copy it."""
NUMBERS = ("PL-77", "2026/11-0042", "20261128", "0123456789012345", "06901234567892", "批A-7", "A(1)", "A+B", "B#7", "N° 5", "MA.157", "1|2", "*7", "LOT 7", "LOTNO7", "LOT-NO-7", "LOT NOVA 7", "BATCH 7", "NO. 7", "SN7", "[7]", "批 7", "")  # fmt: skip
ODD = ("+A123BNW9A1E+$$+0923ME ", "+A123BNW9A1E+$$+0923ME", "+A123BNW9A1E+$$+0923ME_", "]x9PL", "]C1", "]C1\x1d", "http://plant.example/x", f"(01){GTIN}", "LOT: ", "LOT:06901234567892", "SN: 7\x1d8", "A\x1dB", "😀(10)X", f"(10)AB(C)1(01){GTIN}", "S/N: PL 9", f"]E0{GTIN[1:]}", f"]E0{GTIN[1:]}|]e010X7", "]C0012345678901234560", "00012345678901234560", "(00)012345678901234560", "x" * 501, "(10)" + "Y" * 497, f"01{GTIN}13269931", f"01{GTIN}10A|17261231", *PUBLISHED, *WRONG, *(f"LOT: {one}" for one in (*PUBLISHED, *WRONG)), *(f"]C0{one}" for one in WRONG))  # fmt: skip


def told(plant: Plant, typed: Iterable[str]) -> list[tuple[str, list[str] | None]]:
    """What the database reads of each."""
    asked = text(
        "select t, label_numbers(t) from unnest(cast(:typed as text[])) with ordinality as x (t, n) order by n"
    )
    return [(row[0], row[1]) for row in plant.session.connection().execute(asked, {"typed": list(typed)})]


def differing(plant: Plant, typed: Iterable[str]) -> list[tuple[str, list[str] | None, tuple[str, ...] | None]]:
    """What the database reads otherwise than the rule."""
    return [
        (one, read, rule)
        for one, read in told(plant, typed)
        for rule in [held(one)]
        if (None if read is None else set(read)) != (None if rule is None else set(rule))
    ]


@pytest.mark.parametrize("typed", WHOLE)
def test_the_lot_is_taken_out_of_a_label_that_was_stored_whole(graph_plant: Plant, typed: str) -> None:
    assert held(typed) is not None
    assert "PL77" in map(near_key, held(typed) or ())
    assert differing(graph_plant, [typed]) == []


def test_a_number_is_no_label_and_odd_ones_read_as_the_rule_reads_them(graph_plant: Plant) -> None:
    assert [held(one) for one in NUMBERS] == [None] * len(NUMBERS)
    assert differing(graph_plant, [*NUMBERS, *ODD]) == []


def inputs(document: Any) -> Iterator[str]:
    """Every text of a document of vectors that is no key of its own."""
    if isinstance(document, dict | list):
        for one in document.values() if isinstance(document, dict) else document:
            yield from inputs(one)
    elif isinstance(document, str) and "\0" not in document:
        yield document


@pytest.mark.parametrize("file", ["gs1-syntax/gs1_syntax_engine_vectors.json", "hibc/hibc_vectors.json"])
def test_every_published_vector_reads_as_the_rule_reads_it(graph_plant: Plant, file: str) -> None:
    assert differing(graph_plant, sorted(set(inputs(load(file))))) == []


LOTS = some.text(string.ascii_uppercase + string.digits + "-./", min_size=1, max_size=13)
GTINS = some.integers(0, 10**13 - 1).map(lambda n: f"{n:013d}").map(lambda body: body + gs1_check_digit(body))
DAYS = some.dates(date(2000, 1, 1), date(2070, 12, 31))
MARKS = some.sampled_from("()[]{}+*^|~/:#.- \x1d\t%$01789ALSDMa批号：（\u200b\x07😀")


@some.composite
def labels(draw: some.DrawFn) -> str:
    """A label in any writing, perhaps misread in a few places."""
    gtin, day, lot, serial = draw(GTINS), draw(DAYS), draw(LOTS), draw(LOTS)
    parts = [Element("01", gtin, ""), Element("17", f"{day:%y%m%d}", ""), Element("10", lot, "")]
    parts = draw(some.permutations([*parts, *([Element("21", serial, "")] if draw(some.booleans()) else [])]))
    raw = element_string(parts)
    primary = f"+A123{''.join(filter(str.isalnum, serial)) or 'X'}1"
    primary += mod43(primary) or ""
    joined = f"{primary[:-1]}/$$3{day:%y%m%d}{lot}" + draw(some.sampled_from(["", f"/S{serial}", "/16D20260101"]))
    second = f"+{draw(some.sampled_from(['$', '$+', '$$', '$$+']))}{day:%m%y}{lot}{primary[-1]}"
    writing = draw(
        some.sampled_from(
            [
                bracketed(parts),
                raw,
                raw[1:],
                "^" + raw[1:],
                "]C1" + raw[1:],
                "]d2" + raw[1:],
                raw[1:].replace("\x1d", "|"),
                f"https://id.gs1.org/01/{gtin}/10/{lot}/21/{serial}?17={day:%y%m%d}",
                f"id.gs1.org/01/{gtin}/10/{lot}",
                joined + (mod43(joined) or ""),
                f"*{joined}{mod43(joined)}*",
                primary + second + (mod43(second) or ""),
                f"MA.156.M0.100001.12.L{lot}.S{serial}",
                f"urn:epc:id:sgtin:{gtin[1:8]}.{gtin[0]}{gtin[8:13]}.{quote(serial, safe='')}",
                f"urn:epc:class:lgtin:{gtin[1:11]}.{gtin[0]}{gtin[11:13]}.{quote(lot, safe='')}",
                f"urn:epc:id:sscc:{gtin[1:9]}.1{gtin[:8]}",
                f"LOT: {lot}",
                f"批号：{lot}",
                f"S/N {serial}",
                f"*{lot}*",
                f"]C0{lot}",
                lot,
            ]
        )
    )
    for _ in range(draw(some.integers(0, 3)) if draw(some.booleans()) else 0):
        at = draw(some.integers(0, len(writing)))
        writing = writing[:at] + draw(MARKS) + writing[at + draw(some.integers(0, 1)) :]
    return writing


@settings(
    max_examples=often(6, 400),
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(some.lists(labels(), min_size=80, max_size=80))
def test_the_database_reads_a_stored_label_as_the_rule_does(new_plant: NewPlant, typed: list[str]) -> None:
    with new_plant() as plant:
        assert differing(plant, [one for one in typed if "\0" not in one]) == []


LABEL = f"(01){GTIN}(17)261231(10)PL-77(21)S-9"


def codes(answer: Answer) -> list[tuple[str, str]]:
    return [(one.code, one.lot_no) for one in answer.findings if one.code in {"TRC-150", "TRC-151"}]


@pytest.mark.parametrize("asked", ["PL-77", "pl 77", "LOT:PL-77", "]C0PL-77"])
def test_a_trace_is_complete_except_for_what_stands_under_a_whole_label(graph_plant: Plant, asked: str) -> None:
    mine, other = graph_plant.raw("R-1", supplier_lot="PL-77"), graph_plant.raw("R-2", supplier_lot=LABEL)
    whole = graph_plant.product(f"]C101{GTIN}10PL-77")
    answer = trace.trace_identifier(graph_plant.session, asked, Direction.FORWARD)
    assert ({one.lot_no for one in answer.nodes}, answer.complete) == ({mine.lot_no}, False)
    assert sorted(codes(answer)) == sorted([("TRC-150", LABEL), ("TRC-150", whole.lot_no)])
    scope = recalls.answer(graph_plant.session, recalls.named(graph_plant.session, ["PL-77"]))
    assert sorted(codes(scope)) == sorted([("TRC-150", LABEL), ("TRC-150", whole.lot_no)])
    decided = recalls.answer(graph_plant.session, recalls.named(graph_plant.session, ["PL-77", LABEL, whole.lot_no]))
    assert codes(decided) == []
    assert {one.lot_no for one in decided.nodes} == {mine.lot_no, other.lot_no, whole.lot_no}


@pytest.mark.parametrize("stored", WHOLE)
def test_what_stands_only_under_a_whole_label_is_found_and_asked_about(graph_plant: Plant, stored: str) -> None:
    lot = graph_plant.product(stored)
    (hit,) = resolve.find(graph_plant.session, "PL-77").hits
    assert (hit.kind, hit.number, hit.match) == (HitKind.LOT, stored, Match.NEAR)
    assert "整条标签" in hit.zh
    answer = trace.trace_identifier(graph_plant.session, "PL-77", Direction.FORWARD)
    assert ([one.lot_no for one in answer.nodes], answer.complete) == ([lot.lot_no], False)
    assert codes(answer) == [("TRC-151", stored)]


def test_a_scan_of_the_label_finds_the_row_that_keeps_another_writing_of_it(graph_plant: Plant) -> None:
    graph_plant.identifier(graph_plant.item(), GTIN)
    lot = graph_plant.product(f"]C101{GTIN}10PL-77")
    assert resolve.lots(graph_plant.session, f"(01){GTIN}(10)PL-77")[2] == {lot.id}
    assert resolve.lots(graph_plant.session, lot.lot_no)[2] == {lot.id}
    hit = resolve.find(graph_plant.session, lot.lot_no).hits[0]
    assert (hit.number, hit.match) == (lot.lot_no, Match.EXACT), "what is stored as it is typed is that"


def test_serials_and_pallets_under_whole_labels_are_found_too(graph_plant: Plant) -> None:
    lot = graph_plant.product("L-1")
    graph_plant.unit(lot, LABEL)
    graph_plant.put(graph_plant.container("(00)012345678901234560", "pallet"), lot, 5)
    (unit,) = resolve.find(graph_plant.session, "S-9").hits
    assert (unit.kind, unit.match) == (HitKind.SERIAL_UNIT, Match.NEAR)
    (pallet,) = resolve.find(graph_plant.session, "012345678901234560").hits
    assert (pallet.kind, pallet.match) == (HitKind.LOGISTIC_UNIT, Match.NEAR)
    assert (
        resolve.lots(graph_plant.session, "S-9")[2]
        == resolve.lots(graph_plant.session, "012345678901234560")[2]
        == {lot.id}
    )


def test_a_notice_asks_about_what_stands_under_a_whole_label(graph_plant: Plant) -> None:
    graph_plant.product("PL-77")
    graph_plant.product(LABEL)
    graph_plant.product(f"]C101{GTIN}10PL-80")
    graph_plant.unit(graph_plant.product("L-2"), f"(01){GTIN}(21)SN-5")
    found = lot_list.resolve(graph_plant.session, lot_list_rules.parse("Lots PL-77; PL-79 to PL-81; S/N: SN-5"))
    assert found.near == (f"PL-77 ≈ {LABEL}", "SN-5 ≈ L-2", f"PL-79 – PL-81 ≈ ]C101{GTIN}10PL-80")
    assert found.undecided == 3
    assert found.unknown == ()


def test_every_whole_label_of_a_record_is_listed_with_what_it_says(graph_plant: Plant) -> None:
    graph_plant.raw("R-1", supplier_lot=LABEL)
    graph_plant.product("批号：PL-77")
    graph_plant.product("2026/11-7")
    graph_plant.unit(graph_plant.product("L-1"), "S/N: 5")
    listed = left_to_decide.read(graph_plant.session).labels
    assert [tuple(one) for one in listed] == [
        ("lot", "批号：PL-77", "批号：PL-77", "PL-77"),
        ("serial_unit", "S/N: 5", "S/N: 5", "5"),
        ("supplier_lot", "R-1", LABEL, "PL-77, S-9"),
    ]


def test_every_register_that_is_listed_has_its_word(graph_plant: Plant) -> None:
    made = (
        graph_plant.session.connection()
        .execute(text("select pg_get_functiondef('stored_labels'::regproc)"))
        .scalar_one()
    )
    registers = re.findall(r"select '(\w+)'", made)
    assert len(registers) == 15
    assert [one for one in registers if Words("en").known(f"search.kind_{one}", "") == ""] == []


MANY = often(20_000, 100_000)
"""Lots, enough for a search without an index to cost more than one with it."""


def test_many_lots_are_searched_by_index(graph_plant: Plant) -> None:
    item = graph_plant.item()
    connection = graph_plant.session.connection()
    connection.execute(
        text(
            "insert into lot (lot_no, item_id, kind, status, quantity, supplier_lot_no)"
            " select 'L/' || n, :item, 'raw', 'received', 1, case when n % (:many / 2) = 0 then '批号：PL-' || n end"
            " from generate_series(1, :many) n"
        ),
        {"item": item.id, "many": MANY},
    )
    connection.execute(text("analyze lot"))
    sent: list[tuple[str, Any]] = []

    def keep(*said: Any) -> None:
        sent.append((said[2], said[3]))

    event.listen(connection, "before_cursor_execute", keep)
    assert [hit.number for hit in resolve.find(graph_plant.session, f"PL-{MANY // 2}").hits] == [
        f"批号：PL-{MANY // 2}"
    ]
    found = resolve.find(graph_plant.session, f"(01){GTIN}(10)PL-{MANY}").hits
    lot_list.resolve(graph_plant.session, lot_list_rules.parse(f"Lots PL-{MANY // 2}"))
    event.remove(connection, "before_cursor_execute", keep)
    assert [hit.number for hit in found] == [f"L/{MANY}"]
    plans = ["\n".join(connection.exec_driver_sql("explain " + one, told).scalars()) for one, told in sent]
    assert all("lot_no_label" in plan for plan in plans if "label_keys" in plan)
    assert [plan for plan in plans[:-1] if "Seq Scan on lot " in plan] == []
    # what a list asks of whole items is planned as before; labels are met by their indexes
    assert all(index in plans[-1] for index in ("on lot_no_label", "on supplier_lot_no_label", "on serial_no_label"))
    assert [one.says for one in left_to_decide.read(graph_plant.session).labels] == sorted(
        [f"PL-{MANY // 2}", f"PL-{MANY}"]
    )
