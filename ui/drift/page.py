"""The list of charts, and the form that asks for one; everything else the page of its subject shows."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from models.kernel.refusal import Refusal
from ui.frame.parts import Draft, FormField, Link, Pager
from ui.frame.render import Nav
from ui.frame.status import Mark


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A chart: whose lots of what, its limits, how many lots it judged, how it stands, and whether sampling is tightened."""

    number: str
    href: str
    supplier: str
    supplier_no: str
    item: str
    item_no: str
    shows: str
    mark: Mark
    sampling: Mark
    limits: str
    lots: int
    judged_at: datetime | None
    alert: Link | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sum:
    """How many stand so; `href` has them."""

    n: int
    label: str
    href: str
    chosen: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ListPage:
    """What is watched."""

    template: ClassVar[str] = "drift/list.html"
    nav: ClassVar[Nav | None] = "quality"

    sums: tuple[Sum, ...]
    rows: tuple[Line, ...]
    pager: Pager
    alarms: str
    q: str = ""
    state: str = ""
    new: Link | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AskPage:
    """Ask for a chart; after a refusal everything typed is still there."""

    template: ClassVar[str] = "drift/new.html"
    nav: ClassVar[Nav | None] = "quality"

    fields: tuple[FormField, ...]
    refusal: Refusal | None = None
    blocked: Refusal | None = None
    draft: Draft | None = None
    command_key: str = ""
