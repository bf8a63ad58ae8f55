"""An emergency change, assessed and approved after it was done, within its limit (ISO 13485 7.3.9; REQUIREMENTS 45, 46).

Its batches are locked from the moment that it is recorded; they go on when it is approved, or as somebody has decided on each.
"""

from collections.abc import Mapping
from typing import Any

from models.change import rules
from models.change.floor import check_emergency
from models.change.kind import batches, work
from models.change.kind.records import case
from models.change.store import changes, emergency, impact, tasks
from models.change.tables import Change
from models.definition.document import FieldType, Text
from models.lot.kind import OF_GOODS
from models.process.context import Ctx
from models.process.kind import Before, Effect, Kind, Reads, Record


def _check_assessed(ctx: Ctx) -> None:
    tasks.check(ctx.session, ctx.form, ctx.now)


def _assess(ctx: Ctx) -> Mapping[str, Any]:
    kept = impact.keep(ctx.session, ctx.subject, ctx.now)
    return {"version": kept.version, "lots": kept.counts["lots"], "digest": kept.digest}


def _check_other(ctx: Ctx) -> None:
    change: Change = ctx.subject
    if change.status != "open":
        raise rules.NOT_OPEN(number=change.change_no)
    people = {ctx.by.person_id, ctx.by.on_behalf_of or ctx.by.person_id}
    rules.check_other(change.change_no, change.opened_by_id, people)
    rules.check_not_own_work(change.change_no, change.happened_by_id, people)


def _approve(ctx: Ctx) -> Mapping[str, Any]:
    planned = work.planned_by(ctx, ASSESS.name)
    return emergency.approve(ctx.session, ctx.subject, ctx.run.row.id, ctx.by, ctx.now, planned)


def _refuse(ctx: Ctx) -> Mapping[str, Any]:
    return emergency.refuse(ctx.session, ctx.subject, ctx.run.row.id, ctx.by, ctx.now)


def _record(ctx: Ctx) -> str:
    return case(ctx, OF_EMERGENCY)


OF_EMERGENCY = "change.emergency"
ASSESS = Effect(
    name="change.assess_emergency",
    title=Text(zh="评估已实施的紧急变更", en="assess an emergency change that was done already"),
    subjects=("change",),
    check=_check_assessed,
    do=_assess,
    reads=(Reads("risk", (FieldType.CHOICE,), required=True), *work.reads(required=False)),
    law=work.LAW,
    before=(Before(result="closed"), Before(effect="change.approve_emergency")),
)
APPROVE = Effect(
    name="change.approve_emergency",
    title=Text(
        zh="批准已实施的紧急变更, 放开批次, 由他人签名",
        en="approve an emergency change that was done already and let its batches go on, by somebody who neither did nor recorded it",
    ),
    subjects=("change",),
    check=_check_other,
    do=_approve,
    facts=(changes.APPROVED,),
    gives=(batches.UNDECIDED,),
    law=work.LAW,
    before=(Before(result="closed"), Before(effect="change.verify")),
)
REFUSE = Effect(
    name="change.refuse_emergency",
    title=Text(
        zh="不批准已实施的紧急变更, 批次逐批决定",
        en="refuse an emergency change that was done already; each of its batches is decided on",
    ),
    subjects=("change",),
    check=_check_other,
    do=_refuse,
    facts=(changes.CLOSED,),
    gives=(batches.UNDECIDED,),
    law=work.LAW,
    before=(Before(result="turned_down"),),
)
KIND = Kind(
    family=rules.EMERGENCY,
    subject="change",
    prefix=rules.EMERGENCY,
    workflow="Change",
    rank=1,
    signed_as=OF_GOODS,
    several=False,
    effects=(ASSESS, APPROVE, REFUSE, batches.DECIDE, batches.RECOUNT, work.VERIFY, work.PLAN, batches.CLOSE),
    records=(
        Record(
            OF_EMERGENCY,
            Text(zh="紧急变更、影响范围和评估", en="the emergency change, its impact and assessment"),
            _record,
        ),
        batches.OF_BATCHES,
        work.OF_VERIFICATION,
        batches.OF_CLOSING,
    ),
    gates=(work.VERIFICATION, batches.CLOSING),
    floor=(check_emergency,),
)
