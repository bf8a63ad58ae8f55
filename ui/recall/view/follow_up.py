"""The cockpit below the customers: checks done of drawn, who still has what, what came back, what was reported.

Tables begin with their first rows, open ones first; counts and downloads are whole.
"""

from collections.abc import Collection, Sequence
from decimal import Decimal

from models.recall.queries.follow_up import Follow
from models.recall.queries.returned import ReturnRow
from models.recall.queries.views import RecallView
from models.recall.rules.funnel import Funnel
from models.recall.rules.reconcile import Difference, Figures, Line
from models.recall.store.checks import CheckRow
from models.recall.store.report import FiledReport
from ui.frame.first_rows import Folding
from ui.frame.i18n import Words
from ui.frame.parts import Link, lot_href
from ui.frame.words.numbers import plain, quantity
from ui.recall.page.follow_up import (
    CheckLine,
    CheckPanel,
    DecisionLine,
    DifferenceLine,
    FigureLine,
    FiledLine,
    FollowPanel,
    ReturnLine,
)
from ui.recall.view.list import href

LINES, DIFFERENCES = 10, 5
"""Rows to begin with, in each of the tables here."""
FEW = 5
"""Batches named of a difference that is about many."""
COLUMNS = ("shipped", "returned", "used", "outstanding", "scrapped", "reworked", "restocked", "undecided")


def panel(
    words: Words,
    found: RecallView,
    follow: Follow,
    *,
    runs: bool,
    books: bool,
    decides: bool,
    folding: Folding | None = None,
) -> FollowPanel:
    """All of it; `runs`, `books`, `decides` are what this person may do."""
    number, status = found.row.recall_no, found.row.status
    base = href(number)
    reconciliation = follow.reconciliation
    folding = folding or Folding(base)
    lines, lines_cut = folding.cut("reconciliation", sorted(reconciliation.lines, key=_open_first), LINES)
    returns, returns_cut = folding.cut("returns", _undecided_first(follow.returns), LINES)
    differences, differences_cut = folding.cut("differences", reconciliation.differences, DIFFERENCES)
    asked, checks_cut = folding.cut("checks", sorted(follow.checks.rows, key=_unasked_first), LINES)
    house = _house(words, found, follow.funnel)
    decided, decisions_cut = folding.cut("decisions", house, LINES)
    # the only authority that classifies itself, where its market is reached
    classified = found.decided_at and status != "withdrawn" and "US" in found.markets
    kinds = ("status", "termination") if status == "closed" else ("status",)
    return FollowPanel(
        checks=_checks(words, found, follow, asked, runs=runs and status == "open"),
        columns=tuple(words(f"follow.{name}") for name in COLUMNS),
        totals=tuple(_total(words, unit, one) for unit, one in sorted(reconciliation.totals.items())),
        lines=tuple(_line(words, one) for one in lines),
        settled=reconciliation.settled,
        lines_href=f"{base}/reports/status.csv",
        differences=tuple(_difference(words, one) for one in differences),
        differences_total=len(reconciliation.differences),
        returns=tuple(_return(words, base, one, decides=decides) for one in returns),
        returns_total=len(follow.returns),
        cuts={
            "checks": checks_cut,
            "reconciliation": lines_cut,
            "returns": returns_cut,
            "differences": differences_cut,
            "decisions": decisions_cut,
        },
        book_href=f"{base}/returns/new" if books and found.held_at and status != "withdrawn" else "",
        reports=tuple((words(f"follow.report_{kind}"), _files(base, kind)) for kind in kinds)
        if found.decided_at
        else (),
        pack_href=f"{base}/pack.zip" if found.decided_at else "",
        filed=tuple(_filed(words, one) for one in follow.filed),
        file_href=f"{base}/reports/new" if runs and found.decided_at else "",
        classify_href=f"{base}/classes/new" if runs and classified else "",
        decisions=tuple(decided),
        decisions_total=len(house),
        runs=runs,
        decide_href=f"{base}/decisions/new" if decides and found.held_at and status != "withdrawn" and house else "",
    )


def _house(words: Words, found: RecallView, funnel: Funnel) -> list[DecisionLine]:
    """What is in house, undecided first; a decided batch says what becomes of it, also when it is gone by now."""
    decided = {one.lot_no: one for one in found.decisions}
    items = {one["lot_no"]: one["item"] for one in found.scope["lots"]}
    here = {row.lot_no: row for row in funnel.rows if not row.customer_no and row.places.in_house}
    lines = []
    for lot_no in sorted({*here, *decided}):
        one, row = decided.get(lot_no), here.get(lot_no)
        there, unit = (row.places.in_house, row.uom) if row else (Decimal(0), one.uom if one else "")
        done = one is not None or row is None or not (row.places.free or row.places.held)
        lines.append(
            DecisionLine(
                lot_no=lot_no,
                href=lot_href(lot_no),
                item=items.get(lot_no, one.item if one else ""),
                quantity=quantity(words, there, unit),
                said=f"{words(f'follow.way_{one.kind}')} · {one.reason}"
                if one
                else words("follow.rejected")
                if done
                else "",
                who=one.decided_by if one else "",
                at=one.decided_at if one else None,
            )
        )
    return sorted(lines, key=lambda line: (bool(line.said), line.lot_no))


