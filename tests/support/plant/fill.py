"""A row in every audited table that the main job doesn't touch, and a change and a deletion where there can be one."""

import hashlib
import io
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from sqlmodel import Session, col, select

from models.attachment import store as attachments
from models.attachment.rules.sniff import FileType
from models.capa.store import cases
from models.capa.tables import CapaPlan, CapaScope
from models.change.store import changes, impact
from models.clock.tables import ClockDifference, ClockJump
from models.drift.tables import DriftChart, DriftLimits
from models.drill.messages import CheckTrace
from models.equipment.tables import Equipment
from models.fault import store as faults
from models.fault.tables import ActFault
from models.health import acts as trace_health
from models.hold import acts as holding
from models.hold.messages import LiftHoldPart, PlaceHold
from models.hold.rules import Scope
from models.importing.tables import ImportRow, ImportRun
from models.inspection.messages import MeasuredValue, RecordResults
from models.item.tables import BomLine, Item, ItemIdentifier
from models.kernel.fault import Trouble
from models.kernel.store.act import Actor, act, now, reading
from models.listing.tables import ListExport, SavedView
from models.lot.tables import Lot
from models.notice.tables.deliveries import NoticeDelivery
from models.notice.tables.notices import RecallNotice
from models.partner.tables import Supplier, SupplierItem
from models.person.rules.roles import Role
from models.person.store import people as store
from models.person.tables import Account, AccountMail, Certification, Delegation, Person, SecurityNotice, SignInCode
from models.process.tables.process import ProcessRun
from models.process.tables.subject import OwnerRule, RunLink
from models.production.tables import OperationParameter, OperationRun
from models.pull.tables import RecallPull
from models.recall.tables.recall import Recall, RecallDeadline
from models.stock.tables import SerialUnit
from models.supplier.store import approvals
from tests.support.plant.bringing import bringing
from tests.support.plant.direct import do
from tests.support.plant.packing import moving, packing, some, unpacking
from tests.support.plant.plant import SETUP, Plant
from tests.support.plant.recalling import Recalling, receivers
from tests.support.processes import breaking, calibrating, drifting, scars
from tests.support.servers.database import past_wall


async def fill(plant: Plant) -> None:
    """Bring the rest of the plant into the record."""
    _master_data(plant)
    calibrating.machine(plant, "G-20", timedelta(days=90))
    await _a_failed_lot(plant, "R-FAIL")
    hold = PlaceHold(command_id=str(uuid4()), by=plant.by("wu.jingli"), lot_nos=("R-FAIL",), reason="复验")
    placed = await plant.door.place_hold(hold)
    lift = plant.lifting(UUID(placed.data["holds"][0]), reason="完毕")
    await plant.door.lift_hold(lift)
    _a_part(plant)
    _photo(plant)
    _lists(plant)
    do(plant.engine, "pack", packing(plant, "箱-1", some("R-1", 3), location="RM-A1"))
    do(plant.engine, "pack", moving(plant, "箱-1", "RCV-01"))
    do(plant.engine, "pack", unpacking(plant, "箱-1", some("R-1", 1)))
    with act(plant.engine, SETUP) as session:
        session.add(ClockJump(last_at=now(session), last_event_id=1, reason="主板电池更换"))
        session.add(ClockDifference(apart=False, ahead_least=-20, ahead_most=20, last_event_id=1))
    drill = Recalling(plant, "RD-2026-001", "drill")
    await drill.open("B-OK")
    await drill.to_customers()
    named = receivers(市一院=1)
    answered = {"on_hand": 0, "will_return": 0, "passed_on": 1, "receivers": named, "confirm": False}
    await drill.acknowledge(drill.notices()[0], 1, **answered)
    await drill.confirm("decline", reason="查无此单位")
    with act(plant.engine, SETUP) as session:
        _errand(session)
    with act(plant.engine, SETUP) as session:
        pull = session.exec(select(RecallPull).where(col(RecallPull.recall_id).is_not(None))).one()
        pull.found, pull.note, pull.done_at = Decimal(1), "少一件", datetime.now(UTC)
        session.add(pull)
        _clock(session)
    _fault(plant)
    _capa(plant)
    _change(plant)
    _supplier(plant)
    _calibration(plant)
    await _breakdown(plant)
    await _drift(plant)
    await scars.asked(plant)
    _subjects(plant)
    await drill.decide("release", "B-OK", reason="演练")
    await drill.draw("a")
    for row in drill.checks().rows:
        await drill.check(row)
    await drill.book("B-OK", "1")
    for back in drill.returns():
        await drill.dispose(back, "scrap", "1")
    await drill.file("plan")
    with act(plant.engine, SETUP) as session:
        trace_health.check(session, CheckTrace(command_id="check", by=plant.by("sun.zhao")), now(session))


