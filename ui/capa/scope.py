"""Which batches a CAPA is about, on a page: the saved queries, what they reach, and how people add and end one (REQUIREMENTS 41)."""

from typing import Any
from urllib.parse import quote, urlencode

from sqlmodel import Session
from starlette.datastructures import FormData

from models.capa import queries
from models.capa.store import scope
from models.kernel.refusal import Refusal
from models.person.rules.roles import Permission
from ui.capa.page import Relative, Root, ScopePage
from ui.frame.form.forms import Sheet
from ui.frame.i18n import Words
from ui.frame.parts import Amount, Link, Option, Pager, lot_href
from ui.frame.status import mark
from ui.frame.visit import Visit, new_key

PAGE = 200


def scope_href(number: str) -> str:
    """Where the batches stand that it is about."""
    return f"/capas/{quote(number, safe='')}/scope"


def page(
    visit: Visit,
    session: Session,
    number: str,
    *,
    after: str = "",
    form: FormData | None = None,
    refusal: Refusal | None = None,
) -> ScopePage:
    """The page; after a refusal what was typed is still there."""
    words = visit.words
    case = queries.of_number(session, number)
    rows = scope.relatives(session, case.scope, case.head.opened_at, after=after or None, limit=PAGE + 1)
    here = scope_href(case.head.number)
    may = visit.may(Permission.CAPA_OPEN) and case.head.status == "open"
    sheet = Sheet(words, form, refusal)
    ways = tuple(Option(value=way, label=words(f"capa.way_{way}")) for way in ("forward", "backward", "both"))
    return ScopePage(
        number=case.head.number,
        subject=Link(label=case.head.number, href=f"/subjects/{case.head.subject}"),
        roots=tuple(_root(words, one, may=may) for one in case.scope.roots),
        relatives=tuple(_relative(one) for one in rows[:PAGE]),
        total=case.scope.total,
        later=case.scope.later,
        as_of=case.scope.as_of,
        pager=Pager(
            shown=len(rows[:PAGE]),
            next_href=f"{here}?{urlencode({'after': rows[PAGE - 1].lot_no})}" if len(rows) > PAGE else None,
            first_href=here if after else None,
        ),
        fields=(
            sheet.field("lot_no", words("lot.lot"), required=True),
            sheet.field("direction", words("capa.way"), "choice", "forward", options=ways),
            sheet.field("reason", words("capa.scope_reason"), "long_text", required=True),
        )
        if may
        else (),
        action=here,
        refusal=refusal,
        command_key=new_key(),
    )


def _root(words: Words, one: Any, *, may: bool) -> Root:
    """A saved query; what a finding brings in by itself nobody takes out."""
    return Root(
        lot=Link(label=one.lot_no, href=lot_href(one.lot_no)),
        way=words(f"capa.way_{one.direction}"),
        reason=one.reason,
        who=one.added_by or words("capa.by_finding"),
        at=one.added_at,
        ends=may and one.id is not None,
    )


def _relative(one: Any) -> Relative:
    return Relative(
        lot=Link(label=one.lot_no, href=lot_href(one.lot_no)),
        item=f"{one.item} · {one.item_no}",
        amount=Amount(value=one.quantity, unit=one.uom),
        mark=mark("lot", "held" if one.held else one.status),
        down=one.down,
        up=one.up,
        later=one.later,
    )
