"""A recall as tests play it: 孙召 opens and reviews, 吴经理 approves, customers answer."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from itertools import count
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import text
from sqlmodel import col, select

from models.kernel.refusal import Refusal
from models.kernel.store.act import act, now, reading
from models.notice.messages import GoodsReceiver
from models.notice.tables.notices import RecallNotice
from models.partner.tables import Customer
from models.process.messages.process import Receipt
from models.process.tables.process import HumanTask
from models.recall.acts import decide as deciding
from models.recall.messages.begin import Acknowledge, DecideLots, DrawChecks, FileReport, OpenRecall, RecordCheck
from models.recall.messages.follow_up import NameReceivers, RecordClass
from models.recall.queries import returned
from models.recall.rules.reconcile import Reconciliation
from models.recall.store import checks as recall_checks
from models.recall.store import funnel as recall_funnel
from models.recall.store import recalls, sending
from models.recall.tables.recall import Recall
from models.returns import acts as returning
from models.returns.messages import BookReturn, DisposeReturn, ReturnedLine
from tests.support.plant.plant import SETUP, Plant
from tests.support.record import refused

ERRAND = text(
    "select t.id from human_task t join recall_pull p on p.run_id = t.run_id join recall r on r.id = p.recall_id"
    " where r.recall_no = :no and p.place = :place"
)
IN_SCOPE = text(
    "select l.lot_no from recall_lot m join lot l on l.id = m.lot_id join recall_scope s on s.id = m.scope_id"
    " join recall r on r.id = s.recall_id where r.recall_no = :no"
    " and s.version = (select max(v.version) from recall_scope v where v.recall_id = r.id)"
)
DUTY = text(
    "select t.id from human_task t join recall_deadline d on d.run_id = t.run_id"
    " join recall r on r.id = d.recall_id where r.recall_no = :no and d.rule_key = :rule order by t.id desc limit 1"
)
APPROVAL = {"recall_class": "two", "hazard": "可能引起暂时的健康危害"}


@dataclass
class Recalling:
    """One recall on a plant."""

    plant: Plant
    number: str = "RC-2026-001"
    mode: str = "recall"

    async def open(self, *identifiers: str, **more: Any) -> Receipt:
        """孙召 opens it."""
        given: dict[str, Any] = {"title": "髋关节柄断裂", "reason": "客户投诉 2026-118", **more}
        command = OpenRecall(
            command_id=str(uuid4()),
            by=self.plant.by("sun.zhao"),
            recall_no=self.number,
            mode=self.mode,
            identifiers=identifiers,
            **given,
        )
        done: Receipt = await self.plant.door.open_recall(self.plant.client, command)
        return done

    def task(self, stage: str) -> HumanTask:
        """The open task of a stage."""
        with reading(self.plant.engine) as session:
            return session.exec(
                select(HumanTask)
                .join(Recall, col(Recall.id) == col(HumanTask.recall_id))
                .where(Recall.recall_no == self.number, HumanTask.stage == stage, HumanTask.status == "open")
            ).one()

    async def do(
        self, stage: str, login: str, outcome: str | None = None, *, signed: bool = False, **more: Any
    ) -> Receipt:
        """A person completes a step."""
        task = self.task(stage)
        command = self.plant.completion(task, self.plant.by(login), outcome, signed=signed, **more)
        done: Receipt = await self.plant.door.complete_task(self.plant.client, f"recall/{self.number}", command)
        return done

    async def refuse(self, code: str, stage: str, login: str, outcome: str | None = None, **more: Any) -> None:
        """The same is refused; the attempt was recorded before and stays, nothing else changes."""
        task = self.task(stage)
        command = self.plant.completion(task, self.plant.by(login), outcome, **{"signed": False, **more})
        with refused(self.plant.engine, code):
            await self.plant.door.complete_task(self.plant.client, f"recall/{self.number}", command)

    async def freeze(self, **form: str | None) -> None:
        """Reviewed by one, approved by another."""
        await self.do("review_scope", "sun.zhao", "freeze", signed=True)
        await self.do("approve_scope", "wu.jingli", "approve", signed=True, form={**APPROVAL, **form})

    async def classify(self, level: Any = "I", market: Any = "US", **more: Any) -> Receipt:
        """孙召 records the letter of an agency."""
        given = {"authority": "FDA CDRH", "reference": "Z-0123-2027", "classified_at": datetime.now(UTC), **more}
        command = RecordClass(
            command_id=str(uuid4()),
            by=self.plant.by("sun.zhao"),
            recall_no=self.number,
            market=market,
            level=level,
            **given,
        )
        done: Receipt = await self.plant.door.book_for_recall(self.plant.client, command)
        return done

    async def withdraw(self, reason: str = "误报") -> None:
        """Withdrawn by two people."""
        await self.do("review_scope", "sun.zhao", "freeze", signed=True)
        await self.do("approve_scope", "wu.jingli", "withdraw", signed=True, reason=reason)

    async def to_customers(self) -> None:
        """Frozen, held, notified."""
        await self.freeze()
        await self.do("hold_all", "sun.zhao")
        await self.do("notify", "sun.zhao")

    def errand(self, place: str) -> HumanTask:
        """The task of fetching goods at a place."""
        with reading(self.plant.engine) as session:
            found = session.connection().execute(ERRAND, {"no": self.number, "place": place})
            return session.get_one(HumanTask, found.scalar_one())

    def duty(self, rule: str) -> HumanTask:
        """The newest task of a legal deadline."""
        with reading(self.plant.engine) as session:
            found = session.connection().execute(DUTY, {"no": self.number, "rule": rule})
            return session.get_one(HumanTask, found.scalar_one())

    async def pull(self, place: str, login: str = "li.cang", **form: Any) -> Receipt:
        """Somebody has been there and counted."""
        task = self.errand(place)
        command = self.plant.completion(task, self.plant.by(login), signed=False, form=form)
        workflow_id = self.plant.workflow_of(task)
        done: Receipt = await self.plant.door.complete_task(self.plant.client, workflow_id, command)
        return done

    def post(self, login: str = "sun.zhao") -> None:
        """Every notice is printed and posted."""
        person = self.plant.by(login).person_id
        for notice in self.notices():
            with act(self.plant.engine, SETUP) as session:
                sending.posted(session, UUID(str(notice.public_id)), person, now(session))

    def notices(self) -> list[RecallNotice]:
        """Its notices."""
        with reading(self.plant.engine) as session:
            return list(
                session.exec(
                    select(RecallNotice)
                    .join(Recall, col(Recall.id) == col(RecallNotice.recall_id))
                    .where(Recall.recall_no == self.number)
                    .order_by(col(RecallNotice.id))
                ).all()
            )

    async def acknowledge(self, notice: RecallNotice, received: int, **more: Any) -> Receipt:
        """The customer answers: all of it is on hand and comes back, unless said otherwise; whom they name is confirmed."""
        confirm = more.pop("confirm", True)
        given: dict[str, Any] = {"on_hand": received, "used": 0, "will_return": received, "name": "王医生", **more}
        numbers = {name: Decimal(given.pop(name)) for name in ("on_hand", "used", "will_return")}
        given["passed_on"] = Decimal(given.get("passed_on", 0))
        command = Acknowledge(
            command_id=str(uuid4()),
            by=self.plant.by("sun.zhao"),
            notice=UUID(str(notice.public_id)),
            received=Decimal(received),
            **numbers,
            **given,
        )
        done: Receipt = await self.plant.door.acknowledge(self.plant.client, self.number, command)
        if command.receivers and confirm:
            await self.confirm()
        return done

    async def confirm(
        self, outcome: str = "confirm", login: str = "sun.zhao", reason: str | None = None
    ) -> list[Receipt]:
        """孙召 has looked at every list of receivers that waits."""
        done = []
        with reading(self.plant.engine) as session:
            waiting = session.exec(
                select(HumanTask)
                .join(Recall, col(Recall.id) == col(HumanTask.recall_id))
                .where(Recall.recall_no == self.number, HumanTask.stage == "confirm", HumanTask.status == "open")
                .order_by(col(HumanTask.id))
            ).all()
        for task in waiting:
            command = self.plant.completion(task, self.plant.by(login), outcome, signed=False, reason=reason)
            done.append(await self.plant.door.complete_task(self.plant.client, self.plant.workflow_of(task), command))
        return done

    async def name_receivers(self, notice: RecallNotice, **got: Any) -> Receipt:
        """The customer says to whom it went: a name and how many each; it is confirmed."""
        confirm = got.pop("confirm", True)
        command = NameReceivers(
            command_id=str(uuid4()),
            by=self.plant.by("sun.zhao"),
            notice=UUID(str(notice.public_id)),
            name="王医生",
            receivers=receivers(**got),
        )
        done: Receipt = await self.plant.door.name_receivers(self.plant.client, self.number, command)
        if confirm:
            await self.confirm()
        return done

    async def draw(self, level: str, share: str | None = None) -> Receipt:
        """孙召 chooses how many customers are asked."""
        command = DrawChecks(
            command_id=str(uuid4()),
            by=self.plant.by("sun.zhao"),
            recall_no=self.number,
            level=level,
            share=Decimal(share) if share else None,
        )
        done: Receipt = await self.plant.door.draw_checks(self.plant.client, self.number, command)
        return done

    def checks(self) -> recall_checks.Checks:
        """The effectiveness checks as they stand."""
        with reading(self.plant.engine) as session:
            return recall_checks.view(session, recalls.get(session, self.number).id)

    async def check(self, row: recall_checks.CheckRow, *, reached: bool = True, **more: Any) -> Receipt:
        """孙召 calls a drawn customer, who has done as asked unless said otherwise."""
        said = {"spoken_with": "王医生", "notice_received": True, "acted": True} if reached else {}
        given: dict[str, Any] = {"channel": "telephone", "contacted_at": datetime.now(UTC), **said, **more}
        command = RecordCheck(
            command_id=str(uuid4()),
            by=self.plant.by("sun.zhao"),
            recall_no=self.number,
            check=UUID(str(row.id)),
            reached=reached,
            **given,
        )
        done: Receipt = await self.plant.door.record_check(self.plant.client, self.number, command)
        return done

    async def book(self, lot: str, quantity: str, customer: str = "C-1", **more: Any) -> Receipt:
        """李仓 books back what a customer sent."""
        serial = more.pop("serial_no", None)
        given: dict[str, Any] = {"location": "RCV-01", "received_at": datetime.now(UTC), **more}
        command = BookReturn(
            command_id=given.pop("command_id", None) or str(uuid4()),
            by=self.plant.by("li.cang"),
            recall_no=self.number,
            customer_no=customer,
            lines=(ReturnedLine(lot_no=lot, quantity=Decimal(quantity), serial_no=serial),),
            **given,
        )
        done: Receipt = await self.plant.door.book_for_recall(self.plant.client, command)
        return done

    def returns(self) -> list[returned.ReturnRow]:
        """What came back."""
        with reading(self.plant.engine) as session:
            return list(returned.view(session, recalls.get(session, self.number).id))

    def in_scope(self) -> set[str]:
        """The batches of its newest scope."""
        with reading(self.plant.engine) as session:
            return set(session.connection().execute(IN_SCOPE, {"no": self.number}).scalars())

    def here(self) -> dict[str, int]:
        """How much of each batch is in house, as its funnel counts."""
        with reading(self.plant.engine) as session:
            recall = recalls.get(session, self.number)
            rows = recall_funnel.of(session, recall, recalls.newest_scope(session, recall.id)).rows
        return {one.lot_no: int(one.places.in_house) for one in rows if not one.customer_no and one.places.in_house}

    def reconciliation(self) -> Reconciliation:
        """Answers against the books."""
        with reading(self.plant.engine) as session:
            recall = recalls.get(session, self.number)
            return recall_funnel.reconciliation(session, recall, recalls.newest_scope(session, recall.id))

    async def dispose(self, row: returned.ReturnRow, kind: Any, quantity: str, reason: str = "销毁") -> Receipt:
        """吴经理 decides about it, by a signature where it is scrapped."""
        by, signed = self.plant.by("wu.jingli"), dict[str, Any]()
        if kind == "scrap" and reason.strip():
            with reading(self.plant.engine) as session, suppress(Refusal):
                shown = returning.preview(session, UUID(str(row.id)), Decimal(quantity))
                signed = self.plant.proof(shown, by, reason)
        command = DisposeReturn(
            **signed,
            command_id=str(uuid4()),
            by=by,
            returned=UUID(str(row.id)),
            kind=kind,
            quantity=Decimal(quantity),
            reason=reason,
        )
        done: Receipt = await self.plant.door.book_for_recall(self.plant.client, command)
        return done

    async def decide(
        self, kind: Any = "scrap", *lots: str, reason: str = "隔离待销毁", login: str = "wu.jingli"
    ) -> Receipt:
        """吴经理 decides what becomes of what is in house, by a signature where it is scrapped."""
        by, signed = self.plant.by(login), dict[str, Any]()
        if kind == "scrap" and reason.strip():
            with reading(self.plant.engine) as session, suppress(Refusal):
                signed = self.plant.proof(deciding.preview(session, self.number, lots), by, reason)
        command = DecideLots(
            **signed,
            command_id=str(uuid4()),
            by=by,
            recall_no=self.number,
            kind=kind,
            lots=lots,
            reason=reason,
        )
        done: Receipt = await self.plant.door.book_for_recall(self.plant.client, command)
        return done

    async def file(self, kind: Any, jurisdiction: Any = "CN", **more: Any) -> Receipt:
        """孙召 keeps that a report was filed."""
        given: dict[str, Any] = {
            "filed_at": datetime.now(UTC),
            "authority": "江苏省药品监督管理局",
            "reference": "苏械召-2026-118",
            **more,
        }
        command = FileReport(
            command_id=given.pop("command_id", None) or str(uuid4()),
            by=self.plant.by("sun.zhao"),
            recall_no=self.number,
            kind=kind,
            jurisdiction=jurisdiction,
            **given,
        )
        done: Receipt = await self.plant.door.book_for_recall(self.plant.client, command)
        return done


NUMBERS = count(1)
TOLD = "RC-2026-6000"


def told(plant: Plant) -> Recalling:
    """The recall that has begun in a plant of `told_desk`."""
    return Recalling(plant, TOLD)


async def begun(plant: Plant, mode: str = "recall", level: str | None = None, lots: int = 1) -> Recalling:
    """Batches of 50, 30 of each with a distributor who has been told."""
    n = next(NUMBERS)
    return await begin(plant, f"{'RD' if mode == 'drill' else 'RC'}-2026-6{n:03d}", n, mode, level, lots)


async def begin(
    plant: Plant, number: str, n: int, mode: str = "recall", level: str | None = None, lots: int = 1
) -> Recalling:
    """The same under a number of one's own; `n` tells its batches from those of others."""
    names = [f"HP-{n}-{one}" for one in range(lots)]
    await plant.material(f"RP-{n}", 500)
    for name in names:
        await plant.make(name, f"RP-{n}", 50)
        await plant.release(name)
        await plant.ship(f"SP-{name}", name, 30)
    recall = Recalling(plant, number, mode)
    await recall.open(*names)
    await recall.freeze(**({"effectiveness": level} if level else {}))
    await recall.do("hold_all", "sun.zhao")
    await recall.do("notify", "sun.zhao")
    return recall


