"""The trace health check as a page (requirement 26): the score and its trend, the worst families, what stands."""

from urllib.parse import urlencode

from models.health.queries import CheckView, FindingsPage, HealthView, StandingFinding
from models.health.rules import SEVERITY
from ui.frame.i18n import Words
from ui.frame.parts import Link, Pager, lot_href
from ui.frame.words.numbers import plain
from ui.health.page import Bar, CodeRow, FamilyRow, FindingRow, TraceHealthPage

COLUMN, HEIGHT, LABELS = 20, 100, 7
"""Width of a check in the picture; every seventh is marked with its day."""
HERE = "/trace-health"


def page(
    words: Words, found: HealthView, standing: FindingsPage, *, code: str, family: str, cursor: str, can_check: bool
) -> TraceHealthPage:
    """The newest check with what stands, perhaps of one kind or family."""
    check, history = found.check, tuple(reversed(found.history))
    chosen = {"code": code, "family": family}
    following = _href(**chosen, cursor=standing.next) if standing.next else None
    return TraceHealthPage(
        at=check.at,
        score=check.score,
        lots=check.lots,
        edges=check.edges,
        findings=check.findings,
        appeared=check.appeared,
        cleared=check.cleared,
        seconds=plain(round(check.seconds, 1)),
        asked_by=check.asked_by or "",
        trend=tuple(_bar(one, place, len(history)) for place, one in enumerate(history)),
        trend_width=COLUMN * len(history),
        families=tuple(
            FamilyRow(
                family=words.known(f"lot.kind_{one.family}", one.family),
                lots=one.lots,
                gap=one.gap,
                balance=one.balance,
                doubt=one.doubt,
                score=one.score,
                change=None if one.before is None else one.score - one.before,
                href=_href(code=code, family=one.family),
                chosen=one.family == family,
            )
            for one in found.families
        ),
        codes=tuple(_codes(words, found, code, family)),
        rows=tuple(_row(words, one) for one in standing.items),
        pager=Pager(shown=len(standing.items), next_href=following, first_href=_href(**chosen) if cursor else None),
        all_href=HERE if code or family else "",
        can_check=can_check,
    )


def _bar(one: CheckView, place: int, many: int) -> Bar:
    marked = (many - 1 - place) % LABELS == 0
    return Bar(at=one.at, score=one.score, x=COLUMN * place, y=HEIGHT - one.score, height=one.score, marked=marked)


def _codes(words: Words, found: HealthView, code: str, family: str) -> list[CodeRow]:
    many: dict[str, int] = {}
    for one in found.families:
        if family in {"", one.family}:
            for each, count in one.codes.items():
                many[each] = many.get(each, 0) + count
    return [
        CodeRow(
            code=each,
            text=words(f"health.code_{each.removeprefix('TRC-')}"),
            severity=SEVERITY[each],
            many=many[each],
            href=_href(code=each, family=family),
            chosen=each == code,
        )
        for each in sorted(many, key=lambda each: (list(SEVERITY.values()).index(SEVERITY[each]), each))
    ]


def _row(words: Words, one: StandingFinding) -> FindingRow:
    return FindingRow(
        code=one.code,
        text=one.zh if words.language == "zh" else one.en,
        severity=one.severity,
        lot=Link(label=one.lot_no, href=lot_href(one.lot_no)),
        since=one.since,
    )


def _href(**given: str | None) -> str:
    said = urlencode({name: value for name, value in given.items() if value})
    return f"{HERE}?{said}" if said else HERE
