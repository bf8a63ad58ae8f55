"""What people do about a change, as tests need it: ask, assess, agree, approve, decide."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

from models.change.messages import OpenChange
from models.item.tables import Item
from models.kernel.store.act import act
from models.process.messages.process import CompleteTask, Receipt
from models.production.messages import RecordOperation
from models.receipt.messages import ReceiveLot
from tests.support.plant.plant import SETUP, Plant
from tests.support.processes.matter import complete, open_task

READINGS = ({"quantity": "humidity", "value": 45, "unit": "%", "lower": 30, "upper": 60},)
TRAINED = {"person": "wang.cao", "title": "SOP-17 v3", "due": "2099-12-31"}
"""Who is trained for a change, where somebody is."""


def assessed(**more: Any) -> dict[str, Any]:
    """What the assessment says: a task of the process owner, and no training unless it is said."""
    task = {"title": "修订 SOP-17", "changes": "SOP-17", "owner": "zhao.liu", "due": "2099-12-31"}
    return {"risk": "low", "risk_reason": "可控", "tasks": [task], **more}


LOCKS = """
select coalesce(jsonb_object_agg(l.lot_no, k.step || case when k.seq > 0 then ' ' || k.seq else '' end
         || coalesce(' ' || k.decision, '') || case when k.freed_at is null then '' else ' freed' end), '{}')
  from change_lock k join change c on c.id = k.change_id join lot l on l.id = k.lot_id where c.change_no = :number
"""


def item(plant: Plant, number: str, kind: str = "raw") -> str:
    """Goods of their own: what others do to theirs counts for nothing here."""
    with act(plant.engine, SETUP) as session:
        session.add(Item(item_no=number, name=number, kind=kind))
    return number


def asking(plant: Plant, login: str = "lin.jian", **given: Any) -> OpenChange:
    said = {"title": "改用新清洗剂", "reason": "旧清洗剂停产", "kind": "software", "target": "MES 4.2", **given}
    return OpenChange(command_id=str(uuid4()), by=plant.by(login), **said)


async def opened(plant: Plant, login: str = "lin.jian", **given: Any) -> str:
    """A change that somebody has asked for; its number."""
    return str((await plant.door.ask(plant.client, asking(plant, login, **given))).data["number"])


async def agreed(plant: Plant, number: str, production: str = "agree", **more: Any) -> None:
    """Assessed, and agreed by each area; `production` may object."""
    await complete(plant, number, "assess", "zhou.shen", form=assessed(**more))
    await complete(plant, number, "agree_quality", "chen.pi", "agree")
    why = {"reason": "产能不足"} if production == "object" else {}
    await complete(plant, number, "agree_production", "zhao.liu", production, **why)
    await complete(plant, number, "agree_stock", "li.cang", "agree")


def approval(plant: Plant, number: str) -> CompleteTask:
    """The command of its approval."""
    return plant.completion(open_task(plant, number, "approve"), plant.by("wu.jingli"), "approve")


async def approved(plant: Plant, **given: Any) -> tuple[str, Receipt]:
    """A change that is approved; its number and what the approval answered."""
    number = await opened(plant, **given)
    await agreed(plant, number)
    return number, await complete(plant, number, "approve", "wu.jingli", "approve")


async def decide(plant: Plant, number: str, stage: str = "batches", rest: str | None = None, **ways: str) -> Receipt:
    """How batches go on; their numbers are written with an underscore for the dash."""
    batches = [{"batch": lot.replace("_", "-"), "way": way} for lot, way in ways.items()]
    form = {"batches": batches, **({"rest": rest} if rest else {})}
    return await complete(plant, number, stage, "chen.pi", "decide", form=form, reason="已评估")


async def carried_out(
    plant: Plant, number: str, stage: str = "carry_process_owner", login: str = "zhao.liu"
) -> Receipt:
    """Its oldest open task of that stage is done."""
    form = {"said": "已修订", "evidence": "SOP-17 v3"}
    return await complete(plant, number, stage, login, form=form, signed=True)


async def verified(plant: Plant, number: str) -> Receipt:
    """Its task is done, and somebody else has verified it."""
    await carried_out(plant, number)
    return await complete(plant, number, "verify", "chen.pi", "verified", form={"evidence": "SOP-17 v3 已发布"})


async def effective(plant: Plant, number: str, **said: str) -> Receipt:
    """It takes effect: at once, unless it is said otherwise; a temporary one is asked no more."""
    form = {} if number.startswith("CHT-") else {"effective": "at_once", **said}
    return await complete(plant, number, "put_into_effect", "wu.jingli", "effective", form=form)


async def closed(plant: Plant, number: str) -> Receipt:
    """Verified, in effect and closed."""
    await verified(plant, number)
    await effective(plant, number)
    return await complete(plant, number, "close", "wu.jingli", "close", form={"done": "按新方式生产"})


def locks(plant: Plant, number: str) -> dict[str, str]:
    """The batches that it has locked, at which step, and what was decided."""
    found: dict[str, str] = plant.scalar(LOCKS, number=number)
    return found


def now_done(plant: Plant, lot: str, seq: int, **more: Any) -> RecordOperation:
    """An operation that began a moment ago."""
    at = datetime.now(UTC)
    return plant.operation(lot, seq, started_at=at, finished_at=at + timedelta(milliseconds=1), **more)


async def cut(plant: Plant, lot: str, material: str) -> None:
    """Operation 10 of a batch, done."""
    consumes = ({"lot_no": material, "quantity": 10},)
    await plant.door.record_operation(
        plant.client, lot, now_done(plant, lot, 10, equipment=("M-07",), consumes=consumes)
    )


def cleaning(plant: Plant, lot: str) -> RecordOperation:
    """Operation 20, with which it is finished."""
    return now_done(plant, lot, 20, environment=READINGS, produced=10, equipment=("W-03",))


def receipt(plant: Plant, lot: str, goods: str) -> ReceiveLot:
    """The command that receives a batch."""
    return ReceiveLot(
        command_id=str(uuid4()),
        by=plant.by("li.cang"),
        lot_no=lot,
        item_no=goods,
        quantity=Decimal(5),
        supplier_no="S-1",
        supplier_lot_no=f"S-{lot}",
        location="RCV-01",
    )
