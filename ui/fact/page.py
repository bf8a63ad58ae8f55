"""What became true of a subject, and what each fact caused or didn't, because (DESIGN 6, 6a; SCREENS)."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from ui.frame.parts import Link, Pager
from ui.frame.render import Nav
from ui.frame.status import Mark


@dataclass(frozen=True, slots=True, kw_only=True)
class CauseRow:
    """What a trigger or a wait made of it; `process` leads to the definition, `run` to what was caused."""

    mark: Mark
    title: str
    process: Link
    because: str
    run: Link | None = None
    owner: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FactRow:
    """A fact: what, with which values, when it happened and when it was told, by whom, in which run."""

    title: str
    values: str
    subject: Link
    happened_at: datetime
    recorded_at: datetime
    late: bool
    who: str
    run: Link | None
    causes: tuple[CauseRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FactsPage:
    """The page."""

    template: ClassVar[str] = "fact/facts.html"
    nav: ClassVar[Nav | None] = None

    kind: str
    number: str
    title: str
    href: str
    facts: tuple[FactRow, ...]
    pager: Pager
