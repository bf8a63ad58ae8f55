"""An errand of a recall: goods are brought back from one place and counted (ISO 13485 8.3.1, 8.3.3)."""

from collections.abc import Mapping
from typing import Any

from models.definition.document import FieldType, Stage, StageKind, Text
from models.process.context import Ctx
from models.process.kind import Before, Effect, Kind, Reads, Said
from models.pull import store as pulls

WORDS = (FieldType.TEXT, FieldType.LONG_TEXT)


def _check(ctx: Ctx) -> None:
    pulls.check(ctx.session, ctx.run.row.id, dict(ctx.form))


def _count(ctx: Ctx) -> Mapping[str, Any]:
    return pulls.completed(ctx.session, ctx.run.row.id, ctx.subject, dict(ctx.form), ctx.by, ctx.now)


COUNT = Effect(
    name="pull.count",
    title=Text(zh="登记找到的数量和去处", en="what was found and where it lies now"),
    subjects=("recall",),
    check=_check,
    do=_count,
    reads=(
        Reads("found", (FieldType.QUANTITY, FieldType.DECIMAL, FieldType.INTEGER), required=True),
        Reads("location", WORDS),
        Reads("note", WORDS),
    ),
    law="ISO 13485 8.3.1, 8.3.3; 医疗器械召回管理办法 (停止销售和使用)",
    before=(Before(result="pulled"),),
)


def _said(stage: Stage) -> Said:
    return Said() if stage.kind is StageKind.END else Said(does=(COUNT.name,))


KINDS = (
    Kind(
        family=pulls.KEY,
        subject="recall",
        prefix="pull",
        workflow="PullGoods",
        rank=0,
        effects=(COUNT,),
        before=_said,
    ),
)
