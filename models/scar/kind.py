"""A corrective action request as what its process is about, and what that process does (ISO 13485 7.4.1, 8.5.2; REQUIREMENTS 52)."""

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
from models.process.kind import Before, Effect, FactKind, Kind, Reads, Record
from models.process.store import signing
from models.process.subject import Source, SubjectKind
from models.scar import rules
from models.scar.store import requests
from models.scar.tables import NUMBERS, Scar

SHOWN = """
select c.status, false, i.item_no, null, null, null, null, null, null, null
  from scar c left join item i on i.id = c.item_id where about.kind = 'scar' and c.subject_id = about.id
"""
HANGING = """
select 'scar_round' as name, r.id from scar_round r join scar c on c.id = r.scar_id where c.subject_id = any(cast(:subjects as bigint[]))
union all
select 'scar_file', f.id from scar_file f join scar_round r on r.id = f.round_id join scar c on c.id = r.scar_id
 where c.subject_id = any(cast(:subjects as bigint[]))
union all
select 'scar_answer', a.id from scar_answer a join scar_round r on r.id = a.round_id join scar c on c.id = r.scar_id
 where c.subject_id = any(cast(:subjects as bigint[]))
union all
select 'scar_review', v.id from scar_review v join scar_answer a on a.id = v.answer_id join scar_round r on r.id = a.round_id
  join scar c on c.id = r.scar_id where c.subject_id = any(cast(:subjects as bigint[]))
"""
WORDS = (FieldType.TEXT, FieldType.LONG_TEXT)
DATES = (FieldType.DATE,)
LAW = rules.CLAUSE


def _sorted_by(session: Session, row: Scar) -> Mapping[str, str | int | None]:
    family = session.get_one(Item, row.item_id).category if row.item_id is not None else None
    return {"supplier": row.supplier_id, "item_family": family}


SUBJECT = SubjectKind(
    key="scar",
    title=Text(zh="供应商纠正措施要求", en="supplier corrective action request"),
    table=Scar,
    number=lambda row: str(row.scar_no),
    lock=requests.lock,
    sorted_by=_sorted_by,
    owned_by=("item_family", "supplier", "site"),
    hanging=HANGING,
    shown=SHOWN,
)


def _today(ctx: Ctx) -> date:
    return plant_day(ctx.now, lots.site_zone(ctx.session))


def _days(ctx: Ctx) -> tuple[date, date]:
    return date.fromisoformat(str(ctx.form["answer_by"])), date.fromisoformat(str(ctx.form["link_until"]))


def _check_send(ctx: Ctx) -> None:
    if ctx.form.get("answer_by") and ctx.form.get("link_until"):
        rules.check_sent(*_days(ctx), _today(ctx))


def _send(ctx: Ctx) -> Mapping[str, Any]:
    note = str(ctx.form.get("note") or "")
    return requests.send(ctx.session, ctx.subject, *_days(ctx), note, ctx.run.row.id, ctx.by, ctx.now)


def _check_review(ctx: Ctx) -> None:
    row: Scar = ctx.subject
    rules.check_reviewed(row.scar_no, waiting=requests.waiting(ctx.session, row) is not None)


def _reviewed(ctx: Ctx, verdict: str) -> Mapping[str, Any]:
    given = requests.waiting(ctx.session, ctx.subject)
    if given is None:
        raise rules.NO_ANSWER(number=ctx.subject.scar_no)
    requests.review(ctx.session, given, verdict, ctx.reason or "", ctx.by, ctx.now)
    return {"number": ctx.subject.scar_no, "verdict": verdict}


def _accept(ctx: Ctx) -> Mapping[str, Any]:
    return _reviewed(ctx, "accepted")


def _send_back(ctx: Ctx) -> Mapping[str, Any]:
    return _reviewed(ctx, "back")


def _check_day(ctx: Ctx) -> None:
    if ctx.form.get("check_on"):
        rules.check_day(date.fromisoformat(str(ctx.form["check_on"])), _today(ctx))


def _check_closing(ctx: Ctx) -> None:
    all_of_it = requests.rounds(ctx.session, ctx.subject)
    rules.check_closing(ctx.subject.scar_no, all_of_it[-1].verdict if all_of_it else None)


def _close(ctx: Ctx) -> Mapping[str, Any]:
    return requests.end(ctx.session, ctx.subject, "closed", None, ctx.by, ctx.now)


