"""From what was scanned into a line of a form to our batch number: a UDI, a supplier's label, blanks and dashes."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Row, text
from sqlmodel import Session

from models.rules.refusals import Refusal
from models.rules.resolve import HitKind, Match
from models.store import resolve

KNOWN = text("select l.lot_no from lot l where l.lot_no = any(cast(:numbers as text[]))")
NUMBERS = text("select l.lot_no from lot l where l.id = any(cast(:ids as bigint[]))")
LEADING = {HitKind.LOT, HitKind.SUPPLIER_LOT, HitKind.SERIAL_UNIT}


def lot_numbers(session: Session, typed: Iterable[str]) -> dict[str, str]:
    """What each text means, where it means exactly one batch; the others stay as they are and the rule names them."""
    texts = sorted({one for one in typed if one})
    if not texts:
        return {}
    known = {row.lot_no for row in session.connection().execute(KNOWN, {"numbers": texts})}
    meaning = {one: one for one in texts}
    for one in texts:
        if one not in known:
            meaning[one] = _one_lot(session, one) or one
    return meaning


def _one_lot(session: Session, typed: str) -> str | None:
    try:
        found = resolve.look(session, typed)
    except Refusal:
        return None
    hits = [hit for hit in found.hits if hit.kind in LEADING and hit.match is not Match.GUESS]
    ids = frozenset[int]().union(*resolve.lots_of(session, hits).values())
    if len(ids) != 1:
        return None
    return str(session.connection().execute(NUMBERS, {"ids": list(ids)}).scalar_one())


STATES = text("""
select l.public_id::text as key, l.lot_no, i.name as item, l.status, l.expires_on, l.expiry_precision,
       exists (select from hold h where h.lot_id = l.id and h.lifted_at is null) as held
  from lot l join item i on i.id = l.item_id where l.public_id = any(cast(:keys as uuid[]))
""")


def states(session: Session, keys: Iterable[str]) -> dict[str, Row[Any]]:
    """How the batches among the hits stand, by public id."""
    wanted = list(keys)
    if not wanted:
        return {}
    return {row.key: row for row in session.connection().execute(STATES, {"keys": wanted})}
