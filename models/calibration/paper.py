"""An out-of-tolerance assessment on paper: what was found and frozen, each result and operation with its decision, all steps and signatures (ISO 13485 7.6)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlmodel import Session

from models.calibration import queries
from models.calibration.kind import BECAUSE
from models.calibration.rules import FATES, Fate
from models.kernel.text import Text
from models.kernel.units.names import both
from models.nonconformance.paper import document, part

KIND = Text("超差评估", "Out-of-tolerance assessment")
STATES = {"open": Text("评估中", "being assessed"), "closed": Text("已结束", "closed")}
INSTRUMENTS = (
    Text("设备", "Equipment"),
    Text("原因", "Because"),
    Text("存疑自", "Doubted from"),
    Text("存疑至", "Doubted until"),
)
ROWS = (
    Text("编号", "No."),
    Text("批次", "Batch"),
    Text("检验特性或工序", "Characteristic or step"),
    Text("测得值", "Value"),
    Text("时间", "When"),
    Text("设备", "Equipment"),
    Text("决定", "Decision"),
)
CUSTOMERS = (Text("客户", "Customer"), Text("批次", "Batch"), Text("出货单", "Shipment"), Text("数量", "Quantity"))


def assessment(session: Session, number: str, now: datetime) -> dict[str, Any]:
    """The document of one assessment, with every row of it; the paper says where it shows the first of many."""
    head = queries.of_number(session, number).head
    rows = queries.results(session, head.id, limit=max(1, head.results))
    about = [
        ("状态", "State", STATES[head.status].both),
        ("设备", "Equipment", head.equipment_no),
        ("校准时间", "Calibrated at", head.performed_at),
        ("开始时间", "Opened at", head.opened_at),
        ("结束时间", "Closed at", head.closed_at),
        ("负责人", "Owner", head.owner),
        ("测量结果", "Results", head.counts["results"]),
        ("工序", "Operations", head.counts.get("operations", 0)),
        ("批次", "Batches", head.counts["lots"]),
        ("客户", "Customers", head.counts["customers"]),
        ("查明内容摘要", "Digest of what was found", head.digest),
    ]
    parts = [
        part("存疑的设备", "Equipment in doubt", INSTRUMENTS, [_instrument(one) for one in head.instruments]),
        part("测量结果和工序", "Results and operations", ROWS, [_row(one) for one in rows]),
    ]
    if head.customers:
        parts.append(part("收货客户", "Customers who got it", CUSTOMERS, _customers(head.customers)))
    title = Text(head.title, head.title_en)
    return document(session, head.subject_key, head.number, KIND, title, about, parts, now)


def _instrument(one: Mapping[str, Any]) -> tuple[Any, ...]:
    since = datetime.fromisoformat(one["since"]) if one["since"] else Text("从未合格校准", "ever").both
    because = BECAUSE[one["because"]]
    return f"{one['name']} {one['number']}", _said(because), since, datetime.fromisoformat(one["until"])


def _said(text: Any) -> str:
    return f"{text.say('zh')} {text.say('en')}"


def _row(one: Any) -> tuple[Any, ...]:
    name = (
        one.characteristic
        if one.characteristic_en in (None, one.characteristic)
        else f"{one.characteristic} {one.characteristic_en}"
    )
    where = one.inspection_no or one.work_order_no
    value = " ".join(each for each in (one.value, one.unit) if each)
    decision = FATES[Fate(one.decision)].both if one.decision else ""
    said = " · ".join(each for each in (decision, one.decided_by, one.reason, one.nonconformance) if each)
    return one.seq, one.lot_no, f"{name} · {where} · {one.sample_no}", value, one.measured_at, one.equipment_no, said


def _customers(customers: list[Any]) -> list[tuple[str, ...]]:
    return [
        (
            f"{one['name']} {one['customer_no']}",
            line["lot_no"],
            line["shipment_no"],
            f"{line['quantity']} {both(line['uom'])}",
        )
        for one in customers
        for line in one["lots"]
    ]
