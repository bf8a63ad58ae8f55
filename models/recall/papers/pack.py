"""Everything that an authority asks about a recall in one ZIP: papers, data, tables, and the digest of each (REQ 82).

`digests.txt` is in the form of `sha256sum`: `sha256sum -c digests.txt` says whether anything was changed on the way.
The same facts give the same bytes.
"""

import io
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from models.kernel.large_json import canonical
from models.kernel.spreadsheet import table
from models.recall.papers.report import report_pdf
from models.recall.rules.funnel import Places
from models.recall.rules.reconcile import Figures
from models.recall.rules.report import wire

FIGURES = Figures._fields
LINE_COLUMNS = ("customer_no", "customer", "lot_no", "item_no", "uom", "answered", *FIGURES, "receiver")
FUNNEL_COLUMNS = (
    "uom", "total", "in_house", *Places._fields[:3], "transit", "at_customers", *Places._fields[4:8], *Places._fields[8:],
)  # fmt: skip
HEADS = {
    "total": "范围合计", "free": "在厂未冻结", "held": "在厂已冻结", "decided": "在厂已决定", "transit": "在途",
    "at_customers": "在客户处", "untold": "未通知", "left_out": "不通知 (深度)", "silent": "未回执", "disposed": "已销毁", "lost": "取样与盘亏",
    "owner": "负责", "owner_zh": "负责人",
    "customer_no": "客户编号", "customer": "客户", "lot_no": "批次", "lots": "批次", "item_no": "物料编号", "item": "物料",
    "uom": "单位", "answered": "已回执", "shipped": "发货", "returned_before": "此前退回", "returned": "退回", "used": "已用",
    "outstanding": "未结", "scrapped": "报废", "reworked": "返工", "restocked": "重新入库", "undecided": "未处置",
    "code": "代码", "quantity": "数量", "zh": "说明", "en": "English", "status": "状态", "in_house": "在厂", "contact": "联系人",
    "phone": "电话", "email": "邮箱", "scope_version": "范围版本", "sent_at": "通知时间", "reminders": "提醒次数",
    "reminded_at": "末次提醒", "acknowledged_at": "回执时间", "acknowledged_by": "回执人", "received": "收到", "on_hand": "在库",
    "will_return": "将退回", "remark": "备注", "version": "范围版本", "level": "级别", "contacted_at": "联系时间",
    "channel": "方式", "reached": "联系上", "spoken_with": "回答人", "notice_received": "收到通知", "acted": "已照办",
    "recorded_by": "记录人", "serial_no": "序列号", "shipment_no": "发货单", "location": "库位", "received_at": "收货时间",
    "reference": "凭证", "kind": "种类", "reason": "理由", "decided_by": "处置人", "decided_at": "处置时间",
    "jurisdiction": "法域", "rule": "规则", "clause": "条款", "event_at": "起算", "due_at": "截止", "met_at": "完成",
    "provisional": "暂定", "filed_at": "提交时间", "authority": "主管部门", "estimated_on": "预计完成", "digest": "摘要",
    "notice": "通知", "address": "地址", "asked_at": "请求发送", "tried_at": "末次发送", "done_at": "发出", "attempts": "次数",
    "why": "原因", "by": "经手人",
    "unnamed": "转给他人去向不明", "passed_on": "转给他人", "passed_by": "由谁转来", "receiver": "收货单位",
    "stage": "步骤", "name": "姓名", "meaning": "含义", "outcome": "结论", "at": "时间",
}  # fmt: skip
README = """{marks}召回 {recall} 的资料包 / Pack of the recall {recall}

status-report.pdf/.json       召回计划实施情况报告 / status report (21 CFR 7.53)
termination-report.pdf/.json  召回总结评估报告 (关闭后) / termination report, once closed (21 CFR 7.55)
filed/                        已提交的报告原文 / the texts of reports as they were filed
scope-v*.json                 各版范围, 即签名所覆盖的原文 / every version of the scope, as it was signed
*.csv                         数据表 (全部行) / tables, every row
digests.txt                   SHA-256; 核对 / check: sha256sum -c digests.txt

PDF 中过长的表只打印前若干行并注明, 全部在 JSON 与 CSV 中。
A table too long for paper is printed in part and says so; JSON and CSV hold all of it.
"""


@dataclass(frozen=True)
class Material:
    """What goes into a pack: reports with their digests, scopes and filed texts as they were signed, tables' rows."""

    recall: str
    drill: bool
    reports: Mapping[str, Mapping[str, Any]]
    scopes: Mapping[int, str]
    filed: Mapping[str, str]
    lots: Sequence[Mapping[str, Any]]
    notices: Sequence[Mapping[str, Any]]
    zone: str
    at: datetime
    test: bool


