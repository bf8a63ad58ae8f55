"""A list of receivers that a customer named waits until somebody of ours has looked at it (21 CFR 7.42(b)(1), 7.49(d))."""

from collections.abc import Mapping
from typing import Any

from models.definition.document import Stage, StageKind, Text
from models.notice.store import receiver_lists as recall_namings
from models.process.context import Ctx
from models.process.kind import Before, Effect, Kind, Said


def _confirm(ctx: Ctx) -> Mapping[str, Any]:
    return recall_namings.decided(ctx.session, ctx.run.row.id, ctx.subject, ctx.reason, ctx.by, ctx.now, confirmed=True)


def _decline(ctx: Ctx) -> Mapping[str, Any]:
    return recall_namings.decided(
        ctx.session, ctx.run.row.id, ctx.subject, ctx.reason, ctx.by, ctx.now, confirmed=False
    )


LAW = "21 CFR 7.42(b)(1), 7.49(d); 医疗器械召回管理办法"
CONFIRM = Effect(
    name="receivers.confirm",
    title=Text(zh="通知名单上的收货单位", en="tell the receivers on the list"),
    subjects=("recall",),
    do=_confirm,
    law=LAW,
    before=(Before(result="told"),),
)
DECLINE = Effect(
    name="receivers.decline",
    title=Text(zh="不予确认, 产品仍算去向不明", en="turn the list down; the goods stay without a known receiver"),
    subjects=("recall",),
    do=_decline,
    law=LAW,
    before=(Before(result="declined"),),
)


def _said(stage: Stage) -> Said:
    if stage.kind is StageKind.END:
        return Said()
    # everything but the confirmation turned the list down
    others = {one.key: (DECLINE.name,) for one in stage.outcomes if one.key != "confirm"}
    return Said(outcomes={**others, "confirm": (CONFIRM.name,)})


KINDS = (
    Kind(
        family=recall_namings.KEY,
        subject="recall",
        prefix="receivers",
        workflow="ConfirmReceivers",
        rank=0,
        effects=(CONFIRM, DECLINE),
        before=_said,
    ),
)
