"""An entry of the list: asked for, approved, refused, assessed again; each in the transaction of an act."""

from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlmodel import Session, func, select

from models.item.tables import Item
from models.kernel.tables import Outbox
from models.partner.tables import Supplier
from models.process import numbering
from models.process.fact import tell as facts
from models.process.messages.process import By
from models.process.store import runs
from models.process.tables.process import ProcessRun
from models.supplier.rules import approval as rules
from models.supplier.rules.approval import Terms
from models.supplier.tables import SupplierApproval

NUMBERED = "supplier_approval"
ASKED, DUE, APPROVED, REFUSED = (
    "supplier.assessment_asked",
    "supplier.assessment_due",
    "supplier.approved",
    "supplier.refused",
)
HISTORY = text("""
select count(*) as lots, count(*) filter (where exists (
         select from inspection n where n.lot_id = l.id and n.stage = 'incoming' and n.status = 'failed')) as failed
  from lot l where l.supplier_id = :supplier and l.item_id = :item and l.kind in ('raw', 'component')
""")
CARRY_OVER = text("select carry_over_suppliers('migrated')")


def lock(session: Session, key: int) -> SupplierApproval:
    """The row of a subject, locked against everybody else."""
    query = select(SupplierApproval).where(SupplierApproval.subject_id == key)
    return session.exec(query.with_for_update(key_share=True).execution_options(populate_existing=True)).one()


def locked(session: Session, supplier: int, item: int, revision: str) -> SupplierApproval | None:
    """The entry for these, locked; the supplier is locked first, so that nobody makes the same one meanwhile."""
    session.exec(select(Supplier.id).where(Supplier.id == supplier).with_for_update(key_share=True)).one()
    query = select(SupplierApproval).where(
        SupplierApproval.supplier_id == supplier,
        SupplierApproval.item_id == item,
        func.lower(SupplierApproval.revision) == func.lower(revision),
    )
    return session.exec(query.with_for_update(key_share=True).execution_options(populate_existing=True)).first()


def ask(
    session: Session, supplier: Supplier, item: Item, revision: str, reason: str, by: By, now: datetime
) -> SupplierApproval:
    """Begin an assessment: of a new entry, of one that nobody assesses, or at once of one that waits for its day."""
    row = locked(session, supplier.id, item.id, revision)
    if row is None:
        row = SupplierApproval(
            approval_no=f"SA-{numbering.take(session, NUMBERED):05d}",
            supplier_id=supplier.id,
            item_id=item.id,
            revision=revision,
            reason=reason,
            round_at=now,
            asked_by_id=by.person_id,
            opened_at=now,
        )
        session.add(row)
        session.flush()
        session.refresh(row)
        _begin(session, row, by, now)
        return row
    running = session.exec(
        select(ProcessRun.id).where(ProcessRun.subject_id == row.subject_id, ProcessRun.status == "running")
    ).first()
    again(session, row, reason, by, now)
    if running is None:
        _begin(session, row, by, now)
        return row
    if not _tell(session, row, ASKED, by, now).moved:
        raise rules.UNDER_WAY(number=row.approval_no)
    return row


def _begin(session: Session, row: SupplierApproval, by: By, now: datetime) -> None:
    run = runs.begin(session, rules.PROCESS, row, by, now)
    session.add(Outbox(fact="process.begun", payload={"run": run.row.id}))
    _tell(session, row, ASKED, by, now)


def again(session: Session, row: SupplierApproval, reason: str, by: By, now: datetime) -> None:
    """Another round begins: what was approved stays in force meanwhile."""
    row.round += 1
    row.round_at, row.reason, row.asked_by_id = now, reason, by.person_id or None
    session.add(row)
    session.flush()


def history(session: Session, row: SupplierApproval) -> dict[str, int]:
    """How many lots of the item have come from the supplier, and how many of them failed an incoming inspection."""
    found = session.connection().execute(HISTORY, {"supplier": row.supplier_id, "item": row.item_id}).one()
    return {"supplier.lots": found.lots, "supplier.failed": found.failed}


def approve(session: Session, row: SupplierApproval, terms: Terms, run: int, by: By, now: datetime) -> dict[str, Any]:
    """In force from now on, on these terms."""
    row.status, row.refused_at = "approved", None
    row.approved_at, row.approved_by_id = now, by.person_id
    row.expires_on, row.reassess_on = terms.expires_on, terms.reassess_on
    row.condition, row.most_lots = terms.condition.value, terms.most_lots
    row.condition_text = terms.condition_text.strip() or None
    session.add(row)
    session.flush()
    _tell(session, row, APPROVED, by, now, run=run)
    return {"number": row.approval_no, "expires_on": row.expires_on.isoformat()}


def refuse(session: Session, row: SupplierApproval, run: int, by: By, now: datetime) -> dict[str, Any]:
    """Not approved, or not any more: what comes from now on is held."""
    row.status, row.refused_at = "refused", now
    session.add(row)
    session.flush()
    _tell(session, row, REFUSED, by, now, run=run)
    return {"number": row.approval_no}


def due(session: Session, row: SupplierApproval, run: int, by: By, now: datetime) -> dict[str, Any]:
    """The day has come on which it is assessed again; where somebody has asked for it earlier, that round has begun."""
    if row.status == "approved" and (row.approved_at or row.opened_at) >= row.round_at:
        again(session, row, rules.ON_ITS_DAY, by, now)
        _tell(session, row, DUE, by, now, run=run)
    return {"number": row.approval_no, "round": row.round}


def _tell(
    session: Session, row: SupplierApproval, name: str, by: By, now: datetime, *, run: int | None = None
) -> facts.Told:
    supplier, item = session.get_one(Supplier, row.supplier_id), session.get_one(Item, row.item_id)
    said = {"number": row.approval_no, "supplier": supplier.supplier_no, "item": item.item_no}
    return facts.tell(session, row, name, by, now, said, run=run, held=True)


def carry_over(session: Session) -> int:
    """Whom an import says that the plant has relied on is on the list, without an end; answers how many entries that made."""
    return int(session.connection().execute(CARRY_OVER).scalar_one())
