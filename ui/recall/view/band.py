"""RECALL across the whole page of a batch, a task or an order: which recall, since when, and what is allowed meanwhile.

A batch that a recall holds must not look like any other (21 CFR 7.46; ISO 13485 8.3.1): a chip isn't enough.
"""

from collections.abc import Sequence
from urllib.parse import quote

from models.lot.rules import held
from models.lot.rules.open_hold import HoldKind, OpenHold, strongest
from ui.frame.i18n import Words
from ui.frame.parts import RecallBand
from ui.recall.view.list import class_of


def band(words: Words, holds: Sequence[OpenHold]) -> RecallBand | None:
    """The band for a batch with these open holds; nothing where no recall holds it."""
    recalls = [one for one in holds if one.kind in {HoldKind.CONTAINMENT, HoldKind.RECALL}]
    first = strongest(recalls)
    if first is None or first.recall_no is None or first.placed_at is None:
        return None
    kind = class_of(words, first.recall_class) if first.kind is HoldKind.RECALL else words("band.precaution")
    return RecallBand(
        number=first.recall_no,
        href=f"/recalls/{quote(first.recall_no, safe='')}",
        level=kind,
        since=first.placed_at,
        may=held.may(holds)[f"may_{words.language}"],
        more=len({one.recall_no for one in recalls}) - 1,
    )
