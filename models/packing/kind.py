"""What putting away does in the life of a batch: its cases and pallets go with it (REQUIREMENTS 56; ISO 13485 7.5.11)."""

from collections.abc import Mapping
from typing import Any

from models.definition.document import FieldType, Text
from models.lot.floor import NOT_DISPOSED
from models.lot.rules.held import Act
from models.lot.rules.locked import Step
from models.lot.store import lots, open_holds
from models.packing.store import moves
from models.place.tables import Location
from models.process.context import Ctx
from models.process.kind import Before, Effect, Kind, Part, Reads
from models.stock.store import places, stock


def _place(ctx: Ctx) -> Location:
    return ctx.once("place", lambda: stock.location(ctx.session, str(ctx.form.get("location") or "")))


def _check_put_away(ctx: Ctx) -> None:
    known = lots.facts(ctx.session, ctx.subject)
    open_holds.check_held(ctx.session, ctx.subject, Act.PUT_AWAY, known=known)
    places.check_into(ctx.session, _place(ctx), ctx.subject, known)


def _put_away(ctx: Ctx) -> Mapping[str, Any]:
    place = _place(ctx)
    moves.put_away(ctx.session, ctx.subject, place)
    stock.move_all(ctx.session, ctx.subject, place)
    lots.note(ctx.session, ctx.subject.id, "lot.warehoused", ctx.by.person_id, {"location": place.code})
    return {"location": place.code}


WORDS = (FieldType.TEXT, FieldType.LONG_TEXT)
PUT_AWAY = Effect(
    name="warehouse.put_away",
    title=Text(zh="入库", en="put into the warehouse"),
    subjects=("lot",),
    check=_check_put_away,
    do=_put_away,
    reads=(Reads("location", WORDS, required=True),),
    facts=("lot.warehoused",),
    law="ISO 13485 7.5.11; 医疗器械生产质量管理规范 (仓储)",
    before=(Before(fact="lot.depleted", given=NOT_DISPOSED),),
    step=Step.PUT_AWAY,
)
KINDS: tuple[Kind, ...] = ()
PARTS = (Part("batch-lifecycle", (PUT_AWAY,)),)
