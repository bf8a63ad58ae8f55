"""Units with numbers of their own: which of a lot's are in house, and their move into another lot."""

from collections.abc import Iterable

from sqlalchemy import text
from sqlmodel import Session

IN_HOUSE = text("""
select u.serial_no from serial_unit u
 where u.lot_id = :lot and u.installed_in_id is null
   and not exists (select from shipment_line s join shipment h on h.id = s.shipment_id
                    where s.serial_unit_id = u.id and s.quantity > s.returned and h.status in ('shipped', 'arrived'))
""")
MOVE = text("""
update serial_unit set lot_id = :to where lot_id = :lot and serial_no = any(cast(:serials as text[]))
""")


def in_house(session: Session, lot_id: int) -> frozenset[str]:
    """The serial numbers of a lot that have not left and are not built into anything."""
    return frozenset(session.connection().execute(IN_HOUSE, {"lot": lot_id}).scalars())


def move(session: Session, lot_id: int, to: int, serials: Iterable[str]) -> None:
    """These units belong to another lot from now on; the trail says where they were."""
    from models.store import packing  # which asks for lots, and they for nothing of ours

    wanted = sorted(serials)
    packing.refuse_packed_serials(session, lot_id, wanted)
    if wanted:
        session.connection().execute(MOVE, {"lot": lot_id, "to": to, "serials": wanted})