def _checks(words: Words, found: RecallView, follow: Follow, asked: Sequence[CheckRow], *, runs: bool) -> CheckPanel:
    base, checks = href(found.row.recall_no), follow.checks
    share = checks.progress.share
    return CheckPanel(
        level=level(words, follow.level, follow.share),
        drawn=checks.progress.drawn,
        done=checks.progress.done,
        effective="" if share is None else f"{plain(share)} %",
        seeds=tuple(
            (words("follow.seed", version=one.scope_version, size=one.size, of=one.population), one.seed)
            for one in checks.samples
        ),
        lines=tuple(_check(words, base, one, runs=runs) for one in asked),
        draw_href=f"{base}/checks/new" if runs and not checks.samples and found.told else "",
        started=bool(checks.samples),
    )


def level(words: Words, chosen: str | None, share: Decimal | None) -> str:
    """The level with its share; that nobody has chosen is said."""
    return words("follow.level", level=chosen, share=plain(share or Decimal(0))) if chosen else words("follow.no_level")


def _check(words: Words, base: str, one: CheckRow, *, runs: bool) -> CheckLine:
    answer = one.settled
    said = words("follow.not_reached") if one.attempts else words("follow.not_asked")
    if answer is not None:
        came = words("follow.came" if answer.notice_received else "follow.came_not")
        said = f"{came} · {words('follow.acted' if answer.acted else 'follow.acted_not')}"
        said = f"{said} · {answer.spoken_with}"
    return CheckLine(
        number=one.customer_no,
        name=one.customer,
        contact=" · ".join(part for part in (one.contact, one.phone, one.email) if part),
        href=f"{base}/checks/{one.id}" if runs else "",
        done=answer is not None,
        effective=bool(answer and answer.notice_received and answer.acted),
        said=said,
        tries=len(one.attempts),
        last_at=one.attempts[-1].contacted_at if one.attempts else None,
    )


def _unasked_first(one: CheckRow) -> tuple[bool, str]:
    return one.settled is not None, one.customer


def _open_first(one: Line) -> tuple[bool, str, bool, str]:
    return one.figures.outstanding == 0, one.customer_no, one.lot_no == "", one.lot_no


def _figures(words: Words, one: Figures, unit: str) -> tuple[str, ...]:
    back = one.returned + one.returned_before
    return tuple(quantity(words, back if name == "returned" else getattr(one, name), unit) for name in COLUMNS)


def _total(words: Words, unit: str, one: Figures) -> FigureLine:
    return FigureLine(
        customer=words("follow.total"),
        number="",
        lot_no="",
        href="",
        figures=_figures(words, one, unit),
        outstanding=one.outstanding != 0,
    )


def _line(words: Words, one: Line) -> FigureLine:
    return FigureLine(
        customer=one.customer,
        number=one.customer_no,
        lot_no=one.lot_no or words("follow.not_split"),
        href=lot_href(one.lot_no) if one.lot_no else "",
        figures=_figures(words, one.figures, one.uom),
        outstanding=one.figures.outstanding != 0,
    )


def _difference(words: Words, one: Difference) -> DifferenceLine:
    named = words("list.comma").join(one.lots[:FEW])
    return DifferenceLine(
        number=one.customer_no,
        customer=one.customer,
        lots=f"{named} …" if len(one.lots) > FEW else named,
        text=one.zh if words.language == "zh" else one.en,
    )


def _undecided_first(returns: Collection[ReturnRow]) -> list[ReturnRow]:
    return sorted(returns, key=lambda one: (one.left == 0, one.received_at))


def _return(words: Words, base: str, one: ReturnRow, *, decides: bool) -> ReturnLine:
    return ReturnLine(
        customer=one.customer,
        lot_no=f"{one.lot_no} ({one.serial_no})" if one.serial_no else one.lot_no,
        href=lot_href(one.lot_no),
        quantity=quantity(words, one.quantity, one.uom),
        left=quantity(words, one.left, one.uom) if one.left else "",
        location=one.location,
        received_at=one.received_at,
        reference=one.reference or "",
        disposed=tuple(
            f"{words(f'follow.kind_{each.kind}')} {quantity(words, each.quantity, one.uom)} · {each.reason} · {each.decided_by}"
            for each in one.disposed
        ),
        decide_href=f"{base}/returns/{one.id}" if decides and one.left else "",
    )


def _files(base: str, kind: str) -> tuple[Link, ...]:
    return tuple(Link(label=form.upper(), href=f"{base}/reports/{kind}.{form}") for form in ("pdf", "json", "csv"))


def _filed(words: Words, one: FiledReport) -> FiledLine:
    return FiledLine(
        what=words(f"follow.filing_{one.kind}"),
        where=words(f"recall.where_{one.jurisdiction.lower()}"),
        filed_at=one.filed_at,
        authority=one.authority,
        reference=one.reference,
        estimated_on=one.estimated_on,
        digest=one.digest or "",
    )
