"""What is proposed to be rejected stays until somebody has decided (ISO 13485 8.3.1, 8.3.2; REQUIREMENTS 6).

The rest of the batch may go; which pieces the proposal means is told by its quantity, and by their numbers where they have any.
"""

import json
from collections.abc import Iterable
from decimal import Decimal

from sqlalchemy import text
from sqlmodel import Session

from models.identifier.rules.identity import identity_key
from models.lot.store import lots
from models.lot.tables import Lot
from models.stock import rules as stock_rules

OPEN = text("""
select (p.state -> 'facts' ->> 'disposition.rejected')::numeric as quantity,
       coalesce(p.state -> 'facts' ->> 'disposition.serials', '[]') as serials
  from process_run p where p.lot_id = :lot and p.status = 'running' and p.state -> 'facts' ? 'disposition.rejected'
""")


def check_left(session: Session, lot: Lot, leaving: Decimal, serials: Iterable[str | None] = ()) -> None:
    """RSH-018 where so much, or one of these pieces, can't leave the batch before the proposal is decided."""
    row = session.connection().execute(OPEN, {"lot": lot.id}).first()
    if row is None:
        return
    named = {identity_key(one) for one in json.loads(row.serials)}
    found = next((one for one in serials if one and identity_key(one) in named), None)
    stock_rules.check_proposed(lot.lot_no, lot.uom, row.quantity, lots.total(session, lot.id), leaving, found)
