"""What the page of a nonconformance or deviation says beside what every subject's page says."""

from typing import Any
from urllib.parse import quote, urlencode

from sqlmodel import Session

from models.nonconformance.queries import findings as queries
from models.person.rules.roles import Permission
from ui.attachment.view import lines as file_lines
from ui.capa.alike import alike
from ui.frame.i18n import Words
from ui.frame.parts import Amount, Fact, Link, lot_href
from ui.frame.status import mark
from ui.subject.shown import May, Panel, Shown


def _panel(words: Words, session: Session, key: int, may: May) -> Panel:
    row = queries.of_subject(session, key)
    facts = []
    if row.lot_no is not None:
        facts.append(Fact(label=words("lot.lot"), text=row.lot_no, href=lot_href(row.lot_no), code=True))
    if row.item_no is not None:
        facts.append(Fact(label=words("lot.item"), text=f"{row.item} · {row.item_no}"))
    if row.run is not None:
        facts.append(
            Fact(label=words("nonconformance.run"), text=words("nonconformance.open_run"), href=f"/runs/{row.run}")
        )
    said = (
        ("nonconformance.severity", words(f"status.severity_{row.severity}")),
        ("nonconformance.source", words(f"nonconformance.source_{row.source}")),
        ("nonconformance.supplier", row.supplier),
        ("lot.supplier_lot", row.supplier_lot_no),
        ("nonconformance.place", f"{row.place} {row.place_name}" if row.place else ""),
        ("nonconformance.value", row.value),
        ("nonconformance.limit", row.limit_text),
        ("nonconformance.said", row.said),
        ("nonconformance.cause", row.cause),
        ("nonconformance.disposition", words.known(f"fact.outcome_{row.disposition}", row.disposition or "")),
        ("nonconformance.opened_by", row.opened_by),
        ("nonconformance.decided_by", row.decided_by),
    )
    facts += [Fact(label=words(label), text=text) for label, text in said if text]
    if row.quantity is not None:
        facts.append(Fact(label=words("nonconformance.quantity"), amount=Amount(value=row.quantity, unit=row.uom)))
    if row.happened_at is not None:
        facts.append(Fact(label=words("nonconformance.happened"), moment=row.happened_at))
    kept = file_lines(session, row.files)
    if kept:
        facts.append(Fact(label=words("nonconformance.files"), files=tuple(kept.values())))
    return Panel(
        title=words("nonconformance.finding"),
        facts=tuple(facts),
        mark=mark("finding", row.status),
        alike=alike(words, session, key, row.nonconformance_no, may),
        links=_links(words, row, may),
    )


def _links(words: Words, row: Any, may: May) -> tuple[Link, ...]:
    """On paper; and, where it is a supplier's, what that supplier is asked to correct."""
    links = (Link(label=words("capa.print"), href=f"/nonconformances/{quote(row.nonconformance_no, safe='')}/pdf"),)
    if not row.supplier or not may(Permission.SUPPLIER_ASSESS):
        return links
    asked = {
        "supplier_no": row.supplier_no,
        "nonconformance": row.nonconformance_no,
        "lot": row.lot_no or "",
        "title": row.title,
    }
    return (*links, Link(label=words("scar.raise"), href=f"/scars/new?{urlencode(asked)}"))


SHOWN = {"nonconformance": Shown(panel=_panel)}
