"""An act of quality that holds goods: who asks, how far it reaches, and who is sent for what isn't on a shelf (ISO 13485 8.3.1)."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from models.hold.rules import Scope
from models.hold.store import holds, reach
from models.hold.tables import HoldAct
from models.lot.tables import Lot
from models.process.messages.process import By
from models.pull import store as pulls


@dataclass(frozen=True)
class Placed:
    """The act, its holds by the key of their batch, and how many errands it began."""

    act: HoldAct
    holds: dict[int, str]
    to_pull: int


def place(
    session: Session, named: Collection[Lot], scope: Scope, *, reason: str, by: By, now: datetime, cause: str = "manual"
) -> Placed:
    """Hold these batches, which are locked, and as far as the act reaches everything made of them, all or none."""
    ids = sorted(lot.id for lot in named)
    reached = sorted(holds.with_parts(session, ids)) if scope is Scope.PARTS else ids
    act = HoldAct(
        scope=scope,
        named=sorted(lot.lot_no for lot in named),
        reason=reason,
        lots=len(reached),
        beyond=[one.as_record() for one in reach.beyond(session, reached)],
        placed_by_id=by.person_id,
        placed_at=now,
    )
    session.add(act)
    session.flush()
    held = holds.place(
        session, reached, reason=reason, cause=cause, person_id=by.person_id, now=now, act_id=act.id
    ).holds
    return Placed(act, held, pulls.begin_held(session, act.id, reached, by, now))
