"""The decision on a part of a batch that is proposed for rejection (REQUIREMENTS 6; ISO 13485 8.3.2)."""

from collections.abc import Mapping
from typing import Any

from models.definition.document import Stage, StageKind, Text
from models.lot.kind import OF_GOODS
from models.process.context import Ctx
from models.process.kind import Before, Effect, Kind, Record, Said
from models.reshape.acts import dispose as disposing


def _check(ctx: Ctx) -> None:
    disposing.check(ctx.session, ctx.run)


def _split_off(ctx: Ctx) -> Mapping[str, Any]:
    return disposing.split_off(ctx.session, ctx.run, ctx.reason, ctx.by, ctx.now)


SPLIT_OFF = Effect(
    name="disposition.split_off",
    title=Text(zh="拒收的部分成为单独的不合格批次", en="what is rejected becomes a rejected batch of its own"),
    subjects=("lot",),
    check=_check,
    do=_split_off,
    facts=("lot.rejected",),
    law="ISO 13485 8.3.2; 医疗器械生产质量管理规范 (不合格品控制)",
    before=(Before(result="part_rejected"),),
)
RECORD = Record(
    "disposition.proposal", Text(zh="处置建议", en="the proposal"), lambda ctx: disposing.record(ctx.session, ctx.run)
)


def _said(stage: Stage) -> Said:
    if stage.kind is StageKind.END:
        return Said()
    return Said(record=RECORD.name, outcomes={disposing.REJECT: (SPLIT_OFF.name,)})


KINDS = (
    Kind(
        family="disposition",
        subject="lot",
        prefix="disposition",
        workflow="Disposition",
        rank=1,
        signed_as=OF_GOODS,
        effects=(SPLIT_OFF,),
        records=(RECORD,),
        before=_said,
    ),
)
