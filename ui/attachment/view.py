"""Files as people read them: their name, their size, where they are handed out."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from uuid import UUID

from sqlmodel import Session

from models.attachment import store
from models.attachment.rules.attachment import MEBI
from models.attachment.store import Attached
from ui.frame.parts import KeptFile
from ui.frame.words.numbers import plain

KIBI = 1024


def size(amount: int) -> str:
    """`812 B`, `12.4 KiB`, `3.1 MiB`."""
    if amount < KIBI:
        return f"{amount} B"
    unit, name = (MEBI, "MiB") if amount >= MEBI else (KIBI, "KiB")
    return f"{plain(round(Decimal(amount) / unit, 1))} {name}"


def line(one: Attached) -> KeptFile:
    """One file."""
    return KeptFile(digest=one.digest, name=one.name, size=size(one.size), href=f"/attachments/{one.number}")


def lines(session: Session, digests: Iterable[str], by: UUID | None = None) -> Mapping[str, KeptFile]:
    """The files of these contents, by digest: under the name that `by` gave it, else under its first."""
    found: dict[str, Attached] = {}
    for one in store.of_digests(session, tuple(dict.fromkeys(digests))):
        if one.digest not in found or (one.uploaded_by_id == by and found[one.digest].uploaded_by_id != by):
            found[one.digest] = one
    return {digest: line(one) for digest, one in found.items()}
