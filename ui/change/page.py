"""A change is asked for, or one that was done already recorded, on a page of its own; everything else of it the page of its subject and its tasks show."""

from dataclasses import dataclass
from typing import ClassVar

from models.kernel.refusal import Refusal
from ui.frame.parts import Draft, FormField
from ui.frame.render import Nav


@dataclass(frozen=True, slots=True, kw_only=True)
class AskPage:
    """Ask for a change, or record one that was done already; after a refusal everything typed is still there."""

    template: ClassVar[str] = "change/new.html"
    nav: ClassVar[Nav | None] = "quality"

    at: str
    title: str
    do: str
    next: str
    draft: Draft
    fields: tuple[FormField, ...]
    refusal: Refusal | None = None
    blocked: Refusal | None = None
    command_key: str = ""
