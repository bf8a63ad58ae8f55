"""A view of a list as a form: a new one, or one of the reader's own (SCREENS)."""

from dataclasses import dataclass
from typing import ClassVar

from models.kernel.refusal import Refusal
from ui.frame.parts import FormField
from ui.frame.render import Nav


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewPage:
    """The form.  `href` is where the list is read as it is kept; `remove_href` is empty for a new view."""

    template: ClassVar[str] = "listing/view.html"
    nav: ClassVar[Nav | None] = None

    title: str
    list: str
    list_href: str
    href: str
    said: str
    action: str
    fields: tuple[FormField, ...]
    query: str = ""
    version: int = 0
    remove_href: str = ""
    refusal: Refusal | None = None
    command_key: str = ""
