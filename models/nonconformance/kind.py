"""The decision on a deviation or nonconformance (ISO 13485 8.3; STANDARDS N 42-47)."""

from collections.abc import Mapping
from typing import Any

from models.definition.document import FieldType, Stage, StageKind, Text
from models.lot.kind import OF_GOODS
from models.nonconformance import rules
from models.nonconformance import store as nonconformances
from models.nonconformance.tables import NUMBERS
from models.process.context import Ctx
from models.process.kind import Before, Effect, FactKind, Kind, Reads, Record, Said
from models.process.subject import Source

WORDS = (FieldType.TEXT, FieldType.LONG_TEXT)


def _check(ctx: Ctx) -> None:
    nonconformances.check(ctx.session, ctx.run.row, ctx.outcome, dict(ctx.form), ctx.by)


def _decide(ctx: Ctx) -> Mapping[str, Any]:
    return nonconformances.decided(
        ctx.session, ctx.run.row, ctx.subject, ctx.outcome or "", dict(ctx.form), ctx.reason, ctx.by, ctx.now
    )


DECIDE = Effect(
    name="nonconformance.decide",
    title=Text(zh="结案: 原因、责任人和决定", en="close it with cause, owner and decision"),
    subjects=("lot",),
    check=_check,
    do=_decide,
    reads=(
        Reads("cause", WORDS, required=True),
        Reads("owner", (*WORDS, FieldType.PERSON)),
        Reads("requirements_met", (FieldType.BOOLEAN,)),
    ),
    facts=("nonconformance.decided", "deviation.decided"),
    law="ISO 13485 8.3.1, 8.3.2; 医疗器械生产质量管理规范 (不合格品控制)",
    before=tuple(Before(result=one) for one in ("accepted", "unfounded", "rework", "rejected")),
)
RECORD = Record(
    "nonconformance.finding",
    Text(zh="偏差或不合格记录", en="what was found"),
    lambda ctx: nonconformances.record(ctx.session, ctx.run.row, ctx.subject),
)


def _said(stage: Stage) -> Said:
    return Said() if stage.kind is StageKind.END else Said(does=(DECIDE.name,), record=RECORD.name)


VALUES = {"number": FieldType.TEXT, "outcome": FieldType.CHOICE}
NAMES = {"number": Text(zh="编号", en="number"), "outcome": Text(zh="处置", en="disposition")}
FACTS = (
    FactKind(
        "nonconformance.decided", Text(zh="不合格已处置", en="a nonconformance is decided"), ("lot",), VALUES, NAMES
    ),
    FactKind("deviation.decided", Text(zh="偏差已处置", en="a deviation is decided"), ("lot",), VALUES, NAMES),
)
SOURCES = (
    Source(
        "nonconformance",
        NUMBERS,
        "nonconformance join lot on lot.id = nonconformance.lot_id join item on item.id = lot.item_id",
        "nonconformance.nonconformance_no",
        "item.name",
        "item.name_en",
    ),
)
KINDS = (
    Kind(
        family=rules.PROCESS,
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
