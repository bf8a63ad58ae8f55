"""The evidence matrix: man, machine, material, method, environment by stage, its cells and exceptions.

A cell is passed, exception, **not recorded** (the master asks for it and it isn't there), **not checked**, **not judged** (a
value without limits to hold it against), **migrated** (an earlier system's word, checked by nobody here), or not applicable
because a rule says so; none of the four in the middle is ever shown as passed (STANDARDS L 25).
`models.release.rules.evidence` fills it.
"""

from dataclasses import dataclass
from enum import StrEnum

from models.release.rules.batch_record import Frozen


class Mark(StrEnum):
    """What a cell of the matrix says."""

    PASSED = "passed"
    EXCEPTION = "exception"
    NOT_APPLICABLE = "not_applicable"
    NOT_JUDGED = "not_judged"
    NOT_CHECKED = "not_checked"
    MIGRATED = "migrated"
    NOT_RECORDED = "not_recorded"


class Factor(StrEnum):
    """人 机 料 法 环."""

    MAN = "man"
    MACHINE = "machine"
    MATERIAL = "material"
    METHOD = "method"
    ENVIRONMENT = "environment"


class ExceptionItem(Frozen):
    """One thing that is not as it should be: rule, value and limit, in both languages.

    `missing` says that it is asked for and not recorded, `migrated` that it happened before an import and nothing here proves
    it; `about` tells exceptions of one rule and stage apart.  `lots` are all the batches that one exception is about, so that
    many of a kind are read and accepted as one.
    """

    code: str
    factor: Factor
    stage: str
    zh: str
    en: str
    value: str = ""
    limit: str = ""
    blocking: bool = False
    missing: bool = False
    about: str = ""
    migrated: bool = False
    lots: tuple[str, ...] = ()


class Cell(Frozen):
    """One cell: its mark and what it rests on."""

    factor: Factor
    stage: str
    mark: Mark
    zh: tuple[str, ...] = ()
    en: tuple[str, ...] = ()


RULES = "6"
"""Which rules judged: 2 asks for what the master asks for, and for decided deviations, 3 for its expiry and retest dates too,
4 says not checked where there was nothing to check against, 5 not judged of values without limits, and migrated of batches that
nobody checked here, 6 shows values that were entered long after they were measured, takes a document that says nothing for none, and
holds what was consumed against the order's own bill.

Raised when a rule changes."""


@dataclass(frozen=True)
class OpenPoints:
    """How much of a batch's evidence stands out, and how much nobody could check or judge; each is in one number only."""

    exceptions: int
    unchecked: int
    migrated: int = 0
    unjudged: int = 0

    @property
    def total(self) -> int:
        """All of it; clean is none of any."""
        return self.exceptions + self.unchecked + self.migrated + self.unjudged


class Assessment(Frozen):
    """The matrix and its exceptions, by which version of the rules."""

    stages: tuple[tuple[str, str, str], ...]
    cells: tuple[Cell, ...]
    exceptions: tuple[ExceptionItem, ...]
    rules: str = RULES

    @property
    def clean(self) -> bool:
        """Whether nothing stands out and nothing is unknown."""
        return not self.open_points.total

    @property
    def unchecked(self) -> tuple[Cell, ...]:
        """What nobody could check; whoever releases it says why, in the own name."""
        return tuple(one for one in self.cells if one.mark is Mark.NOT_CHECKED)

    @property
    def unjudged(self) -> tuple[Cell, ...]:
        """Values that were measured and have no limits: they say what was, not whether it was right."""
        return tuple(one for one in self.cells if one.mark is Mark.NOT_JUDGED)

    @property
    def open_points(self) -> "OpenPoints":
        """What is not plainly good: inbox, page and the rule about the reason all count this."""
        migrated = sum(one.migrated for one in self.exceptions)
        return OpenPoints(len(self.exceptions) - migrated, len(self.unchecked), migrated, len(self.unjudged))

    @property
    def blocking(self) -> tuple[ExceptionItem, ...]:
        """What keeps the lot from release."""
        return tuple(one for one in self.exceptions if one.blocking)

    def cell(self, factor: Factor, stage: str) -> Cell:
        """The cell of a factor and stage; not applicable where nothing was said."""
        found = (one for one in self.cells if one.factor is factor and one.stage == stage)
        return next(found, Cell(factor=factor, stage=stage, mark=Mark.NOT_APPLICABLE))


WORSE = (
    Mark.NOT_APPLICABLE,
    Mark.PASSED,
    Mark.NOT_JUDGED,
    Mark.NOT_CHECKED,
    Mark.MIGRATED,
    Mark.EXCEPTION,
    Mark.NOT_RECORDED,
)
"""Which mark of a cell stays where several are said."""


class Book:
    """Collects cells and exceptions; a cell with an exception is an exception."""

    def __init__(self) -> None:
        self.cells: dict[tuple[Factor, str], Cell] = {}
        self.exceptions: list[ExceptionItem] = []

    def say(self, factor: Factor, stage: str, mark: Mark, zh: str = "", en: str = "") -> None:
        """Add to a cell; its worst mark stays."""
        known = self.cells.get((factor, stage))
        words_zh = (*(known.zh if known else ()), *((zh,) if zh else ()))
        words_en = (*(known.en if known else ()), *((en,) if en else ()))
        worst = max(mark, known.mark if known else Mark.NOT_APPLICABLE, key=WORSE.index)
        self.cells[factor, stage] = Cell(factor=factor, stage=stage, mark=worst, zh=words_zh, en=words_en)

    def fault(self, item: ExceptionItem) -> None:
        """Add an exception, and mark its cell."""
        self.exceptions.append(item)
        mark = Mark.NOT_RECORDED if item.missing else Mark.MIGRATED if item.migrated else Mark.EXCEPTION
        self.say(item.factor, item.stage, mark, item.zh, item.en)


NAMED = 3
"""So many batches a sentence names; the rest it counts, and the exception itself carries all of them."""


def named(lots: tuple[str, ...], *, zh: bool) -> str:
    """The first batches of several, and how many there are."""
    first = ("、" if zh else ", ").join(lots[:NAMED])
    if len(lots) <= NAMED:
        return first
    return f"{first} 等 {len(lots)} 批" if zh else f"{first} … ({len(lots)} batches in all)"


def block(
    code: str, factor: Factor, stage: str, zh: str, en: str, *, value: str = "", limit: str = ""
) -> ExceptionItem:
    """An exception that keeps the lot from release."""
    return ExceptionItem(code=code, factor=factor, stage=stage, zh=zh, en=en, value=value, limit=limit, blocking=True)


def missing(
    code: str, factor: Factor, stage: str, zh: str, en: str, *, about: str = "", value: str = ""
) -> ExceptionItem:
    """Something that the master asks for and that isn't recorded."""
    return ExceptionItem(code=code, factor=factor, stage=stage, zh=zh, en=en, value=value, missing=True, about=about)
