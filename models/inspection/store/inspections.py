"""Inspections of a lot in the record: which is open, by which plan, what was measured, and its verdict."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import text
from sqlmodel import Session, col, select

from models.inspection.rules import inspection as inspection_rules
from models.inspection.tables import Characteristic, Inspection, InspectionPlan
from models.item.tables import Item
from models.lot.store import lots
from models.lot.tables import Lot
from models.nonconformance import store as nonconformances
from models.nonconformance.rules import Finding
from models.process.messages.process import By

AUTHORISED = text("""
select 1 from signature s join human_task t on t.id = s.task_id
 where s.lot_id = :lot and s.signed_at >= :decided and s.person_id is distinct from :person
   and t.kind = 'sign_off' and btrim(coalesce(t.reason, '')) <> ''
""")
STAGE_OF = {"incoming-inspection": "incoming", "final-inspection": "final"}
"""Which inspection a family of definitions is."""
PLANS = "inspection plans met"
"""Where a session keeps the plans of the inspections that it has read, with what they measure: no plan in use changes."""


def last_inspection(session: Session, key: str, lot: Lot) -> Inspection | None:
    """The newest inspection of the lot at this stage, open or decided; its plan, what that measures and the lot's item come along."""
    newest = (
        select(Inspection.id)
        .where(Inspection.lot_id == lot.id, Inspection.stage == STAGE_OF[key])
        .order_by(col(Inspection.revision).desc())
        .limit(1)
        .scalar_subquery()
    )
    rows: Sequence[tuple[Inspection, InspectionPlan | None, Characteristic | None, Item]] = session.exec(
        select(Inspection, InspectionPlan, Characteristic, Item)
        .select_from(Inspection)
        .join(Item, col(Item.id) == lot.item_id)
        .join(InspectionPlan, col(InspectionPlan.id) == col(Inspection.plan_id), isouter=True)
        .join(Characteristic, col(Characteristic.plan_id) == col(InspectionPlan.id), isouter=True)
        .where(col(Inspection.id) == newest)
        .order_by(col(Characteristic.seq))
    ).all()
    for _, plan, _, item in rows[:1]:
        lots.met(session, item)
        if plan is not None:
            session.info.setdefault(PLANS, {})[plan.id] = (plan, [one for _, _, one, _ in rows if one is not None])
    return rows[0][0] if rows else None


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
    if plan_id in (known := session.info.get(PLANS, {})):
        measures: list[Characteristic] = known[plan_id][1]
        return measures
    return list(
        session.exec(
            select(Characteristic).where(Characteristic.plan_id == plan_id).order_by(col(Characteristic.seq))
        ).all()
    )


def decided(session: Session, row: Inspection, lot: Lot, verdict: str, by: By, now: datetime) -> None:
    """A verdict was signed; a failure opens a nonconformance with an owner, at once (REQUIREMENTS 39)."""
    row.status = verdict
    row.decided_at = now
    row.decided_by_id = by.person_id
    session.add(row)
    session.flush()
    lots.note(session, lot.id, f"inspection.{verdict}", by.person_id, {"inspection": row.inspection_no})
    if verdict == "failed":
        nonconformances.open_deviation(session, lot, _failed(row), by, now, inspection_id=row.id, source="inspection")
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
