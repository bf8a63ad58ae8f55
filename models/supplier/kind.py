"""The approval of a supplier as what its process is about, and what that process does (ISO 13485 7.4.1; STANDARDS Q 87; REQUIREMENTS 49)."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlmodel import Session

from models.definition.document import FieldType, Text
from models.item.tables import Item
from models.kernel.time.moments import plant_day
from models.lot.kind import OF_GOODS
from models.lot.store import lots
from models.partner.tables import Supplier
from models.process.context import Ctx
from models.process.kind import Before, Effect, FactKind, Hears, Kind, Reads, Record
from models.process.store import signing
from models.process.subject import Source, SubjectKind
from models.supplier.floor import check_approval
from models.supplier.rules import approval as rules
from models.supplier.rules.approval import Condition, Found, Terms, Waiting
from models.supplier.store import approvals, receipts, severities
from models.supplier.tables import NUMBERS, SupplierApproval

SHOWN = """
select a.status, false, i.item_no, null, null, null, null, null, null, null
  from supplier_approval a join item i on i.id = a.item_id where about.kind = 'supplier_approval' and a.subject_id = about.id
"""
APPROVAL = "supplier.approval"
LOTS, FAILED = "supplier.lots", "supplier.failed"


def _sorted_by(session: Session, row: SupplierApproval) -> Mapping[str, str | int | None]:
    return {"supplier": row.supplier_id, "item_family": session.get_one(Item, row.item_id).category}


SUBJECT = SubjectKind(
    key="supplier_approval",
    title=Text(zh="供应商批准", en="supplier approval"),
    table=SupplierApproval,
    number=lambda row: str(row.approval_no),
    lock=approvals.lock,
    sorted_by=_sorted_by,
    owned_by=("item_family", "supplier", "site"),
    shown=SHOWN,
)


def _today(ctx: Ctx) -> date:
    return plant_day(ctx.now, lots.site_zone(ctx.session))


def _terms(said: Mapping[str, Any]) -> Terms:
    return Terms(
        expires_on=date.fromisoformat(str(said["valid_until"])),
        reassess_on=date.fromisoformat(str(said["reassess_on"])),
        condition=Condition(str(said.get("condition") or "none")),
        most_lots=int(said["most_lots"]) if said.get("most_lots") not in {None, ""} else None,
        condition_text=str(said.get("condition_text") or ""),
    )


def _proposed(ctx: Ctx) -> Terms:
    """What was proposed last in this run, by whichever step proposes."""
    forms = ctx.run.state.forms
    said = [form for form in forms.values() if "valid_until" in form and "reassess_on" in form]
    return _terms(said[-1])


def _assess(ctx: Ctx) -> Mapping[str, Any]:
    return approvals.history(ctx.session, ctx.subject)


def _check_terms(ctx: Ctx) -> None:
    if ctx.form.get("valid_until") and ctx.form.get("reassess_on"):
        rules.check_terms(_terms(ctx.form), _today(ctx))


def _check_other(ctx: Ctx) -> None:
    row: SupplierApproval = ctx.subject
    people = {ctx.by.person_id, ctx.by.on_behalf_of or ctx.by.person_id}
    rules.check_other(row.approval_no, row.asked_by_id, people)


def _check_approval(ctx: Ctx) -> None:
    _check_other(ctx)
    supplier = ctx.session.get_one(Supplier, ctx.subject.supplier_id)
    rules.check_supplier(supplier.name, supplier.status)
    rules.check_approval(_proposed(ctx), _today(ctx))


def _approve(ctx: Ctx) -> Mapping[str, Any]:
    session, row, run = ctx.session, ctx.subject, ctx.run.row.id
    good = _made_good(ctx)
    done = approvals.approve(session, row, _proposed(ctx), run, ctx.by, ctx.now)
    signature = signing.of_task(session, ctx.task.id) if ctx.task is not None else 0
    return done | receipts.let_go(session, row, good, run, signature, ctx.by, ctx.now)


def _made_good(ctx: Ctx) -> tuple[Waiting, ...]:
    """What its receipts hold and the approval lets go of: told by the record that is signed, and done by the signature."""
    return receipts.made_good(ctx.session, ctx.subject, _proposed(ctx), _today(ctx))


def _refuse(ctx: Ctx) -> Mapping[str, Any]:
    return approvals.refuse(ctx.session, ctx.subject, ctx.run.row.id, ctx.by, ctx.now)


def _due(ctx: Ctx) -> Mapping[str, Any]:
    return approvals.due(ctx.session, ctx.subject, ctx.run.row.id, ctx.by, ctx.now)


def _case(ctx: Ctx, record: str) -> str:
    """Who would deliver what, what is known of it, and all that was said about it; each step has a record of its own."""
    row: SupplierApproval = ctx.subject
    supplier, item = ctx.session.get_one(Supplier, row.supplier_id), ctx.session.get_one(Item, row.item_id)
    good = _made_good(ctx) if record == APPROVAL else ()
    return signing.canonical(
        {
            "record": record,
            "number": row.approval_no,
            "supplier": {"number": supplier.supplier_no, "zh": supplier.name, "en": supplier.name_en or supplier.name},
            "item": {"number": item.item_no, "zh": item.name, "en": item.name_en or item.name},
            "item_revision": row.revision,
            "round": row.round,
            "reason": row.reason,
            "in_force": {
                "status": row.status,
                "valid_until": row.expires_on.isoformat() if row.expires_on else "",
                "condition": row.condition,
            },
            "said": ctx.run.state.model_dump(mode="json", include={"forms", "outcomes", "facts"}),
        }
        | ({"lets_go_of": [one.lot_no for one in good]} if good else {})
    )


def _record(key: str, zh: str, en: str) -> Record:
    """What a signature is over: each step has a record of its own, since different people stand behind them."""
    return Record(f"supplier.{key}", Text(zh=zh, en=en), lambda ctx: _case(ctx, f"supplier.{key}"))


LAW = "ISO 13485 7.4.1; STANDARDS Q 87"
DATES = (FieldType.DATE,)
ASSESS = Effect(
    name="supplier.assess",
    title=Text(
        zh="记下至今收过多少批、其中进料检验不合格多少批",
        en="keep how many lots have come so far, and how many of them failed their incoming inspection",
    ),
    subjects=("supplier_approval",),
    do=_assess,
    gives=(LOTS, FAILED),
    law=LAW,
    before=(Before(effect="supplier.review"),),
)
PROPOSE = Effect(
    name="supplier.propose",
    title=Text(
        zh="提议有效期、再评估日和条件", en="propose until when, when it is assessed again, and on which condition"
    ),
    subjects=("supplier_approval",),
    check=_check_terms,
    reads=(
        Reads("valid_until", DATES, required=True),
        Reads("reassess_on", DATES, required=True),
        Reads("condition", (FieldType.CHOICE,), required=True),
        Reads("most_lots", (FieldType.INTEGER,)),
        Reads("condition_text", (FieldType.TEXT, FieldType.LONG_TEXT)),
    ),
    law=LAW,
    before=(Before(effect="supplier.review"),),
)
REVIEW = Effect(
    name="supplier.review",
    title=Text(zh="第一人签名, 不能由申请人签", en="the first of two people signs, and isn't who asked for it"),
    subjects=("supplier_approval",),
    check=_check_other,
    law=LAW,
    before=(Before(effect="supplier.approve"),),
)
APPROVE = Effect(
    name="supplier.approve",
    title=Text(
        zh="第二人批准, 列入合格供应商名录, 并解除仅因缺少批准而冻结的来货",
        en="the second approves; the supplier is on the list from then on, and what was held only for want of it is held no longer",
    ),
    subjects=("supplier_approval",),
    check=_check_approval,
    do=_approve,
    facts=(approvals.APPROVED,),
    law=LAW,
    before=(Before(fact=approvals.ASKED),),
)
REFUSE = Effect(
    name="supplier.refuse",
    title=Text(zh="不批准, 此后的来货一律隔离", en="refuse; what comes from then on is kept apart"),
    subjects=("supplier_approval",),
    check=_check_other,
    do=_refuse,
    facts=(approvals.REFUSED,),
    law=LAW,
    before=(Before(result="not_approved"),),
)
AGAIN = Effect(
    name="supplier.assess_again",
    title=Text(zh="开始再评估", en="begin the next assessment"),
    subjects=("supplier_approval",),
    do=_due,
    facts=(approvals.DUE,),
    law=LAW,
)
RECORDS = (
    _record("assessment", "评估和提议的条件", "assessment and what is proposed"),
    _record("approval", "供应商批准", "approval of the supplier"),
    _record("refusal", "不批准供应商", "refusal of the supplier"),
)
NUMBER = Text(zh="编号", en="number")
VALUES = dict.fromkeys(("number", "supplier", "item"), FieldType.TEXT)
NAMES = {"number": NUMBER, "supplier": Text(zh="供应商", en="supplier"), "item": Text(zh="物料", en="item")}


def _fact(name: str, zh: str, en: str) -> FactKind:
    return FactKind(name, Text(zh=zh, en=en), ("supplier_approval",), VALUES, NAMES)


FOUND = {
    Found.UNNAMED: Text(zh="未写明供应商", en="no supplier named"),
    Found.UNLISTED: Text(zh="不在名录", en="not on the list"),
    Found.REVISION: Text(zh="版本不符", en="another revision"),
    Found.UNDECIDED: Text(zh="尚未决定", en="not decided"),
    Found.REFUSED: Text(zh="未获批准", en="refused"),
    Found.EXPIRED: Text(zh="批准到期", en="ended"),
    Found.CERTIFICATE: Text(zh="缺证书", en="no certificate"),
    Found.USED_UP: Text(zh="限定批数已满", en="lots used up"),
    Found.CONDITION: Text(zh="条件待确认", en="condition to be confirmed"),
}
FACTS = (
    _fact(approvals.ASKED, "申请评估供应商", "somebody asked to assess a supplier"),
    _fact(approvals.DUE, "供应商再评估到期", "a supplier is due to be assessed again"),
    _fact(approvals.APPROVED, "供应商已批准", "a supplier was approved"),
    _fact(approvals.REFUSED, "供应商未获批准", "a supplier was refused"),
    FactKind(
        receipts.QUARANTINED,
        Text(zh="来货因供应商未获批准而隔离", en="a receipt was kept apart because no approval covers it"),
        ("lot",),
        {"found": FieldType.CHOICE},
        {"found": Text(zh="原因", en="why")},
        {"found": {one.value: said for one, said in FOUND.items()}},
    ),
    FactKind(
        severities.SWITCHED,
        Text(zh="来货抽样按转移规则转换", en="sampling of incoming lots was switched by the rules"),
        ("lot",),
        {**dict.fromkeys(("supplier", "item", "lot"), FieldType.TEXT), "severity": FieldType.CHOICE},
        {
            "supplier": Text(zh="供应商", en="supplier"),
            "item": Text(zh="物料", en="item"),
            "lot": Text(zh="批次", en="lot"),
            "severity": Text(zh="检验严格度", en="severity of inspection"),
        },
        {"severity": {"normal": Text(zh="正常", en="normal"), "tightened": Text(zh="加严", en="tightened")}},
    ),
)
HEARS = tuple(Hears(fact, severities.hear) for fact in ("inspection.accepted", "inspection.failed"))
SUBJECTS = (SUBJECT,)
SOURCES = (
    Source("supplier_approval", NUMBERS, "supplier_approval", "supplier_approval.approval_no",
           "supplier_approval.approval_no", "supplier_approval.approval_no"),
)  # fmt: skip
KINDS = (
    Kind(
        family=rules.PROCESS,
        subject="supplier_approval",
        prefix="supplier-approval",
        workflow="SupplierApproval",
        rank=2,
        signed_as=OF_GOODS,
        effects=(ASSESS, PROPOSE, REVIEW, APPROVE, REFUSE, AGAIN),
        records=RECORDS,
        floor=(check_approval,),
    ),
)
