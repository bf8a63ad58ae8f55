"""A CAPA as what its process is about, and what that process does (ISO 13485 8.5.2, 8.5.3; STANDARDS P 49-52)."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlmodel import Session

from models.capa import rules
from models.capa.store import cases, plans, scope, similar
from models.capa.tables import NUMBERS, Capa
from models.definition.condition import Scalar
from models.definition.document import FieldType, Text
from models.item.tables import Item
from models.kernel.time.moments import plant_day
from models.lot.kind import OF_GOODS
from models.lot.store import lots
from models.process.context import Ctx
from models.process.fact import tell as facts
from models.process.kind import Before, Effect, FactKind, Gate, Kind, Reads, Record
from models.process.store import signing
from models.process.subject import Source, SubjectKind

WORDS = (FieldType.TEXT, FieldType.LONG_TEXT)
SHOWN = """
select c.status, false, i.item_no, null, null, null, null, null, null, null
  from capa c left join item i on i.id = c.item_id where about.kind = 'capa' and c.subject_id = about.id
"""
HANGING = """
select 'capa_plan' as name, p.id from capa_plan p join capa c on c.id = p.capa_id where c.subject_id = any(cast(:subjects as bigint[]))
union all
select 'capa_measurement', m.id from capa_measurement m join capa_plan p on p.id = m.plan_id join capa c on c.id = p.capa_id
 where c.subject_id = any(cast(:subjects as bigint[]))