async def _a_failed_lot(plant: Plant, lot_no: str) -> None:
    await plant.receive(lot_no, 10)
    await plant.measure(lot_no, value="13")
    task = plant.task(lot_no, "inspect")
    value = MeasuredValue(characteristic=2, sample_no=1, value=Decimal("13.1"), equipment_no="G-20", reason="读数看错")
    command = RecordResults(
        command_id=str(uuid4()), task_id=UUID(str(task.public_id)), by=plant.by("lin.jian"), values=(value,)
    )
    await plant.door.record_results(command)
    await plant.complete(lot_no, "inspect", "lin.jian", "failed")


def _master_data(plant: Plant) -> None:
    now = datetime.now(UTC)
    with act(plant.engine, SETUP) as session:
        stem = session.exec(select(Item).where(Item.item_no == "HIP-12")).one()
        rod = session.exec(select(Item).where(Item.item_no == "PEEK-20")).one()
        supplier = session.exec(select(Supplier)).first()
        lot = session.exec(select(Lot).where(Lot.lot_no == "B-OK")).one()
        run = session.exec(select(OperationRun)).first()
        people = session.exec(select(Person).order_by(Person.id)).all()  # type: ignore[arg-type]
        account = session.exec(select(Account)).first()
        assert supplier is not None
        assert run is not None
        assert account is not None
        session.add_all(
            [
                BomLine(item_id=stem.id, component_id=rod.id, quantity=Decimal(1)),
                ItemIdentifier(item_id=stem.id, agency="GS1", code="06901234567892"),
                SupplierItem(supplier_id=supplier.id, item_id=rod.id, supplier_item_no="P-20"),
                SerialUnit(serial_no="SN-1", item_id=stem.id, lot_id=lot.id),
                OperationParameter(operation_run_id=run.id, name="转速", value=Decimal(900), unit="rpm"),
                Delegation(
                    from_person_id=people[2].id,
                    to_person_id=people[3].id,
                    starts_at=now,
                    ends_at=now + timedelta(days=1),
                    reason="培训",
                ),
                SecurityNotice(account_id=account.id, kind="test"),
                Certification(
                    account_id=account.id, person_id=account.person_id, name="林检", statement="我是林检本人"
                ),
                AccountMail(account_id=account.id, news="unlocked", by_name="管理员", address="lin.jian@example.test"),
            ]
        )
        store.grant(session, "qian.xin", Role.WAREHOUSE)
        asking = store.get(session, "admin")
        stem.description = "“双引号” \\ 反斜杠 \t 制表符 😀"
        session.add(stem)
        account.password_hash = "$argon2$other"
        session.add(account)
    with act(plant.engine, Actor(str(asking.public_id), asking.name, "test")) as session:
        session.add(
            SignInCode(account_id=account.id, way="hands", made_by_id=asking.id, expires_at=now + timedelta(days=1))
        )
    with bringing(plant.engine) as session:
        batch = session.exec(select(ImportRun)).one()
        session.add(
            ImportRow(
                run_id=batch.id, source="test", kind="part", source_key="1", row_hash="0" * 64, outcome="imported"
            )
        )
    with act(plant.engine, SETUP) as session:
        store.revoke(session, "qian.xin", Role.WAREHOUSE)
        machine = session.exec(select(Equipment)).first()
        assert machine is not None
        machine.status = "out_of_service"
        session.add(machine)


def _photo(plant: Plant) -> None:
    """Somebody attached a picture."""
    by, content = plant.by("lin.jian"), b"\x89PNG\r\n\x1a\n"
    arrived = attachments.Arrived(io.BytesIO(content), hashlib.sha256(content).hexdigest(), len(content))
    attachments.attach(
        plant.engine, Actor(by.actor_id, by.name, "test"), by.person_id, arrived, "照片.png", FileType.PNG
    )


def _lists(plant: Plant) -> None:
    """Somebody took a list out, and keeps two views of it: one that was renamed, one that was taken away."""
    by = plant.by("lin.jian")
    whose = Actor(by.actor_id, by.name, "test", reason="自用")
    one: dict[str, Any] = {"person_id": by.person_id, "list_key": "subjects", "query": ""}
    with act(plant.engine, whose) as session:
        session.add(ListExport(**one, language="zh", rows=1, size=10, digest="a" * 64))
        renamed, gone = (SavedView(**one, name=name) for name in ("我的", "不要的"))
        session.add_all([renamed, gone])
    with act(plant.engine, whose) as session:
        kept = session.get_one(SavedView, renamed.id)
        kept.name, kept.version, kept.changed_at = "我的批次", 2, now(session)
        session.delete(session.get_one(SavedView, gone.id))


