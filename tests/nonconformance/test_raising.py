"""Somebody says what they found: of a batch, or before there is one; its review begins with it (ISO 13485 8.3.1, 8.3.2)."""

from decimal import Decimal
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
import pytest_asyncio
from sqlmodel import select

from models.audit.queries.trail import page
from models.kernel.refusal import Refusal
from models.kernel.store.act import reading
from models.nonconformance.messages import RaiseNonconformance
from models.nonconformance.rules import Severity
from models.nonconformance.tables import Nonconformance
from models.process.messages.process import Receipt
from models.process.tables.process import HumanTask
from tests.support.house.proves import proves
from tests.support.plant.direct import do
from tests.support.plant.plant import Plant
from tests.support.record import refused
from tests.support.servers.together import in_line

CAUSE = {"cause": "搬运碰伤", "requirements_met": True}
FACTS = "select f.values::text from fact f join subject s on s.id = f.subject_id where s.number = :number and f.name = 'nonconformance.opened'"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def shop(desk: Plant) -> Plant:
    """NC-M is material."""
    await desk.material("NC-M", 5000)
    return desk


def raised(plant: Plant, login: str = "li.cang", **given: Any) -> Receipt:
    command = RaiseNonconformance(command_id=str(uuid4()), by=plant.by(login), **{"title": "外箱破损", **given})
    return do(plant.engine, "raise_nonconformance", command)


def row_of(plant: Plant, number: str) -> Nonconformance:
    with reading(plant.engine) as session:
        return session.exec(select(Nonconformance).where(Nonconformance.nonconformance_no == number)).one()


def open_task(plant: Plant, number: str, stage: str) -> Any:
    """The open task of the review of a finding."""
    query = (
        "select t.id from human_task t join subject s on s.id = t.subject_id where s.number = :number and t.stage = :stage"
        " and t.status = 'open'"
    )
    with reading(plant.engine) as session:
        return session.get_one(HumanTask, plant.scalar(query, number=number, stage=stage))


async def test_what_is_found_of_a_batch_keeps_it_from_release_and_has_an_owner_and_a_day(shop: Plant) -> None:
    await shop.make("NC-B-1", "NC-M", 50)
    done = raised(shop, lot_no="NC-B-1", quantity=Decimal(5), location="FG-A1", said="两箱受潮").data
    assert (done["number"], done["severity"], done["lot"]) == ("NC-NC-B-1-1", "major", "NC-B-1")
    row = row_of(shop, done["number"])
    assert (row.quantity, row.uom, row.source, row.said) == (Decimal(5), "pcs", "hand", "两箱受潮")
    task = open_task(shop, done["number"], "decide")
    assert task.due_at is not None
    assert shop.scalar("select owner_id is not null from subject where number = :number", number=done["number"])
    assert '"source": "hand"' in shop.scalar(FACTS, number=done["number"])
    with pytest.raises(Refusal, match="REL-001"):
        await shop.complete("NC-B-1", "review", "zhou.shen", "release", reason="无影响")
    await shop.complete("NC-B-1", "decide", "chen.pi", "accept", reason="仅外箱", form=CAUSE)
    await shop.complete("NC-B-1", "review", "zhou.shen", "release", reason="不合格已决定")
    assert row_of(shop, done["number"]).status == "closed"
    with reading(shop.engine) as session:
        trail = {(one.table_name, one.actor_name) for one in page(session, "NC-B-1", limit=500).items}
    assert {("signature", "陈批"), ("human_task", "陈批"), ("nonconformance", "李仓")} <= trail


async def test_a_batch_that_may_ship_is_held_until_quality_lifts_it(shop: Plant) -> None:
    await shop.make("NC-B-4", "NC-M", 50)
    await shop.release("NC-B-4")
    assert raised(shop, lot_no="NC-B-4", kind="deviation").data["hold"] is None
    done = raised(shop, lot_no="NC-B-4").data
    held = "select count(*) from hold h join lot l on l.id = h.lot_id where l.lot_no = 'NC-B-4' and h.lifted_at is null and h.public_id = :hold"
    assert shop.scalar(held, hold=done["hold"]) == 1
    with pytest.raises(Refusal, match="LOT-003"):
        await shop.ship("SH-NC-B-4", "NC-B-4", 10)


async def test_two_who_decide_on_two_findings_of_a_batch_at_once_both_do(shop: Plant) -> None:
    await shop.make("NC-B-5", "NC-M", 50)
    numbers = [raised(shop, lot_no="NC-B-5").data["number"] for _ in range(2)]
    commands = [
        shop.completion(open_task(shop, number, "decide"), shop.by(login), "accept", reason="无影响", form=CAUSE)
        for number, login in zip(numbers, ("chen.pi", "wu.jingli"), strict=True)
    ]
    answers = in_line(shop.engine, "NC-B-5", *(partial(do, shop.engine, "complete_task", one) for one in commands))
    assert [one.act for one in answers if isinstance(one, Receipt)] == ["complete", "complete"]
    assert [row_of(shop, number).status for number in numbers] == ["closed", "closed"]


