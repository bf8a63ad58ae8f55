"""A batch as a subject of processes, and the family that follows its life (REQUIREMENTS 1-3, 9)."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import text
from sqlmodel import Session

from models.definition.condition import Scalar
from models.definition.document import FieldType, Stage, StageKind, Text
from models.genealogy.store.earlier_numbers import HERITAGE
from models.item.tables import Item
from models.lot.floor import NOT_DISPOSED, UNPACKED, check_lifecycle
from models.lot.rules.held import Act
from models.lot.rules.lot import LotStatus
from models.lot.store import lots
from models.lot.tables import Lot
from models.packing.store import moves as packing_moves
from models.place import store as places
from models.place.tables import Location
from models.process.context import Ctx
from models.process.kind import Before, Effect, Kind, Reads, Said
from models.process.subject import Groups, SubjectKind
from models.production.rules import packaging as packaging_rules
from models.production.store import packaging
from models.release.store import batch_record
from models.stock.store import stock

BEHIND = text(f"""
{HERITAGE}
select 'inspector' as part, decided_by_id as person_id from inspection
 where lot_id in (select lot_id from heritage) and decided_by_id is not null
union select 'inspector', r.recorded_by_id from inspection_result r join inspection i on i.id = r.inspection_id
 where i.lot_id in (select lot_id from heritage) and r.recorded_by_id is not null
union select 'operator', done_by_id from human_task
 where lot_id in (select lot_id from heritage) and role = 'operator' and status = 'done' and done_by_id is not null
union select 'operator', p.person_id from operation_person p join operation_run r on r.id = p.operation_run_id
 where r.lot_id in (select lot_id from heritage)
union select 'operator', recorded_by_id from operation_run where lot_id in (select lot_id from heritage)
union select 'operator', person_id from lot_fact
 where lot_id in (select lot_id from heritage) and fact = 'lot.link_corrected' and person_id is not null
""")  # noqa: S608 - our own words


def _facts(lot: Lot) -> Mapping[str, Scalar]:
    return {"lot.kind": lot.kind, "lot.status": lot.status}


def groups(session: Session, lot_id: int) -> Groups:
    """The people who inspected and who made the lot, whom a release excludes.

    They stay behind its goods when these are split off or merged under another number.
    Who measured has inspected, whoever signed the verdict; who packed and labelled has made,
    and so has who corrected what went into it: it is their record that the release would rely on.
    """
    rows = session.connection().execute(BEHIND, {"lot": lot_id}).all()
    return {
        "lot.inspectors": frozenset(str(row.person_id) for row in rows if row.part == "inspector"),
        "lot.operators": frozenset(str(row.person_id) for row in rows if row.part == "operator"),
    }


def _already(session: Session, lot: Lot, fact: str) -> bool:
    if fact == "lot.depleted":
        return lot.status in {LotStatus.RELEASED, LotStatus.CLOSED} and stock.total(session, lot.id) == 0
    if fact == "lot.hold_lifted":
        return lots.open_hold_reason(session, lot.id) is None
    return False


def _stands(session: Session, lot: Lot) -> Any:
    return batch_record.build(session, lot).model_dump(mode="json")


def _told(session: Session, lot_id: int, fact: str, person_id: int | None, data: Mapping[str, Any]) -> None:
    lots.note(session, lot_id, fact, person_id, dict(data))


def _published(session: Session, lot: Lot, fact: str, data: Mapping[str, Any]) -> None:
    lots.publish(session, lot.id, fact, dict(data))


def _sorted_by(session: Session, lot: Lot) -> Mapping[str, str | int | None]:
    return {"supplier": lot.supplier_id, "item_family": session.get_one(Item, lot.item_id).category}


SUBJECT = SubjectKind(
    key="lot",
    title=Text(zh="批次", en="batch"),
    table=Lot,
    column="lot_id",
    number=lambda lot: str(lot.lot_no),
    lock=lots.lock_by_key,
    facts=_facts,
    groups=groups,
    stands=_stands,
    already=_already,
    told=_told,
    published=_published,
    sorted_by=_sorted_by,
    owned_by=("item_family", "supplier", "site"),
)


# What the steps of its life do -------------------------------------------------------------------------------------------


def _check_pack(ctx: Ctx) -> None:
    lots.check_held(ctx.session, ctx.subject, Act.PACKAGE)
    packaging_rules.read(ctx.form, stock.total(ctx.session, ctx.subject.id), ctx.subject.uom)


def _pack(ctx: Ctx) -> Mapping[str, Any]:
    return packaging.pack(ctx.session, ctx.subject, dict(ctx.form), ctx.by, ctx.now)


def _place(ctx: Ctx) -> Location:
    return ctx.once("place", lambda: stock.location(ctx.session, str(ctx.form.get("location") or "")))


def _check_put_away(ctx: Ctx) -> None:
    lots.check_held(ctx.session, ctx.subject, Act.PUT_AWAY)
    places.check_into(ctx.session, _place(ctx), ctx.subject)


def _put_away(ctx: Ctx) -> Mapping[str, Any]:
    place = _place(ctx)
    packing_moves.put_away(ctx.session, ctx.subject, place)
    stock.move_all(ctx.session, ctx.subject, place)
    lots.note(ctx.session, ctx.subject.id, "lot.warehoused", ctx.by.person_id, {"location": place.code})
    return {"location": place.code}


def _close(ctx: Ctx) -> Mapping[str, Any]:
    if ctx.subject.status == LotStatus.RELEASED:
        lots.set_status(ctx.session, ctx.subject, LotStatus.CLOSED)
    lots.note(ctx.session, ctx.subject.id, "lot.closed", ctx.by.person_id)
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
)
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
)
CLOSE = Effect(
    name="lot.close",
    title=Text(zh="关闭批次", en="close the batch"),
    subjects=("lot",),
    do=_close,
    facts=("lot.closed",),
    before=(Before(result="closed"),),
)


def _said(stage: Stage) -> Said:
    if stage.kind is StageKind.END:
        return Said(does=("lot.close",) if stage.result == "closed" else ())
    return {
        "packaging": Said(does=("packaging.reconcile",)),
        "putaway": Said(does=("warehouse.put_away",)),
    }.get(stage.key, Said())


SUBJECTS = (SUBJECT,)
KINDS = (
    Kind(
        family="batch-lifecycle",
        subject="lot",
        prefix="lot",
        workflow="BatchLifecycle",
        rank=4,
        several=False,
        effects=(PACK, PUT_AWAY, CLOSE),
        floor=(check_lifecycle,),
        before=_said,
    ),
)
