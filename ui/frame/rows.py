"""From rows of the record to the small values that pages are made of; the same everywhere."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from models.kernel.time.moments import PrintedDate, printed
from models.release.rules.batch_record import Deviation
from models.release.rules.evidence import Assessment, Factor, Mark
from models.resolve.rules import HitKind
from ui.frame.i18n import Words
from ui.frame.parts import Amount, Cell, CellState, EvidenceLine, FiveM, Matrix, MatrixRow
from ui.frame.words.numbers import plain

CELL: dict[Mark, CellState] = {
    Mark.PASSED: "passed",
    Mark.EXCEPTION: "exception",
    Mark.NOT_APPLICABLE: "na",
    Mark.NOT_CHECKED: "unchecked",
    Mark.NOT_JUDGED: "unjudged",
    Mark.MIGRATED: "migrated",
    Mark.NOT_RECORDED: "missing",
}
ROWS: tuple[tuple[Factor, FiveM], ...] = (
    (Factor.MAN, "man"),
    (Factor.MACHINE, "machine"),
    (Factor.MATERIAL, "material"),
    (Factor.METHOD, "method"),
    (Factor.ENVIRONMENT, "environment"),
)


def day(value: date | PrintedDate | None, precision: str = "day") -> str:
    """`2031-10-31`, or `2031-10` where only the month is printed."""
    return str(printed(value, precision) or "")


def amount(value: Decimal | None, unit: str, href: str | None = None) -> Amount | None:
    """A quantity; nothing where nobody wrote it down."""
    return None if value is None else Amount(value=value, unit=unit, href=href)


def measured(words: Words, value: Decimal | None, text: str | None, unit: str | None) -> str:
    """A process value: `3,200 rpm`; in the digits that were entered where the record has them."""
    said = text or ("–" if value is None else plain(value))
    return f"{said} {words.known(f'unit.{unit.lower()}', unit)}" if unit else said


def limits(lower: Decimal | None, upper: Decimal | None) -> str:
    """`30 – 60`, `≥ 30`, `≤ 60`."""
    if lower is not None and upper is not None:
        return f"{plain(lower)} – {plain(upper)}"
    return f"≥ {plain(lower)}" if lower is not None else f"≤ {plain(upper)}" if upper is not None else ""


def matrix(words: Words, found: Assessment) -> Matrix:
    """Man, machine, material, method, environment by stage."""
    zh = words.language == "zh"
    rows = []
    for factor, key in ROWS:
        cells = []
        for stage, _, _ in found.stages:
            cell = found.cell(factor, stage)
            lines = tuple(EvidenceLine(text=text) for text in dict.fromkeys(cell.zh if zh else cell.en) if text)
            cells.append(Cell(state=CELL[cell.mark], lines=lines))
        rows.append(MatrixRow(key=key, cells=tuple(cells)))
    return Matrix(
        stages=tuple(zh_title if zh else en_title for _, zh_title, en_title in found.stages), rows=tuple(rows)
    )


def skill(words: Words, code: str) -> str:
    """A skill or kind of machine in words; a code that the plant made up is shown as it is."""
    return words.known(f"skill.{code}", code)


def titles(words: Words, deviations: Iterable[Deviation]) -> dict[str, str]:
    """What nonconformances of these goods and of what went into them are called, by number, in the reader's language."""
    return {one.number: one.zh if words.language == "zh" else one.en for one in deviations}


def detail_of(words: Words, kind: HitKind, detail: str | None) -> str:
    """What stands beside a number that was found; of a case or a pallet its kind in the reader's language."""
    if kind is not HitKind.LOGISTIC_UNIT or not detail:
        return detail or ""
    zh, _, en = detail.partition(" ")
    return zh if words.language == "zh" else en
