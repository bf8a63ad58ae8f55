"""A lot joins the series of its item and supplier in the transaction that signs its incoming inspection, and switches how strictly the next is inspected."""

from collections.abc import Mapping
from datetime import datetime
from itertools import takewhile

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, select

from models.definition.condition import Scalar
from models.inspection.tables import Inspection
from models.item.tables import Item
from models.lot.tables import Lot
from models.partner.tables import Supplier
from models.process.fact import tell as facts
from models.process.messages.process import By
from models.supplier.rules import switching
from models.supplier.rules.switching import Severity
from models.supplier.tables import SamplingLot, SamplingSeverity

SWITCHED = "supplier.sampling_switched"
NEWEST = text("""
select s.seq, s.accepted, s.severity, s.then_severity, l.lot_no from sampling_lot s join lot l on l.id = s.lot_id
 where s.severity_id = :id order by s.seq desc limit :n
""")


def lock(session: Session, supplier: int, item: int) -> SamplingSeverity:
    """The row of an item from a supplier, locked; the first lot of it makes it."""
    query = select(SamplingSeverity).where(SamplingSeverity.supplier_id == supplier, SamplingSeverity.item_id == item)
    locked = query.with_for_update(key_share=True).execution_options(populate_existing=True)
    known = session.exec(locked).first()
    if known is None:
        session.execute(insert(SamplingSeverity).values(supplier_id=supplier, item_id=item).on_conflict_do_nothing())
        known = session.exec(locked).one()
    return known


def hear(session: Session, lot: Lot, said: Mapping[str, Scalar], by: By, now: datetime) -> None:
    """An inspection of a lot was decided: where it is the first of what came from a supplier, the lot counts (STANDARDS Q 88).

    Two lots at once wait for each other at the row of their item and supplier, so that each counts after the other.
    """
    if said["stage"] != "incoming" or lot.supplier_id is None:
        return
    inspection = session.exec(select(Inspection).where(Inspection.inspection_no == said["inspection"])).one()
    if inspection.revision != 1:
        return
    row = lock(session, lot.supplier_id, lot.item_id)
    newest = session.connection().execute(NEWEST, {"id": row.id, "n": switching.WITHIN}).all()
    before, accepted = Severity(row.severity), inspection.status == "accepted"
    since = [*takewhile(lambda one: one.severity == one.then_severity == before, newest)]
    # the lot that switched was inspected by what was so before it
    run = [*reversed([one.accepted for one in since]), accepted]
    then = switching.after(before, run)
    session.add(
        SamplingLot(
            severity_id=row.id,
            seq=1 + (newest[0].seq if newest else 0),
            lot_id=lot.id,
            inspection_id=inspection.id,
            accepted=accepted,
            severity=before.value,
            then_severity=then.value,
            judged_at=now,
        )
    )
    session.flush()
    if then is not before:
        row.severity, row.since = then.value, now
        session.add(row)
        session.flush()
        told = {
            "supplier": session.get_one(Supplier, row.supplier_id).supplier_no,
            "item": session.get_one(Item, row.item_id).item_no,
            "severity": then.value,
            "lot": lot.lot_no,
        }
        facts.tell(session, lot, SWITCHED, by, now, told, once=lot.lot_no, held=True)
