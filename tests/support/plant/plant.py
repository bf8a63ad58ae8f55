"""A plant on a fresh database with a worker beside it, and the cast who act in it, as tests need them."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Engine, text
from sqlmodel import Session, col, select
from temporalio.client import Client

import activities
import models.nouns  # noqa: F401 - hands in the kinds
from models.hold import acts as holding
from models.hold.messages import LiftHold
from models.inspection.messages import MeasuredValue, RecordResults
from models.item.tables import Item
from models.kernel.store.act import Actor, act, now, reading
from models.lot.tables import Lot
from models.order.messages.order import CreateWorkOrder
from models.order.messages.routing import AskedValue, BillLine, PlannedStep
from models.partner.tables import Customer, Supplier
from models.person.store import sessions
from models.person.tables import Account, Person, Site
from models.plant.store import plant
from models.process.acts import complete as completing
from models.process.context import Ctx
from models.process.messages.process import By, CompleteTask, Receipt
from models.process.store import runs, signed_acts, signing
from models.process.store.signed_acts import Shown
from models.process.tables.process import HumanTask, ProcessRun
from models.process.tables.signature import SigningAttempt
from models.production.messages import RecordOperation
from models.receipt.messages import ReceiveLot
from models.shipment.messages import Ship, ShipLine
from runtime.temporal.workers import build_worker
from tests.support.processes.door import Door
from tests.support.waits import waiting
from workflows.temporal import registry

PASSWORD = "Batchwright-2026"
SECRET = b"s" * 40
"""The server's, of the API and the workers of tests."""
SETUP = Actor(actor_id="service:test", name="test", source="test", reason="set up")
STEPS = (
    PlannedStep(
        seq=10,
        code="MACH",
        title_zh="机加工",
        title_en="Machining",
        qualification="machining",
        equipment_kind="machining_centre",
    ),
    PlannedStep(
        seq=20,
        code="CLEAN",
        title_zh="清洗",
        title_en="Cleaning",
        qualification="cleaning",
        environment=True,
        readings=(AskedValue(name="humidity", unit="%", lower=Decimal(30), upper=Decimal(60)),),
        room="CR-2",
    ),
)