def pack(material: Material) -> bytes:
    """The ZIP; of a drill or a test home, its folder and its papers say so."""
    status = material.reports["status"]
    files: dict[str, bytes] = {}
    for name, document in material.reports.items():
        body = {key: value for key, value in document.items() if key not in {"digest", "computed_at"}}
        files[f"{name}-report.json"] = canonical(body)  # its SHA-256 is the digest on the paper
        files[f"{name}-report.pdf"] = report_pdf(dict(document), material.at, material.zone, test=material.test)
    files |= {f"scope-v{version}.json": text.encode() for version, text in material.scopes.items()}
    files |= {f"filed/{name}.json": text.encode() for name, text in material.filed.items()}
    files |= {f"{name}.csv": text.encode() for name, text in tables(status, material).items()}
    marks = ("测试 TEST · " if material.test else "") + ("演练 DRILL · " if material.drill else "")
    files["README.txt"] = README.format(marks=marks, recall=material.recall).encode()
    listed = "".join(f"{sha256(content).hexdigest()}  {name}\n" for name, content in sorted(files.items()))
    files["digests.txt"] = listed.encode()
    marked = ("TEST-" if material.test else "") + ("DRILL-" if material.drill else "")
    return _zip(f"{marked}{material.recall}", files, material.at)


def tables(status: Mapping[str, Any], material: Material) -> dict[str, str]:
    """The tables by name, every row of each."""
    reconciliation = status["reconciliation"]
    return {
        "funnel": _table(status["funnel"]["places"], FUNNEL_COLUMNS),
        "remaining": _table(status["remaining"], ("code", "owner", "owner_zh", "zh", "en", "due_at")),
        "decisions": _table(
            status["decisions"],
            ("lot_no", "item", "kind", "quantity", "uom", "reason", "reference", "decided_by", "decided_at"),
        ),
        "reconciliation": _table(reconciliation["lines"], LINE_COLUMNS),
        "differences": _table(
            reconciliation["differences"], ("code", "customer_no", "customer", "lots", "quantity", "zh", "en")
        ),
        "lots": _table(
            material.lots, ("lot_no", "item_no", "item", "uom", "status", "in_house", "shipped", "returned")
        ),
        "notices": _table(
            [wire(one) for one in material.notices],
            (
                "customer_no", "customer", "contact", "phone", "email", "scope_version", "shipped", "sent_at", "reminders",
                "reminded_at", "acknowledged_at", "acknowledged_by", "received", "on_hand", "used", "will_return", "remark", "passed_by", "passed_on",
                "unnamed",
            ),
        ),
        "deliveries": _table(
            status["deliveries"],
            ("notice", "kind", "status", "address", "asked_at", "tried_at", "done_at", "attempts", "why", "by"),
        ),
        "checks": _table(
            [
                {**check, **attempt}
                for check in status["effectiveness"]["checks"]
                for attempt in (check["attempts"] or [{}])
            ],
            (
                "customer_no", "customer", "version", "level", "contacted_at", "channel", "reached", "spoken_with",
                "notice_received", "acted", "remark", "recorded_by",
            ),
        ),
        "returns": _table(
            status["returns"],
            (
                "customer_no", "customer", "lot_no", "serial_no", "shipment_no", "quantity", "uom", "undecided", "location",
                "received_at", "reference", "remark", "recorded_by",
            ),
        ),
        "dispositions": _table(
            [
                {**{key: back[key] for key in ("customer_no", "customer", "lot_no", "uom")}, **one}
                for back in status["returns"]
                for one in back["disposed"]
            ],
            (
                "customer_no", "customer", "lot_no", "kind", "quantity", "uom", "reason", "reference", "decided_by",
                "decided_at",
            ),
        ),
        "deadlines": _table(
            status["deadlines"],
            ("jurisdiction", "rule", "clause", "event_at", "due_at", "met_at", "provisional", "zh", "en"),
        ),
        "reports": _table(
            status["filed"],
            ("kind", "jurisdiction", "filed_at", "authority", "reference", "estimated_on", "digest", "recorded_by"),
        ),
        "signatures": _table(status["signatures"], ("stage", "name", "meaning", "outcome", "reason", "at", "digest")),
    }  # fmt: skip


def lines_csv(document: Mapping[str, Any]) -> str:
    """The reconciliation of a report as a table, every line."""
    return _table(document["reconciliation"]["lines"], LINE_COLUMNS)


def _table(rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> str:
    return table(rows, columns, [f"{name} {HEADS[name]}" for name in columns])


def _zip(folder: str, files: Mapping[str, bytes], at: datetime) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in sorted(files.items()):
            entry = zipfile.ZipInfo(f"{folder}/{name}", at.timetuple()[:6])
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, content)
    return made.getvalue()
