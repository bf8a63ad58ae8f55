"""Setting up the plant: what its first batch still needs, and one list and one form for each kind of master data."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from models.kernel.refusal import Refusal
from ui.frame.first_rows import Cut
from ui.frame.parts import FormField, Link, Option, Pager
from ui.frame.render import Nav


@dataclass(frozen=True, slots=True, kw_only=True)
class NeedRow:
    """One thing that the first batch needs."""

    label: str
    met: bool
    there: int
    least: int
    who: str
    links: tuple[Link, ...] = ()
    details: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PlantPage:
    """The list to work through, and the way to every register."""

    template: ClassVar[str] = "plant/plant.html"
    nav: ClassVar[Nav | None] = "admin"

    ready: bool
    missing: int
    undecided: int
    needs: tuple[NeedRow, ...]
    registers: tuple[Link, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class UndecidedRow:
    """One thing that waits for a decision: what it is called, what is known of it, and where it is decided."""

    links: tuple[Link, ...]
    note: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UndecidedList:
    """Things of one kind, and what to do with each; whose it is."""

    key: str
    total: int
    rows: tuple[UndecidedRow, ...]
    cut: Cut


@dataclass(frozen=True, slots=True, kw_only=True)
class UndecidedPage:
    """What an upgrade leaves to people, in five lists; the command of the same name says the same."""

    template: ClassVar[str] = "plant/undecided.html"
    nav: ClassVar[Nav | None] = "admin"

    total: int
    lists: tuple[UndecidedList, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterRow:
    """One line of a register: its number first, which leads to its own page where there is one."""

    number: str
    cells: tuple[str, ...]
    tone: str = ""
    href: str = ""


Rows = tuple[tuple[RegisterRow, ...], str | None]
"""Rows of a register, and where its next page starts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterPage:
    """All items, or all suppliers, and so on."""

    template: ClassVar[str] = "plant/register.html"
    nav: ClassVar[Nav | None] = "admin"

    key: str
    columns: tuple[str, ...]
    rows: tuple[RegisterRow, ...]
    pager: Pager
    q: str = ""
    new_href: str = ""
    renaming: bool = False
    """Each row leads to its names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LineColumn:
    """One column of repeated rows; with options it is chosen."""

    key: str
    label: str
    options: tuple[Option, ...] = ()
    size: int = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One of the repeated rows, as typed."""

    values: tuple[str, ...]
    error: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterNewPage:
    """The form of one thing; `columns` and `lines` where it has rows of its own."""

    template: ClassVar[str] = "plant/new.html"
    nav: ClassVar[Nav | None] = "admin"

    key: str
    fields: tuple[FormField, ...]
    columns: tuple[LineColumn, ...] = ()
    lines: tuple[Line, ...] = ()
    refusal: Refusal | None = None
    command_key: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterNamePage:
    """Other names for one thing: what it is called now, and the form."""

    template: ClassVar[str] = "plant/name.html"
    nav: ClassVar[Nav | None] = "admin"

    key: str
    number: str
    name: str
    name_en: str
    fields: tuple[FormField, ...]
    refusal: Refusal | None = None
    command_key: str = ""
