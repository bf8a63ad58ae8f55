"""The open holds of a batch: while there is one, it is held (DESIGN 9; ISO 13485 8.3.1).  They are placed and lifted by `models.hold`."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import text
from sqlmodel import Session

from models.lot.rules import held, locked
from models.lot.rules.lot import LotFacts
from models.lot.rules.open_hold import OpenHold, kind_of
from models.lot.store import open_locks
from models.lot.tables import Lot

OPEN = """
select h.reason, h.cause, h.confirmed_at is not null as confirmed, r.recall_no, r.recall_class, h.placed_at
  from hold h left join recall r on r.id = h.recall_id
 where h.lot_id = {lot} and h.lifted_at is null order by h.id
"""
AS_JSON = """
(select coalesce(json_agg(json_build_array(h.reason, h.cause, h.confirmed_at is not null, r.recall_no, r.recall_class, h.placed_at)
                          order by h.id), '[]')
   from hold h left join recall r on r.id = h.recall_id where h.lot_id = :lot and h.lifted_at is null)
"""
"""The same as a part of another statement; `of_json` reads it."""
PARTS_AS_JSON = """
(select coalesce(json_agg(json_build_array(o.code, p.quantity::text, a.reason) order by p.id), '[]')
   from hold_part p join hold_act a on a.id = p.act_id join location o on o.id = p.location_id
  where p.lot_id = :lot and p.ended_at is null)
"""
"""What of the lot is held at a place while the rest of it goes on, as a part of another statement."""
OPEN_OF = text(OPEN.format(lot=":lot"))
OPEN_ON = text(OPEN.format(lot="(select id from lot where lot_no = :lot)"))
REASON = text("select reason from hold where lot_id = :lot and lifted_at is null order by id limit 1")


def open_of(session: Session, lot_id: int) -> tuple[OpenHold, ...]:
    """The open holds of a lot, the oldest first."""
    return _open(session.connection().execute(OPEN_OF, {"lot": lot_id}).all())


def open_on(session: Session, lot_no: str) -> tuple[OpenHold, ...]:
    """The open holds of the lot with that number, the oldest first."""
    return _open(session.connection().execute(OPEN_ON, {"lot": lot_no}).all())


def of_json(rows: Iterable[Sequence[Any]]) -> tuple[OpenHold, ...]:
    """The open holds that `AS_JSON` has found."""
    return tuple(
        OpenHold(
            kind_of(cause, confirmed=confirmed),
            reason,
            recall_no,
            recall_class,
            datetime.fromisoformat(placed_at).astimezone(UTC),
            cause,
        )
        for reason, cause, confirmed, recall_no, recall_class, placed_at in rows
    )


def _open(rows: Sequence[Any]) -> tuple[OpenHold, ...]:
    return tuple(
        OpenHold(
            kind_of(one.cause, confirmed=one.confirmed),
            one.reason,
            one.recall_no,
            one.recall_class,
            one.placed_at,
            one.cause,
        )
        for one in rows
    )


def open_hold_reason(session: Session, lot_id: int) -> str | None:
    """The reason of the oldest open hold."""
    session.flush()
    found: str | None = session.connection().execute(REASON, {"lot": lot_id}).scalar()
    return found


def check_held(
    session: Session,
    lot: Lot,
    what: held.Act,
    *,
    began: datetime | None = None,
    known: LotFacts | None = None,
    seq: int = 0,
) -> None:
    """LOT-003 for an act that a hold on the lot forbids, CHG-001 for one at which a change pauses it; the lot is locked.

    `known` where its facts have been read, `seq` which operation it is.
    """
    held.check(lot.lot_no, open_of(session, lot.id) if known is None else known.holds, what, began=began)
    locks = open_locks.open_of(session, lot.id) if known is None else known.locks
    locked.check_act(lot.lot_no, locks, what, seq, began=began)
