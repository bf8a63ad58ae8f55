"""The forms that reshape a batch, on its page (requirements 6, 7): split, merge, repack, propose to reject a part."""

from dataclasses import dataclass

from models.kernel.refusal import Refusal
from ui.frame.parts import FormField


@dataclass(frozen=True, slots=True, kw_only=True)
class PartLine:
    """A line of a split, as typed."""

    lot_no: str = ""
    quantity: str = ""
    serials: str = ""
    error: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReshapeForm:
    """One of the acts: its fields, its lines where it has some, and what was refused, in place."""

    key: str
    action: str
    fields: tuple[FormField, ...]
    parts: tuple[PartLine, ...] = ()
    with_serials: bool = False
    refusal: Refusal | None = None