@dataclass
class Plant:
    """A plant at work: its database, its Temporal client, and shorthand for what its people do.

    `door` is how acts come in: through the workflows as in life, or straight at the record (`tests.support.plant.direct`).
    """

    engine: Engine
    client: Client
    door: Any = None
    sessions: dict[str, tuple[int, str]] = field(default_factory=dict)
    relied: set[tuple[str, str]] = field(default_factory=lambda: {("S-1", "PEEK-20")})

    def __post_init__(self) -> None:
        """Without another door, the one of life."""
        self.door = self.door or Door(self.engine)

    def by(self, login: str, *, on_behalf_of: str | None = None) -> By:
        """A person of the cast."""
        with reading(self.engine) as session:
            person = self._person(session, login)
            other = self._person(session, on_behalf_of) if on_behalf_of else None
        by = By(
            person_id=person.id,
            name=person.name,
            actor_id=str(person.public_id),
            source="test",
            on_behalf_of=other.id if other else None,
            on_behalf_of_name=other.name if other else None,
        )
        return by.through(*self._session(login))

    def _session(self, login: str) -> tuple[int, str]:
        """The session that the person works in, opened at their first act: its id and its secret."""
        if login not in self.sessions:
            with act(self.engine, SETUP) as session:
                account = session.exec(select(Account).where(Account.login == login)).one()
                made = sessions.open_session(session, account.id, kind="cookie", lasts=timedelta(days=3650))
            self.sessions[login] = (made.id, made.csrf)
        return self.sessions[login]

    @staticmethod
    def _person(session: Any, login: str) -> Person:
        return session.exec(select(Person).join(Account).where(Account.login == login)).one()  # type: ignore[no-any-return]

    def rely(self, item_no: str, supplier_no: str = "S-1") -> None:
        """The plant has relied on that supplier for the item since before it kept a list; nothing where the list has an entry."""
        if (supplier_no, item_no) not in self.relied:
            with act(self.engine, SETUP) as session:
                approve(session, supplier_no, item_no)
            self.relied.add((supplier_no, item_no))

    async def receive(self, lot_no: str, quantity: int = 100, **more: Any) -> Receipt:
        """李仓 receives a lot of PEEK rods from a supplier on whom the plant relies."""
        if "supplier_no" not in more:
            self.rely(more.get("item_no", "PEEK-20"))
        command = ReceiveLot(
            command_id=str(uuid4()),
            by=self.by("li.cang"),
            lot_no=lot_no,
            quantity=Decimal(quantity),
            **{
                "supplier_no": "S-1",
                "item_no": "PEEK-20",
                "supplier_lot_no": f"P88-{lot_no}",
                "location": "RCV-01",
                **more,
            },
        )
        done: Receipt = await self.door.receive_lot(self.client, command)
        return done

    async def order(
        self, lot_no: str, quantity: int = 50, steps: tuple[PlannedStep, ...] = STEPS, **more: Any
    ) -> Receipt:
        """赵流 opens a work order for hip stems."""
        command = CreateWorkOrder(
            command_id=str(uuid4()),
            by=self.by("zhao.liu"),
            lot_no=lot_no,
            item_no="HIP-12",
            quantity=Decimal(quantity),
            location="LINE-2",
            steps=steps,
            document="SOP-HIP",
            document_version="4",
            **{
                "work_order_no": f"WO-{lot_no}",
                "expires_on": "2031-10",
                "bill": (BillLine(item_no="PEEK-20", quantity=Decimal(1)),),
                **more,
            },
        )
        done: Receipt = await self.door.create_work_order(self.client, command)
        return done

    def operation(self, lot_no: str, seq: int, **more: Any) -> RecordOperation:
        """What 王操 records of an operation."""
        now = datetime.now(UTC)
        given: dict[str, Any] = {
            "people": ("wang.cao",),
            "started_at": now - timedelta(hours=1),
            "finished_at": now - timedelta(minutes=1),
            "location": "CR-2",
        }
        return RecordOperation(
            command_id=str(uuid4()),
            by=self.by("wang.cao"),
            work_order_no=f"WO-{lot_no}",
            seq=seq,
            **{**given, **more},
        )

    def tasks(self, lot_no: str) -> list[HumanTask]:
        """Open tasks of a lot."""
        with reading(self.engine) as session:
            rows = session.connection().execute(
                text(
                    "select t.id from human_task t join lot l on l.id = t.lot_id"
                    " where l.lot_no = :lot and t.status = 'open' union"
                    " select t.id from human_task t join run_link k on k.run_id = t.run_id join lot l on l.subject_id = k.subject_id"
                    " where l.lot_no = :lot and t.status = 'open' order by id"
                ),
                {"lot": lot_no},
            )
            return [session.get_one(HumanTask, row.id) for row in rows]

    def task(self, lot_no: str, stage: str) -> HumanTask:
        """The open task of a stage."""
        return next(one for one in self.tasks(lot_no) if one.stage == stage)

    def workflow_of(self, task: HumanTask) -> str:
        """The workflow that a task belongs to."""
        with reading(self.engine) as session:
            return session.get_one(ProcessRun, task.run_id).workflow_id

    def done_task(self, lot_no: str, stage: str) -> HumanTask:
        """The newest completed task of a stage."""
        with reading(self.engine) as session:
            return session.exec(
                select(HumanTask)
                .join(Lot)
                .where(Lot.lot_no == lot_no, HumanTask.stage == stage, HumanTask.status == "done")
                .order_by(col(HumanTask.id).desc())
            ).first()  # type: ignore[return-value]

    def attempt(
        self, task: HumanTask, by: By, *, result: str = "accepted", meaning: str | None = None, **told: Any
    ) -> tuple[int, str, str]:
        """A proven signing attempt on what is shown now: its id, meaning and digest."""
        with act(self.engine, Actor(by.actor_id, by.name, "test")) as session:
            run = runs.load(session, task.run_id)
            stage = run.definition.stage(task.stage)
            shown = completing.shown_record(Ctx(session, run, by, now(session), stage=stage))
            meaning = meaning or (stage.signature.meaning if stage.signature else "performed")
            account = session.exec(select(Account).where(Account.person_id == by.person_id)).first()
            said = CompleteTask(command_id="", task_id=task.public_id, stage=stage.key, by=by, **told)
            row = SigningAttempt(
                task_id=task.id,
                person_id=by.person_id,
                account_id=account.id if account else 0,
                on_behalf_of_id=by.on_behalf_of,
                meaning=meaning,
                digest=signing.digest(shown),
                statement=signing.digest(
                    completing.statement(signing.of_run(session, run.row.id), stage, said, signing.digest(shown))
                ),
                result=result,
            )
            session.add(row)
            session.flush()
            return row.id, meaning, row.digest

    def completion(
        self, task: HumanTask, by: By, outcome: str | None = None, *, signed: bool = True, **more: Any
    ) -> CompleteTask:
        """The command that completes a task."""
        given: dict[str, Any] = {}
        if signed:
            given["attempt_id"], given["meaning"], given["digest"] = self.attempt(
                task, by, outcome=outcome, form=more.get("form", {}), reason=more.get("reason")
            )
        return CompleteTask(
            command_id=str(uuid4()),
            task_id=UUID(str(task.public_id)),
            stage=task.stage,
            by=by,
            outcome=outcome,
            **{**given, **more},
        )

    def lifting(self, hold: UUID | str, login: str = "wu.jingli", reason: str = "已查明", **more: Any) -> LiftHold:
        """The command that lifts a hold, with a proven signing attempt on what is shown now."""
        by = self.by(login)
        with reading(self.engine) as session:
            shown = holding.preview(session, UUID(str(hold)), by.person_id)
        given = self.proof(shown, by, reason)
        return LiftHold(command_id=str(uuid4()), by=by, hold_id=UUID(str(hold)), reason=reason, **{**given, **more})

    def proof(self, shown: Shown, by: By, reason: str) -> dict[str, Any]:
        """What a command carries of a proven signing attempt on what is shown."""
        with act(self.engine, Actor(by.actor_id, by.name, "test")) as session:
            account = session.exec(select(Account).where(Account.person_id == by.person_id)).one()
            attempt = SigningAttempt(
                act=shown.act.act,
                about=shown.about,
                person_id=by.person_id,
                account_id=account.id,
                meaning=shown.act.meaning,
                digest=shown.digest,
                statement=signing.digest(signed_acts.statement(shown, by, reason)),
                result="accepted",
            )
            session.add(attempt)
            session.flush()
            return {"attempt_id": attempt.id, "digest": attempt.digest, "meaning": attempt.meaning}

    async def complete(self, lot_no: str, stage: str, login: str, outcome: str | None = None, **more: Any) -> Receipt:
        """A person completes an open task."""
        task = self.task(lot_no, stage)
        command = self.completion(task, self.by(login), outcome, **more)
        done: Receipt = await self.door.complete_task(self.client, self.workflow_of(task), command)
        return done

    async def measure(self, lot_no: str, login: str = "lin.jian", value: str = "12.00", *, passed: bool = True) -> None:
        """Record all values of the open inspection, of as many pieces as there are."""
        task = self.task(lot_no, "inspect")
        pieces = range(
            1, 1 + max(1, min(3, int(self.scalar("select quantity from lot where lot_no = :lot", lot=lot_no))))
        )
        values = [MeasuredValue(characteristic=1, sample_no=n, passed=passed) for n in pieces]
        values += [
            MeasuredValue(characteristic=2, sample_no=n, value=Decimal(value), equipment_no="G-17") for n in pieces
        ]
        command = RecordResults(
            command_id=str(uuid4()), task_id=UUID(str(task.public_id)), by=self.by(login), values=tuple(values)
        )
        await self.door.record_results(self.client, self.workflow_of(task), command)

    async def material(self, lot_no: str, quantity: int = 100) -> None:
        """A lot of material, received, inspected and put away."""
        await self.receive(lot_no, quantity)
        await self.measure(lot_no)
        await self.complete(lot_no, "inspect", "lin.jian", "accepted")
        await self.complete(lot_no, "putaway", "li.cang", signed=False, form={"location": "RM-A1"})

    async def make(self, lot_no: str, material: str, quantity: int = 50, **packed: Any) -> None:
        """A batch of hip stems, made, inspected and packed (`packed`: other answers of that form); it waits for its release."""
        await self.order(lot_no, quantity)
        consumes = ({"lot_no": material, "quantity": quantity},)
        await self.door.record_operation(
            self.client, lot_no, self.operation(lot_no, 10, equipment=("M-07",), consumes=consumes)
        )
        readings = ({"quantity": "humidity", "value": 45, "unit": "%", "lower": 30, "upper": 60},)
        finish = self.operation(lot_no, 20, environment=readings, produced=quantity, equipment=("W-03",))
        await self.door.record_operation(self.client, lot_no, finish)
        await self.measure(lot_no)
        await self.complete(lot_no, "inspect", "lin.jian", "accepted")
        await self.pack(lot_no, quantity, **packed)

    async def pack(self, lot_no: str, quantity: int, **more: Any) -> Receipt:
        """王操 packs and labels it."""
        form = {
            "packed_quantity": str(quantity),
            "labels_printed": quantity + 2,
            "labels_applied": quantity,
            "labels_scrapped": 2,
            "samples_kept": "0",
            **more,
        }
        return await self.complete(lot_no, "packaging", "wang.cao", signed=False, form=form)

    async def release(self, lot_no: str) -> None:
        """Two people release it and it is put away."""
        await self.complete(lot_no, "review", "zhou.shen", "release")
        await self.complete(lot_no, "approve", "chen.pi", "release")
        await self.complete(lot_no, "putaway", "li.cang", signed=False, form={"location": "FG-A1"})

    async def ship(self, shipment_no: str, lot_no: str, quantity: int, customer: str = "C-1") -> Receipt:
        """李仓 ships to the hospital."""
        command = Ship(
            command_id=str(uuid4()),
            by=self.by("li.cang"),
            shipment_no=shipment_no,
            customer_no=customer,
            lines=(ShipLine(lot_no=lot_no, quantity=Decimal(quantity)),),
        )
        done: Receipt = await self.door.ship(self.client, command)
        return done

    def scalar(self, query: str, **given: Any) -> Any:
        """One value from the record."""
        with reading(self.engine) as session:
            return session.connection().execute(text(query), given).scalar()

    def status(self, lot_no: str) -> str:
        """The lot's state."""
        return str(self.scalar("select status from lot where lot_no = :lot", lot=lot_no))


