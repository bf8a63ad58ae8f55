"""A quantity of a batch at one place: before it is held, and before it, or so much of it, is let go of (ISO 13485 8.3.1)."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from models.kernel.refusal import Refusal
from ui.frame.parts import Amount, FormField, LotRef, SignaturePanel
from ui.frame.render import Nav
from ui.hold.page import BrokenRow, ErrandRow


@dataclass(frozen=True, slots=True, kw_only=True)
class PartPreviewPage:
    """What holding so much of a batch at a place would be about: asked with `fields`, told in `lines`, done with a reason."""

    template: ClassVar[str] = "hold/part_preview.html"
    nav: ClassVar[Nav | None] = "lots"

    lot: LotRef
    look: FormField
    fields: tuple[FormField, ...]
    lines: tuple[str, ...] = ()
    broken: tuple[BrokenRow, ...] = ()
    errands: tuple[ErrandRow, ...] = ()
    sends: bool = True
    action: str = ""
    do: str = ""
    reason: str = ""
    refusal: Refusal | None = None
    command_key: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PartLiftPage:
    """So much of it is let go of by one signature; what goes on being held says so."""

    template: ClassVar[str] = "hold/part.html"
    nav: ClassVar[Nav | None] = "quality"

    lot: LotRef
    reason: str
    place: str
    who: str
    at: datetime
    held: Amount
    act_href: str
    quantity: FormField
    action: str = ""
    do: str = ""
    record_href: str = ""
    signature: SignaturePanel | None = None
    refusal: Refusal | None = None
    typed: str = ""
    command_key: str = ""
