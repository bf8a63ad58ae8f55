"""A label that is scanned to look at something says what it says otherwise than the record (REQ 19, 27; ISO 13485 7.5.8)."""

from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.label.store import looked_at as labels_read
from models.lot.store import lots
from tests.support.graph import Plant
from tests.support.often import often

GTIN, OTHER, STEEL = "06901234567892", "06901234567908", "06901234567915"
PALLET = "106141412345678908"


@pytest.fixture
def stocked(graph_plant: Plant) -> Plant:
    """A batch of needles with an expiry and a serial number, on a pallet; a batch of another item."""
    graph_plant.identifier(graph_plant.item(), GTIN)
    graph_plant.identifier(graph_plant.item("WIRE"), OTHER)
    graph_plant.identifier(graph_plant.item("STEEL", "raw"), STEEL)
    lot = graph_plant.product("N-1", 50)
    lot.expires_on, lot.manufactured_on = date(2031, 10, 31), date(2026, 11, 1)
    graph_plant.unit(lot, "S-1")
    graph_plant.put(graph_plant.container(PALLET, "pallet"), lot, 5)
    graph_plant.unit(graph_plant.product("N-2", 5), "S-2")
    for number in ("R-1", "R-2"):
        graph_plant.raw(number, supplier_lot="P88").expires_on = date(2029, 12, 31)
    graph_plant.session.flush()
    return graph_plant


def said(plant: Plant, text: str) -> list[str]:
    return [one.code for one in labels_read.of_text(plant.session, text)]


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        (f"(01){GTIN}(10)N-1(17)311031", []),
        (f"(01){GTIN}(10)n–1(17)311000", []),
        (f"(01){GTIN}(10)N-1(11)261101(21)S-1", []),
        (f"(00){PALLET}", []),
        (f"(00){PALLET}(02){GTIN}(37)5(10)N-1", []),
        ("N-1", []),
        ("N-9", []),
        ("LOT:N-1", []),
        ("lot:N-1", []),
        ("lot:{id}", []),
        (f"(01){STEEL}(10)P88", []),
        (f"(01){STEEL}(10)P88(17)300101", ["LOT-031", "LOT-031"]),
        (f"(01){GTIN}(10)N-1(17)300101", ["LOT-031"]),
        (f"(01){GTIN}(10)N-1(11)251101", ["LOT-031"]),
        (f"(01){OTHER}(10)N-1", ["LOT-029"]),
        (f"(01){GTIN}(10)N-1(21)S-2", ["LOT-030", "LOT-031"]),
        (f"(01){GTIN}(21)S-1(17)300101", ["LOT-031"]),
        (f"(00){PALLET}(02){GTIN}(37)6", ["PCK-024"]),
        (f"(00){PALLET}(02){OTHER}(37)5", ["PCK-024"]),
        (f"(00){PALLET}(02){GTIN}(37)5(10)N-2", ["PCK-024"]),
    ],
)
def test_what_a_label_says_otherwise_is_told(stocked: Plant, text: str, codes: list[str]) -> None:
    text = text.replace("{id}", str(lots.get(stocked.session, "N-1").public_id))
    assert said(stocked, text) == codes
    for one in labels_read.of_text(stocked.session, text):
        assert any(thing in one.zh and thing in one.en for thing in ("N-1", PALLET, "R-1", "R-2"))


@settings(max_examples=often(6, 1000), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dates(date(2020, 1, 1), date(2049, 12, 31)))
def test_whatever_day_a_label_says_it_agrees_only_with_that_day(stocked: Plant, day: date) -> None:
    text = f"(01){GTIN}(10)N-1(17){day:%y%m%d}"
    assert said(stocked, text) == ([] if day == date(2031, 10, 31) else ["LOT-031"])
