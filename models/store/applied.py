"""Exactly once: an activity that took effect answers a retry with its first receipt (DESIGN 7.5)."""

from sqlmodel import Session, select

from models.messages.process import Receipt
from models.store import runs
from models.tables.evidence import Applied


def earlier(session: Session, activity_key: str) -> Receipt | None:
    """The receipt of an activity that has been applied; its run as it stands now, for it may have gone on since."""
    row = session.exec(select(Applied).where(Applied.activity_key == activity_key)).first()
    if row is None:
        return None
    receipt = Receipt.model_validate(row.receipt)
    if receipt.run is None:
        return receipt
    text = receipt.run.definition is not None
    return receipt.model_copy(update={"run": runs.view(session, runs.load(session, receipt.run.run_id), text=text)})


def remember(session: Session, activity_key: str, receipt: Receipt) -> None:
    """Write the receipt down, in the transaction of its effect."""
    session.add(Applied(activity_key=activity_key, receipt=receipt.model_dump(mode="json")))
    session.flush()
