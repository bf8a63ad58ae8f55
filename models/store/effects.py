"""What the end of a process or a completed step does to the lot, in the same transaction.

Definitions are data, effects are code: a process owner can move a step, not change what "released" means (DESIGN 2.7).
"""

from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlmodel import Session, col, select

from models.messages.process import By
from models.rules import inspection as inspection_rules
from models.rules import nonconformance as nonconformance_rules
from models.rules.held import Act
from models.rules.lot import LotStatus
from models.rules.nonconformance import Finding
from models.store import holds, lots, nonconformances, packaging, packing_moves, places, stock
from models.store.heritage import HERITAGE
from models.tables.inspections import Characteristic, Inspection, InspectionPlan
from models.tables.lots import Hold, Lot
from models.tables.processes import HumanTask, ProcessRun
from models.tables.production import RoutingStep, WorkOrder

MADE_BY = text(f"""
{HERITAGE}
select w.id from work_order w where w.lot_id in (select lot_id from heritage) order by w.id desc limit 1
""")  # noqa: S608 - our own words
AUTHORISED = text("""
select 1 from signature s join human_task t on t.id = s.task_id
 where s.lot_id = :lot and s.signed_at >= :decided and s.person_id is distinct from :person
   and t.kind = 'sign_off' and btrim(coalesce(t.reason, '')) <> ''
""")
STAGE_OF = {"incoming-inspection": "incoming", "final-inspection": "final"}


def already_true(session: Session, lot: Lot, fact: str) -> bool:
    """Whether the record knows the fact when a wait for it opens."""
    if fact == "lot.depleted":
        return lot.status in {LotStatus.RELEASED, LotStatus.CLOSED} and stock.total(session, lot.id) == 0
    if fact == "lot.hold_lifted":
        return lots.open_hold_reason(session, lot.id) is None
    return False


def last_inspection(session: Session, key: str, lot: Lot) -> Inspection | None:
    """The newest inspection of the lot at this stage, open or decided."""
    return session.exec(
        select(Inspection)
        .where(Inspection.lot_id == lot.id, Inspection.stage == STAGE_OF[key])
        .order_by(col(Inspection.revision).desc())
        .limit(1)
    ).first()


def open_inspection(session: Session, key: str, lot: Lot, now: datetime) -> Inspection:
    """The open inspection of the lot at this stage; a new revision where the last one has its verdict.

    One that was opened without a plan takes the plan that has become effective since; one that has a plan keeps it.
    """
    stage = STAGE_OF[key]
    last = last_inspection(session, key, lot)
    if last is not None and last.status == "open":
        last.plan_id = plan_id(session, last, lot)
        session.add(last)
        return last
    if last is not None and last.origin == "native":
        inspection_rules.check_retest(last.inspection_no, last.status, authorised=_authorised(session, last))
    revision = last.revision + 1 if last else 1
    plan = plan_for(session, lot, stage)
    row = Inspection(
        inspection_no=f"{'IQC' if stage == 'incoming' else 'FQC'}-{lot.lot_no}-{revision}",
        lot_id=lot.id,
        plan_id=plan.id if plan else None,
        stage=stage,
        revision=revision,
        opened_at=now,
    )
    session.add(row)
    session.flush()
    return row


def _authorised(session: Session, failed: Inspection) -> bool:
    """Whether somebody other than its inspector has signed since, with a reason, how the failed batch goes on."""
    given = {"lot": failed.lot_id, "decided": failed.decided_at, "person": failed.decided_by_id}
    return session.connection().execute(AUTHORISED, given).first() is not None


def plan_id(session: Session, row: Inspection, lot: Lot) -> int | None:
    """The plan of an inspection; of an open one without, the plan that it would be done by now."""
    if row.plan_id is None and row.status == "open":
        plan = plan_for(session, lot, row.stage)
        return plan.id if plan else None
    return row.plan_id


def plan_for(session: Session, lot: Lot, stage: str) -> InspectionPlan | None:
    """The effective plan: of the item, else of its kind."""
    return session.exec(
        select(InspectionPlan)
        .where(
            InspectionPlan.stage == stage,
            InspectionPlan.status == "effective",
            (col(InspectionPlan.item_id) == lot.item_id)
            | (col(InspectionPlan.item_id).is_(None) & (col(InspectionPlan.item_kind) == lot.kind)),
        )
        .order_by(col(InspectionPlan.item_id).is_(None), col(InspectionPlan.version).desc())
        .limit(1)
    ).first()


def characteristics(session: Session, plan_id: int | None) -> list[Characteristic]:
    """What a plan measures."""
    if plan_id is None:
        return []
    return list(
        session.exec(
            select(Characteristic).where(Characteristic.plan_id == plan_id).order_by(col(Characteristic.seq))
        ).all()
    )


def inspected(session: Session, key: str, lot: Lot, verdict: str, by: By, now: datetime) -> None:
    """A verdict was signed; a failure opens a nonconformance with an owner, at once (REQUIREMENTS 39)."""
    row = open_inspection(session, key, lot, now)
    row.status = verdict
    row.decided_at = now
    row.decided_by_id = by.person_id
    session.add(row)
    session.flush()
    lots.note(session, lot.id, f"inspection.{verdict}", by.person_id, {"inspection": row.inspection_no})
    if verdict == "failed":
        nonconformances.open_deviation(session, lot, _failed(row), by, now, inspection_id=row.id)
        lots.publish(session, lot.id, "inspection.failed", {"inspection": row.inspection_no, "lot": lot.lot_no})


