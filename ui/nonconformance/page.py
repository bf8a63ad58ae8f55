"""Quality: what is being decided now: releases, inspections and holds that are open, each opening its record."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from models.kernel.refusal import Refusal
from ui.frame.parts import Deadline, Draft, FormField, LotRef
from ui.frame.render import Nav
from ui.frame.status import Mark


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """So many records, and where they are listed."""

    n: int
    label: str
    href: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RateShown:
    """A share in percent (empty without anything to count), of what it is, and those that fall short."""

    label: str
    percent: str
    said: str
    href: str
    others: Counted


@dataclass(frozen=True, slots=True, kw_only=True)
class FiguresPart:
    """Open findings in groups, and the rates of the last days."""

    open: Counted
    groups: tuple[tuple[str, tuple[Counted, ...]], ...]
    rates: tuple[RateShown, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class QualityTask:
    """An open release or inspection, whoever has it."""

    title: str
    href: str
    lot: LotRef
    mark: Mark
    who: str = ""
    deadline: Deadline | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenHold:
    """A hold nobody has lifted."""

    number: str
    lot: LotRef
    reason: str
    who: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Nonconformance:
    """Something that doesn't meet its requirement, or a deviation, that nobody has decided on; `href` is its decision."""

    number: str
    title: str
    who: str
    at: datetime
    severity: Mark
    subject_href: str = ""
    item: str = ""
    lot: LotRef | None = None
    deadline: Deadline | None = None
    href: str = ""
    recall_href: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FailedInspection:
    """An inspection with the verdict "failed", and the characteristics that failed."""

    number: str
    lot: LotRef
    what: str
    who: str
    at: datetime | None
    recall_href: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class QualityPage:
    """Short tables; `…_total` counts what is not on screen too."""

    template: ClassVar[str] = "nonconformance/quality.html"
    nav: ClassVar[Nav | None] = "quality"

    figures: FiguresPart

    releases: tuple[QualityTask, ...]
    inspections: tuple[QualityTask, ...]
    holds: tuple[OpenHold, ...]
    nonconformances: tuple[Nonconformance, ...] = ()
    failed: tuple[FailedInspection, ...] = ()
    can_raise: bool = False
    can_open_capa: bool = False
    can_ask_change: bool = False
    holds_total: int = 0
    nonconformances_total: int = 0
    failed_total: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class RaisePage:
    """Raise a nonconformance; after a refusal everything typed is still there."""

    template: ClassVar[str] = "nonconformance/new.html"
    nav: ClassVar[Nav | None] = "quality"

    fields: tuple[FormField, ...]
    refusal: Refusal | None = None
    blocked: Refusal | None = None
    draft: Draft | None = None
    command_key: str = ""
