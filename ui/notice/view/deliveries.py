"""How notices went out, in words: taken by a mail server, to be printed and why, posted by whom (REQUIREMENTS 79)."""

from collections.abc import Sequence

from models.notice.store.deliveries import DeliveryRow
from ui.frame.i18n import Words
from ui.recall.page.recall import Way

TONES = {"sent": "good", "printed": "good", "to_print": "hold", "failed": "bad"}
OURS = frozenset({"no_server", "no_link", "no_address", "bad_address"})
"""Reasons of our own; anything else is what the mail server said."""
WAITS = frozenset({"to_print", "failed", "waiting", "sending"})


def ways(words: Words, rows: Sequence[DeliveryRow]) -> tuple[Way, ...]:
    """A line for each sending; a reminder that nobody needs any more isn't worth one."""
    return tuple(_way(words, one) for one in rows if one.status != "needless")


def waits(rows: Sequence[DeliveryRow]) -> bool:
    """Whether somebody could print and post it now."""
    return any(one.status in WAITS for one in rows)


def _way(words: Words, one: DeliveryRow) -> Way:
    what = (
        words("delivery.first")
        if one.kind == "first"
        else words("delivery.reminder", n=int(one.kind.rpartition("-")[2] or 0))
    )
    said = words(f"delivery.{one.status}", to=one.address or "", who=one.by or "", tries=one.attempts)
    why = (words(f"delivery.{one.why}") if one.why in OURS else one.why) if one.why else ""
    text = f"{what}: {said}" + (f" ({why})" if why else "")
    return Way(text=text, tone=TONES.get(one.status, "muted"), at=one.done_at)