def _failed(row: Inspection) -> Finding:
    """What a failed inspection is called."""
    return Finding(
        code="INSPECTION",
        about=row.inspection_no,
        zh=f"检验 {row.inspection_no} 不合格",
        en=f"Inspection {row.inspection_no} failed",
        kind="nonconformance",
    )


def ended(session: Session, key: str, row: ProcessRun, lot: Lot, result: str, by: By, now: datetime) -> None:
    """A process ended: the lot moves on."""
    if key == "release" and result != "held":
        # before the state changes: the wall lets nothing held be released
        holds.decided(session, lot.id, row.id, reason=row.workflow_id, person_id=by.person_id)
    match key, result:
        case "incoming-inspection", "accepted":
            _refuse_held(session, lot)
            undecided, against = (
                nonconformances.open_numbers(session, lot.id),
                nonconformances.rejected(session, lot.id),
            )
            nonconformance_rules.check_decided(lot.lot_no, undecided, against)
            lots.set_status(session, lot, LotStatus.RELEASED)
            lots.note(session, lot.id, "lot.released", by.person_id, {"run": row.workflow_id})
        case "final-inspection", "accepted":
            nonconformances.open_found(session, lot, by, now)
            lots.set_status(session, lot, LotStatus.INSPECTED)
        case "release", "released":
            lots.set_status(session, lot, LotStatus.RELEASED)
            lots.note(session, lot.id, "lot.released", by.person_id, {"run": row.workflow_id})
            lots.publish(session, lot.id, "lot.released", {"lot": lot.lot_no})
        case (("incoming-inspection" | "final-inspection" | "release"), "rejected"):
            lots.set_status(session, lot, LotStatus.REJECTED)
            lots.note(session, lot.id, "lot.rejected", by.person_id, {"run": row.workflow_id})
        case "release", "rework":
            lots.set_status(session, lot, LotStatus.IN_PROCESS)
            lots.note(session, lot.id, "lot.rework", by.person_id, {"run": row.workflow_id})
            _reopen_order(session, lot)
        case "release", "held":
            session.add(
                Hold(lot_id=lot.id, reason=row.workflow_id, cause="release", run_id=row.id, placed_by_id=by.person_id)
            )
        case "batch-lifecycle", "closed":
            if lot.status == LotStatus.RELEASED:
                lots.set_status(session, lot, LotStatus.CLOSED)
            lots.note(session, lot.id, "lot.closed", by.person_id)


def _refuse_held(session: Session, lot: Lot) -> None:
    lots.check_held(session, lot, Act.RELEASE)


def completed(
    session: Session, task: HumanTask, lot: Lot, form: dict[str, Any], by: By, now: datetime, *, outcome: str | None
) -> dict[str, Any]:
    """A step of the batch's own life was completed; answers what it did."""
    if task.process != "batch-lifecycle":
        return {"outcome": outcome}
    if task.stage == "packaging":
        lots.check_held(session, lot, Act.PACKAGE)
        return packaging.pack(session, lot, form, by, now)
    if task.stage == "putaway":
        lots.check_held(session, lot, Act.PUT_AWAY)
        place = stock.location(session, str(form["location"]))
        places.check_into(session, place, lot)
        packing_moves.put_away(session, lot, place)
        stock.move_all(session, lot, place)
        lots.note(session, lot.id, "lot.warehoused", by.person_id, {"location": place.code})
        return {"location": place.code}
    return {}


def _reopen_order(session: Session, lot: Lot) -> None:
    """A reworked batch's order takes operations again; the earlier runs stay (STANDARDS N 45)."""
    order = session.exec(select(WorkOrder).where(WorkOrder.lot_id == lot.id)).first()
    if order is None:
        _order_of_a_part(session, lot)
    else:
        order.status, order.finished_at = "open", None
        order.extra = {**order.extra, "cycle": order.extra.get("cycle", 1) + 1}
        session.add(order)


def _order_of_a_part(session: Session, lot: Lot) -> None:
    """A batch that was split from another is reworked under an order of its own, by the routing of that one's."""
    key = session.connection().execute(MADE_BY, {"lot": lot.id}).scalar()
    if key is None:
        return
    whole = session.get_one(WorkOrder, key)
    order = WorkOrder(
        work_order_no=f"RW-{lot.lot_no}",
        item_id=whole.item_id,
        lot_id=lot.id,
        quantity=stock.total(session, lot.id),
        uom=lot.uom,
        document=whole.document,
        document_version=whole.document_version,
        location_id=whole.location_id,
        extra={"bill": whole.extra["bill"]} if "bill" in whole.extra else {},
    )
    session.add(order)
    session.flush()
    for step in session.exec(select(RoutingStep).where(RoutingStep.work_order_id == whole.id)).all():
        given = step.model_dump(exclude={"id", "work_order_id"})
        session.add(RoutingStep(work_order_id=order.id, **given))
