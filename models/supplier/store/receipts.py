"""Whether the list covers a lot that arrives: judged in the transaction of its receipt, and held there where it doesn't (STANDARDS Q 87)."""

from collections.abc import Collection
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session, col, select

from models.hold.store import holds
from models.hold.tables import Hold
from models.item.tables import Item
from models.kernel.text import Text
from models.kernel.time.moments import plant_day
from models.lot.rules.open_hold import APART
from models.lot.store import lots
from models.lot.tables import Lot
from models.partner.tables import Supplier
from models.process.fact import tell as facts
from models.process.messages.process import By
from models.supplier.rules import approval as rules
from models.supplier.rules.approval import Arrived, Condition, Found, Judgement, Listed, Terms, Waiting
from models.supplier.tables import SupplierApproval, SupplierReceipt

QUARANTINED = "supplier.quarantined"
OF_ITEM = text("select exists (select from supplier_approval a where a.item_id = :item)")
TAKEN = text("select a.id, approval_taken(a) as n from supplier_approval a where a.id = any(cast(:ids as bigint[]))")
WAITING = text("""
select h.id as hold, h.lot_id, l.lot_no, r.finding, r.revision, coalesce(r.certificate_no, '') as certificate
  from lot l join supplier_receipt r on r.lot_id = l.id join hold h on h.id = r.hold_id
 where l.supplier_id = :supplier and l.item_id = :item and h.lifted_at is null order by r.id
""")
BELOW = text("""
select h.id from hold h
 where h.lot_id = any(cast(:lots as bigint[])) and h.cause = :cause and h.lifted_at is null
   and h.reason in (select k.reason from hold k where k.id = any(cast(:holds as bigint[])))
   and not exists (select from supplier_receipt r where r.hold_id = h.id)
   and not exists (select from hold k join supplier_receipt r on r.hold_id = k.id
                    where k.lot_id = any(lots_above(array[h.lot_id])) and k.reason = h.reason and k.lifted_at is null)
""")


def judge(
    session: Session, item: Item, supplier: Supplier | None, now: datetime, *, revision: str, certificate: str
) -> Judgement:
    """What the list says of it.  The entries are locked: who approves, refuses or uses up one at this instant comes before or after."""
    rows = _entries(session, supplier.id, item.id) if supplier is not None else []
    arrived = Arrived(
        item=item.item_no,
        supplier=_named(supplier),
        revision=revision.strip(),
        certificate=certificate,
        controlled=bool(session.connection().execute(OF_ITEM, {"item": item.id}).scalar()),
    )
    return rules.judge(arrived, rows, plant_day(now, lots.site_zone(session)))


def _named(supplier: Supplier | None) -> Text:
    if supplier is None:
        return Text("", "")
    number = supplier.supplier_no
    return Text(f"{supplier.name} {number}", f"{supplier.name_en or supplier.name} {number}")


def keep(
    session: Session, lot: Lot, judged: Judgement, by: By, now: datetime, *, revision: str, certificate: str
) -> None:
    """Write down what the list said of it; what isn't covered is held, and that is told."""
    hold = None
    if not judged.free:
        reason = f"{judged.said.zh}\n{judged.said.en}"  # pages show the line of their language
        placed = holds.place(session, [lot.id], reason=reason, cause=APART, person_id=by.person_id, now=now)
        hold = session.exec(select(Hold.id).where(Hold.public_id == UUID(placed.holds[lot.id]))).one()
    session.add(
        SupplierReceipt(
            lot_id=lot.id,
            approval_id=judged.entry.key if judged.entry else None,
            finding=judged.found.value,
            revision=revision.strip(),
            certificate_no=certificate.strip() or None,
            terms_at=judged.entry.terms_at if judged.entry else None,
            hold_id=hold,
            judged_at=now,
        )
    )
    session.flush()
    if not judged.free:
        facts.tell(session, lot, QUARANTINED, by, now, {"found": judged.found.value}, once=lot.lot_no, held=True)


def _entries(session: Session, supplier: int, item: int) -> list[Listed]:
    query = (
        select(SupplierApproval)
        .where(SupplierApproval.supplier_id == supplier, SupplierApproval.item_id == item)
        .order_by(col(SupplierApproval.id))
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    rows = session.exec(query).all()
    limited = [one.id for one in rows if one.condition == Condition.LOTS]
    taken = session.connection().execute(TAKEN, {"ids": limited}).all() if limited else ()
    came = {one.id: one.n for one in taken}
    return [
        Listed(
            key=one.id,
            number=one.approval_no,
            status=one.status,
            revision=one.revision,
            condition=Condition(one.condition),
            most_lots=one.most_lots,
            condition_text=one.condition_text or "",
            expires_on=one.expires_on,
            received=came.get(one.id, 0),
            terms_at=one.approved_at,
        )
        for one in rows
    ]


def made_good(session: Session, row: SupplierApproval, terms: Terms, today: date) -> tuple[Waiting, ...]:
    """The lots that the receipts of this supplier and item hold and that these terms cover, as far as anybody can tell now."""
    entry = Listed(
        key=row.id,
        number=row.approval_no,
        status="approved",
        revision=row.revision,
        condition=terms.condition,
        most_lots=terms.most_lots,
        expires_on=terms.expires_on,
    )
    found = session.connection().execute(WAITING, {"supplier": row.supplier_id, "item": row.item_id})
    waiting = [
        Waiting(
            hold=one.hold,
            lot=one.lot_id,
            lot_no=one.lot_no,
            found=Found(one.finding),
            revision=one.revision,
            certificate=one.certificate,
        )
        for one in found
    ]
    return rules.made_good(entry, waiting, today)


def _lift(session: Session, ids: Collection[int], given: dict[str, Any]) -> frozenset[int]:
    return holds.lift_some(session, ids, **given) if ids else frozenset()


def let_go(
    session: Session, row: SupplierApproval, good: Collection[Waiting], run: int, signature: int, by: By, now: datetime
) -> dict[str, Any]:
    """What the approval covers is held by its receipt no longer, nor what was split off it meanwhile; what somebody else holds stays held."""
    if not good:
        return {}
    reason = rules.let_go(row.approval_no)
    given: dict[str, Any] = {"reason": f"{reason.zh}\n{reason.en}", "run_id": run, "signature_id": signature}
    given |= {"person_id": by.person_id, "now": now}
    known = holds.with_parts(session, [one.lot for one in good])
    own = [one.hold for one in good]
    lifted = _lift(session, own, given)
    below = session.connection().execute(BELOW, {"lots": sorted(known), "holds": own, "cause": APART}).scalars().all()
    lifted |= _lift(session, below, given)
    return {"let_go": len(lifted), "free": len(holds.tell_free(session, lifted, by, now))}
