"""From what was scanned into a line of a form to our batch number: a UDI, a supplier's label, blanks and dashes.

What is only near is never taken for it, here as little as in a request of the API.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Row, text
from sqlmodel import Session

from models.identifier.rules.scanned_field import seen
from models.kernel.refusal import Refusal
from models.resolve.rules import HitKind, Match
from models.resolve.store import resolve

KNOWN = text("select l.lot_no from lot l where l.lot_no = any(cast(:numbers as text[]))")
NUMBERS = text("select l.lot_no from lot l where l.id = any(cast(:ids as bigint[]))")
FINDINGS = text("""
select n.public_id::text as key, n.title_en from nonconformance n
 where n.public_id = any(cast(:keys as uuid[])) and n.title_en is not null
""")
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


def things(session: Session, lines: Sequence[tuple[str, str]]) -> list[dict[str, Any]]:
    """What goes into a case or comes out: with a quantity a batch, without one a serial unit or a smaller unit.

    What means nothing stays as it was scanned, for the rule to name it.
    """
    meaning = lot_numbers(session, (typed for typed, quantity in lines if quantity))
    return [
        {"lot_no": meaning.get(typed, typed), "quantity": quantity, **_label(typed)}
        if quantity
        else _one_thing(session, typed) | _label(typed)
        for typed, quantity in lines
    ]


def goods(session: Session, lines: Sequence[dict[str, str]]) -> list[dict[str, Any]]:
    """What each line of a shipment or a consumption means: a scanned serial number is one piece, named by it."""
    meaning = lot_numbers(session, (line.get("lot", "") for line in lines))
    found = []
    for line in lines:
        typed = line.get("lot", "")
        thing = _one_thing(session, typed) if line.get("quantity", "1") == "1" else {}
        serial = thing.get("serial_no")
        piece = {"quantity": "1", "serials": [serial]} if serial else {}
        found.append({"lot_no": meaning.get(typed, ""), **piece, **_label(typed)})
    return found


def _label(typed: str) -> dict[str, Any]:
    """The label itself, to be compared with the record by the act."""
    return {"labels": [typed]} if typed and seen(typed) is not None else {}


def unit_label(typed: str) -> bool:
    """Whether the label of a case or pallet was scanned, with its SSCC."""
    scan = seen(typed)
    return scan is not None and scan.sscc is not None


def unit_numbers(session: Session, typed: Iterable[str]) -> dict[str, str]:
    """Which of these texts are the label of a case or pallet, and its number."""
    found = {one: _one_thing(session, one).get("unit_no") for one in sorted({one for one in typed if one})}
    return {one: number for one, number in found.items() if number is not None}


def _one_thing(session: Session, typed: str) -> dict[str, Any]:
    try:
        found = resolve.look(session, typed)
    except Refusal:
        return {"lot_no": typed}
    hits = [hit for hit in found.hits if hit.match is Match.EXACT]
    units = [hit for hit in hits if hit.kind is HitKind.LOGISTIC_UNIT]
    serials = [hit for hit in hits if hit.kind is HitKind.SERIAL_UNIT]
    lots = [hit for hit in hits if hit.kind is HitKind.LOT]
    if len(units) == 1:
        return {"unit_no": units[0].number}
    if len(serials) == 1:
        return {"lot_no": serials[0].detail, "serial_no": serials[0].number}
    if found.scan.sscc is not None:
        return {"unit_no": found.scan.sscc}
    return {"lot_no": lots[0].number if len(lots) == 1 else typed}


def _one_lot(session: Session, typed: str) -> str | None:
    try:
        found = resolve.look(session, typed)
    except Refusal:
        return None
    hits = [hit for hit in found.hits if hit.kind in LEADING and hit.match is Match.EXACT]
    ids = frozenset[int]().union(*resolve.lots_of(session, hits).values())
    if len(ids) != 1:
        return None
    return str(session.connection().execute(NUMBERS, {"ids": list(ids)}).scalar_one())


STATES = text("""
select l.public_id::text as key, l.lot_no, said(i.name, i.name_en) as item, l.status, l.expires_on, l.expiry_precision,
       exists (select from hold h where h.lot_id = l.id and h.lifted_at is null) as held
  from lot l join item i on i.id = l.item_id where l.public_id = any(cast(:keys as uuid[]))
""")


def states(session: Session, keys: Iterable[str]) -> dict[str, Row[Any]]:
    """How the batches among the hits stand, by public id."""
    wanted = list(keys)
    if not wanted:
        return {}
    return {row.key: row for row in session.connection().execute(STATES, {"keys": wanted})}


def findings_in_english(session: Session, keys: Sequence[str]) -> dict[str, str]:
    """What nonconformances are called in English, by public id, where somebody said it."""
    if not keys:
        return {}
    rows = session.connection().execute(FINDINGS, {"keys": list(keys)})
    return {row.key: row.title_en for row in rows}
