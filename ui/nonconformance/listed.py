"""Nonconformances and deviations as a list."""

from typing import Any

from models.nonconformance.queries.list import TIMES
from ui.frame.parts import lot_href
from ui.frame.status import mark
from ui.listing.plain import Cell


def row(language: str, one: Any) -> tuple[Cell, ...]:
    """Number, finding, severity, state, batch, owner, whether it was on time, when it was opened and closed."""
    timely = next(said.say(language) for key, said in TIMES if key == one.timely)
    return (
        Cell(text=one.number, href=f"/subjects/{one.id}", code=True),
        Cell(text=one.title),
        Cell(mark=mark("severity", one.severity)),
        Cell(mark=mark("finding", one.state)),
        Cell(text=one.lot or "", href=lot_href(one.lot) if one.lot else "", code=True),
        Cell(text=one.owner or ""),
        Cell(text=timely),
        Cell(at=one.opened_at),
        Cell(at=one.closed_at),
    )
