"""Process definitions: the list and the reader (requirements 83, 84): plain sentences beside the picture.

The picture is an SVG we drew ourselves (`ui.definition.picture`), so it may stand in the page as markup.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from markupsafe import Markup

from ui.frame.parts import Fact, Link, SignatureLine
from ui.frame.render import Nav
from ui.frame.status import Mark


@dataclass(frozen=True, slots=True, kw_only=True)
class DefinitionRow:
    """One version of one process."""

    key: str
    version: int
    title: str
    href: str
    mark: Mark
    steps: int
    running: int
    digest: str
    effective_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DefinitionsPage:
    """All processes with their effective version first."""

    template: ClassVar[str] = "definition/definitions.html"
    nav: ClassVar[Nav | None] = "definitions"

    rows: tuple[DefinitionRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StepSentence:
    """A step as a person says it, with what follows from it."""

    key: str
    sentence: str
    details: tuple[str, ...] = ()
    law: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What lint says about the definition."""

    code: str
    text: str
    step: str = ""
    title: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DefinitionPage:
    """The reader."""

    template: ClassVar[str] = "definition/definition.html"
    nav: ClassVar[Nav | None] = "definitions"

    title: str
    description: str
    version: int
    mark: Mark
    digest: str
    facts: tuple[Fact, ...]
    steps: tuple[StepSentence, ...]
    picture: Markup
    findings: tuple[Finding, ...] = ()
    signatures: tuple[SignatureLine, ...] = ()
    triggers: tuple[str, ...] = ()
    versions: tuple[Link, ...] = ()
