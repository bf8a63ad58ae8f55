"""Cases and pallets (requirements 19, 56): the list, packing a new one, and one with all that is in it as a tree."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar, Literal

from models.kernel.refusal import Refusal
from ui.frame.parts import Amount, Fact, FormField, LotRef, Pager, unit_href
from ui.frame.render import Nav
from ui.frame.status import Mark

FormKey = Literal["pack", "unpack", "empty", "move"]


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitRow:
    """A unit of the list, of a lot's page or of a recall; `path` names the units around it, the outer one first."""

    unit_no: str
    path: str
    kind: str = ""
    mark: Mark | None = None
    location: str = ""
    things: int = 0
    lot: LotRef | None = None
    amount: Amount | None = None
    at: datetime | None = None

    @property
    def href(self) -> str:
        """Its page."""
        return unit_href(self.unit_no)


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitsPage:
    """All units, newest first."""

    template: ClassVar[str] = "packing/units.html"
    nav: ClassVar[Nav | None] = "lots"

    rows: tuple[UnitRow, ...]
    pager: Pager
    q: str = ""
    can_pack: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ThingLine:
    """A scanned line, as typed."""

    what: str = ""
    quantity: str = ""
    error: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PackingForm:
    """One form of a unit's page.  Lines come back as repeated fields `thing_what`, `thing_quantity`."""

    key: FormKey
    action: str
    lines: tuple[ThingLine, ...] = ()
    fields: tuple[FormField, ...] = ()
    refusal: Refusal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PackPage:
    """A unit that begins with what goes in first."""

    template: ClassVar[str] = "packing/new.html"
    nav: ClassVar[Nav | None] = "lots"

    fields: tuple[FormField, ...]
    lines: tuple[ThingLine, ...]
    refusal: Refusal | None = None
    blocked: Refusal | None = None
    command_key: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Good:
    """A quantity of a lot, or a serial unit, in a unit."""

    lot: LotRef
    serial: str
    amount: Amount


@dataclass(frozen=True, slots=True, kw_only=True)
class Branch:
    """A unit with what lies in it; `wide` branches stand open."""

    unit_no: str
    kind: str
    count: int
    goods: tuple[Good, ...] = ()
    units: tuple["Branch", ...] = ()
    held: bool = False
    wide: bool = True

    @property
    def href(self) -> str:
        """Its page."""
        return unit_href(self.unit_no)


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryRow:
    """Something went in or came out."""

    at: datetime
    what: str
    who: str
    label: str
    href: str
    amount: Amount | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitPage:
    """One unit."""

    template: ClassVar[str] = "packing/unit.html"
    nav: ClassVar[Nav | None] = "lots"

    unit_no: str
    kind: str
    mark: Mark
    facts: tuple[Fact, ...]
    contents: Branch
    history: tuple[HistoryRow, ...]
    forms: tuple[PackingForm, ...] = ()
    as_of: datetime | None = None
    as_of_typed: str = ""
    trace_back_href: str = ""
    trace_forward_href: str = ""
    ship_href: str = ""
    more: int = 0
    refusal: Refusal | None = None
    command_key: str = field(default="")

    @property
    def here(self) -> str:
        """The address of this page."""
        return unit_href(self.unit_no)
