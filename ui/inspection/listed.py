"""Inspections as a list."""

from typing import Any

from models.inspection.queries.list import STAGES
from ui.frame.i18n import Words
from ui.frame.parts import lot_href
from ui.frame.status import mark
from ui.listing.plain import Cell

VERDICT = {"open": "pending", "accepted": "pass", "failed": "fail"}


def row(words: Words, one: Any) -> tuple[Cell, ...]:
    """Number, batch, item, where in its life, the how-manieth time, verdict, when it was opened and decided."""
    stage = next((said.say(words.language) for key, said in STAGES if key == one.stage), one.stage)
    return (
        Cell(text=one.number, code=True),
        Cell(text=one.lot, href=lot_href(one.lot), code=True),
        Cell(text=one.item, beside=one.item_no),
        Cell(text=stage),
        Cell(text=words("inspection.first" if one.revision == 1 else "inspection.again", n=one.revision)),
        Cell(mark=mark("verdict", VERDICT[one.state])),
        Cell(at=one.opened_at),
        Cell(at=one.decided_at, beside=one.inspector or ""),
    )
