"""The form in which somebody reports that equipment broke down; everything else the page of its subject shows."""

from dataclasses import dataclass
from typing import ClassVar

from models.kernel.refusal import Refusal
from ui.frame.parts import Draft, Fact, FormField
from ui.frame.render import Nav


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportPage:
    """Report it; after a refusal everything typed is still there."""

    template: ClassVar[str] = "breakdown/new.html"
    nav: ClassVar[Nav | None] = "quality"

    facts: tuple[Fact, ...]
    fields: tuple[FormField, ...]
    refusal: Refusal | None = None
    blocked: Refusal | None = None
    draft: Draft | None = None
    command_key: str = ""
