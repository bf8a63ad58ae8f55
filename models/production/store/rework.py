"""A batch is made again: its order takes operations once more (STANDARDS N 45)."""

from sqlalchemy import text
from sqlmodel import Session, select

from models.genealogy.store.earlier_numbers import HERITAGE
from models.lot.store import lots
from models.lot.tables import Lot
from models.order.tables import RoutingStep, WorkOrder

MADE_BY = text(f"""
{HERITAGE}
select w.id from work_order w where w.lot_id in (select lot_id from heritage) order by w.id desc limit 1
""")  # noqa: S608 - our own words


def reopen_order(session: Session, lot: Lot) -> None:
    """A reworked batch's order takes operations again; the earlier runs stay."""
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
        quantity=lots.total(session, lot.id),
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
