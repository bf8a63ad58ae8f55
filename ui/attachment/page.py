"""The line of a file in a form: kept, or refused with the reason."""

from dataclasses import dataclass
from typing import ClassVar

from ui.frame.parts import KeptFile
from ui.frame.render import Nav


@dataclass(frozen=True, slots=True, kw_only=True)
class LinePart:
    """What comes back for one file that was sent; `of` is the name of the field that asked for it."""

    template: ClassVar[str] = "attachment/line.html"
    nav: ClassVar[Nav | None] = "inbox"

    of: str
    file: KeptFile | None = None
    name: str = ""
    refused: str = ""