def _clock(session: Session) -> None:
    """A legal clock, which no drill starts."""
    recall, at = session.exec(select(Recall)).one(), datetime.now(UTC)
    session.add(
        RecallDeadline(
            recall_id=recall.id, rule_key="cn-plan", rule_version=1, jurisdiction="CN", clause="29 号令",
            event="recall_decided", event_at=at, stop="plan_filed", due_at=at, zone="Asia/Shanghai", zh="期限", en="clock",
        )
    )  # fmt: skip
    session.flush()


def _subjects(plant: Plant) -> None:
    """Whose new batches of a supplier are, and a batch that a run touches besides its own."""
    with act(plant.engine, SETUP) as session:
        supplier = session.exec(select(Supplier)).first()
        manager = store.get(session, "wu.jingli")
        run = session.exec(select(ProcessRun).where(col(ProcessRun.workflow_id).startswith("recall/"))).first()
        lot = session.exec(select(Lot).where(Lot.lot_no == "R-1")).one()
        assert supplier is not None
        assert run is not None
        rule = OwnerRule(subject_kind="lot", supplier_id=supplier.id, role="quality_manager", person_id=manager.id)
        session.add_all([rule, RunLink(run_id=run.id, subject_id=lot.subject_id, role="affected")])
    with act(plant.engine, SETUP) as session:
        rule = session.exec(select(OwnerRule)).one()
        rule.ended_at = now(session)
        session.add(rule)


def _fault(plant: Plant) -> None:
    """An act that couldn't be done, and that an operator took up and set aside."""
    matter = faults.Matter(
        key="k", act="ship", workflow_id="shipment/1", command="{}", facts={}, person_id=0, build="b"
    )
    faults.write(plant.engine, matter, Trouble.BUG, 1, "KeyError", "at the line")
    by = plant.by("admin")
    with act(plant.engine, Actor(by.actor_id, by.name, "test")) as session:
        fault = session.exec(select(ActFault)).one()
        faults.dismiss(session, fault.public_id, by.person_id, "测试", now(session))


def _capa(plant: Plant) -> None:
    """A CAPA with a plan that was written and, past its wall, measured: its life has tests of its own."""
    by = plant.by("zhou.shen")
    with act(plant.engine, Actor(by.actor_id, by.name, "test")) as session:
        case = cases.new(session, by, now(session), title="直径超差")
        plan = CapaPlan(
            capa_id=case.id, actions=[{"title": "换刀"}], measure="findings", limit_value=Decimal(0),
            measure_on=date(2027, 1, 1), planned_by_id=by.person_id,
        )  # fmt: skip
        session.add(plan)
        about = CapaScope(
            capa_id=case.id, lot_id=session.exec(select(Lot.id).limit(1)).one(), reason="同批", added_by_id=by.person_id
        )
        session.add(about)
        session.flush()
        about.ended_by_id, about.ended_at, about.end_reason = by.person_id, now(session), "无关"
        session.add(about)
        plan.least = 2
        session.add(plan)
    with past_wall(plant.engine, "capa_measurement", "capa_measurement_wall") as connection:
        connection.exec_driver_sql(
            "insert into capa_measurement (plan_id, since, until, value, result) select id, now(), now(), 0, 'effective' from capa_plan"
        )


def _a_part(plant: Plant) -> None:
    """A quantity of a batch was held at a place and let go of again."""
    by = plant.by("wu.jingli")
    given = {"scope": Scope.PLACE, "location": "RM-A1", "quantity": Decimal(2)}
    hold = PlaceHold(command_id=str(uuid4()), by=by, lot_nos=("R-1",), reason="一箱受潮", **given)
    part = UUID(do(plant.engine, "place_hold", hold).data["part"])
    with reading(plant.engine) as session:
        shown = holding.preview_part(session, part, None, by.person_id)
    proof = plant.proof(shown, by, "完毕")
    do(plant.engine, "lift_hold_part", LiftHoldPart(command_id=str(uuid4()), by=by, part=part, reason="完毕", **proof))


def _supplier(plant: Plant) -> None:
    """A supplier who was assessed for an item and, past its wall, refused: its life has tests of its own."""
    by = plant.by("zhao.liu")
    with act(plant.engine, Actor(by.actor_id, by.name, "test")) as session:
        supplier = session.exec(select(Supplier)).first()
        rod = session.exec(select(Item).where(Item.item_no == "PEEK-20")).one()
        assert supplier is not None
        approvals.ask(session, supplier, rod, "B", "图纸换版", by, now(session))
    with past_wall(plant.engine, "supplier_approval", "supplier_approval_wall") as connection:
        connection.exec_driver_sql(
            "update supplier_approval set status = 'refused', refused_at = now() where revision = 'B'"
        )


