"""A deviation or nonconformance as what its review is about, and the decision on it (ISO 13485 8.3; STANDARDS N 42-47)."""

from collections.abc import Mapping
from typing import Any

from sqlmodel import Session

from models.definition.condition import Scalar
from models.definition.document import FieldType, Stage, StageKind, Text
from models.item.tables import Item
from models.lot import kind as lot_kind
from models.lot.kind import OF_GOODS
from models.lot.store import lots
from models.nonconformance import rules
from models.nonconformance import store as nonconformances
from models.nonconformance.tables import NUMBERS, Nonconformance
from models.process.context import Ctx
from models.process.kind import Before, Effect, FactKind, Kind, Reads, Record, Said
from models.process.subject import Groups, Source, SubjectKind

WORDS = (FieldType.TEXT, FieldType.LONG_TEXT)
SHOWN = """
select coalesce(l.status, n.status), exists (select from hold h where h.lot_id = l.id and h.lifted_at is null), i.item_no, coalesce(n.quantity, l.quantity),
       coalesce(n.uom, l.uom), coalesce(l.supplier_lot_no, n.supplier_lot_no), null, null, null, l.lot_no
  from nonconformance n left join lot l on l.id = n.lot_id left join item i on i.id = coalesce(l.item_id, n.item_id)
 where about.kind = 'nonconformance' and n.subject_id = about.id
"""
"""What the inbox shows of one: the goods that it concerns, and whether these are held."""


def _facts(row: Nonconformance) -> Mapping[str, Scalar]:
    return {f"nonconformance.{name}": str(getattr(row, name)) for name in KNOWN}


NO_BATCH: Groups = {"lot.inspectors": frozenset(), "lot.operators": frozenset()}


def _groups(session: Session, key: int) -> Groups:
    """The people behind the batch that it concerns: they don't decide on it."""
    row = SUBJECT.row(session, key)
    return dict(NO_BATCH) if row.lot_id is None else lot_kind.groups(session, row.lot_id)


def _told(session: Session, key: int, fact: str, person_id: int | None, data: Mapping[str, Any]) -> None:
    """The batch that it concerns remembers what became of it."""
    row = SUBJECT.row(session, key)
    if row.lot_id is not None:
        lots.note(session, row.lot_id, fact, person_id, dict(data))


def _sorted_by(session: Session, row: Nonconformance) -> Mapping[str, str | int | None]:
    lot = nonconformances.lot_of(session, row)
    item = lot.item_id if lot is not None else row.item_id
    family = session.get_one(Item, item).category if item is not None else None
    return {"supplier": lot.supplier_id if lot is not None else row.supplier_id, "item_family": family}


KNOWN = ("severity", "source", "kind")
SUBJECT = SubjectKind(
    key="nonconformance",
    title=Text(zh="不合格或偏差", en="nonconformance or deviation"),
    table=Nonconformance,
    number=lambda row: str(row.nonconformance_no),
    lock=nonconformances.lock,
    before=nonconformances.lock_batch,
    facts=_facts,
    known=tuple(f"nonconformance.{name}" for name in KNOWN),
    groups=_groups,
    told=_told,
    sorted_by=_sorted_by,
    owned_by=("item_family", "supplier", "site"),
    shown=SHOWN,
)


def _check(ctx: Ctx) -> None:
    nonconformances.check(ctx.session, ctx.run.row, ctx.outcome, dict(ctx.form), ctx.by)


def _decide(ctx: Ctx) -> Mapping[str, Any]:
    return nonconformances.decided(
        ctx.session, ctx.run.row, ctx.outcome or "", dict(ctx.form), ctx.reason, ctx.by, ctx.now
    )


def _classify(ctx: Ctx) -> Mapping[str, Any]:
    return nonconformances.classified(ctx.session, ctx.run.row, dict(ctx.form))


def _concede(ctx: Ctx) -> Mapping[str, Any]:
    return nonconformances.conceded(ctx.session, ctx.run.row, ctx.by, ctx.now)