def _round(one: Any) -> dict[str, Any]:
    """A round as a signature covers it: what was asked by when, and the answer word for word with the digests of its files."""
    said: dict[str, Any] = {
        "round": one.round,
        "note": one.note,
        "answer_by": one.answer_by.isoformat(),
        "sent_at": one.sent_at.isoformat(),
    }
    if one.answer is None:
        return said
    said["answer"] = {
        **{part.value: getattr(one, part) for part in rules.Asked},
        "done_on": one.done_on.isoformat() if one.done_on else "",
        "name": one.name,
        "address": one.address,
        "at": one.answered_at.isoformat(),
        "files": list(one.files),
    }
    if one.verdict is not None:
        said["review"] = {"verdict": one.verdict, "reason": one.reason}
    return said


def _case(ctx: Ctx, record: str) -> str:
    row: Scar = ctx.subject
    supplier = ctx.session.get_one(Supplier, row.supplier_id)
    about = [{"as": role, "number": number} for role, number in requests.tied(ctx.session, row)]
    return signing.canonical(
        {
            "record": record,
            "number": row.scar_no,
            "supplier": {"number": supplier.supplier_no, "zh": supplier.name, "en": supplier.name_en or supplier.name},
            "zh": row.title,
            "en": row.title,
            "found": row.found,
            "asks": list(row.asks),
            "about": about,
            "rounds": [_round(one) for one in requests.rounds(ctx.session, row)],
        }
    )


def _record(key: str, zh: str, en: str) -> Record:
    """What a signature is over: each step has a record of its own."""
    return Record(f"scar.{key}", Text(zh=zh, en=en), lambda ctx: _case(ctx, f"scar.{key}"))


CLOSED = (Before(result="closed"),)
SEND = Effect(
    name="scar.send",
    title=Text(
        zh="发给供应商: 本轮的签名链接生效", en="send it to the supplier: the signed link of this round is in force"
    ),
    subjects=("scar",),
    check=_check_send,
    do=_send,
    reads=(Reads("answer_by", DATES, required=True), Reads("link_until", DATES, required=True), Reads("note", WORDS)),
    facts=(requests.SENT,),
    law=LAW,
    before=(Before(fact=requests.ANSWERED),),
)
ACCEPT = Effect(
    name="scar.accept",
    title=Text(zh="接受供应商的答复", en="accept the supplier's answer"),
    subjects=("scar",),
    check=_check_review,
    do=_accept,
    law=LAW,
    before=CLOSED,
)
BACK = Effect(
    name="scar.send_back",
    title=Text(zh="退回答复, 另起一轮", en="send the answer back; another round begins"),
    subjects=("scar",),
    check=_check_review,
    do=_send_back,
    law=LAW,
)
PLAN = Effect(
    name="scar.plan_check",
    title=Text(zh="定下何时检查有效性", en="say when to look whether it has helped"),
    subjects=("scar",),
    check=_check_day,
    reads=(Reads("check_on", DATES, required=True),),
    law=LAW,
    optional=True,
)
CLOSE = Effect(
    name="scar.close",
    title=Text(zh="关闭纠正措施要求", en="close the request"),
    subjects=("scar",),
    check=_check_closing,
    do=_close,
    facts=(requests.ENDED,),
    law=LAW,
    before=CLOSED,
)
RECORDS = (
    _record("answer", "要求和供应商的答复", "the request and the supplier's answer"),
    _record("effect", "答复和有效性", "the answer and whether it has helped"),
    _record("closing", "纠正措施要求的全部记录", "all of the request"),
)
VALUES = dict.fromkeys(("number", "supplier"), FieldType.TEXT)
NAMES = {"number": Text(zh="编号", en="number"), "supplier": Text(zh="供应商", en="supplier")}


def _fact(name: str, zh: str, en: str) -> FactKind:
    return FactKind(name, Text(zh=zh, en=en), ("scar",), VALUES, NAMES)


FACTS = (
    _fact(requests.RAISED, "已提出供应商纠正措施要求", "a supplier was asked to correct something"),
    _fact(requests.SENT, "纠正措施要求已发给供应商", "a request was sent to its supplier"),
    _fact(requests.ANSWERED, "供应商已答复", "a supplier answered"),
    _fact(requests.ENDED, "供应商纠正措施要求已结束", "a request to a supplier has ended"),
)
SUBJECTS = (SUBJECT,)
SOURCES = (Source("scar", NUMBERS, "scar", "scar.scar_no", "scar.title", "scar.title"),)
KINDS = (
    Kind(
        family=rules.PROCESS,
        subject="scar",
        prefix="scar",
        workflow="SupplierCorrectiveAction",
        rank=2,
        signed_as=OF_GOODS,
        several=False,
        effects=(SEND, ACCEPT, BACK, PLAN, CLOSE),
        records=RECORDS,
    ),
)
