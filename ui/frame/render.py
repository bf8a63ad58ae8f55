"""From a typed page context to HTML.  Templates see the page, the shell and the writers of words, nothing else.

Autoescape is on, an undefined name is an error, and there is no inline script or style: the Content-Security-Policy
below forbids both.
"""

import functools
import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, ClassVar, Literal, Protocol
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from markupsafe import Markup

from models.kernel.units.units import OFFERED
from ui.frame.i18n import Language, Words
from ui.frame.words import clauses, numbers
from ui.frame.words.moments import Clock

HERE = Path(__file__).parent
CHINESE = re.compile("[\u3400-\u9fff]")
STATIC = HERE / "static"

# Tabler draws checkbox ticks and select arrows with data: pictures; everything else comes from our own server.
# 'wasm-unsafe-eval' lets the camera's code reader, WebAssembly from our own server, be compiled; eval stays forbidden.
CONTENT_SECURITY_POLICY = (
    "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; img-src 'self' data:; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; "
    "form-action 'self'"
)

Nav = Literal["inbox", "lots", "work_orders", "quality", "trace", "recalls", "definitions", "admin"]
NAVIGATION: tuple[tuple[Nav, str], ...] = (
    ("inbox", "/inbox"),
    ("lots", "/lots"),
    ("work_orders", "/work-orders"),
    ("quality", "/quality"),
    ("trace", "/trace"),
    ("recalls", "/recalls"),
    ("definitions", "/definitions"),
    ("admin", "/people"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Who is logged in, as the top bar shows them."""

    login: str
    name: str
    roles: tuple[str, ...] = ()


CAUTION = "⚠"
"""What a notice begins with that nobody may miss though the act did what was asked; it travels with the words, to whatever page comes next."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shell:
    """What every page knows beside its own context."""

    language: Language
    zone: ZoneInfo
    now: datetime
    path: str
    csrf: str = ""
    person: Person | None = None
    site: str = ""
    notice: str = ""
    drill: str = ""
    test: bool = False
    search_text: str = ""
    label_reason: str = ""
    hidden_nav: frozenset[Nav] = frozenset()

    @property
    def cautions(self) -> bool:
        """Whether the notice is a warning."""
        return self.notice.startswith(CAUTION)

    @property
    def other_language_href(self) -> str:
        """The same page in the other language."""
        other = "en" if self.language == "zh" else "zh"
        glue = "&" if "?" in self.path else "?"
        return f"{self.path}{glue}lang={other}"


class Page(Protocol):
    """A page context: frozen, typed, and it names its template and its place in the navigation."""

    template: ClassVar[str]
    nav: ClassVar[Nav | None]


@functools.cache
def asset(name: str) -> str:
    """The address of a static file with its content's digest, so that it may be cached for ever."""
    digest = hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]
    return f"/static/{name}?v={digest}"


_DIGEST = re.compile("_[0-9a-f]{12}/")


@functools.cache
def scripts() -> str:
    """The digest of our own scripts together: they import each other, so they are kept and change as one."""
    files = sorted(STATIC.glob("*.js"))
    return hashlib.sha256(b"".join(file.name.encode() + file.read_bytes() for file in files)).hexdigest()[:12]


def module(name: str) -> str:
    """The address of a script that imports others: the digest is a folder, so that what it imports has it too."""
    return f"/static/_{scripts()}/{name}"


def static_file(path: str) -> str:
    """The file below `ui/frame/static` that an address of `module`, or any other one, means."""
    found = _DIGEST.match(path)
    return path[found.end() :] if found else path


def classed(heads: Iterable[str], name: str) -> list[tuple[str, str]]:
    """Heads of columns as the table macro takes them, all of one class."""
    return [(name, head) for head in heads]


@functools.cache
def environment() -> Environment:
    """The one Jinja environment."""
    env = Environment(
        loader=FileSystemLoader(HERE.parent),
        auto_reload=False,  # no template changes under a server at work, and each use would ask the disk for it and its parts
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    env.globals["asset"] = asset
    env.globals["module"] = module
    env.globals["navigation"] = NAVIGATION
    env.globals["offered_units"] = OFFERED
    env.filters["plain"] = numbers.plain
    env.filters["classed"] = classed
    return env


def writers(shell: Shell) -> dict[str, Any]:
    """The functions that write words, times and quantities for this reader."""
    words = Words(shell.language)

    def quantity(value: Decimal, unit: str) -> str:
        return numbers.quantity(words, value, unit)

    def clause(text: str) -> str:
        return clauses.clause(words, text)

    def spoken(text: str) -> Markup:
        """The language of what stands as somebody recorded it, where it isn't the page's (WCAG 2.2, 3.1.2)."""
        foreign = shell.language == "en" and CHINESE.search(text)
        return Markup(' lang="zh-CN"') if foreign else Markup("")

    clock = Clock(words, shell.zone, shell.now)
    return {"t": words, "clock": clock, "quantity": quantity, "clause": clause, "spoken": spoken}


def render(page: Page, shell: Shell) -> str:
    """The whole page."""
    return render_part(page.template, page, shell)


def render_part(template: str, page: Page, shell: Shell) -> str:
    """One partial of a page (one partial = one htmx target), from the same context as the whole."""
    return environment().get_template(template).render(page=page, shell=shell, **writers(shell))
