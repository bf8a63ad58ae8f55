"""Anything scanned or typed is found, and several meanings are shown, never guessed (requirement 19)."""

from datetime import UTC, datetime, timedelta

import pytest

from models.kernel.refusal import Refusal
from models.resolve.rules import Hit, HitKind, Match
from models.resolve.store import resolve
from tests.support.graph import Plant
from tests.support.graph_work import Work
from tests.support.house.proves import proves

GTIN = "00888480539391"


def only(plant: Plant, text: str) -> Hit:
    hits = resolve.find(plant.session, text).hits
    assert len(hits) == 1, [hit.en for hit in hits]
    return hits[0]


def refusal(plant: Plant, text: str) -> Refusal:
    with pytest.raises(Refusal) as caught:
        resolve.lots(plant.session, text)
    return caught.value


def test_our_lot_number_is_exact(graph_plant: Plant) -> None:
    graph_plant.product("LOT-2026-07")
    hit = only(graph_plant, "LOT-2026-07")
    assert (hit.kind, hit.match, hit.number) == (HitKind.LOT, Match.EXACT, "LOT-2026-07")
    assert hit.zh == "批次 LOT-2026-07 · Item NEEDLE · NEEDLE"
    assert hit.en == "Lot LOT-2026-07 · Item NEEDLE · NEEDLE"


@pytest.mark.parametrize(
    "text", ["ab 0643", "AB0643", "ab-0643 ", "  Ab_06.43", "ＡＢ－０６４３", "AB–0643", "ab‑06−43"]
)
def test_what_differs_only_in_its_separators_is_near(graph_plant: Plant, text: str) -> None:
    graph_plant.product("AB-06/43")
    assert only(graph_plant, text).match is Match.NEAR


@pytest.mark.parametrize("text", ["ab 06/43", "AB——06/43", " ＡＢ－０６／４３", "Ab_06/43", "AB‑06/43\u200b"])
def test_what_folds_alike_is_the_number_itself(graph_plant: Plant, text: str) -> None:
    graph_plant.product("AB-06/43")
    assert only(graph_plant, text).match is Match.EXACT


def test_a_near_number_may_be_followed_but_a_look_alike_may_not(graph_plant: Plant) -> None:
    lot = graph_plant.product("AB-0643")
    assert resolve.lots(graph_plant.session, "ab 0643")[2] == {lot.id}
    hit = only(graph_plant, "A8-O643")
    assert (hit.number, hit.match) == ("AB-0643", Match.GUESS)
    assert refusal(graph_plant, "A8-O643").code == "TRC-004"
    assert "AB-0643" in refusal(graph_plant, "A8-O643").zh


@proves("R19")
def test_the_suppliers_own_lot_number_finds_all_our_receipts_of_it(graph_plant: Plant) -> None:
    first, second = graph_plant.raw("R-1", supplier_lot="CX77"), graph_plant.raw("R-2", supplier_lot="CX77")
    hit = only(graph_plant, "CX77")
    assert hit.kind is HitKind.SUPPLIER_LOT
    assert resolve.lots(graph_plant.session, "CX77")[2] == {first.id, second.id}
    assert resolve.lots(graph_plant.session, hit.reference)[2] == {first.id, second.id}


def test_one_number_of_two_suppliers_is_two_meanings(graph_plant: Plant) -> None:
    graph_plant.raw("R-1", supplier_lot="CX77")
    other = graph_plant.raw("R-2", supplier_lot="CX77", supplier_id=graph_plant.supplier("S-2").id)
    said = refusal(graph_plant, "CX77")
    assert (said.code, said.status) == ("TRC-003", 409)
    hits = resolve.find(graph_plant.session, "CX77").hits
    assert all(hit.reference in said.zh and hit.reference in said.en for hit in hits)
    chosen = next(hit for hit in hits if hit.name == "Supplier S-2")
    assert resolve.lots(graph_plant.session, chosen.reference)[2] == {other.id}


def test_meanings_that_lead_to_the_same_lot_are_no_contradiction(graph_plant: Plant) -> None:
    lot = graph_plant.raw("SAME-1", supplier_lot="SAME-1")
    assert [hit.kind for hit in resolve.find(graph_plant.session, "SAME-1").hits] == [HitKind.LOT, HitKind.SUPPLIER_LOT]
    assert resolve.lots(graph_plant.session, "SAME-1")[2] == {lot.id}


def test_an_exact_meaning_comes_before_a_near_one(graph_plant: Plant) -> None:
    graph_plant.product("AB-0643")
    exact = graph_plant.product("AB0643")
    assert [hit.match for hit in resolve.find(graph_plant.session, "AB0643").hits] == [Match.EXACT, Match.NEAR]
    assert resolve.lots(graph_plant.session, "AB0643")[2] == {exact.id}


