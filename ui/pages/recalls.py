"""Recall: this version reads what exists; a recall starts from a trace (the cockpit comes with its own issue)."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from ui.render import Nav
from ui.status import Mark


@dataclass(frozen=True, slots=True, kw_only=True)
class RecallRow:
    """One recall or drill."""

    number: str
    href: str
    title: str
    mark: Mark
    drill: bool
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RecallsPage:
    """All recalls and drills, newest first."""

    template: ClassVar[str] = "pages/recalls.html"
    nav: ClassVar[Nav | None] = "recalls"

    rows: tuple[RecallRow, ...] = ()
