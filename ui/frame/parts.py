"""The small values pages are made of.  A page context holds these; a partial draws each of them the same everywhere.

Texts that come from data (item names, definition titles, evidence) arrive here already in the reader's language; words
of the screen itself are keys of the catalogue.  Values here are plain: no session, no ORM row, nothing lazy.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from models.kernel.refusal import Refusal
from ui.frame.status import Mark, Tone

__all__ = ["Refusal"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """Words that lead somewhere."""

    label: str
    href: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecallBand:
    """A recall that holds the batch of the page: shown across its whole width."""

    number: str
    href: str
    level: str
    since: datetime
    may: str
    more: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Amount:
    """A quantity with its unit, and where the records behind it are ("each number opens the records behind it")."""

    value: Decimal
    unit: str
    href: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LotRef:
    """A lot as it stands in a list: number, badge, what it is."""

    lot_no: str
    mark: Mark
    item: str = ""
    amount: Amount | None = None
    note: str = ""

    @property
    def href(self) -> str:
        """The batch page; a lot number may hold any printable character."""
        return lot_href(self.lot_no)


def hold_act_href(hold_act: object) -> str:
    """The address of what one act of quality held."""
    return f"/hold-acts/{hold_act}"


def lot_href(lot_no: str) -> str:
    """The address of a batch page."""
    from urllib.parse import quote

    return f"/lots/{quote(lot_no, safe='')}"


def unit_href(unit_no: str) -> str:
    """The address of the page of a case or pallet."""
    from urllib.parse import quote

    return f"/units/{quote(unit_no, safe='')}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadline:
    """When something is due; `done` deadlines are shown without alarm."""

    due: datetime
    done: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One answer of a choice; `blocked` says why it can't be taken, and it is then shown but not selectable."""

    value: str
    label: str
    hint: str = ""
    blocked: str = ""


FieldKind = Literal[
    "text", "long_text", "integer", "decimal", "quantity", "boolean", "date", "month", "datetime", "choice", "choices",
    "instant", "person", "reference", "table", "attachment", "computed",
    "lot", "password",
]  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptFile:
    """A kept file: the digest of its content, its name, its size in words, and where it is handed out."""

    digest: str
    name: str
    size: str
    href: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FormField:
    """One field of a form, as typed: `value` is what the person wrote, kept even when it was refused.

    A text in a language of its own has that one (`lang`).  A long text that takes scans (`scan`) gets one a line.  One that is required only `sometimes` is left to the server.  `search` is
    where what may be typed is looked up.  What the system works out has the names of its parts in `plus` and `minus`; a table has
    `columns` and `rows`, and in its value how many of these are empty.  Files that are kept already are `files`; one may have
    `files_limit` MiB, and what is larger is refused with `too_large`; they are sent `files_to`, where that isn't the attachments.
    """

    key: str
    label: str
    kind: FieldKind = "text"
    value: str = ""
    values: tuple[str, ...] = ()
    required: bool = False
    help: str = ""
    unit: str = ""
    minimum: str = ""
    maximum: str = ""
    options: tuple[Option, ...] = ()
    error: str = ""
    autocomplete: str = "off"
    lang: str = ""
    scan: bool = False
    sometimes: bool = False
    search: str = ""
    plus: str = ""
    minus: str = ""
    columns: tuple["FormField", ...] = ()
    rows: tuple[tuple["FormField", ...], ...] = ()
    files: tuple[KeptFile, ...] = ()
    files_limit: int = 0
    files_to: str = ""
    too_large: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureLine:
    """A signature as 21 CFR 11.50 wants it shown: printed name, time, meaning; and the digest it is bound to."""

    who: str
    at: datetime
    meaning: str
    digest: str
    role: str = ""
    reason: str = ""
    answers: "tuple[Fact, ...]" = ()
    tone: Tone = "good"


@dataclass(frozen=True, slots=True, kw_only=True)
class SignaturePanel:
    """What the person is about to sign.  `blocked` is the answer to "why can't I?", asked before the click."""

    meaning: str
    digest: str
    signed: tuple[SignatureLine, ...] = ()
    blocked: Refusal | None = None
    attempts_left: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Milestone:
    """One stage of a batch's life on the milestone bar."""

    label: str
    state: Literal["done", "current", "todo", "skipped"]
    at: datetime | None = None
    who: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineEntry:
    """One fact of a batch: when, who, what."""

    at: datetime
    who: str
    what: str
    detail: str = ""
    href: str | None = None
    mark: Mark | None = None
    happened: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StockRow:
    """Stock of a lot at one location."""

    location: str
    amount: Amount
    reserved: Decimal = Decimal(0)
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceLine:
    """One piece of evidence in a cell, or one exception: rule, value, limit, and the record behind it."""

    text: str
    value: str = ""
    limit: str = ""
    href: str | None = None
    rule: str = ""


CellState = Literal["passed", "exception", "na", "unchecked", "unjudged", "migrated", "missing"]
FiveM = Literal["man", "machine", "material", "method", "environment", "measurement"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """A cell of the evidence matrix.

    `unchecked`, `unjudged` (no limits), `migrated` (not checked here) and `missing` (asked for, not recorded) are never shown as passed.
    """

    state: CellState
    lines: tuple[EvidenceLine, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MatrixRow:
    """One of man, machine, material, method, environment across all stages."""

    key: FiveM
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Matrix:
    """5M1E × stage (SCREENS, release)."""

    stages: tuple[str, ...]
    rows: tuple[MatrixRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RaisedException:
    """An exception that stands open on the release page, under the M it belongs to.

    A blocking one forbids release; a missing one is asked for and not recorded, a migrated one was never checked here.  One that
    is about many batches has a link to each of them in `lots`.
    """

    key: FiveM | Literal["ancestor", "balance", "label"]
    line: EvidenceLine
    depth: int | None = None
    blocking: bool = False
    missing: bool = False
    migrated: bool = False
    lots: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenItem:
    """An open issue here or in an ancestor: nonconformance, CAPA, hold, change."""

    kind: str
    number: str
    text: str
    lot_no: str
    depth: int
    href: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """`500 = 480 + 12 报废 + 8 留样`: what went in and what it became."""

    label: str
    total: Decimal
    parts: tuple[tuple[str, Decimal], ...]
    unit: str

    @property
    def difference(self) -> Decimal:
        """What is missing (positive) or too much (negative)."""
        return self.total - sum((value for _, value in self.parts), Decimal(0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Pager:
    """Cursor paging: there is no page 7 of a list that moves, only "first" and "next"."""

    shown: int
    next_href: str | None = None
    first_href: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """Where the browser keeps what was typed: a key of its own per person, subject and form."""

    key: str
    save_href: str | None = None
    saved_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """A label and its value in a head of a page; of a table the heads of its columns and its rows."""

    label: str
    text: str = ""
    href: str | None = None
    code: bool = False
    moment: datetime | None = None
    day: date | None = None
    amount: Amount | None = None
    links: tuple[Link, ...] = ()
    heads: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    files: tuple[KeptFile, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """The facts in a page's head, in order."""

    rows: tuple[Fact, ...] = field(default=())