def furnish(engine: Engine) -> None:
    """Found the plant and give it something to buy, to make and to ship to; nothing where the database came with one."""
    with waiting("plants are furnished"), act(engine, SETUP) as session:
        if session.exec(select(Site)).first():
            return
        plant.found(session, PASSWORD, datetime.now(UTC))
        session.add(Item(item_no="PEEK-20", name="PEEK 棒料 Ø20", kind="raw"))
        session.add(Item(item_no="HIP-12", name="髋关节柄 12/14", kind="finished", implantable=True))
        session.add(Supplier(supplier_no="S-1", name="甲供方"))
        session.flush()
        approve(session, "S-1", "PEEK-20")
        session.add(
            Customer(customer_no="C-1", name="上海第一医院", contact="采购科", email="qa@hospital.test", country="CN")
        )


CARRIED = text("""
insert into supplier_approval (approval_no, supplier_id, item_id, origin, status)
select 'SA-' || :supplier || '-' || :item, s.id, i.id, 'carried_over', 'approved'
  from supplier s, item i where s.supplier_no = :supplier and i.item_no = :item
   and not exists (select from supplier_approval a where (a.supplier_id, a.item_id) = (s.id, i.id))
""")


def approve(session: Session, supplier: str, item: str) -> None:
    """A supplier whom the plant has relied on for an item since before it kept the list."""
    session.connection().execute(text("select set_config('bw.actor_id', 'service:update', true)"))
    session.connection().execute(CARRIED, {"supplier": supplier, "item": item})
    session.connection().execute(text("select set_config('bw.actor_id', :was, true)"), {"was": SETUP.actor_id})


@asynccontextmanager
async def working(engine: Engine, client: Client) -> AsyncIterator[Plant]:
    """A furnished plant with its workers polling."""
    furnish(engine)
    async with AsyncExitStack() as until:
        with waiting("workers start"):
            await until.enter_async_context(polling(engine, client))
        yield Plant(engine, client)
        with waiting("workers stop"):
            await until.aclose()


@asynccontextmanager
async def polling(engine: Engine, client: Client) -> AsyncIterator[None]:
    """The workers, until the block ends."""
    context = activities.Context(engine=engine, client=client, secret=SECRET)
    doing = activities.all_activities(context)
    async with (
        build_worker(client, "quality", activities=doing, workflows=registry.ALL),
        build_worker(client, "outward", activities=doing),
        build_worker(client, "mail", activities=doing),
    ):
        yield
