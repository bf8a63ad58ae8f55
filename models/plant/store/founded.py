"""Whether there is a plant: asked by every start, which has no need of what founding one needs."""

from sqlalchemy import text
from sqlmodel import Session

FOUNDED = text("select exists (select from site)")


def founded(session: Session) -> bool:
    """Whether there is a plant."""
    return bool(session.connection().execute(FOUNDED).scalar())