@pytest.mark.parametrize(
    "text",
    [
        f"(01){GTIN}(10)L-5",
        f"01{GTIN}10L-5",
        f"]d201{GTIN}10L-5",
        f"]C101{GTIN}10L-5",
        f"https://id.gs1.org/01/{GTIN}/10/L-5",
        f"(01){GTIN}(17)280131(10)L-5",
    ],
)
def test_a_udi_leads_to_the_lot_of_its_item(graph_plant: Plant, text: str) -> None:
    item = graph_plant.item("NEEDLE")
    graph_plant.identifier(item, GTIN)
    lot = graph_plant.product("L-5")
    graph_plant.lot("l 5", "raw", 1, item="STEEL")
    _, hits, ids = resolve.lots(graph_plant.session, text)
    assert [hit.number for hit in hits] == ["L-5"]
    assert ids == {lot.id}


def test_a_udi_without_lot_is_its_item(graph_plant: Plant) -> None:
    graph_plant.identifier(graph_plant.item("NEEDLE"), GTIN)
    for text in (GTIN, GTIN[2:], f"(01){GTIN}"):
        hit = only(graph_plant, text)
        assert (hit.kind, hit.number, hit.match) == (HitKind.ITEM, "NEEDLE", Match.EXACT)


def test_a_serial_of_a_udi_is_found_within_its_item(graph_plant: Plant) -> None:
    graph_plant.identifier(graph_plant.item("NEEDLE"), GTIN)
    lot, other = graph_plant.product("L-5"), graph_plant.lot("L-6", "finished", 1, item="PUMP")
    graph_plant.unit(lot, "0007")
    graph_plant.unit(other, "0007")
    _, hits, ids = resolve.lots(graph_plant.session, f"(01){GTIN}(21)0007")
    assert [hit.kind for hit in hits] == [HitKind.SERIAL_UNIT]
    assert ids == {lot.id}
    assert refusal(graph_plant, "0007").code == "TRC-003"


def test_a_udi_whose_lot_is_not_known_is_not_followed_to_the_whole_item(graph_plant: Plant) -> None:
    graph_plant.identifier(graph_plant.item("NEEDLE"), GTIN)
    graph_plant.product("L-5")
    assert refusal(graph_plant, f"(01){GTIN}(10)NOPE").code == "TRC-004"


def test_a_udi_whose_lot_belongs_to_another_item_is_only_a_guess(graph_plant: Plant) -> None:
    graph_plant.identifier(graph_plant.item("NEEDLE"), GTIN)
    graph_plant.lot("P-9", "finished", 1, item="PUMP")
    hits = resolve.find(graph_plant.session, f"(01){GTIN}(10)P-9").hits
    assert {(hit.kind, hit.match) for hit in hits} == {(HitKind.ITEM, Match.GUESS), (HitKind.LOT, Match.GUESS)}


def test_a_hibc_code_finds_its_item_with_or_without_check_character(graph_plant: Plant) -> None:
    graph_plant.identifier(graph_plant.item("NEEDLE"), "A123BJC5D6E71", agency="HIBCC")
    for text in ("+A123BJC5D6E71G", "A123BJC5D6E71"):
        hit = only(graph_plant, text)
        assert (hit.kind, hit.number) == (HitKind.ITEM, "NEEDLE")


def test_documents_and_machines_are_found(graph_plant: Plant) -> None:
    lot = graph_plant.product("L-5")
    graph_plant.ship(lot, 3, shipment_no="SH-1", order_no="PO-77", tracking_no="SF1234567890123")
    for text, kind in (
        ("SH-1", HitKind.SHIPMENT),
        ("po-77", HitKind.ORDER),
        ("SF1234567890123", HitKind.TRACKING),
        ("C-1", HitKind.CUSTOMER),
        ("Hospital C-1", HitKind.CUSTOMER),
        ("WH-1", HitKind.LOCATION),
        ("NEEDLE", HitKind.ITEM),
    ):
        assert only(graph_plant, text).kind is kind
        assert resolve.lots(graph_plant.session, text)[2] == {lot.id}
        assert resolve.lots(graph_plant.session, only(graph_plant, text).reference)[2] == {lot.id}


def test_a_load_is_traced_to_every_batch_that_was_in_it(graph_plant: Plant) -> None:
    work, begin = Work(graph_plant), datetime(2026, 5, 4, 8, tzinfo=UTC)
    inside = [graph_plant.product(f"L-{n}") for n in range(3)]
    for lot in inside:
        work.run(lot, begin, begin + timedelta(hours=2), machines=("AUTOCLAVE-1",), load_no="ST-2611-114")
    work.run(graph_plant.product("L-OTHER"), begin, begin + timedelta(hours=2), load_no="ST-2611-115")
    hit = only(graph_plant, "st-2611-114")
    assert (hit.kind, hit.number, hit.match) == (HitKind.LOAD, "ST-2611-114", Match.EXACT)
    assert hit.en == "Load ST-2611-114 · L-0, L-1, L-2"
    for text in ("ST-2611-114", hit.reference):
        assert resolve.lots(graph_plant.session, text)[2] == {lot.id for lot in inside}


