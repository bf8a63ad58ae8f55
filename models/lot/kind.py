"""A batch as a subject of processes, and the family that follows its life (REQUIREMENTS 1-3, 9)."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import text
from sqlmodel import Session

from models.definition.condition import Scalar
from models.definition.document import FieldType, Stage, StageKind, Text
from models.genealogy.store.earlier_numbers import HERITAGE
from models.item.tables import Item
from models.lot.floor import check_lifecycle
from models.lot.rules.lot import LotStatus
from models.lot.store import lots, open_holds, open_locks
from models.lot.tables import LOTS, Lot
from models.process.context import Ctx
from models.process.kind import Before, Effect, FactKind, Kind, Said, SignedAs
from models.process.subject import Groups, Source, SubjectKind

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
        return lot.status in {LotStatus.RELEASED, LotStatus.CLOSED} and lots.total(session, lot.id) == 0
    if fact == "lot.hold_lifted":
        return open_holds.open_hold_reason(session, lot.id) is None
    return False


def _told(session: Session, lot_id: int, fact: str, person_id: int | None, data: Mapping[str, Any]) -> None:
    lots.note(session, lot_id, fact, person_id, dict(data))


def _published(session: Session, lot: Lot, fact: str, data: Mapping[str, Any]) -> None:
    lots.publish(session, lot.id, fact, dict(data))


def _sorted_by(session: Session, lot: Lot) -> Mapping[str, str | int | None]:
    return {"supplier": lot.supplier_id, "item_family": session.get_one(Item, lot.item_id).category}


OF_GOODS = SignedAs(step="task", verdict="inspection", fate="disposition")
"""What signatures are about where goods are decided on, for kinds that have no name of their own for theirs (21 CFR 11.50, 11.70)."""
SHOWN = """
select l.status, exists (select from hold h where h.lot_id = l.id and h.lifted_at is null), i.item_no, l.quantity, l.uom,
       l.supplier_lot_no, l.expires_on, l.expiry_precision, null, l.lot_no
  from lot l join item i on i.id = l.item_id where about.kind = 'lot' and l.subject_id = about.id
"""
"""What the inbox shows of a batch; `held` is its state now."""
SUBJECT = SubjectKind(
    key="lot",
    title=Text(zh="批次", en="batch"),
    table=Lot,
    column="lot_id",
    number=lambda lot: str(lot.lot_no),
    lock=lots.lock_by_key,
    facts=_facts,
    known=("lot.kind", "lot.status"),
    groups=groups,
    already=_already,
    told=_told,
    published=_published,
    sorted_by=_sorted_by,
    owned_by=("item_family", "supplier", "site"),
    shown=SHOWN,
    barred=open_locks.check_step,
)


# What the steps of its life do -------------------------------------------------------------------------------------------


def _close(ctx: Ctx) -> Mapping[str, Any]:
    if ctx.subject.status == LotStatus.RELEASED:
        lots.set_status(ctx.session, ctx.subject, LotStatus.CLOSED)
    lots.note(ctx.session, ctx.subject.id, "lot.closed", ctx.by.person_id)
    return {}


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


FACTS = (
    FactKind(
        "production.finished",
        Text(zh="生产完成", en="production is finished"),
        ("lot",),
        {"produced": FieldType.DECIMAL},
        {"produced": Text(zh="产出数量", en="quantity made")},
    ),
    FactKind("lot.released", Text(zh="批次放行", en="the batch is released"), ("lot",)),
    FactKind("lot.rejected", Text(zh="批次拒收", en="the batch is rejected"), ("lot",)),
    FactKind("lot.depleted", Text(zh="批次用完", en="nothing of the batch is left"), ("lot",)),
    FactKind("lot.hold_lifted", Text(zh="批次解冻", en="the batch is free of holds"), ("lot",)),
)
SUBJECTS = (SUBJECT,)
SOURCES = (Source("lot", LOTS, "lot join item on item.id = lot.item_id", "lot.lot_no", "item.name", "item.name_en"),)
KINDS = (
    Kind(
        family="batch-lifecycle",
        subject="lot",
        prefix="lot",
        workflow="BatchLifecycle",
        rank=4,
        signed_as=OF_GOODS,
        several=False,
        effects=(CLOSE,),
        floor=(check_lifecycle,),
        before=_said,
    ),
)
