"""Release of a batch: who signs it, over which record, through which gate, and what the decision does (REQUIREMENTS 34-38)."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sqlmodel import Session

from models.definition.document import Stage, StageKind, Text
from models.hold.store import holds
from models.hold.tables import Hold
from models.lot.kind import OF_GOODS
from models.lot.rules.locked import Step
from models.lot.rules.lot import LotStatus
from models.lot.store import lots
from models.lot.tables import Lot
from models.process.context import Ctx
from models.process.fact import tell as facts
from models.process.kind import Before, Effect, Gate, Kind, Record, Said
from models.process.store import signing
from models.process.subject import Stands
from models.release.floor import check_release
from models.release.rules import evidence
from models.release.rules.batch_record import BatchRecord
from models.release.store import batch_record


def record_of(ctx: Ctx) -> BatchRecord:
    """The batch record as it is now, read once for the act."""
    return ctx.once("batch_record", lambda: batch_record.build(ctx.session, ctx.subject))


def assessed(ctx: Ctx) -> evidence.Assessment:
    """What the rules find in it."""
    return ctx.once("assessment", lambda: evidence.assess(record_of(ctx), ctx.now))


def _record(ctx: Ctx) -> str:
    return signing.canonical(evidence.judged(record_of(ctx), assessed(ctx)))


def _check_evidence(ctx: Ctx) -> None:
    evidence.check_release(assessed(ctx), ctx.reason)


def lift_holds(ctx: Ctx) -> None:
    """The new decision opens what the earlier one had put on hold."""
    # before the state changes: the wall lets nothing held be released
    row = ctx.run.row
    holds.decided(ctx.session, ctx.subject.id, row.id, reason=row.workflow_id, person_id=ctx.by.person_id)


def note(ctx: Ctx, fact: str) -> None:
    """The batch's timeline says what was decided, and by which run."""
    lots.note(ctx.session, ctx.subject.id, fact, ctx.by.person_id, {"run": ctx.run.row.workflow_id})


def _release(ctx: Ctx) -> Mapping[str, Any]:
    lift_holds(ctx)
    lots.set_status(ctx.session, ctx.subject, LotStatus.RELEASED)
    note(ctx, "lot.released")
    facts.of_step(ctx, "lot.released")
    lots.publish(ctx.session, ctx.subject.id, "lot.released", {"lot": ctx.subject.lot_no})
    return {}


def _reject(ctx: Ctx) -> Mapping[str, Any]:
    lift_holds(ctx)
    lots.set_status(ctx.session, ctx.subject, LotStatus.REJECTED)
    note(ctx, "lot.rejected")
    facts.of_step(ctx, "lot.rejected")
    return {}


def _hold(ctx: Ctx) -> Mapping[str, Any]:
    row = ctx.run.row
    ctx.session.add(
        Hold(
            lot_id=ctx.subject.id,
            reason=row.workflow_id,
            cause="release",
            run_id=row.id,
            placed_by_id=ctx.by.person_id,
        )
    )
    return {}


LAW = "ISO 13485 8.2.6; 医疗器械生产质量管理规范 (产品放行)"
RELEASE = Effect(
    name="release.release",
    title=Text(zh="放行批次", en="the batch is released"),
    subjects=("lot",),
    do=_release,
    facts=("lot.released",),
    law=LAW,
    before=(Before(result="released"),),
)
REJECT = Effect(
    name="release.reject",
    title=Text(zh="批次拒收", en="the batch is rejected"),
    subjects=("lot",),
    do=_reject,
    facts=("lot.rejected",),
    law="ISO 13485 8.3.2",
    before=(Before(result="rejected"),),
)
HOLD = Effect(
    name="release.hold",
    title=Text(zh="冻结批次", en="the batch is put on hold"),
    subjects=("lot",),
    do=_hold,
    law="ISO 13485 8.3.1",
    before=(Before(result="held"),),
)
RECORD = Record("release.batch_record", Text(zh="批记录及其评估", en="the batch record as assessed"), _record)
GATE = Gate(
    "release.evidence",
    Text(zh="放行证据齐全", en="the evidence for release"),
    _check_evidence,
    law=LAW,
    record=RECORD.name,
)


def _said(stage: Stage) -> Said:
    if stage.kind is StageKind.END:
        ends = {"released": RELEASE.name, "rejected": REJECT.name, "rework": "release.rework", "held": HOLD.name}
        return Said(does=(ends[stage.result],) if stage.result in ends else ())
    return Said(record=RECORD.name, gate=GATE.name)


def _stands(session: Session, lot: Lot) -> Any:
    return batch_record.build(session, lot).model_dump(mode="json")


STANDS = (Stands("lot", _stands),)
KINDS = (
    Kind(
        family="release",
        subject="lot",
        prefix="release",
        workflow="Release",
        rank=1,
        signed_as=replace(OF_GOODS, step="release"),
        effects=(RELEASE, REJECT, HOLD),
        records=(RECORD,),
        gates=(GATE,),
        floor=(check_release,),
        before=_said,
        step=Step.RELEASE,
    ),
)