def test_a_text_can_be_narrowed_by_kind(graph_plant: Plant) -> None:
    lot = graph_plant.product("X-1")
    graph_plant.unit(graph_plant.product("X-2"), "X-1")
    assert refusal(graph_plant, "X-1").code == "TRC-003"
    assert resolve.lots(graph_plant.session, "lot:X-1")[2] == {lot.id}


def test_what_leads_to_no_lot_is_said(graph_plant: Plant) -> None:
    graph_plant.item("EMPTY")
    assert refusal(graph_plant, "EMPTY").code == "TRC-005"


@pytest.mark.parametrize(
    ("text", "code", "status"),
    [
        ("", "ID-001", 422),
        ("  \u3000 ", "ID-001", 422),
        ("x" * 10_000, "ID-002", 422),
        ("🩺🩺", "ID-003", 422),
        ("LOT\x00", "ID-003", 422),
        ("NO-SUCH-LOT", "TRC-001", 404),
        ("'; drop table lot; --", "TRC-001", 404),
        ("100%", "TRC-001", 404),
        ("lot:NO-SUCH", "TRC-001", 404),
        ("lot:01890a5d-ac96-774b-bcce-b302099a8057", "TRC-001", 404),
        ("(01)00888480539392(10)L-5", "TRC-002", 404),
    ],
)
def test_what_can_not_be_found_is_refused_in_both_languages(
    graph_plant: Plant, text: str, code: str, status: int
) -> None:
    said = refusal(graph_plant, text)
    assert (said.code, said.status) == (code, status)
    assert any("\u4e00" <= char <= "\u9fff" for char in said.zh)
    assert said.en.isascii() or "“" in said.en


def test_the_number_of_statements_is_constant(graph_plant: Plant, sent: list[str]) -> None:
    graph_plant.identifier(graph_plant.item("NEEDLE"), GTIN)
    for number in range(30):
        graph_plant.unit(graph_plant.product(f"L-{number}"), "7")
    for text, at_most in (("L-3", 1), ("7", 1), ("nothing", 2), (f"(01){GTIN}(10)L-3", 2), (f"(01){GTIN}(10)Q", 3)):
        sent.clear()
        resolve.look(graph_plant.session, text)
        assert len(sent) <= at_most, text
    hits = resolve.find(graph_plant.session, "7").hits
    assert len(hits) == 30
    sent.clear()
    resolve.lots_of(graph_plant.session, hits)
    assert len(sent) == 1


@proves("R56")
def test_a_pallet_is_found_by_its_own_number_and_leads_to_all_that_is_on_it(graph_plant: Plant) -> None:
    lots = [graph_plant.product(f"L-{n}") for n in range(3)]
    pallet, case = graph_plant.container("P-2026/01", "pallet"), graph_plant.container("006141411234567890")
    graph_plant.put(pallet, lots[0], 5)
    graph_plant.put(case, lots[1], 5)
    graph_plant.put(case, lots[2], 5, gone=True)
    graph_plant.nest(pallet, case)
    assert only(graph_plant, "P-2026/01").match is Match.EXACT
    hit = only(graph_plant, "p2026 01")
    assert (hit.kind, hit.match, hit.zh) == (
        HitKind.LOGISTIC_UNIT,
        Match.NEAR,
        "包装单元 P-2026/01 · Shelf WH-1 · 托盘 pallet",
    )
    assert resolve.lots(graph_plant.session, hit.reference)[2] == {lots[0].id, lots[1].id}
    assert resolve.lots(graph_plant.session, "logistic_unit:006141411234567890")[2] == {lots[1].id}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("006141411234567890", "TRC-001"),  # right, and nobody's
        ("(00)006141411234567890", "TRC-001"),
        ("006141411234567891", "TRC-002"),  # a wrong check digit is said
        ("(00)006141411234567891", "TRC-002"),
        ("https://id.gs1.org/00/006141411234567891", "TRC-002"),
    ],
)
def test_an_unknown_sscc_says_what_is_wrong(graph_plant: Plant, text: str, code: str) -> None:
    with pytest.raises(Refusal, match=code):
        resolve.find(graph_plant.session, text)


def test_an_empty_pallet_leads_to_nothing(graph_plant: Plant) -> None:
    graph_plant.container("P-1", "pallet")
    assert refusal(graph_plant, "P-1").code == "TRC-005"
