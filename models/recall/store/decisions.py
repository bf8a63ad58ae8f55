"""Decisions about recalled batches in house, in the record: kept in one statement, read with who made them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import text
from sqlmodel import Session

KEEP = text("""
insert into recall_lot_decision
  (recall_id, lot_id, kind, quantity, reason, reference, signature_id, decided_by_id, decided_at)
select :recall, l.id, :kind, given.quantity, :reason, :reference, :signature, :person, :now
  from unnest(cast(:lots as text[]), cast(:quantities as numeric[])) given (lot_no, quantity)
  join lot l on l.lot_no = given.lot_no order by l.id
""")
LATEST = text("""
select distinct on (l.lot_no) l.lot_no, said(i.name, i.name_en) as item, l.uom, d.kind, d.quantity, d.reason, d.reference,
       said(p.name, p.name_en) as decided_by, d.decided_at
  from recall_lot_decision d join lot l on l.id = d.lot_id join item i on i.id = l.item_id
  join person p on p.id = d.decided_by_id
 where d.recall_id = :recall order by l.lot_no, d.id desc
""")
UNITS = text("select lot_no, uom from lot where lot_no = any(:lots)")
PLACES = text("""
select distinct p.code from lot l join stock s on s.lot_id = l.id and s.quantity > 0 join location p on p.id = s.location_id
 where l.lot_no = any(:lots) order by p.code
""")


@dataclass(frozen=True, kw_only=True, slots=True)
class Decision:
    """What becomes of a batch in house; `quantity` is what was there when it was decided."""

    lot_no: str
    item: str
    uom: str
    kind: str
    quantity: Decimal
    reason: str
    reference: str | None
    decided_by: str
    decided_at: datetime


def keep(session: Session, recall_id: int, lots: Mapping[str, Decimal], **given: Any) -> None:
    """Write one decision down for many batches."""
    values = {"recall": recall_id, "lots": list(lots), "quantities": list(lots.values()), **given}
    session.connection().execute(KEEP, values)
    session.flush()


def units(session: Session, lots: Collection[str]) -> dict[str, str]:
    """What each of these batches is counted in."""
    return {row.lot_no: row.uom for row in session.connection().execute(UNITS, {"lots": list(lots)}).all()}


def places(session: Session, lots: Collection[str]) -> list[str]:
    """Where goods of these batches lie."""
    return list(session.connection().execute(PLACES, {"lots": list(lots)}).scalars())


def latest(session: Session, recall_id: int) -> Sequence[Decision]:
    """What counts now of each batch."""
    rows = session.connection().execute(LATEST, {"recall": recall_id}).mappings()
    return [Decision(**row) for row in rows]
