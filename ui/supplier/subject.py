"""What the page of a supplier's approval says beside what every subject's page says: its terms today, and the lots that came under it."""

from typing import Any
from urllib.parse import urlencode

from sqlmodel import Session

from models.kernel.store.act import now as act_now
from models.kernel.time.moments import plant_day
from models.listing.rules import Asked
from models.lot.store import lots
from models.person.rules.roles import Permission
from models.supplier.queries import approvals as queries
from models.supplier.queries import scores
from models.supplier.rules.score import DAYS
from ui.drift.sampling import watched
from ui.frame.i18n import Words
from ui.frame.parts import Fact, Link
from ui.frame.status import mark
from ui.subject.shown import May, Panel, Shown
from ui.supplier.scored import score_href
from ui.supplier.severity import kept


def condition(words: Words, one: Any) -> str:
    """On which condition it may be delivered, in words."""
    said = words(f"supplier.condition_{one.condition}", n=one.most_lots or 0)
    return f"{said}{words('supplier.colon')}{one.condition_text}" if one.condition_text else said


def _panel(words: Words, session: Session, key: int, may: May) -> Panel:
    entry = queries.of_subject(session, key, act_now(session))
    head = entry.head
    facts = [
        Fact(label=words("supplier.supplier"), text=f"{head.supplier} {head.supplier_no}"),
        Fact(label=words("supplier.item"), text=f"{head.item} {head.item_no}"),
        Fact(label=words("supplier.revision"), text=head.revision or words("supplier.every_revision")),
        *_terms(words, head),
        Fact(label=words("supplier.round"), text=words("supplier.round_n", n=head.round)),
    ]
    if head.reason:
        facts.append(Fact(label=words("supplier.reason"), text=head.reason))
    if head.asked_by:
        facts.append(Fact(label=words("supplier.asked_by"), text=head.asked_by))
    facts += _scores(words, session, head)
    facts += kept(words, session, head.supplier_id, head.item_id)
    facts += watched(words, session, head.supplier_id, head.item_id)
    facts += _lots(words, entry, lots.site_zone(session))
    return Panel(
        title=words("supplier.entry"),
        facts=tuple(facts),
        mark=mark("approval", head.stands),
        links=_links(words, head, may),
    )


def _scores(words: Words, session: Session, head: Any) -> list[Fact]:
    """How the supplier has delivered, and this item of it."""
    zone = lots.site_zone(session)
    _, when = scores.filled(Asked(), act_now(session), zone)
    of_item = scores.of_supplier(session, head.supplier_no, when, zone, head.item_id)
    total = scores.of_supplier(session, head.supplier_no, when, zone)
    said = words(
        "supplier.scored",
        item=(of_item.score if of_item else None) or "–",
        total=(total.score if total else None) or "–",
        days=DAYS,
    )
    return [Fact(label=words("supplier.score"), text=said, href=score_href(head.supplier_no))]


def _terms(words: Words, head: Any) -> list[Fact]:
    if head.status == "requested":
        return []
    facts = [Fact(label=words("supplier.condition"), text=condition(words, head))]
    if head.expires_on is not None:
        facts.append(Fact(label=words("supplier.until"), day=head.expires_on))
        facts.append(Fact(label=words("supplier.reassess"), day=head.reassess_on))
    elif head.origin != "native":
        facts.append(Fact(label=words("supplier.until"), text=words(f"supplier.origin_{head.origin}")))
    if head.approved_at is not None:
        facts.append(Fact(label=words("supplier.approved_by", who=head.approved_by), moment=head.approved_at))
    if head.refused_at is not None:
        facts.append(Fact(label=words("supplier.refused"), moment=head.refused_at))
    return facts


def _lots(words: Words, entry: queries.Entry, zone: str) -> list[Fact]:
    counted = entry.counted
    label = words("supplier.lots", n=counted.lots, apart=counted.kept_apart, failed=counted.failed)
    if not entry.receipts:
        return [Fact(label=label, text=words("supplier.no_lots"))]
    rows = tuple(
        (
            one.lot_no,
            words(f"supplier.found_{one.finding}") + _since(words, one),
            one.certificate_no or "–",
            plant_day(one.judged_at, zone).isoformat(),
        )
        for one in entry.receipts
    )
    heads = (words("lot.lot"), words("supplier.finding"), words("supplier.certificate"), words("supplier.received"))
    return [Fact(label=label, heads=heads, rows=rows)]


def _since(words: Words, one: Any) -> str:
    return words("supplier.let_go") if one.let_go else words("supplier.held") if one.held else ""


def _links(words: Words, head: Any, may: May) -> tuple[Link, ...]:
    if not may(Permission.SUPPLIER_ASSESS):
        return ()
    asked = {"supplier_no": head.supplier_no, "item_no": head.item_no, "revision": head.revision}
    scar = {"supplier_no": head.supplier_no, "item_no": head.item_no}
    return (
        Link(label=words("supplier.ask_again"), href=f"/supplier-approvals/new?{urlencode(asked)}"),
        Link(label=words("scar.raise"), href=f"/scars/new?{urlencode(scar)}"),
        Link(label=words("scar.short"), href=f"/scars?{urlencode({'q': head.supplier_no, 'every': 1})}"),
    )


SHOWN = {"supplier_approval": Shown(panel=_panel)}
