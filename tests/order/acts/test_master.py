"""Limits and materials are the order's, frozen when it was made; what departs from them opens a deviation (REQUIREMENTS 58, 61)."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import pytest_asyncio
from sqlmodel import select

from models.item.tables import BomLine, Item
from models.kernel.refusal import Refusal
from models.kernel.store.act import act, reading
from models.lot.store import lots
from models.order.messages.routing import AskedValue, BillLine, PlannedStep
from models.order.tables import WorkOrder
from models.release.rules import evidence
from models.release.store import batch_record
from tests.support.house.proves import proves
from tests.support.plant.direct import do
from tests.support.plant.plant import SETUP, Plant
from tests.support.record import refused

BAKE = PlannedStep(
    seq=10,
    code="BAKE",
    title_zh="退火",
    title_en="Anneal",
    qualification="machining",
    parameters=(AskedValue(name="温度", unit="°C", lower=Decimal("80.0"), upper=Decimal(90)),),
    readings=(AskedValue(name="humidity", unit="%", lower=Decimal(30), upper=Decimal(60)),),
    room="CR-2",
)
AIR = ({"quantity": "humidity", "value": "45.0", "unit": "%"},)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def shop(desk: Plant) -> Plant:
    """OM-1 is PEEK, OM-2 a lot of glue that is on no bill."""
    await desk.material("OM-1", 5000)
    with act(desk.engine, SETUP) as session:
        session.add(Item(item_no="GLUE", name="胶", kind="raw"))
    desk.rely("GLUE")
    receipt = desk.by("li.cang")
    from models.receipt.messages import ReceiveLot

    given = ReceiveLot(
        command_id="om-2", by=receipt, lot_no="OM-2", item_no="GLUE", quantity=Decimal(100), location="RCV-01",
        supplier_no="S-1", supplier_lot_no="G-1",
    )  # fmt: skip
    do(desk.engine, "receive_lot", given)
    await desk.measure("OM-2")
    await desk.complete("OM-2", "inspect", "lin.jian", "accepted")
    return desk


def bake(plant: Plant, lot: str, **more: Any) -> None:
    """王操 anneals with what he says."""
    given: dict[str, Any] = {
        "parameters": ({"name": "温度", "value": "85", "unit": "°C"},),
        "environment": AIR,
        "consumes": ({"lot_no": "OM-1", "quantity": 50},),
        "produced": 50,
    }
    do(plant.engine, "record_operation", plant.operation(lot, 10, **{**given, **more}))


def opened(plant: Plant, lot: str) -> list[str]:
    rows = plant.scalar(
        "select array_agg(n.code order by n.code) from nonconformance n join lot l on l.id = n.lot_id where l.lot_no = :lot",
        lot=lot,
    )
    return list(rows or ())


def status(shop: Plant, lot: str) -> str:
    return str(shop.scalar("select status from work_order where work_order_no = :no", no=f"WO-{lot}"))


async def test_work_as_the_order_asks_opens_nothing(shop: Plant) -> None:
    await shop.order("OM-OK", steps=(BAKE,))
    bake(shop, "OM-OK")
    assert opened(shop, "OM-OK") == []
    with reading(shop.engine) as session:
        record = batch_record.build(session, lots.get(session, "OM-OK"))
    [run] = record.operations
    assert [(one.lower, one.upper) for one in run.parameters] == [(Decimal(80), Decimal(90))]
    assert [(one.lower, one.upper) for one in run.readings] == [(Decimal(30), Decimal(60))]


@pytest.mark.parametrize(
    ("code", "more"),
    [
        ("EV-METHOD-9", {"parameters": ({"name": "温度", "value": "90.1", "unit": "°C"},)}),
        ("EV-ENVIRONMENT-9", {"environment": ({"quantity": "humidity", "value": 61, "unit": "%"},)}),
        ("EV-ENVIRONMENT-4", {"location": "LINE-2"}),
        ("EV-MATERIAL-8", {"consumes": ({"lot_no": "OM-2", "quantity": 1}, {"lot_no": "OM-1", "quantity": 50})}),
    ],
)
async def test_what_departs_from_the_order_opens_a_deviation_at_once(
    shop: Plant, code: str, more: dict[str, Any]
) -> None:
    lot = f"OM-{code}"
    await shop.order(lot, steps=(BAKE,))
    bake(shop, lot, **more)
    assert opened(shop, lot) == [code]
    await shop.measure(lot)
    await shop.complete(lot, "inspect", "lin.jian", "accepted")
    await shop.pack(lot, 50)
    with pytest.raises(Refusal, match="REL-001"):
        await shop.complete(lot, "review", "zhou.shen", "release", reason="无影响")
    form = {"cause": "操作失误", "requirements_met": True}
    await shop.complete(lot, "decide", "chen.pi", "accept", reason="已评估", form=form)
    with pytest.raises(Refusal, match="REL-002"):
        await shop.complete(lot, "review", "zhou.shen", "release")
    await shop.complete(lot, "review", "zhou.shen", "release", reason="偏差已决定")


@pytest.mark.parametrize(
    "more",
    [
        {"parameters": ({"name": "温度", "value": "95", "unit": "°C", "lower": 80, "upper": 100},)},
        {"parameters": ({"name": "压力", "value": "95", "unit": "kPa", "upper": 100},)},
        {"environment": ({"quantity": "humidity", "value": 75, "unit": "%", "upper": 80},)},
    ],
)
async def test_who_records_gives_no_limits_of_their_own(shop: Plant, more: dict[str, Any]) -> None:
    lot = f"OM-LIM-{abs(hash(str(more)))}"
    await shop.order(lot, steps=(BAKE,))
    with refused(shop.engine, "OPR-031", 422):
        bake(shop, lot, **more)


async def test_a_reading_of_last_year_is_no_reading_of_this_work(shop: Plant) -> None:
    await shop.order("OM-OLD", steps=(BAKE,))
    for days, code in ((365, "OPR-032"), (1, "OPR-032"), (-0.1, "OPR-052")):  # the last lies in the future
        old = datetime.now(UTC) - timedelta(days=days)
        with refused(shop.engine, code, 422):
            bake(shop, "OM-OLD", environment=({**AIR[0], "measured_at": old},))


@proves("case 16")
async def test_the_bill_is_frozen_with_the_order(shop: Plant) -> None:
    with act(shop.engine, SETUP) as session:
        stem = session.exec(select(Item).where(Item.item_no == "HIP-12")).one()
        rod = session.exec(select(Item).where(Item.item_no == "PEEK-20")).one()
        session.add(BomLine(item_id=stem.id, component_id=rod.id, quantity=Decimal(1)))
    await shop.order("OM-BILL", steps=(BAKE,), bill=None)
    with act(shop.engine, SETUP) as session:
        stem = session.exec(select(Item).where(Item.item_no == "HIP-12")).one()
        glue = session.exec(select(Item).where(Item.item_no == "GLUE")).one()
        session.add(BomLine(item_id=stem.id, component_id=glue.id, quantity=Decimal("0.01"), optional=True))
        session.flush()
        order = session.exec(select(WorkOrder).where(WorkOrder.work_order_no == "WO-OM-BILL")).one()
        assert [one["item_no"] for one in order.extra["bill"]] == ["PEEK-20"]


@proves("case 8")
async def test_a_finished_order_stops_no_other_of_the_same_people(shop: Plant) -> None:
    for lot in ("OM-1ST", "OM-2ND"):
        await shop.order(lot, steps=(BAKE,))
    bake(shop, "OM-1ST")
    assert status(shop, "OM-1ST") == "finished"
    bake(shop, "OM-2ND")
    assert (status(shop, "OM-2ND"), opened(shop, "OM-2ND")) == ("finished", [])


@pytest.mark.parametrize("item", ["NO-SUCH", "HIP-12"])
async def test_an_order_with_an_impossible_bill_is_refused(shop: Plant, item: str) -> None:
    with pytest.raises(Refusal, match="OPR-034"):
        await shop.order(f"OM-{item}", steps=(BAKE,), bill=(BillLine(item_no=item, quantity=Decimal(1)),))


async def test_an_order_whose_limits_contradict_each_other_is_refused(shop: Plant) -> None:
    wrong = BAKE.model_copy(update={"parameters": (AskedValue(name="温度", lower=Decimal(90), upper=Decimal(80)),)})
    with pytest.raises(Refusal, match="OPR-033"):
        await shop.order("OM-X", steps=(wrong,))


IN_ENGLISH = BAKE.model_copy(
    update={
        "parameters": (BAKE.parameters[0].model_copy(update={"name_en": "Temperature"}),),
        "readings": (BAKE.readings[0].model_copy(update={"name": "湿度", "name_en": "Humidity"}),),
    }
)


async def test_what_a_step_asks_for_is_recorded_by_either_name_and_kept_by_the_plants_own(shop: Plant) -> None:
    for lot, heat, air in (("OM-ZH", "温度", "湿度"), ("OM-EN", "temperature", "Humidity")):
        await shop.order(lot, steps=(IN_ENGLISH,))
        bake(
            shop,
            lot,
            parameters=({"name": heat, "value": "91", "unit": "°C"},),
            environment=({"quantity": air, "value": "45", "unit": "%"},),
        )
        with reading(shop.engine) as session:
            record = batch_record.build(session, lots.get(session, lot))
        [run] = record.operations
        assert [(one.name, one.name_en, one.upper) for one in run.parameters] == [("温度", "Temperature", Decimal(90))]
        assert [(one.quantity, one.name_en) for one in run.readings] == [("湿度", "Humidity")]
        found = evidence.assess(record, datetime.now(UTC))
        [said] = [one for one in found.exceptions if one.code == "EV-METHOD-9"]
        assert said.zh.startswith("温度 超限")
        assert said.en.startswith("Temperature out of limits")
        cells = [cell for cell in found.cells if cell.factor == "environment"]
        assert next((cell.zh, cell.en) for cell in cells) == (
            ("湿度 45 %（30…60 %）",),
            ("Humidity 45 % (30…60 %)",),
        )


async def test_a_record_of_an_order_without_english_names_is_signed_as_before(shop: Plant) -> None:
    await shop.order("OM-PLAIN", steps=(BAKE,))
    bake(shop, "OM-PLAIN")
    with reading(shop.engine) as session:
        record = batch_record.build(session, lots.get(session, "OM-PLAIN"))
    [run] = record.model_dump(mode="json")["operations"]
    assert "asked_english" not in run
    assert all("name_en" not in one for one in (*run["parameters"], *run["readings"]))


async def test_a_name_in_either_language_stands_for_one_thing(shop: Plant) -> None:
    heat = IN_ENGLISH.parameters[0]
    for twice in ("temperature", "温度"):
        other = heat.model_copy(update={"name": "炉温", "name_en": twice})
        step = IN_ENGLISH.model_copy(update={"parameters": (heat, other)})
        with refused(shop.engine, "OPR-033"):
            await shop.order(f"OM-2X-{twice}", steps=(step,))
