"""A CAPA on paper: what it is for and about, each round with what was measured, every step with its answers, the signatures (REQUIREMENTS 40)."""

from datetime import datetime
from typing import Any

from sqlmodel import Session

from models.capa import queries
from models.capa.kind import RESULTS
from models.capa.store import scope, similar
from models.kernel.text import Text
from models.kernel.units.names import both
from models.lot.rules.lot import STATUS_NAMES
from models.nonconformance.kind import SEVERITIES
from models.nonconformance.paper import STATES, document, part

STATUS = {state.value: " ".join(names) for state, names in STATUS_NAMES.items()}
SOURCES = {"hand": Text("人员", "a person"), "nonconformance": Text("不合格", "a nonconformance")}
MOST = 100_000


def case(session: Session, number: str, now: datetime) -> dict[str, Any]:
    """The document of one case; all batches that it is about are in it, the paper prints the first of them."""
    found = queries.of_number(session, number)
    head = found.head
    title = Text(head.title, head.title_en or head.title)
    about = [
        ("状态", "State", STATES[head.status].both),
        ("来源", "Begun by", SOURCES[head.source].both if head.source in SOURCES else head.source),
        ("物料", "Item", head.item_no),
        ("供应商", "Supplier", head.supplier_no),
        ("负责人", "Owner", head.owner),
        ("提出人", "Opened by", head.opened_by),
        ("立案时间", "Opened at", head.opened_at),
        ("关闭时间", "Closed at", head.closed_at),
        ("延期次数", "Extensions", found.extensions or None),
        ("涉及批次", "Batches", found.scope.total),
    ]
    parts = (_findings(found), _rounds(found), _batches(session, found), _alike(session, head.subject_key, now))
    kind = Text("纠正预防措施 (CAPA)", "Corrective and preventive action")
    kept = [one for one in parts if one["rows"]]
    return document(session, head.subject_key, head.number, kind, title, about, kept, now)


def _findings(found: queries.Case) -> dict[str, Any]:
    heads = (
        Text("编号", "Number"),
        Text("内容", "What"),
        Text("批次", "Batch"),
        Text("严重程度", "Severity"),
        Text("状态", "State"),
        Text("立案", "Opened"),
    )
    rows = [
        (
            one.number,
            Text(one.title, one.title_en or one.title).both,
            one.lot_no,
            " ".join((SEVERITIES[one.severity].say("zh"), SEVERITIES[one.severity].say("en"))),
            STATES[one.status].both,
            one.opened_at,
        )
        for one in found.findings
    ]
    return part("关联的不合格", "Nonconformances that it is for", heads, rows)


def _rounds(found: queries.Case) -> dict[str, Any]:
    heads = (Text("轮次", "Round"), Text("确定时间", "Fixed at"), Text("验证时间", "Verified at"), Text("复测日期", "Measured on"), Text("复测值", "Value"),
             Text("依据的记录数", "Records"), Text("结果", "Result"), Text("不利的记录", "Records against it"))  # fmt: skip
    rows = [
        (
            one.round,
            one.fixed_at,
            one.verified_at,
            one.measure_on.isoformat(),
            f"{one.value.normalize():f}" if one.value is not None else "",
            one.observed,
            f"{RESULTS[one.result].say('zh')} {RESULTS[one.result].say('en')}" if one.result else "",
            ", ".join(one.behind or ()),
        )
        for one in found.rounds
    ]
    return part("有效性", "Effectiveness", heads, rows)


def _batches(session: Session, found: queries.Case) -> dict[str, Any]:
    heads = (
        Text("批次", "Batch"),
        Text("物料", "Item"),
        Text("数量", "Quantity"),
        Text("状态", "State"),
        Text("冻结", "Held"),
        Text("立案后新增", "Joined since"),
    )
    rows = [
        (
            one.lot_no,
            one.item_no,
            f"{one.quantity.normalize():f} {both(one.uom)}",
            STATUS.get(one.status, one.status),
            "是 yes" if one.held else "",
            "是 yes" if one.later else "",
        )
        for one in scope.relatives(session, found.scope, found.head.opened_at, limit=MOST)
    ]
    return part("涉及批次", "Batches that it is about", heads, rows)


def _alike(session: Session, key: int, now: datetime) -> dict[str, Any]:
    rows = [(one.number, one.title, one.opened_at) for one in similar.proposed(session, key, now) if one.confirmed]
    return part(
        "类似事项 (已确认)",
        "Similar cases (confirmed)",
        (Text("编号", "Number"), Text("内容", "What"), Text("立案", "Opened")),
        rows,
    )
