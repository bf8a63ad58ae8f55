"""The links into a batch (requirements 13, 21): what counts, what was corrected, and the form to correct one."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from models.kernel.refusal import Refusal
from ui.frame.parts import Amount, LotRef
from ui.frame.render import Nav


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkRow:
    """One link; a corrected one says who took it back, when and why."""

    lot_no: str
    href: str
    item: str
    amount: Amount | None
    what: str
    operation: str
    at: datetime
    who: str
    correction: bool = False
    corrected_at: datetime | None = None
    corrected_by: str = ""
    reason: str = ""
    correct_href: str = ""
    chosen: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class UsedLine:
    """A line of the form, as typed."""

    lot_no: str = ""
    quantity: str = ""
    location: str = ""
    error: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectForm:
    """Correct one link.  Lines come back as repeated fields `used_lot`, `used_quantity`, `used_location`."""

    link: int
    lot_no: str
    amount: Amount | None
    operation: str
    lines: tuple[UsedLine, ...]
    reason: str = ""
    reason_error: str = ""
    refusal: Refusal | None = None
    blocked: Refusal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LinksPage:
    """All links into one batch, in the order of what happened."""

    template: ClassVar[str] = "correction/links.html"
    nav: ClassVar[Nav | None] = "lots"

    lot: LotRef
    rows: tuple[LinkRow, ...]
    form: CorrectForm | None = None
    refusal: Refusal | None = None
    q: str = ""
    more: int = 0
    command_key: str = ""

    @property
    def here(self) -> str:
        """The address of this page."""
        return f"{self.lot.href}/links"
