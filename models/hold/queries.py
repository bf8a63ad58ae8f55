"""Which batch a hold is on, for pages that know only the hold."""

from uuid import UUID

from sqlalchemy import Engine, text

from models.hold.rules import UNKNOWN
from models.kernel.store.act import reading


def lot_of_hold(engine: Engine, hold_id: UUID) -> str:
    """The batch that a hold is on; HLD-003 when there is no such hold."""
    with reading(engine) as session:
        query = text("select l.lot_no from hold h join lot l on l.id = h.lot_id where h.public_id = :id")
        found = session.connection().execute(query, {"id": hold_id}).scalar_one_or_none()
    if found is None:
        raise UNKNOWN()
    return str(found)
