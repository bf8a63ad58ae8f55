"""How an item from a supplier is sampled, and what is watched of it, on the pages of its inspections and of its approval (REQUIREMENTS 50)."""

from typing import Any

from sqlmodel import Session

from models.drift import queries
from models.lot.tables import Lot
from ui.frame.i18n import Words
from ui.frame.parts import Fact, Link


def sampled(words: Words, session: Session, lot: Lot) -> list[Fact]:
    """Nothing where nobody watches it or nothing is amiss; else that it is tightened, since when and by which alert."""
    found = queries.sampling(session, lot.supplier_id, lot.item_id)
    return [] if found is None or found.sampling == "normal" else _tightened(words, found)


def _tightened(words: Words, found: Any) -> list[Fact]:
    return [
        Fact(
            label=words("drift.sampling"),
            text=words("drift.tightened_by", alert=found.alert),
            href=f"/subjects/{found.subject}",
        ),
        Fact(label=words("drift.tightened_at"), moment=found.tightened_at),
    ]


def watched(words: Words, session: Session, supplier: int, item: int) -> list[Fact]:
    """How it is sampled and which charts there are."""
    found = queries.sampling(session, supplier, item)
    if found is None:
        return []
    charts = Fact(
        label=words("drift.charts"),
        links=tuple(
            Link(
                label=f"{one.number} {one.characteristic or words('drift.rejects')} {words(f'status.drift_{one.stands}')}",
                href=f"/subjects/{one.subject}",
            )
            for one in queries.of_goods(session, supplier, item)
        ),
    )
    if found.sampling == "normal":
        return [Fact(label=words("drift.sampling"), text=words("drift.normal")), charts]
    return [*_tightened(words, found), charts]