RESULTS = ("accepted", "unfounded", "rework", "rejected", "returned", "scrapped", "sorted")
DECIDE = Effect(
    name="nonconformance.decide",
    title=Text(zh="结案: 原因、责任人和决定", en="close it with cause, owner and decision"),
    subjects=("nonconformance", "lot"),
    check=_check,
    do=_decide,
    reads=(
        Reads("cause", WORDS, required=True),
        Reads("owner", (*WORDS, FieldType.PERSON)),
        Reads("requirements_met", (FieldType.BOOLEAN,)),
    ),
    facts=("nonconformance.decided", "deviation.decided", nonconformances.CLOSED),
    law="ISO 13485 8.3.1, 8.3.2; 医疗器械生产质量管理规范 (不合格品控制)",
    before=tuple(Before(result=one) for one in RESULTS),
)
CRITICAL = {"nonconformance.severity": rules.Severity.CRITICAL.value}
CONCEDE = Effect(
    name="nonconformance.concede",
    title=Text(zh="第二人批准让步接收", en="have a second person accept what is critical"),
    subjects=("nonconformance",),
    do=_concede,
    facts=("nonconformance.decided", "deviation.decided"),
    law="ISO 13485 8.3.2; 医疗器械生产质量管理规范 (不合格品控制)",
    before=(Before(result="accepted", given=(CRITICAL,)),),
)
CLASSIFY = Effect(
    name="nonconformance.classify",
    title=Text(
        zh="记下原因类别和损失, 反复出现时据此立 CAPA",
        en="keep the class of the cause and the cost, by which a CAPA is begun",
    ),
    subjects=("nonconformance",),
    do=_classify,
    reads=(Reads("cause_class", (FieldType.CHOICE,)), Reads("cost", (FieldType.DECIMAL,))),
    law="ISO 13485 8.5.2",
    optional=True,
)
RECORD = Record(
    "nonconformance.finding",
    Text(zh="偏差或不合格记录", en="what was found"),
    lambda ctx: nonconformances.record(ctx.session, ctx.run.row),
)


def _said(stage: Stage) -> Said:
    return Said() if stage.kind is StageKind.END else Said(does=(DECIDE.name,), record=RECORD.name)


SEVERITIES = {
    "minor": Text(zh="轻微", en="minor"),
    "major": Text(zh="一般", en="major"),
    "critical": Text(zh="严重", en="critical"),
}
SOURCES_SAID = {
    "inspection": Text(zh="检验", en="an inspection"),
    "operation": Text(zh="工序", en="an operation"),
    "record": Text(zh="批记录", en="the batch record"),
    "load": Text(zh="灭菌批", en="a sterilisation load"),
    "equipment": Text(zh="设备", en="an instrument"),
    "count": Text(zh="盘点", en="a count"),
    "return": Text(zh="退货", en="a return"),
    "hand": Text(zh="人员", en="a person"),
}
KINDS_SAID = {
    "nonconformance": Text(zh="不合格", en="nonconformance"),
    "deviation": Text(zh="偏差", en="deviation"),
}
VALUES = {"number": FieldType.TEXT, "outcome": FieldType.CHOICE}
NAMES = {"number": Text(zh="编号", en="number"), "outcome": Text(zh="处置", en="disposition")}
CLOSED = FactKind(
    nonconformances.CLOSED,
    Text(zh="不合格已结案", en="a nonconformance is closed"),
    ("nonconformance",),
    {
        **VALUES,
        "severity": FieldType.CHOICE,
        "repeated": FieldType.INTEGER,
        "cost": FieldType.DECIMAL,
    },
    {
        **NAMES,
        "severity": Text(zh="严重程度", en="severity"),
        "repeated": Text(zh="三十天内同一原因的次数", en="times for one cause in thirty days"),
        "cost": Text(zh="估计损失", en="estimated cost"),
    },
    {"severity": SEVERITIES},
)
FACTS = (
    CLOSED,
    FactKind(
        nonconformances.OPENED,
        Text(zh="发现不合格或偏差", en="a nonconformance or deviation was found"),
        ("nonconformance",),
        {"number": FieldType.TEXT, **dict.fromkeys(KNOWN, FieldType.CHOICE)},
        {
            "number": Text(zh="编号", en="number"),
            "severity": Text(zh="严重程度", en="severity"),
            "source": Text(zh="来源", en="found by"),
            "kind": Text(zh="性质", en="kind"),
        },
        {"severity": SEVERITIES, "source": SOURCES_SAID, "kind": KINDS_SAID},
    ),
    FactKind(
        "nonconformance.decided",
        Text(zh="不合格已处置", en="a nonconformance is decided"),
        ("lot", "nonconformance"),
        VALUES,
        NAMES,
    ),
    FactKind(
        "deviation.decided",
        Text(zh="偏差已处置", en="a deviation is decided"),
        ("lot", "nonconformance"),
        VALUES,
        NAMES,
    ),
)
SUBJECTS = (SUBJECT,)
SOURCES = (
    Source(
        "nonconformance",
        NUMBERS,
        "nonconformance",
        "nonconformance.nonconformance_no",
        "nonconformance.title",
        "nonconformance.title_en",
    ),
)
KINDS = (
    Kind(
        family=rules.PROCESS,
        subject="nonconformance",
        prefix="material-review",
        workflow="MaterialReview",
        rank=1,
        signed_as=OF_GOODS,
        several=False,
        effects=(DECIDE, CLASSIFY, CONCEDE),
        records=(RECORD,),
    ),
    Kind(
        family=rules.OF_BATCH,
        subject="lot",
        prefix="nonconformance",
        workflow="Nonconformance",
        rank=1,
        signed_as=OF_GOODS,
        effects=(DECIDE,),
        records=(RECORD,),
        before=_said,
    ),
)