union all
select 'capa_scope', s.id from capa_scope s join capa c on c.id = s.capa_id where c.subject_id = any(cast(:subjects as bigint[]))
"""
ASKED_UNTIL, DUE = "capa.asked_until", "item.due"


def _sorted_by(session: Session, row: Capa) -> Mapping[str, str | int | None]:
    family = session.get_one(Item, row.item_id).category if row.item_id is not None else None
    return {"supplier": row.supplier_id, "item_family": family}


def _facts(row: Capa) -> Mapping[str, Scalar]:
    return {"capa.source": row.source}


SUBJECT = SubjectKind(
    key="capa",
    title=Text(zh="纠正预防措施", en="CAPA"),
    table=Capa,
    number=lambda row: str(row.capa_no),
    lock=cases.lock,
    facts=_facts,
    known=("capa.source",),
    sorted_by=_sorted_by,
    owned_by=("item_family", "supplier", "site"),
    make=cases.make,
    takes=cases.takes,
    ties=cases.ties,
    hanging=HANGING,
    on_goods=scope.ON_GOODS,
    shown=SHOWN,
)


def _check_plan(ctx: Ctx) -> None:
    plans.read(ctx.session, ctx.form, ctx.now)


def _plan(ctx: Ctx) -> Mapping[str, Any]:
    return plans.plan(ctx.session, ctx.subject, ctx.form, ctx.by, ctx.now)


def _fix(ctx: Ctx) -> Mapping[str, Any]:
    return plans.fix(ctx.session, ctx.subject, ctx.by, ctx.now)


def _check_verified(ctx: Ctx) -> None:
    capa: Capa = ctx.subject
    plan = plans.last(ctx.session, capa, fixed=True)
    if plan is None:
        raise rules.NOT_PROVEN(number=capa.capa_no)
    today = plant_day(ctx.now, lots.site_zone(ctx.session))
    harmless = ctx.form.get("no_adverse_effect") is True
    rules.check_verified(capa.capa_no, plan.measure_on, today, no_adverse_effect=harmless)


def _verify(ctx: Ctx) -> Mapping[str, Any]:
    return plans.verified(ctx.session, ctx.subject, ctx.now)


def _measure(ctx: Ctx) -> Mapping[str, Any]:
    found = plans.measure(ctx.session, ctx.subject, ctx.now)
    number = ctx.subject.capa_no
    value = f"{found.value:f}" if found.value is not None else ""
    said = {"number": number, "result": found.result, "value": value}
    facts.tell(
        ctx.session, ctx.subject, cases.MEASURED, ctx.by, ctx.now, said, once=f"{number}/{found.plan_id}",
        run=ctx.run.row.id, held=True,
    )  # fmt: skip
    return {"capa.result": found.result, "value": value, "observed": found.observed}


def _check_closing(ctx: Ctx) -> None:
    capa: Capa = ctx.subject
    proven = plans.proven(ctx.session, capa)
    rules.check_closing(capa.capa_no, proven, cases.open_findings(ctx.session, ctx.run.row.id))


def _close(ctx: Ctx) -> Mapping[str, Any]:
    return cases.settle(ctx.session, ctx.subject, ctx.run.row.id, "closed", ctx.by, ctx.now)


def _waive(ctx: Ctx) -> Mapping[str, Any]:
    return cases.settle(ctx.session, ctx.subject, ctx.run.row.id, "withdrawn", ctx.by, ctx.now)


def _until(ctx: Ctx) -> date:
    said = ctx.form.get("until")
    due = date.fromisoformat(str(ctx.run.state.facts[DUE]))
    today = plant_day(ctx.now, lots.site_zone(ctx.session))
    return rules.check_extension(date.fromisoformat(said) if said else None, due, today)


def _check_extension(ctx: Ctx) -> None:
    _until(ctx)


def _ask_extension(ctx: Ctx) -> Mapping[str, Any]:
    return {ASKED_UNTIL: _until(ctx).isoformat()}


def _extend(ctx: Ctx) -> Mapping[str, Any]:
    known = ctx.run.state.facts
    said = {
        "number": ctx.subject.capa_no,
        "action": str(known.get("item.title", ""))[:200],
        "from": str(known[DUE]),
        "until": str(known[ASKED_UNTIL]),
    }
    facts.tell(ctx.session, ctx.subject, cases.EXTENDED, ctx.by, ctx.now, said, run=ctx.run.row.id, held=True)
    return {DUE: known[ASKED_UNTIL], "until": known[ASKED_UNTIL]}


def _case(ctx: Ctx) -> dict[str, Any]:
    row: Capa = ctx.subject
    return {
        "record": "capa",
        "number": row.capa_no,
        "zh": row.title,
        "en": row.title_en or row.title,
        "opened_at": row.opened_at.isoformat(),
        "said": ctx.run.state.model_dump(mode="json", include={"forms", "outcomes", "facts"}),
        "findings": list(cases.tied(ctx.session, ctx.run.row.id)),
    }


def _record(ctx: Ctx) -> str:
    return signing.canonical(_case(ctx))


def _record_of_plan(ctx: Ctx) -> str:
    return signing.canonical({**_case(ctx), "record": "capa.plan"})


def _record_of_what_was_done(ctx: Ctx) -> str:
    done = cases.carried_out(ctx.session, ctx.run.row.id)
    return signing.canonical({**_case(ctx), "record": "capa.done", "done": done})


def _record_of_closing(ctx: Ctx) -> str:
    return signing.canonical(
        {
            **_case(ctx),
            "record": "capa.closing",
            "rounds": plans.rounds(ctx.session, ctx.subject),
            "done": cases.carried_out(ctx.session, ctx.run.row.id),
        }
    )


CLOSED = (Before(result="closed"),)
PLAN = Effect(
    name="capa.plan",
    title=Text(zh="写下措施和有效性标准", en="write down the actions and the criterion of effectiveness"),
    subjects=("capa",),
    check=_check_plan,
    do=_plan,
    reads=(
        Reads("actions", (FieldType.TABLE,), required=True),
        Reads("measure", (FieldType.CHOICE,), required=True),
        Reads("direction", (FieldType.CHOICE,), required=True),
        Reads("limit", (FieldType.DECIMAL,), required=True),
        Reads("least", (FieldType.INTEGER,)),
        Reads("item", (FieldType.REFERENCE,)),
        Reads("supplier", (FieldType.REFERENCE,)),
        Reads("characteristic", (FieldType.TEXT,)),
        Reads("measure_on", (FieldType.DATE,), required=True),
    ),
    law="ISO 13485 8.5.2 d), f)",
    before=(*CLOSED, Before(effect="capa.fix")),
)
FIX = Effect(
    name="capa.fix",
    title=Text(
        zh="确定计划和有效性标准, 此后不能再改", en="fix the plan and its criterion, which don't change any more"
    ),
    subjects=("capa",),
    do=_fix,
    law="ISO 13485 8.5.2 f); MDR 10(9)(l)",
    before=(*CLOSED, Before(effect="capa.verify")),
)
VERIFY = Effect(
    name="capa.verify",
    title=Text(zh="确认措施已完成、没有不良影响", en="verify that the actions are done and have no adverse effect"),
    subjects=("capa",),
    check=_check_verified,
    do=_verify,
    reads=(Reads("no_adverse_effect", (FieldType.BOOLEAN,)),),
    law="ISO 13485 8.5.2 e)",
    before=(*CLOSED, Before(effect="capa.measure")),
)
MEASURE = Effect(
    name="capa.measure",
    title=Text(zh="复测有效性", en="measure whether it has helped"),
    subjects=("capa",),
    do=_measure,
    facts=(cases.MEASURED,),
    gives=("capa.result",),
    law="ISO 13485 8.5.2 f); MDR 10(9)(l)",
    before=CLOSED,
)
CLOSE = Effect(
    name="capa.close",
    title=Text(zh="关闭 CAPA", en="close the CAPA"),
    subjects=("capa",),
    check=_check_closing,
    do=_close,
    facts=(cases.CLOSED,),
    law="ISO 13485 8.5.2",
    before=CLOSED,
)
WAIVE = Effect(
    name="capa.waive",
    title=Text(zh="不需要采取措施", en="say that no action is needed"),
    subjects=("capa",),
    do=_waive,
    facts=(cases.CLOSED,),
    law="ISO 13485 8.5.2 c)",
    before=(Before(result="withdrawn"),),
)
ASK_EXTENSION = Effect(
    name="capa.ask_extension",
    title=Text(zh="申请延期", en="ask for more time"),
    subjects=("capa",),
    check=_check_extension,
    do=_ask_extension,
    gives=(ASKED_UNTIL,),
    reads=(Reads("until", (FieldType.DATE,)),),
    before=(Before(effect="capa.extend"),),
)
EXTEND = Effect(
    name="capa.extend",
    title=Text(zh="延长措施的期限", en="give an action more time"),
    subjects=("capa",),
    do=_extend,
    facts=(cases.EXTENDED,),
    gives=(DUE,),
)
CASE = Record("capa.case", Text(zh="CAPA 记录", en="the case"), _record)
OF_PLAN = Record(
    "capa.plan", Text(zh="调查、措施和有效性标准", en="investigation, actions and criterion"), _record_of_plan
)
OF_DONE = Record("capa.done", Text(zh="计划和做过的措施", en="the plan and what was done"), _record_of_what_was_done)
OF_CLOSING = Record("capa.closing", Text(zh="CAPA 全部记录", en="all of the case"), _record_of_closing)
CLOSING = Gate(
    "capa.closing",
    Text(zh="已证明有效, 关联的不合格都已决定", en="it is proven effective, and what it is tied to is decided"),
    _check_closing,
    law="ISO 13485 8.5.2 f)",
    record=OF_CLOSING.name,
)
NUMBER = Text(zh="编号", en="number")
RESULTS = {
    "effective": Text(zh="有效", en="effective"),
    "failed": Text(zh="无效", en="not effective"),
    "no_data": Text(zh="数据不足", en="too little data"),
}
FACTS = (
    FactKind(
        cases.OPENED,
        Text(zh="CAPA 已提出", en="a CAPA was opened"),
        ("capa",),
        {"number": FieldType.TEXT, "source": FieldType.TEXT},
        {"number": NUMBER, "source": Text(zh="来源", en="source")},
        {
            "source": {
                "hand": Text(zh="人员", en="a person"),
                "nonconformance": Text(zh="不合格", en="a nonconformance"),
            }
        },
    ),
    FactKind(
        similar.CONFIRMED,
        Text(zh="已确认类似事项", en="a similar case was confirmed"),
        ("capa", "nonconformance"),
        {"number": FieldType.TEXT, "like": FieldType.TEXT, "by": FieldType.TEXT, "because": FieldType.TEXT},
        {
            "number": NUMBER,
            "like": Text(zh="类似于", en="like"),
            "by": Text(zh="共同之处", en="in common"),
            "because": Text(zh="说明", en="because"),
        },
    ),
    FactKind(
        cases.MEASURED,
        Text(zh="CAPA 有效性已复测", en="the effectiveness of a CAPA was measured"),
        ("capa",),
        {"number": FieldType.TEXT, "result": FieldType.CHOICE, "value": FieldType.TEXT},
        {"number": NUMBER, "result": Text(zh="结果", en="result"), "value": Text(zh="测得值", en="value")},
        {"result": RESULTS},
    ),
    FactKind(
        cases.EXTENDED,
        Text(zh="CAPA 措施已延期", en="an action of a CAPA was extended"),
        ("capa",),
        {"number": FieldType.TEXT, "action": FieldType.TEXT, "from": FieldType.DATE, "until": FieldType.DATE},
        {
            "number": NUMBER,
            "action": Text(zh="措施", en="action"),
            "from": Text(zh="原期限", en="was due"),
            "until": Text(zh="新期限", en="now due"),
        },
    ),
    FactKind(
        cases.CLOSED,
        Text(zh="CAPA 已结束", en="a CAPA has ended"),
        ("capa",),
        {"number": FieldType.TEXT, "outcome": FieldType.CHOICE},
        {"number": NUMBER, "outcome": Text(zh="结果", en="result")},
        {
            "outcome": {
                "closed": Text(zh="已关闭", en="closed"),
                "withdrawn": Text(zh="不需要措施", en="no action needed"),
            }
        },
    ),
)
SUBJECTS = (SUBJECT,)
SOURCES = (Source("capa", NUMBERS, "capa", "capa.capa_no", "capa.title", "capa.title_en"),)
KINDS = (
    Kind(
        family=rules.PROCESS,
        subject="capa",
        prefix="capa",
        workflow="Capa",
        rank=2,
        signed_as=OF_GOODS,
        several=False,
        effects=(PLAN, FIX, VERIFY, MEASURE, CLOSE, WAIVE),
        records=(CASE, OF_PLAN, OF_DONE, OF_CLOSING),
        gates=(CLOSING,),
    ),
    Kind(
        family=rules.ACTION,
        subject="capa",
        prefix="capa-action",
        workflow="Capa",
        rank=2,
        signed_as=OF_GOODS,
        effects=(ASK_EXTENSION, EXTEND),
        records=(CASE,),
    ),
)
