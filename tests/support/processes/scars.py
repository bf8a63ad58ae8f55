"""What people and suppliers do about a corrective action request, as tests need it: raise, send, answer, review."""

import hashlib
import io
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

from models.attachment.rules.sniff import FileType
from models.attachment.store import Arrived
from models.kernel.store.act import Actor, act, now, reading
from models.partner.tables import Supplier
from models.process.messages.process import By, Receipt
from models.scar import rules
from models.scar.messages import AnswerScar, RaiseScar, WithdrawScar
from models.scar.store import files
from tests.support.plant.plant import SECRET, SETUP, Plant
from tests.support.processes.matter import complete

SAID = {"containment": "库存 40 件已隔离", "cause": "刀具磨损", "correction": "更换刀具", "prevention": "增加首件检验"}
ASKS = tuple(one.value for one in rules.Asked)
NEWEST = "select r.public_id from scar_round r join scar c on c.id = r.scar_id where c.scar_no = :number order by r.round desc limit 1"


def in_days(days: int) -> str:
    return (date.today() + timedelta(days=days)).isoformat()  # noqa: DTZ011 - the plant's day, give or take one


def supplier(plant: Plant, number: str) -> str:
    with act(plant.engine, SETUP) as session:
        session.add(
            Supplier(supplier_no=number, name=f"供方 {number}", name_en=f"Supplier {number}", email="q@example.com")
        )
    return number


async def raised(plant: Plant, supplier_no: str, login: str = "zhao.liu", **more: Any) -> str:
    said = {"title": "外径超差", "found": "实测 20.31, 限 20.25", "asks": ASKS, **more}
    command = RaiseScar(command_id=str(uuid4()), by=plant.by(login), supplier_no=supplier_no, **said)
    return str((await plant.door.ask(plant.client, command)).data["number"])


async def sent(plant: Plant, number: str, due: int = 7, until: int = 14, note: str = "") -> UUID:
    """Sent to the supplier; the key of the round."""
    form = {"answer_by": in_days(due), "link_until": in_days(until), "note": note}
    await complete(plant, number, "send", "zhou.shen", "send", signed=False, form=form)
    return newest(plant, number)


def newest(plant: Plant, number: str) -> UUID:
    return UUID(str(plant.scalar(NEWEST, number=number)))


def by_link(supplier_no: str, at: UUID, secret: bytes | None = None) -> By:
    made = By(person_id=0, name="王工", actor_id=f"supplier:{supplier_no}", source="link")
    return made.holding(rules.make(secret if secret is not None else SECRET, at))


def answering(supplier_no: str, at: UUID, **more: Any) -> AnswerScar:
    by = more.pop("by", None) or by_link(supplier_no, at)
    said = {"name": "王工", "address": "203.0.113.9", **SAID, **more}
    return AnswerScar(**{"command_id": str(uuid4()), "by": by, "round": at, **said})


async def answered(plant: Plant, supplier_no: str, at: UUID, **more: Any) -> Receipt:
    done: Receipt = await plant.door.ask(plant.client, answering(supplier_no, at, **more))
    return done


async def withdrawn(plant: Plant, number: str) -> None:
    command = WithdrawScar(command_id=str(uuid4()), by=plant.by("zhao.liu"), number=number, reason="供应商已停用")
    await plant.door.ask(plant.client, command)


def file(plant: Plant, supplier_no: str, at: UUID, arrived: Arrived, name: str = "8D.pdf") -> str:
    """Sent through the link; its digest."""
    with reading(plant.engine) as session:
        when = now(session)
    actor = Actor(f"supplier:{supplier_no}", "供方", "link")
    return files.take(plant.engine, actor, at, arrived, name, FileType.PDF, "203.0.113.9", when).digest


async def asked(plant: Plant) -> None:
    """A request that was answered with a file, reviewed and, past its wall, withdrawn: its life has tests of its own."""
    number = await raised(plant, "S-1")
    at = await sent(plant, number)
    body = b"%PDF-1.7\n8D"
    arrived = Arrived(io.BytesIO(body), hashlib.sha256(body).hexdigest(), len(body))
    await answered(plant, "S-1", at, files=(file(plant, "S-1", at, arrived),))
    await complete(plant, number, "review", "chen.pi", "back", reason="原因不充分")
    await withdrawn(plant, number)
