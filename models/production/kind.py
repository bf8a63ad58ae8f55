"""What making a batch does in the life of one, and when it is made again (REQUIREMENTS 7, 63; ISO 13485 7.5.1, 8.3.4)."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from models.definition.document import FieldType, Text
from models.lot.floor import UNPACKED
from models.lot.rules.held import Act
from models.lot.rules.locked import Step
from models.lot.rules.lot import LotStatus
from models.lot.store import lots, open_holds
from models.process.context import Ctx
from models.process.kind import Before, Effect, Kind, Part, Reads
from models.production.rules import packaging as packaging_rules
from models.production.store import packaging
from models.production.store import rework as reworking
from models.release.kind import lift_holds, note


def _check_pack(ctx: Ctx) -> None:
    open_holds.check_held(ctx.session, ctx.subject, Act.PACKAGE, known=lots.facts(ctx.session, ctx.subject))
    packaging_rules.read(ctx.form, _there(ctx), ctx.subject.uom)


def _there(ctx: Ctx) -> Decimal:
    """How much of the batch is in house before this step books anything; the check and the booking ask for the same."""
    return ctx.once("in house", lambda: lots.total(ctx.session, ctx.subject.id))


def _pack(ctx: Ctx) -> Mapping[str, Any]:
    return packaging.pack(ctx.session, ctx.subject, dict(ctx.form), _there(ctx), ctx.by, ctx.now)


def _rework(ctx: Ctx) -> Mapping[str, Any]:
    lift_holds(ctx)
    lots.set_status(ctx.session, ctx.subject, LotStatus.IN_PROCESS)
    note(ctx, "lot.rework")
    reworking.reopen_order(ctx.session, ctx.subject)
    return {}


NUMBERS = (FieldType.QUANTITY, FieldType.DECIMAL, FieldType.INTEGER)
WORDS = (FieldType.TEXT, FieldType.LONG_TEXT)
PACK = Effect(
    name="packaging.reconcile",
    title=Text(zh="登记包装数量并核对标签", en="book what was packed and reconcile the labels"),
    subjects=("lot",),
    check=_check_pack,
    do=_pack,
    reads=(
        Reads("packed_quantity", NUMBERS, required=True),
        *(Reads(name, NUMBERS, required=True) for name in ("labels_printed", "labels_applied", "labels_scrapped")),
        Reads("samples_kept", NUMBERS, required=True),
        *(Reads(name, NUMBERS) for name in ("scrapped_quantity", "missing_quantity")),
        *(Reads(name, NUMBERS) for name in ("labels_samples", "labels_left", "labels_each")),
        *(Reads(name, WORDS) for name in ("loss_reason", "sample_serials", "scrap_serials", "missing_serials")),
    ),
    facts=("lot.packed",),
    law="ISO 13485 7.5.1; 医疗器械生产质量管理规范 (包装、标签); REQUIREMENTS 63",
    before=(Before(family="release", given=UNPACKED),),
    step=Step.PACKAGE,
)
REWORK = Effect(
    name="release.rework",
    title=Text(zh="返工, 生产订单重新打开", en="the batch is made again; its order takes operations once more"),
    subjects=("lot",),
    do=_rework,
    facts=("lot.rework",),
    law="ISO 13485 8.3.4",
    before=(Before(result="rework"),),
)
KINDS: tuple[Kind, ...] = ()
PARTS = (Part("batch-lifecycle", (PACK,)), Part("release", (REWORK,)))
