"""The badge of a batch and its line in a list, the same wherever a page names one.

Held is no status of a lot but a fact beside it (DESIGN 9), and it wins: a held lot shows ■ whatever it was before.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from models.kernel.time.moments import PrintedDate, printed
from models.lot.rules import open_hold
from ui.frame.i18n import Words
from ui.frame.parts import Amount, LotRef
from ui.frame.status import Mark, mark

OVER = frozenset({"rejected", "closed"})
"""States after which it doesn't matter any more that a batch expires."""


def lot_mark(status: str, *, held: bool = False, expired: bool = False) -> Mark:
    """The badge of a lot: held wins over expired, and expired over a status that is still alive."""
    if held:
        return mark("lot", "held")
    if expired and status not in OVER:
        return mark("lot", "expired")
    return mark("lot", status)


def held_why(words: Words, cause: str, reason: str) -> str:
    """Why a batch is held: that of a release decision has a name of its own, that of a receipt was written in both languages."""
    if cause == "release":
        return words("lot.held_at_release")
    return open_hold.why(cause, reason).say(words.language)


def lifted_why(words: Words, cause: str, reason: str, *, by_process: bool) -> str:
    """Why it is held no longer: what the approval of a supplier wrote was written in both languages, what a person typed stays as it is."""
    return held_why(words, cause, reason) if by_process and cause == open_hold.APART else reason


def is_expired(value: date | str | PrintedDate | None, precision: str, now: datetime, zone: str) -> bool:
    """Whether the batch may not be used any more."""
    read = printed(value, precision)
    return read is not None and read.over(now, zone)


def ref(row: Any, now: datetime, zone: str, *, amount: Amount | None = None, note: str = "") -> LotRef:
    """A batch in a list; the row has lot_no, item, status (or lot_status), held, expires_on, expiry_precision."""
    row = _mapping(row)
    late = is_expired(row.get("expires_on"), row.get("expiry_precision", "day"), now, zone)
    return LotRef(
        lot_no=row["lot_no"],
        mark=lot_mark(row.get("lot_status") or row["status"], held=row.get("held", False), expired=late),
        item=row.get("item") or "",
        amount=amount,
        note=note,
    )


def _mapping(row: Any) -> Mapping[str, Any]:
    if isinstance(row, Mapping):
        return row
    if hasattr(row, "_mapping"):
        found: Mapping[str, Any] = row._mapping  # noqa: SLF001 - SQLAlchemy's public name
        return found
    return {name: getattr(row, name) for name in row.__slots__}
