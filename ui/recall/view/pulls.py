"""The errands of a recall as the cockpit shows them: where, how many, who goes, what was found (REQUIREMENTS 55)."""

from collections.abc import Sequence

from models.pull.store import PullRow as Row
from ui.frame.i18n import Words
from ui.frame.parts import Amount, Deadline
from ui.frame.status import mark
from ui.frame.words.numbers import plain
from ui.recall.page.recall import PullRow

COLUMNS = ("kind", "place", "title", "lot_no", "quantity", "uom", "found_there", "put_to", "note", "done_by", "done_at")
FEW = 5
"""Lots named of a place; its task names all of them."""


def pulls(words: Words, rows: Sequence[Row]) -> tuple[PullRow, ...]:
    """One row for each place, what is open first."""
    return tuple(_row(words, one) for one in rows)


def _row(words: Words, one: Row) -> PullRow:
    names = [line["lot_no"] for line in one.lines]
    said = words("list.comma").join(names[:FEW])
    state = one.status if one.status != "open" or not one.assignee else "claimed"
    return PullRow(
        place=words(f"pull.at_{one.kind}", place=one.place, title=one.title),
        lots=len(names),
        first=f"{said} …" if len(names) > FEW else said,
        quantity=Amount(value=one.quantity, unit=one.uom),
        mark=mark("task", state),
        href=f"/tasks/{one.task}" if one.task else "",
        found=Amount(value=one.found, unit=one.uom) if one.found is not None else None,
        short=one.found is not None and one.found != one.quantity,
        put_to=one.put_to or "",
        note=one.note or "",
        who=one.done_by or one.assignee or "",
        deadline=Deadline(due=one.due_at) if one.due_at and one.status == "open" else None,
        done_at=one.done_at,
    )


def table(rows: Sequence[Row]) -> list[dict[str, str]]:
    """A line for each lot of each place, for the file; what was found is of the place, whatever lots are there."""
    return [
        {
            "kind": one.kind, "place": one.place, "title": one.title, "lot_no": line["lot_no"], "quantity": line["quantity"],
            "uom": one.uom, "found_there": plain(one.found) if one.found is not None else "", "put_to": one.put_to or "",
            "note": one.note or "", "done_by": one.done_by or "", "done_at": one.done_at.isoformat() if one.done_at else "",
        }
        for one in rows
        for line in one.lines
    ]  # fmt: skip
