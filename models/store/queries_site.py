"""The plant's name, as it stands on every page and paper."""

from sqlmodel import Session, col, select

from models.tables.people import Site


def site_name(session: Session) -> str:
    """The name of the first site; nothing before the plant was founded."""
    return session.exec(select(Site.name).order_by(col(Site.id)).limit(1)).first() or ""


def site_language(session: Session) -> str | None:
    """The language of the first site; nothing before the plant was founded, and an empty one where none was said."""
    row = session.exec(select(Site.language).order_by(col(Site.id)).limit(1)).all()
    return (row[0] or "") if row else None
