"""A change is asked for on a page of its own; everything else of it the page of its subject and its tasks show."""

from dataclasses import dataclass
from typing import ClassVar

from models.kernel.refusal import Refusal
from ui.frame.parts import Draft, FormField
from ui.frame.render import Nav


@dataclass(frozen=True, slots=True, kw_only=True)
class AskPage:
    """Ask for a change; after a refusal everything typed is still there."""

    template: ClassVar[str] = "change/new.html"
    nav: ClassVar[Nav | None] = "quality"

    fields: tuple[FormField, ...]
    refusal: Refusal | None = None
    blocked: Refusal | None = None
    draft: Draft | None = None
    command_key: str = ""