@proves("case 4")
async def test_before_there_is_a_batch_it_is_of_an_item_a_supplier_or_a_place(shop: Plant) -> None:
    of_item = raised(shop, item_no="PEEK-20", supplier_no="S-1", supplier_lot_no="P-77", quantity=Decimal(3)).data
    of_place = raised(shop, title="温控报警", location="FG-A1", kind="deviation", source="equipment").data
    numbers = [one["number"].split("-") for one in (of_item, of_place)]
    assert [one[0] for one in numbers] == ["NC", "DV"]
    assert int(numbers[1][2]) == int(numbers[0][2]) + 1
    assert [of_item["severity"], of_place["severity"]] == ["major", "minor"]
    for one in (of_item, of_place):
        task = open_task(shop, one["number"], "decide")
        command = shop.completion(task, shop.by("chen.pi"), "return", reason="退供方", form=CAUSE)
        do(shop.engine, "complete_task", command)
        assert (row_of(shop, one["number"]).status, row_of(shop, one["number"]).disposition) == ("closed", "return")


async def test_what_is_critical_is_accepted_by_two_people(shop: Plant) -> None:
    await shop.make("NC-B-2", "NC-M", 50)
    number = raised(shop, lot_no="NC-B-2", severity=Severity.CRITICAL).data["number"]
    await shop.complete("NC-B-2", "decide", "chen.pi", "accept", reason="不影响使用", form=CAUSE)
    assert (row_of(shop, number).status, row_of(shop, number).disposition) == ("open", "accept")
    with pytest.raises(Refusal, match="REL-001"):  # half decided is not decided
        await shop.complete("NC-B-2", "review", "zhou.shen", "release", reason="不合格已决定")
    task = open_task(shop, number, "concede")
    command = shop.completion(task, shop.by("wu.jingli"), "back", reason="补充检验")
    do(shop.engine, "complete_task", command)
    await shop.complete("NC-B-2", "decide", "chen.pi", "accept", reason="复检合格", form=CAUSE)
    await shop.complete("NC-B-2", "concede", "wu.jingli", "accept", reason="同意")
    row = row_of(shop, number)
    assert (row.status, row.decision_reason) == ("closed", "复检合格")
    await shop.complete("NC-B-2", "review", "zhou.shen", "release", reason="不合格已决定")


async def test_after_delivery_it_is_critical_by_rule(shop: Plant) -> None:
    await shop.make("NC-B-3", "NC-M", 50)
    await shop.release("NC-B-3")
    await shop.ship("SH-NC-B-3", "NC-B-3", 10)
    assert raised(shop, lot_no="NC-B-3", severity=Severity.MINOR).data["severity"] == "critical"


@pytest.mark.parametrize(
    ("code", "given"),
    [
        ("NCR-007", {"title": "  ", "lot_no": "NC-M"}),
        ("NCR-008", {}),
        ("NCR-008", {"lot_no": " "}),
        ("NCR-009", {"location": "FG-A1", "quantity": Decimal(1)}),
        ("NCR-010", {"lot_no": "NC-M", "quantity": Decimal(5001)}),
        ("NCR-010", {"lot_no": "NC-M", "quantity": Decimal(0)}),
        ("NCR-011", {"item_no": "PEEK-20", "quantity": Decimal(-1)}),
        ("NCR-012", {"supplier_no": "S-NONE"}),
        ("ITM-001", {"item_no": "NONE"}),
        ("LOT-001", {"lot_no": "NONE"}),
        ("NCR-014", {"lot_no": "NC-M", "item_no": "HIP-12"}),
        ("NCR-012", {"lot_no": "NC-M", "supplier_no": "S-NONE"}),
    ],
)
def test_what_cannot_be_is_refused_and_leaves_nothing(shop: Plant, code: str, given: dict[str, Any]) -> None:
    before = shop.scalar("select count(*) from nonconformance")
    command = RaiseNonconformance(command_id=str(uuid4()), by=shop.by("li.cang"), **{"title": "外箱破损", **given})
    with refused(shop.engine, code):
        do(shop.engine, "raise_nonconformance", command)
    assert shop.scalar("select count(*) from nonconformance") == before


def test_who_takes_no_part_raises_nothing(shop: Plant) -> None:
    command = RaiseNonconformance(command_id=str(uuid4()), by=shop.by("admin"), title="外箱破损", lot_no="NC-M")
    with refused(shop.engine, "AUTH-005"):
        do(shop.engine, "raise_nonconformance", command)