def receivers(**got: Any) -> tuple[GoodsReceiver, ...]:
    """Names and how many each got; all of them have an address."""
    return tuple(GoodsReceiver(name=name, quantity=Decimal(n), email="qa@further.test") for name, n in got.items())


def move(plant: Plant, customer_no: str, country: str | None) -> None:
    """The customer stands in another country."""
    with act(plant.engine, SETUP) as session:
        session.connection().execute(
            text("update customer set country = :country where customer_no = :no"),
            {"country": country, "no": customer_no},
        )


def reach(plant: Plant, customer_no: str, **how: str | None) -> None:
    """How a customer is reached is something else now."""
    with act(plant.engine, SETUP) as session:
        found = session.exec(select(Customer).where(Customer.customer_no == customer_no)).one()
        for name, value in how.items():
            setattr(found, name, value)
        session.add(found)


def add_customers(plant: Plant, count: int, first: int = 2) -> None:
    """More hospitals, C-2 and on."""
    with act(plant.engine, SETUP) as session:
        for number in range(first, count + first):
            session.add(Customer(customer_no=f"C-{number}", name=f"医院 {number}", email=f"qa{number}@hospital.test"))


SHIP_TO_EVERYBODY = text("""
with line as (
  insert into shipment_line (shipment_id, lot_id, quantity)
  select h.id, l.id, :each from shipment h, lot l where l.lot_no = :lot and h.shipment_no like :like returning *
)
insert into stock_movement (lot_id, kind, from_location_id, quantity, shipment_line_id)
select line.lot_id, 'ship', s.location_id, line.quantity, line.id
  from line join stock s on s.lot_id = line.lot_id and s.quantity > 0
""")


def ship_to_everybody(plant: Plant, lot: str, customers: int, each: int) -> None:
    """So many more hospitals get so many units each, in one go and past no wall."""
    add_customers(plant, customers)
    with act(plant.engine, SETUP) as session:
        session.connection().execute(
            text(
                "insert into shipment (shipment_no, customer_id, shipped_at) select 'ALL-' || customer_no, id, now()"
                " from customer where customer_no like 'C-%' and customer_no <> 'C-1'"
            )
        )
        session.connection().execute(SHIP_TO_EVERYBODY, {"lot": lot, "each": each, "like": "ALL-%"})
