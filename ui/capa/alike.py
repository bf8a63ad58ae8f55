"""Cases that have something in common with another, as its page proposes them (REQUIREMENTS 44)."""

from collections.abc import Sequence
from urllib.parse import urlencode

from sqlmodel import Session

from models.capa.store import similar
from models.kernel.store.act import now
from models.person.rules.roles import Permission
from ui.frame.i18n import Words
from ui.frame.parts import Link
from ui.subject.shown import AlikeLine, May, kind_name


def alike(words: Words, session: Session, key: int, number: str, may: May) -> tuple[AlikeLine, ...]:
    """What is like the case of that subject, by what; whoever may says that it is."""
    asks = may(Permission.CAPA_OPEN)

    def line(one: similar.Alike) -> AlikeLine:
        where = f"/similar?{urlencode({'number': number, 'other': one.number})}" if asks and not one.confirmed else ""
        return AlikeLine(
            kind=kind_name(words, one.kind),
            subject=Link(label=one.number, href=f"/subjects/{one.subject}"),
            title=one.title,
            because=in_common(words, one.reasons),
            confirmed=one.confirmed,
            confirm_href=where,
        )

    return tuple(line(one) for one in similar.proposed(session, key, now(session)))


def in_common(words: Words, reasons: Sequence[tuple[str, str]]) -> str:
    """“同一批次 R-88 · 同一设备 M-3”."""
    said = []
    for name, detail in reasons:
        shown = words.known(f"capa.class_{detail}", detail) if name == "cause" else detail
        said.append(" ".join(part for part in (words(f"capa.alike_{name}"), shown) if part))
    return " · ".join(said)
