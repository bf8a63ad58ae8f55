"""Repeated rows of forms: scanned batches with quantities, measured values, steps; each keeps its place and its error."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from starlette.datastructures import FormData

from models.kernel.refusal import Refusal
from models.kernel.time.moments import field
from ui.frame.form.forms import WrongForm
from ui.frame.visit import all_typed
from ui.production.page import LotLine

LOT_LINE = ("lot", "quantity", "uom")
"""The columns of a scanned line."""


def rows(form: FormData, prefix: str, keys: Iterable[str]) -> list[dict[str, str]]:
    """The rows as typed, with empty ones, so that they keep their places."""
    columns = {key: all_typed(form, f"{prefix}_{key}") for key in keys}
    count = max((len(column) for column in columns.values()), default=0)
    return [
        {key: column[index] if index < len(column) else "" for key, column in columns.items()} for index in range(count)
    ]


def filled(lines: Iterable[Mapping[str, str]]) -> list[tuple[int, dict[str, str]]]:
    """Rows in which something was typed, each with its place."""
    return [
        (place, {key: value for key, value in line.items() if value})
        for place, line in enumerate(lines)
        if any(line.values())
    ]


def errors(refusal: Refusal | None, name: str, lines: Iterable[Mapping[str, str]], language: str) -> dict[int, str]:
    """What is wrong with which row: problems of the shape by their place among the filled rows."""
    if not isinstance(refusal, WrongForm):
        return {}
    places = [place for place, _ in filled(lines)]
    found: dict[int, str] = {}
    for problem in refusal.problems:
        head, _, rest = problem.field.partition(".")
        index = rest.split(".")[0]
        if head == name and index.isdigit() and int(index) < len(places):
            found.setdefault(places[int(index)], problem.zh if language == "zh" else problem.en)
    return found


def lot_lines(
    form: FormData | None, prefix: str, name: str, refusal: Refusal | None, language: str, *, least: int = 1
) -> tuple[LotLine, ...]:
    """Scanned lines, as typed; a refusal about one batch stands at its line."""
    if form is None:
        return tuple(LotLine() for _ in range(least))
    typed = rows(form, prefix, LOT_LINE)
    wrong = errors(refusal, name, typed, language)
    about = refusal.params.get("lot", "") if refusal is not None else ""
    known = [line["lot"] for line in typed]
    lines = []
    for place, line in enumerate(typed):
        error = wrong.get(place, "")
        if not error and about and line["lot"] == about and refusal is not None:
            # the batch may stand in two lines: the refusal is said once, at the last
            error = refusal.sentence(language) if place == len(known) - 1 - known[::-1].index(about) else ""
        lines.append(LotLine(lot_no=line["lot"], quantity=line["quantity"], uom=line["uom"], error=error))
    spare = [] if lines and not lines[-1].lot_no else [LotLine()]
    return tuple(lines + spare)


def moment(typed: str, zone: str) -> str:
    """A local time of a form, in the plant's zone; what is no time stays as typed, for the shape to refuse."""
    try:
        local = datetime.fromisoformat(typed)
    except ValueError:
        return typed
    return (local if local.tzinfo else local.replace(tzinfo=ZoneInfo(zone))).isoformat()


def local(value: datetime, zone: str) -> str:
    """A moment as a form shows it."""
    return field(value, zone)