def _change(plant: Plant) -> None:
    """A change with its impact and, past its walls, a batch that it paused and freed and a task that is done: its life has tests of its own."""
    by = plant.by("zhou.shen")
    with act(plant.engine, Actor(by.actor_id, by.name, "test")) as session:
        given = {"reason": "停产", "kind": "software", "target": "MES", "opened_by_id": by.person_id}
        row = changes.new(session, by, now(session), title="改用新清洗剂", **given)
        impact.keep(session, row, now(session))
    with past_wall(plant.engine, "change", "change_wall") as connection:
        connection.exec_driver_sql("update change set status = 'refused', closed_at = now()")
    with past_wall(plant.engine, "change_lock", "change_lock_wall") as connection:
        connection.exec_driver_sql(
            "insert into change_lock (change_id, lot_id, step) select min(c.id), min(l.id), 'leave' from change c, lot l"
        )
        connection.exec_driver_sql("update change_lock set freed_at = now()")
    with past_wall(plant.engine, "change_task", "change_task_wall") as connection:
        connection.exec_driver_sql(
            "insert into change_task (change_id, title, owner_id, due, run_id)"
            " select min(c.id), 'SOP-17', min(p.id), current_date, min(r.id) from change c, person p, process_run r"
        )
        connection.exec_driver_sql("update change_task set done_at = now(), done_by_id = owner_id")
    with past_wall(plant.engine, "change_batch", "change_batch_wall") as connection:
        connection.exec_driver_sql(
            "insert into change_batch (change_id, lot_id, place) select min(c.id), min(l.id), 1 from change c, lot l"
        )
    with past_wall(plant.engine, "change_extension", "change_extension_wall") as connection:
        connection.exec_driver_sql(
            "insert into change_extension (change_id, from_batches, to_batches, reason, asked_by_id, approved_by_id)"
            " select min(c.id), 2, 3, '新件未到货', min(p.id), max(p.id) from change c, person p"
        )


def _calibration(plant: Plant) -> None:
    """An instrument that was found out of tolerance, what it measured decided on, and the assessment closed."""
    calibrating.asked(plant, "G-20")
    calibrating.calibrated(plant, "G-20", calibrating.OFF, at=datetime.now(UTC))  # after what it measured just now
    number = calibrating.assessment(plant, "G-20")
    calibrating.decided(plant, number, rest="no_effect")
    calibrating.closed(plant, number)


async def _breakdown(plant: Plant) -> None:
    """A machine that broke down with a batch on it, was repaired, and is back in use."""
    await plant.order("H-BROKEN")
    number = breaking.broken(plant, breaking.machine(plant, "M-09"), "H-BROKEN")
    breaking.repaired(plant, number)
    breaking.resumed(plant, number)


async def _drift(plant: Plant) -> None:
    """Limits that were frozen past their wall, and a lot beyond them: its alert is closed as in life."""
    with act(plant.engine, SETUP) as session:
        session.add(Item(item_no="ROD-D", name="棒料 D", kind="raw"))
    plant.rely("ROD-D")
    number = await drifting.asked(plant, "S-1", "ROD-D")
    by = plant.by("zhou.shen")
    with act(plant.engine, Actor(by.actor_id, by.name, "test")) as session:
        chart = session.exec(select(DriftChart).where(DriftChart.chart_no == number)).one()
        given: dict[str, Any] = {
            "centre": 12.0,
            "sigma": 0.001,
            "rules": ["WE-1"],
            "base": [{"lot": "B-OK", "value": 12.0}] * 8,
            "basis": "稳定时期",
        }
        session.add(DriftLimits(chart_id=chart.id, proposed_by_id=by.person_id, **given))
    with past_wall(plant.engine, "drift_limits", "drift_limits_wall") as connection:
        connection.exec_driver_sql(
            "update drift_limits set status = 'approved', version = 1, approved_at = now(), approved_by_id = proposed_by_id"
        )
    await drifting.came(plant, "R-DRIFT", "ROD-D", "S-1", 12.04)
    await drifting.closed(plant, drifting.alert(plant, number)["number"])


def _errand(session: Session) -> None:
    """Somebody was sent for goods of the drill, and its notice went out; the drill itself does neither outside."""
    run = session.exec(select(ProcessRun).where(col(ProcessRun.workflow_id).startswith("recall/"))).first()
    notice = session.exec(select(RecallNotice)).first()
    assert run is not None
    assert notice is not None
    session.add(
        RecallPull(
            recall_id=notice.recall_id, run_id=run.id, scope_version=1, kind="location", place="CR-2", title="洁净间 2",
            quantity=Decimal(2), lines=[{"lot_no": "B-OK", "quantity": "2"}],
        )
    )  # fmt: skip
    session.add(NoticeDelivery(notice_id=notice.id, kind="first", status="to_print", why="没有邮箱"))
    session.flush()
