"""What people do about a supplier, as tests need it: ask, assess, propose, sign."""

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

from models.item.tables import Item
from models.kernel.store.act import act, now
from models.partner.tables import Supplier
from models.process.automatic import carry_out
from models.process.store import runs
from models.supplier.messages import AssessSupplier
from tests.support.plant.plant import SETUP, Plant
from tests.support.processes.matter import complete

ASSESSED = {"basis": "audit", "risk": "medium", "findings": "体系完整"}

RUN = """
select r.id from process_run r join subject s on s.id = r.subject_id where s.number = :number and r.status = 'running'
"""


def in_days(days: int) -> str:
    return (date.today() + timedelta(days=days)).isoformat()  # noqa: DTZ011 - the plant's day, give or take one


def terms(**more: Any) -> dict[str, Any]:
    return {"valid_until": in_days(400), "reassess_on": in_days(340), "condition": "none", **more}


def goods(plant: Plant, item_no: str, *supplier_nos: str) -> str:
    """An item of its own, and suppliers who may or may not be on the list for it."""
    with act(plant.engine, SETUP) as session:
        session.add(Item(item_no=item_no, name=f"棒料 {item_no}", name_en=f"Rod {item_no}", kind="raw"))
        for one in supplier_nos:
            session.add(Supplier(supplier_no=one, name=f"供方 {one}", name_en=f"Supplier {one}"))
    return item_no


def asking(plant: Plant, supplier_no: str, item_no: str, login: str = "zhao.liu", **given: Any) -> AssessSupplier:
    said = {"supplier_no": supplier_no, "item_no": item_no, "reason": "新供应商", **given}
    return AssessSupplier(command_id=str(uuid4()), by=plant.by(login), **said)


async def asked(plant: Plant, supplier_no: str, item_no: str, **given: Any) -> str:
    """An approval that somebody has asked for; its number."""
    return str((await plant.door.ask(plant.client, asking(plant, supplier_no, item_no, **given))).data["number"])


async def proposed(plant: Plant, number: str, **more: Any) -> None:
    """Assessed, and its terms proposed."""
    await complete(plant, number, "assess", "zhou.shen", "suitable", signed=False, form=ASSESSED)
    await complete(plant, number, "terms", "zhou.shen", form=terms(**more))


async def approved(plant: Plant, supplier_no: str, item_no: str, revision: str = "", **more: Any) -> str:
    """An approval in force; its number."""
    number = await asked(plant, supplier_no, item_no, revision=revision)
    await signed(plant, number, **more)
    return number


async def signed(plant: Plant, number: str, **more: Any) -> None:
    """From the assessment to the second signature."""
    await proposed(plant, number, **more)
    await complete(plant, number, "review", "chen.pi", "agree")
    await complete(plant, number, "approve", "wu.jingli", "approve")


def go_on(plant: Plant, number: str) -> None:
    """What the worker does of it by itself, where there is no worker."""
    with act(plant.engine, SETUP) as session:
        key = plant.scalar(RUN, number=number)
        for one in runs.view(session, runs.load(session, key)).automatic:
            carry_out(session, one, now(session))
