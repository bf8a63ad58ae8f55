"""The newest facts of a batch for its page; a hub has tens of thousands, and the newest matter."""

from sqlalchemy import text
from sqlmodel import Session

from models.lot.queries.views import TimelineEntry
from models.lot.store.timeline import HAPPENED

NEWEST = text(f"""
select f.id, f.fact, f.at, said(p.name, p.name_en) as who, f.data
  from {HAPPENED} f join lot l on l.id = f.lot_id left join person p on p.id = f.person_id
 where l.lot_no = :lot order by f.at desc, f.id desc limit :n
""")  # noqa: S608 - our own words


def newest_facts(session: Session, lot_no: str, limit: int) -> tuple[TimelineEntry, ...]:
    """Newest first; one more than asked for says that there are more."""
    rows = session.connection().execute(NEWEST, {"lot": lot_no, "n": limit}).all()
    return tuple(TimelineEntry(**row._mapping) for row in rows)  # noqa: SLF001 - SQLAlchemy's public name
