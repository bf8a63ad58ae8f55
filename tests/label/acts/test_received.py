"""What a supplier's label says at receipt: offered, compared, and a contradiction confirmed with a reason (REQ 19, 27)."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import text

from api.process.schemas.acts import ReceiveIn
from models.item.tables import Item, ItemIdentifier
from models.kernel.refusal import Refusal
from models.kernel.store.act import act, now, reading
from models.label.rules import receipt as receipt_label
from models.lot.store import lots
from models.release.rules import evidence
from models.release.store import batch_record
from tests.support.plant.direct import do
from tests.support.plant.plant import SETUP, Plant
from tests.support.record import refused

GTIN = "06901234567892"
LABEL = f"(01){GTIN}(17)310930(11)260901(10)PL-77"
SPELLINGS = [
    LABEL,
    f"]C101{GTIN}173109301126090110PL-77",
    f"]d201{GTIN}10PL-77\x1d1731093011260901",
    f"01{GTIN}173109301126090110PL-77",
    f"https://id.gs1.org/01/{GTIN}/10/PL-77?17=310930&11=260901",
]


async def receive(plant: Plant, lot_no: str, **typed: Any) -> None:
    """As page and API read it, then the act."""
    given = ReceiveIn.model_validate(
        {"lot_no": lot_no, "item_no": "PEEK-20", "quantity": "100", "location": "RCV-01", "supplier_no": "S-1"} | typed
    )
    await plant.receive(**given.model_dump(exclude={"supplier_no"}))


def kept(plant: Plant, lot_no: str) -> tuple[Any, ...]:
    with reading(plant.engine) as session:
        lot = lots.get(session, lot_no)
        return lot.supplier_lot_no, lot.expires_on, lot.expiry_precision, lot.manufactured_on


@pytest.mark.parametrize("typed", SPELLINGS)
async def test_a_label_scanned_into_the_suppliers_lot_gives_lot_expiry_and_day_of_manufacture(
    desk: Plant, typed: str
) -> None:
    lot_no = f"L-S{SPELLINGS.index(typed)}"
    await receive(desk, lot_no, supplier_lot_no=typed)
    assert kept(desk, lot_no) == ("PL-77", date(2031, 9, 30), "day", date(2026, 9, 1))


async def test_a_month_on_a_label_stays_a_month_and_agrees_with_a_day_in_it(desk: Plant) -> None:
    await receive(desk, "L-M1", supplier_lot_no=f"(01){GTIN}(17)310900(10)PL-77")
    assert kept(desk, "L-M1")[:3] == ("PL-77", date(2031, 9, 30), "month")
    await receive(desk, "L-M2", supplier_lot_no=f"(01){GTIN}(17)310900(10)PL-77", expires_on="2031-09-12")
    assert kept(desk, "L-M2")[1:3] == (date(2031, 9, 12), "day")


async def test_a_label_against_what_is_typed_is_refused_until_somebody_says_why(desk: Plant) -> None:
    typed = {"supplier_lot_no": LABEL, "expires_on": "2031-10", "manufactured_on": "2026-08-01"}
    with refused(desk.engine, "LOT-025", 422, zh="有效期，标签为 2031-09-30，此处为 2031-10", en="day of manufacture"):
        await receive(desk, "L-D1", **typed)
    with refused(desk.engine, "LOT-025", 422, zh="供方批号，标签为 PL-77，此处为 PL-78"):
        await receive(desk, "L-D1", labels=[LABEL], supplier_lot_no="PL-78")
    await receive(desk, "L-D1", **typed, label_reason="供方更正函 26-118")
    assert kept(desk, "L-D1") == ("PL-77", date(2031, 10, 1), "month", date(2026, 8, 1))
    await desk.measure("L-D1")
    await desk.complete("L-D1", "inspect", "lin.jian", "accepted")
    await desk.order("L-D2")
    consumes = ({"lot_no": "L-D1", "quantity": 5},)
    do(desk.engine, "record_operation", desk.operation("L-D2", 10, equipment=("M-07",), consumes=consumes))
    assert "供方更正函 26-118" in found(desk, "L-D1")["EV-LOT-8"]
    assert "L-D1 的标签与记录不一致" in found(desk, "L-D2")["EV-MATERIAL-12"]
    await desk.order("L-D3")
    with reading(desk.engine) as session:
        clean = batch_record.build(session, lots.get(session, "L-D3"))
    assert "label_differs" not in clean.model_dump(mode="json"), "what was signed before keeps its digest"
    assert "label_differs" not in clean.model_dump()


def found(plant: Plant, lot_no: str) -> dict[str, str]:
    with reading(plant.engine) as session:
        record = batch_record.build(session, lots.get(session, lot_no))
        return {one.code: one.zh for one in evidence.assess(record, now(session)).exceptions}


async def test_the_product_on_a_label_is_held_against_the_register(desk: Plant) -> None:
    with act(desk.engine, SETUP) as session:
        session.add(Item(item_no="PEEK-30", name="PEEK 棒料 Ø30", kind="raw"))
    desk.rely("PEEK-30")
    register(desk, "HIP-12", "04012345678901")
    label = "(01)04012345678901(10)PL-77"
    with refused(desk.engine, "LOT-025", 422, zh="产品标识，标签为 04012345678901 (HIP-12)，此处为 PEEK-30"):
        await receive(desk, "L-G1", item_no="PEEK-30", supplier_lot_no=label)
    await receive(
        desk, "L-G1", item_no="PEEK-30", supplier_lot_no="(01)00888480539391(10)PL-9"
    )  # nobody registered one
    register(desk, "PEEK-30", "00012345678905")
    with refused(desk.engine, "LOT-025", 422, zh="产品标识，标签为 00888480539391，此处为 PEEK-30"):
        await receive(desk, "L-G2", item_no="PEEK-30", supplier_lot_no="(01)00888480539391(10)PL-9")
    for place, item_no in enumerate(("(01)00012345678905(10)PL-9", "012345678905", "]E00012345678905")):
        lot_no = f"L-GI{place}"
        await receive(desk, lot_no, item_no=item_no, supplier_lot_no="PL-9")
        assert kept(desk, lot_no)[0] == "PL-9"
        with reading(desk.engine) as session:
            assert batch_record.build(session, lots.get(session, lot_no)).item_no == "PEEK-30"


def register(plant: Plant, item_no: str, code: str) -> None:
    with act(plant.engine, SETUP) as session:
        item = (
            session.connection().execute(text("select id from item where item_no = :no"), {"no": item_no}).scalar_one()
        )
        session.add(ItemIdentifier(item_id=item, agency="GS1", code=code))


async def test_a_whole_label_is_no_number_whichever_door_it_comes_through(desk: Plant) -> None:
    with refused(desk.engine, "ID-032", 422):
        await desk.receive(LABEL)
    await desk.receive("L-W1", supplier_lot_no=LABEL)
    assert kept(desk, "L-W1")[0] == "PL-77"
    with pytest.raises(Refusal, match="ID-030"):
        await receive(desk, "L-W2", supplier_lot_no=f"(01){GTIN}")


def test_differences_are_said_in_both_languages() -> None:
    told = receipt_label.Told("L-1", "PEEK-20", differences=(receipt_label.Difference("lot", "A", "B"),))
    with pytest.raises(Refusal) as raised:
        receipt_label.check(told, "  ")
    assert "供方批号，标签为 A，此处为 B" in raised.value.zh
    assert "supplier's lot: the label says A, not B" in raised.value.en
