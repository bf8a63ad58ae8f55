"""What opens a deviation or nonconformance, and that nothing but its own signed decision closes it (ISO 13485 8.3)."""

from datetime import UTC, datetime

import pytest
import pytest_asyncio
from sqlmodel import select

from models.kernel.refusal import Refusal
from models.kernel.store.act import Actor, act, now, reading
from models.lot.store import lots
from models.nonconformance import store as nonconformances
from models.nonconformance.rules import Finding
from models.nonconformance.tables import Nonconformance
from tests.support.plant.direct import do
from tests.support.plant.plant import SETUP, Plant
from tests.support.record import refused

HOT = Finding("EV-METHOD-9", "op10/1/温度", "温度 超限", "Temperature out of limits", "91 °C", "≤ 90 °C")
CAUSE = {"cause": "加热器温控漂移", "requirements_met": True}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def shop(desk: Plant) -> Plant:
    """NR-1 is material."""
    await desk.material("NR-1", 5000)
    return desk


def deviation(plant: Plant, lot_no: str, found: Finding = HOT) -> str:
    """王操 tells of something at his batch."""
    by = plant.by("wang.cao")
    with act(plant.engine, Actor(by.actor_id, by.name, "test", reason="set up")) as session:
        lot = lots.lock(session, [lot_no])[lot_no]
        row = nonconformances.open_deviation(session, lot, found, by, now(session), said="调低了")
        return row.nonconformance_no


def rows(plant: Plant, lot_no: str) -> list[Nonconformance]:
    with reading(plant.engine) as session:
        key = lots.get(session, lot_no).id
        return list(session.exec(select(Nonconformance).where(Nonconformance.lot_id == key)).all())


async def test_a_deviation_keeps_its_batch_from_release_until_somebody_has_decided(shop: Plant) -> None:
    await shop.make("N-1", "NR-1", 50)
    assert deviation(shop, "N-1") == "DV-N-1-1"
    with pytest.raises(Refusal) as no:
        await shop.complete("N-1", "review", "zhou.shen", "release", reason="无影响")
    assert no.value.code == "REL-001"
    assert "DV-N-1-1" in no.value.zh
    await shop.complete("N-1", "decide", "chen.pi", "accept", reason="复核对产品无影响", form=CAUSE)
    with pytest.raises(Refusal, match="REL-002"):  # decided, and still in sight
        await shop.complete("N-1", "review", "zhou.shen", "release")
    await shop.complete("N-1", "review", "zhou.shen", "release", reason="偏差已决定")
    await shop.complete("N-1", "approve", "chen.pi", "release", reason="偏差已决定")
    [row] = rows(shop, "N-1")
    assert (row.status, row.disposition, row.cause, row.said) == ("closed", "accept", "加热器温控漂移", "调低了")
    assert row.owner_id == row.decided_by_id == shop.by("chen.pi").person_id
    assert shop.status("N-1") == "released"


async def test_the_same_finding_opens_one_deviation(shop: Plant) -> None:
    await shop.make("N-2", "NR-1", 50)
    assert [deviation(shop, "N-2"), deviation(shop, "N-2")] == ["DV-N-2-1", "DV-N-2-1"]
    other = Finding("EV-METHOD-9", "op10/1/压力", "压力 超限", "Pressure out of limits")
    assert deviation(shop, "N-2", other) == "DV-N-2-2"
    assert [one.stage for one in shop.tasks("N-2")].count("decide") == 2


async def test_who_made_the_batch_does_not_decide_on_its_deviation(shop: Plant) -> None:
    await shop.make("N-3", "NR-1", 50)
    deviation(shop, "N-3")
    task = shop.task("N-3", "decide")
    command = shop.completion(task, shop.by("wang.cao"), "accept", reason="无影响", form=CAUSE)
    with refused(shop.engine, "TASK-005", 403):
        do(shop.engine, "complete_task", command)


@pytest.mark.parametrize(
    ("code", "outcome", "form"),
    [
        ("PRC-004", "accept", {}),
        ("NCR-003", "accept", {"cause": "温控漂移"}),
        ("NCR-003", "accept", {"cause": "温控漂移", "requirements_met": False}),
        ("NCR-002", "rework", {"cause": "温控漂移", "owner": "nobody"}),
    ],
)
async def test_a_decision_needs_its_cause_an_owner_and_the_law(
    shop: Plant, code: str, outcome: str, form: dict[str, object]
) -> None:
    lot = f"N-4-{code}-{len(form)}-{outcome}"
    await shop.order(lot, 50)
    deviation(shop, lot)
    command = shop.completion(shop.task(lot, "decide"), shop.by("chen.pi"), outcome, reason="已评估", form=form)
    with refused(shop.engine, code):
        do(shop.engine, "complete_task", command)
    assert [one.status for one in rows(shop, lot)] == ["open"]


async def test_an_inspection_that_passes_closes_no_earlier_nonconformance(shop: Plant) -> None:
    await shop.order("N-5", 50)
    consumes = ({"lot_no": "NR-1", "quantity": 50},)
    do(shop.engine, "record_operation", shop.operation("N-5", 10, equipment=("M-07",), consumes=consumes))
    reading_ = ({"quantity": "humidity", "value": 45, "unit": "%"},)
    do(shop.engine, "record_operation", shop.operation("N-5", 20, environment=reading_, produced=50))
    for _ in range(3):
        await shop.measure("N-5", value="12.50")
        await shop.complete("N-5", "inspect", "lin.jian", "failed")
        await shop.complete("N-5", "disposition", "chen.pi", "reinspect", reason="复测")
    await shop.measure("N-5")
    await shop.complete("N-5", "inspect", "lin.jian", "accepted")
    assert [(one.nonconformance_no, one.status) for one in rows(shop, "N-5")] == [
        ("NC-N-5-1", "open"),
        ("NC-N-5-2", "open"),
        ("NC-N-5-3", "open"),
    ]
    await shop.pack("N-5", 50)
    for left in (3, 2, 1):
        with pytest.raises(Refusal) as no:
            await shop.complete("N-5", "review", "zhou.shen", "release", reason="最后一次合格")
        assert no.value.zh.count("NC-N-5") == left
        form = {"cause": "夹具松动", "owner": "wang.cao"}
        await shop.complete("N-5", "decide", "chen.pi", "unfounded", reason="复测合格", form=form)
    await shop.complete("N-5", "review", "zhou.shen", "release", reason="复测合格")
    assert {one.owner_id for one in rows(shop, "N-5")} == {shop.by("wang.cao").person_id}


async def test_rows_of_before_are_given_their_decision(shop: Plant) -> None:
    await shop.order("N-6", 50)
    with act(shop.engine, SETUP) as session:
        key = lots.get(session, "N-6").id
        session.add(
            Nonconformance(nonconformance_no="NC-OLD", lot_id=key, title="FQC-OLD", opened_at=datetime.now(UTC))
        )
    with act(shop.engine, SETUP) as session:
        assert nonconformances.ask_for_open(session, shop.by("wu.jingli"), now(session)) == 1
        assert nonconformances.ask_for_open(session, shop.by("wu.jingli"), now(session)) == 0
    form = {"cause": "旧系统记录"}
    await shop.complete("N-6", "decide", "chen.pi", "unfounded", reason="核对纸质记录", form=form)
    assert [one.status for one in rows(shop, "N-6")] == ["closed"]
