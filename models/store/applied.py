"""Exactly once: an activity that took effect answers a retry with its first receipt (DESIGN 7.5)."""

from sqlmodel import Session, select

from models.messages.process import Receipt
from models.tables.evidence import Applied


def earlier(session: Session, activity_key: str) -> Receipt | None:
    """The receipt of an activity that has been applied."""
    row = session.exec(select(Applied).where(Applied.activity_key == activity_key)).first()
    return None if row is None else Receipt.model_validate(row.receipt)


def remember(session: Session, activity_key: str, receipt: Receipt) -> None:
    """Write the receipt down, in the transaction of its effect."""
    session.add(Applied(activity_key=activity_key, receipt=receipt.model_dump(mode="json")))
    session.flush()
