"""Bookkeeping that nobody can ask for any more: what goes and when is decided by the database (`sql/bookkeeping.sql`)."""

from sqlalchemy import text
from sqlmodel import Session

MOST = 10_000
FORGET = text("select what, forgotten from forget_bookkeeping(:most)")


def forget(session: Session, most: int = MOST) -> dict[str, int]:
    """Let up to `most` rows of each table go; answers how many went, by table."""
    return {row.what: row.forgotten for row in session.connection().execute(FORGET, {"most": most})}
