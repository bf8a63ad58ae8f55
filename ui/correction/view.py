"""The page of the links into a batch: the record, and who may correct which of it now (REQUIREMENTS 13, 21)."""

from urllib.parse import urlencode

from sqlmodel import Session
from starlette.datastructures import FormData

from models.correction import rules
from models.correction import store as links
from models.correction.store import LinkView
from models.kernel.refusal import Refusal
from models.lot.queries import list as queries_lots
from models.lot.store import lots
from models.person.rules.auth import Principal, check_permission
from models.person.rules.roles import Permission
from ui.correction.page import CorrectForm, LinkRow, LinksPage, UsedLine
from ui.frame.form.forms import Sheet
from ui.frame.form.lines import errors, rows
from ui.frame.i18n import Words
from ui.frame.parts import LotRef, lot_href
from ui.frame.rows import amount
from ui.frame.visit import new_key
from ui.lot.mark import lot_mark

SHOWN = 50
COLUMNS = ("lot", "quantity", "location")


def page(
    words: Words,
    session: Session,
    principal: Principal,
    lot_no: str,
    *,
    q: str = "",
    chosen: int | None = None,
    given: FormData | None = None,
    refusal: Refusal | None = None,
) -> LinksPage:
    """All links, and the form of the chosen one: fresh, or as it was refused."""
    _, lot = queries_lots.one(session, lot_no)
    row = lots.get(session, lot_no)
    found = links.into(session, row.id, SHOWN + 1, q or None)
    form = None
    if chosen is not None:
        known = links.into(session, row.id, 1, link=chosen)
        if known and known[0].superseded_at is None and known[0].kind == rules.CONSUME:
            blocked = _blocked(session, principal, lot_no, known[0])
            form = _form(words, known[0], given, refusal, blocked)
    may = principal.may(Permission.LOT_LINK_CORRECT)
    return LinksPage(
        lot=LotRef(lot_no=lot.lot_no, mark=lot_mark(lot.status, held=lot.held, expired=lot.expired), item=lot.item),
        rows=tuple(_row(words, lot_no, one, q, chosen, may=may) for one in found[:SHOWN]),
        form=form,
        refusal=refusal if form is None else None,
        q=q,
        more=SHOWN if len(found) > SHOWN else 0,
        command_key=new_key(),
    )


def _blocked(session: Session, principal: Principal, lot_no: str, view: LinkView) -> Refusal | None:
    """Why this person can't correct it, before they type anything: the act asks the same rule again."""
    child = lots.get(session, lot_no)
    between = links.between(session, child, lots.get(session, view.lot_no))
    try:
        check_permission(principal, Permission.LOT_LINK_CORRECT)
        link = next(one for one in between if one.id == view.id)
        rules.check_duty(links.child(session, child), link, principal.person_id, principal.roles)
    except Refusal as why:
        return why
    return None


def _form(
    words: Words, link: LinkView, given: FormData | None, refusal: Refusal | None, blocked: Refusal | None
) -> CorrectForm:
    if given is None:
        first = UsedLine(lot_no=link.lot_no, quantity=rules.plain(link.quantity) if link.quantity is not None else "")
        lines: tuple[UsedLine, ...] = (first, UsedLine(), UsedLine())
    else:
        typed = rows(given, "used", COLUMNS)
        wrong = errors(refusal, "lots", typed, words.language)
        lines = tuple(
            UsedLine(
                lot_no=line["lot"], quantity=line["quantity"], location=line["location"], error=wrong.get(place, "")
            )
            for place, line in enumerate(typed)
        )
        if len(lines) < rules.MOST and (not lines or lines[-1].lot_no):
            lines = (*lines, UsedLine())
    sheet = Sheet(words, given, refusal)
    return CorrectForm(
        link=link.id,
        lot_no=link.lot_no,
        amount=amount(link.quantity, link.uom),
        operation=_operation(words, link),
        lines=lines,
        reason=sheet.value("reason"),
        reason_error=sheet.error("reason"),
        refusal=refusal,
        blocked=blocked,
    )


def _operation(words: Words, link: LinkView) -> str:
    if link.seq is None:
        return ""
    title = (link.title_zh if words.language == "zh" else link.title_en) or ""
    return f"{link.work_order or ''} · {link.seq} {title}".strip(" ·")


def _row(words: Words, lot_no: str, link: LinkView, q: str, chosen: int | None, *, may: bool) -> LinkRow:
    here = f"{lot_href(lot_no)}/links?"
    alive = link.superseded_at is None
    asked = {"correct": str(link.id), **({"q": q} if q else {})}
    kind = words("fact.lot_consumed") if link.kind == rules.CONSUME else _kind(words, link.kind)
    return LinkRow(
        lot_no=link.lot_no,
        href=lot_href(link.lot_no),
        item=link.item,
        amount=amount(link.quantity, link.uom),
        what=kind,
        operation=_operation(words, link),
        at=link.at,
        who=link.recorded_by or (words("link.imported") if link.source != "batchwright" else ""),
        correction=link.correction,
        corrected_at=link.superseded_at,
        corrected_by=link.corrected_by or "",
        reason=link.reason or "",
        correct_href=here + urlencode(asked) + "#correct" if alive and may and link.kind == rules.CONSUME else "",
        chosen=link.id == chosen,
    )


def _kind(words: Words, kind: str) -> str:
    return words.known(f"lot.edge_{kind.replace('-', '_')}", kind)
