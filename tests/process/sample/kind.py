"""What a sample hands to the engine."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlmodel import Session, select

from models.definition.document import FieldType, Text
from models.kernel import refusal as refusals
from models.process import kinds
from models.process.context import Ctx
from models.process.kind import Before, Effect, FactKind, Gate, Kind, Reads, Record, SignedAs
from models.process.store import signing
from models.process.subject import Groups, SubjectKind
from tests.process.sample.tables import Sample

SIGNED_AS = SignedAs(step="task", verdict="inspection", fate="disposition")
EMPTY = refusals.Kind("SMP-001", "DESIGN 6a", "样例 {number} 没有说明。", "The sample {number} says nothing.")


def _lock(session: Session, key: int) -> Sample:
    return session.exec(select(Sample).where(Sample.subject_id == key).with_for_update()).one()


def _told(session: Session, key: int, fact: str, person_id: int | None, data: Mapping[str, Any]) -> None:
    del person_id, data
    row = _lock(session, key)
    row.told = f"{row.told} {fact}".strip()
    session.add(row)


def _nobody(session: Session, key: int) -> Groups:
    del session, key
    return {}


def _make(session: Session, fact: str, about: Any, values: Mapping[str, Any], now: datetime) -> Sample:
    """A sample of its own for what somebody wants one of."""
    del fact, now
    number = f"{kinds.of_row(about).number(about)}/{values['note']}"
    row = Sample(number=number, title=f"样例 {number}", title_en=f"Sample {number}")
    session.add(row)
    session.flush()
    session.refresh(row)
    return row


SUBJECT = SubjectKind(
    key="sample",
    title=Text(zh="样例", en="sample"),
    table=Sample,
    number=lambda row: str(row.number),
    lock=_lock,
    groups=_nobody,
    told=_told,
    make=_make,
    shown="select 'taken', false, null, 3, 'ml', null, null, null, null, null from sample s where about.kind = 'sample' and s.subject_id = about.id",
)


def _keep(ctx: Ctx) -> Mapping[str, Any]:
    ctx.subject.remark = str(ctx.form["remark"])
    ctx.session.add(ctx.subject)
    return {"number": ctx.subject.number}


def _record(ctx: Ctx) -> str:
    return signing.canonical({"record": "sample", "number": ctx.subject.number, "remark": ctx.subject.remark or ""})


def _gate(ctx: Ctx) -> None:
    if "?" in (ctx.subject.remark or "?"):
        raise EMPTY(number=ctx.subject.number)


HINDERED: dict[str, int] = {}
"""How often settling still goes wrong, by the sample's number."""


def _settle(ctx: Ctx) -> Mapping[str, Any]:
    number = str(ctx.subject.number)
    if HINDERED.get(number, 0) > 0:
        HINDERED[number] -= 1
        raise RuntimeError("it can't be settled now")
    ctx.run.about.told(ctx.session, ctx.run.subject_key, "sample.settled", None, {})
    return {"settled": ctx.subject.number}


def _end(ctx: Ctx) -> Mapping[str, Any]:
    ctx.run.about.told(ctx.session, ctx.run.subject_key, "sample.ended", None, {})
    return {}


DONE = (Before(result="done"),)
KEEP = Effect(
    name="sample.keep",
    title=Text(zh="记下说明", en="keep the remark"),
    subjects=("sample",),
    do=_keep,
    reads=(Reads("remark", (FieldType.TEXT,), required=True),),
    before=DONE,
)
SETTLE = Effect("sample.settle", Text(zh="结清", en="settle"), ("sample",), do=_settle, before=DONE)
END = Effect("sample.end", Text(zh="结束", en="end"), ("sample",), do=_end, before=DONE)
RECORD = Record("sample.record", Text(zh="样例", en="the sample"), _record)
GATE = Gate("sample.gate", Text(zh="说明清楚", en="the remark is clear"), _gate, record=RECORD.name)
READY = FactKind("sample.ready", Text(zh="样例可以继续", en="the sample may go on"), ("sample",))
WANTED = FactKind(
    "sample.wanted",
    Text(zh="要取样例", en="a sample is wanted"),
    ("lot",),
    {"note": FieldType.TEXT, "count": FieldType.INTEGER},
    {"note": Text(zh="说明", en="note"), "count": Text(zh="数量", en="count")},
)
FACTS = (READY, WANTED)
SUBJECTS = (SUBJECT,)
KINDS = (
    Kind(
        "sample",
        "sample",
        "sample",
        "Sample",
        5,
        SIGNED_AS,
        several=False,
        effects=(KEEP, SETTLE, END),
        records=(RECORD,),
        gates=(GATE,),
    ),
    Kind("sample-part", "sample", "sample-part", "Sample", 5, SIGNED_AS),
)
