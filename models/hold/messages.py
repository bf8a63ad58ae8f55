"""What travels when lots are frozen, unfrozen, or to be decided again.  Fields are only ever added."""

from decimal import Decimal
from typing import Literal
from uuid import UUID

from models.hold.rules import Scope
from models.kernel.messages import Message, Scanned
from models.person.rules.roles import Permission
from models.process.messages.command import SHORT, ActOf, Permit
from models.process.messages.process import By


class PlaceHold(Scanned):
    """Freeze lots, alone or with everything that was made of them (`scope`), or so much of one at a place."""

    act: Literal["place_hold"] = "place_hold"
    command_id: str
    by: By
    lot_nos: tuple[str, ...]
    reason: str
    cause: str = "manual"
    scope: Scope = Scope.LOT
    location: str | None = None
    quantity: Decimal | None = None
    uom: str | None = None


class LiftHoldPart(Message):
    """Lift what is held of a batch at a place, all or so much of it, by the signature of `attempt_id`; `request_id` as for one hold."""

    act: Literal["lift_hold_part"] = "lift_hold_part"
    command_id: str
    by: By
    part: UUID
    reason: str
    quantity: Decimal | None = None
    attempt_id: int | None = None
    digest: str | None = None
    meaning: str | None = None
    request_id: str | None = None


class LiftHold(Message):
    """Lift one hold of a lot by the signature of `attempt_id`; `request_id` stays the same when it is sent again."""

    act: Literal["lift_hold"] = "lift_hold"
    command_id: str
    by: By
    hold_id: UUID
    reason: str
    attempt_id: int | None = None
    digest: str | None = None
    meaning: str | None = None
    request_id: str | None = None


class LiftHoldAct(Message):
    """Lift all that one act of holding still holds, by the signature of `attempt_id`; `request_id` as for one hold."""

    act: Literal["lift_hold_act"] = "lift_hold_act"
    command_id: str
    by: By
    hold_act: UUID
    reason: str
    attempt_id: int | None = None
    digest: str | None = None
    meaning: str | None = None
    request_id: str | None = None


class DecideAgain(Scanned):
    """A batch that a release decision holds goes to a newer release decision."""

    act: Literal["decide_again"] = "decide_again"
    command_id: str
    by: By
    lot_no: str
    reason: str


COMMANDS: tuple[ActOf, ...] = (
    ActOf(PlaceHold, SHORT, "hold", title="冻结 hold", about="lot_nos", permit=Permit(Permission.LOT_HOLD)),
    # the recall coordinator is one of the two who open a recall's hold; the act asks each for the permission of the hold at hand
    ActOf(LiftHold, SHORT, "hold", title="解冻 lift", permit=Permit(Permission.LOT_HOLD)),
    ActOf(
        LiftHoldAct,
        SHORT,
        "hold",
        title="解冻一次冻结的全部批次 lift all of one act",
        permit=Permit(Permission.LOT_LIFT),
    ),
    ActOf(
        LiftHoldPart,
        SHORT,
        "hold",
        title="解冻一定数量 lift a quantity",
        permit=Permit(Permission.LOT_LIFT),
    ),
    ActOf(
        DecideAgain, SHORT, "hold", title="重新决定 decide again", about="lot_no", permit=Permit(Permission.LOT_LIFT)
    ),
)
"""Its rows of the table of commands."""
