"""Stock itself is dealt with: pieces get their serial numbers (REQUIREMENTS 18)."""

from datetime import datetime

from sqlmodel import Session

from models.messages.process import Receipt
from models.messages.stock import RegisterSerials
from models.rules import serials as rules
from models.store import lots, serials


def register(session: Session, command: RegisterSerials, now: datetime) -> Receipt:
    """Give pieces of a lot their numbers, all or none."""
    named = [one.strip() for one in command.serials]
    lot = lots.lock(session, [command.lot_no])[command.lot_no]
    rules.check_register(serials.numbered(session, lot), named)
    serials.register(session, lot, named)
    told = named[0] if len(named) == 1 else f"{named[0]} … {named[-1]} ({len(named)})"
    lots.note(session, lot.id, "lot.serials_registered", command.by.person_id, {"serials": told})
    data = {"lot_no": lot.lot_no, "count": len(named), "serials": named}
    return Receipt(act="register_serials", at=now, data=data)
