"""The first page of an installation: a plant and its administrator."""

from dataclasses import dataclass
from typing import ClassVar

from models.kernel.refusal import Refusal
from ui.frame.parts import FormField
from ui.frame.render import Nav


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundPage:
    """Nobody is logged in, for nobody can be yet."""

    template: ClassVar[str] = "plant/found.html"
    nav: ClassVar[Nav | None] = None

    plant: tuple[FormField, ...]
    administrator: tuple[FormField, ...]
    key: FormField
    refusal: Refusal | None = None
