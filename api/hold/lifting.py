"""Lifting what is held, between the request and the workflow: each is signed over what is held, why, by whom and since when.

Routes and pages both come through here.
"""

from decimal import Decimal
from uuid import UUID

from sqlmodel import Session

from api.process.acts import Desk, Signing
from api.process.signed_acts import signed
from models.hold import acts as holding
from models.hold.acts import LIFT_HOLD, LIFT_HOLD_ACT, LIFT_HOLD_PART
from models.hold.messages import LiftHold, LiftHoldAct, LiftHoldPart
from models.process.messages.process import Receipt
from models.process.store.signed_acts import Shown


async def hold(desk: Desk, hold_id: UUID, reason: str, signing: Signing | None) -> Receipt:
    """Lift one hold of a batch."""
    own = f"lift:{hold_id}"
    command = LiftHold(command_id=desk.command_id(own), by=desk.by(), hold_id=hold_id, reason=reason)

    def show(session: Session) -> Shown:
        return holding.preview(session, hold_id, command.by.person_id)

    return await signed(desk, LIFT_HOLD, hold_id, command, own, signing, show)


async def whole_act(desk: Desk, hold_act: UUID, reason: str, signing: Signing | None) -> Receipt:
    """Lift all that one act of holding still holds."""
    own = f"lift-act:{hold_act}"
    command = LiftHoldAct(command_id=desk.command_id(own), by=desk.by(), hold_act=hold_act, reason=reason)

    def show(session: Session) -> Shown:
        return holding.preview_act(session, hold_act, command.by.person_id)

    return await signed(desk, LIFT_HOLD_ACT, hold_act, command, own, signing, show)


async def part_of(desk: Desk, part: UUID, quantity: Decimal | None, reason: str, signing: Signing | None) -> Receipt:
    """Lift what is held of a batch at a place, or so much of it; the rest goes on being held under a part of its own."""
    own = f"lift-part:{part}"
    command = LiftHoldPart(command_id=desk.command_id(own), by=desk.by(), part=part, quantity=quantity, reason=reason)

    def show(session: Session) -> Shown:
        return holding.preview_part(session, part, quantity, command.by.person_id)

    return await signed(desk, LIFT_HOLD_PART, part, command, own, signing, show)
