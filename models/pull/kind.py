"""An errand: held goods are brought back from one place and counted, for a recall or a hold of quality (ISO 13485 8.3.1, 8.3.3)."""

from collections.abc import Mapping
from typing import Any

from models.definition.document import FieldType, Stage, StageKind, Text
from models.lot.kind import OF_GOODS
from models.process.context import Ctx
from models.process.kind import Before, Effect, Kind, Reads, Said
from models.pull import store as pulls


def _said(stage: Stage) -> Said:
    return Said() if stage.kind is StageKind.END else Said(does=("pull.count",))


PLACE = (
    f"select p.kind, p.place, {pulls.TITLE}, {pulls.EXPECTED}, p.uom from recall_pull p"  # noqa: S608  # constants
    " where p.run_id = t.run_id and p.recall_id is not null"
)
PLACE_HELD = PLACE.replace("recall_id", "hold_act_id")
"""Where the goods are, and how many."""


def _check(ctx: Ctx) -> None:
    pulls.check(ctx.session, ctx.run.row.id, dict(ctx.form))


def _bring(ctx: Ctx) -> Mapping[str, Any]:
    pull = pulls.completed(ctx.session, ctx.run.row.id, dict(ctx.form), ctx.by, ctx.now)
    if pull.brought:
        reason = f"{ctx.run.number} {pull.place} → {pull.put_to}"
        given = (pull.place, pull.put_to, pull.brought, reason, ctx.by.person_id, pull.part_of)
        pulls.carry(ctx.session, *given)
    return {"place": pull.place, "expected": str(pull.expected), "found": str(pull.found)}


BRING = Effect(
    name="pull.bring",
    title=Text(zh="登记找到的冻结实物和去处", en="what of held goods was found and where it lies now"),
    subjects=("lot",),
    check=_check,
    do=_bring,
    reads=(
        Reads("found", (FieldType.QUANTITY, FieldType.DECIMAL, FieldType.INTEGER), required=True),
        Reads("location", (FieldType.TEXT, FieldType.LONG_TEXT)),
        Reads("note", (FieldType.TEXT, FieldType.LONG_TEXT)),
    ),
    law="ISO 13485 8.3.1",
    before=(Before(result="pulled"),),
)
KINDS = (
    Kind(
        family=pulls.KEY,
        subject="recall",
        prefix="pull",
        workflow="PullGoods",
        rank=0,
        signed_as=OF_GOODS,
        before=_said,
        errand=PLACE,
    ),
    Kind(
        family=pulls.HELD,
        subject="lot",
        prefix="pull-held",
        workflow="PullHeld",
        rank=0,
        signed_as=OF_GOODS,
        effects=(BRING,),
        errand=PLACE_HELD,
    ),
)
