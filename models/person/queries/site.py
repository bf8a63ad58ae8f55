"""The plant's name, as it stands on every page and paper."""

from sqlmodel import Session, col, func, select

from models.person.tables import Site


def site_name(session: Session) -> str:
    """The name of the first site in the reader's language; nothing before the plant was founded."""
    return session.exec(select(func.said(Site.name, Site.name_en)).order_by(col(Site.id)).limit(1)).first() or ""


def site_names(session: Session) -> tuple[str, str]:
    """Its name as the plant writes it and in English, for letters that say both."""
    row = session.exec(select(Site.name, Site.name_en).order_by(col(Site.id)).limit(1)).first()
    return (row[0], row[1] or "") if row else ("", "")


def site_language(session: Session) -> str | None:
    """The language of the first site; nothing before the plant was founded, and an empty one where none was said."""
    row = session.exec(select(Site.language).order_by(col(Site.id)).limit(1)).all()
    return (row[0] or "") if row else None
