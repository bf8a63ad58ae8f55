"""What a score says on pages: each figure with the list that it opens, what each area has lost and how (SCREENS; REQUIREMENTS 51)."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, ClassVar
from urllib.parse import quote, urlencode

from models.kernel.refusal import Refusal
from models.supplier.queries.records import LIST as RECORDS
from models.supplier.queries.scores import LIST, SHOWN, ScoreRow
from models.supplier.queries.severities import Sampled
from models.supplier.rules.score import NAMES, Area, Figure, Lost, Period, tenths
from ui.frame.i18n import Words
from ui.frame.parts import Link
from ui.frame.render import Nav
from ui.frame.status import Mark, mark
from ui.listing.plain import Cell
from ui.subject.shown import href
from ui.supplier.severity import because, standing


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """So many records count as that; `href` has exactly these, empty where there are none."""

    n: int
    label: str
    href: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AreaShown:
    """What an area has lost of how many points, by which figures, and the sentence that says how it is worked out."""

    title: str
    lost: str
    most: int
    figures: tuple[Counted, ...]
    formula: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemShown:
    """The same of one item (none is named where `item` is empty)."""

    item: str
    item_no: str
    mark: Mark
    score: str
    figures: tuple[Counted, ...]
    severity: Mark | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SeverityShown:
    """How an item is inspected by the switching rules, and when it was switched, the newest first: when, to what, by which lot, and why."""

    item: str
    item_no: str
    said: str
    switches: tuple[tuple[datetime, Mark, str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ScorePage:
    """One supplier: the score first, then what it has lost, then the same by item."""

    template: ClassVar[str] = "supplier/score.html"
    nav: ClassVar[Nav | None] = "quality"

    supplier_no: str
    supplier: str
    here: str
    list_href: str
    since: date
    until: date
    mark: Mark
    score: str
    lots: int
    areas: tuple[AreaShown, ...]
    items: tuple[ItemShown, ...]
    heads: tuple[str, ...]
    links: tuple[Link, ...]
    severities: tuple[SeverityShown, ...] = ()
    refusal: Refusal | None = None


def score_href(number: str, when: Period | None = None) -> str:
    """The page of a supplier's score."""
    asked = "" if when is None else f"?{urlencode(_days(when))}"
    return f"{LIST.page}/{quote(number, safe='')}{asked}"


def _days(when: Period) -> dict[str, str]:
    return {"at_from": when.since.isoformat(), "at_until": when.until.isoformat()}


def _behind(days: Mapping[str, str], one: ScoreRow, figure: Figure, by_item: bool) -> str:
    if not one.counts[figure]:
        return ""
    item = {} if not by_item else {"item": one.item_no} if one.item_no else {"named": "false"}
    return f"{RECORDS.page}?{urlencode({'supplier': one.supplier_no, **item, 'figure': figure.value, **days})}"


def row(words: Words, asked: Mapping[str, str], one: Any) -> tuple[Cell, ...]:
    """A line of the list: who, of which item, score, and the figures that matter most."""
    days = {key: asked[key] for key in ("at_from", "at_until") if asked.get(key)}
    by_item = asked.get("by") == "item"
    here = f"{LIST.page}/{quote(one.supplier_no, safe='')}?{urlencode(days)}"
    return (
        Cell(text=one.supplier, beside=one.supplier_no, href=here),
        Cell(text=one.item or (words("supplier.no_item") if by_item else ""), beside=one.item_no or ""),
        Cell(mark=mark("score", one.band.value), beside=one.score or ""),
        *(Cell(text=str(one.counts[figure]), href=_behind(days, one, figure, by_item)) for figure in SHOWN),
    )


def record(words: Words, one: Any) -> tuple[Cell, ...]:
    """A line of what counts: as what, number and name, whose, of which item, whether it is open, since when."""
    return (
        Cell(text=NAMES[Figure(one.figure)].say(words.language)),
        Cell(text=one.number, href=href(one.kind, one.number, one.id), code=True),
        Cell(text=one.title or ""),
        Cell(text=one.supplier, beside=one.supplier_no, href=score_href(one.supplier_no)),
        Cell(text=one.item or "", beside=one.item_no or ""),
        Cell(text=words("supplier.open") if one.open else ""),
        Cell(at=one.at),
    )


def page(
    words: Words,
    number: str,
    name: str,
    when: Period,
    total: ScoreRow | None,
    items: tuple[ScoreRow, ...],
    refusal: Refusal | None,
    sampled: tuple[Sampled, ...] = (),
) -> ScorePage:
    """One supplier, with every figure."""
    days = _days(when)
    asked = {"q": number}
    severity = {one.item_no: mark("sampling", one.severity.value) for one in sampled}
    seen = tuple(one for one in NAMES if total is not None and total.counts[one])
    return ScorePage(
        supplier_no=number,
        supplier=name,
        here=score_href(number),
        list_href=f"{LIST.page}?{urlencode(days)}",
        since=when.since,
        until=when.until,
        mark=mark("score", total.band.value if total else "none"),
        score=(total.score or "") if total else "",
        lots=sum(total.counts[one] for one in Figure if one.value.startswith("lot_")) if total else 0,
        areas=tuple(_area(words, days, total, one) for one in total.judged.lost) if total else (),
        items=tuple(replace(_item(words, days, one, seen), severity=severity.get(one.item_no or "")) for one in items),
        heads=tuple(NAMES[one].say(words.language) for one in seen),
        links=(
            Link(label=words("supplier.list"), href=f"/supplier-approvals?{urlencode(asked)}"),
            Link(label=words("drift.list"), href=f"/drift-charts?{urlencode(asked)}"),
            Link(label=words("scar.short"), href=f"/scars?{urlencode({**asked, 'every': 1})}"),
            Link(label=words("supplier.all_records"), href=f"{RECORDS.page}?{urlencode({'supplier': number, **days})}"),
        ),
        severities=tuple(_severity(words, one) for one in sampled if one.switches),
        refusal=refusal,
    )


def _severity(words: Words, one: Sampled) -> SeverityShown:
    return SeverityShown(
        item=one.item,
        item_no=one.item_no,
        said=standing(words, one),
        switches=tuple(
            (switch.at, mark("sampling", switch.then.value), switch.lot, because(words, switch))
            for switch in one.switches
        ),
    )


GROUPS = {
    "lots": (Figure.FIRST, Figure.AGAIN, Figure.CONCEDED, Figure.FAILED, Figure.REJECTED, Figure.UNDECIDED),
    "nonconformances": (Figure.CRITICAL, Figure.MAJOR, Figure.MINOR),
    "requests": (Figure.LATE, Figure.ON_TIME, Figure.WAITING),
    "alerts": (Figure.ALERT,),
    "certificates": (Figure.NO_CERTIFICATE,),
}
"""Which figures stand in which area, those that lose nothing too."""


def _area(words: Words, days: Mapping[str, str], total: ScoreRow, lost: Lost) -> AreaShown:
    area = lost.area
    figures = [
        Counted(
            n=total.counts[one],
            label=NAMES[one].say(words.language),
            href=_behind(days, total, one, by_item=False),
        )
        for one in GROUPS[area.key]
    ]
    if area.key == "requests" and total.requests_open:
        asked = {"supplier": total.supplier_no, "kind": "scar", "open": "true", **days}
        still = f"{RECORDS.page}?{urlencode(asked)}"
        figures.append(Counted(n=total.requests_open, label=words("supplier.requests_open"), href=still))
    return AreaShown(
        title=area.title.say(words.language),
        lost=tenths(lost.points, up=True),
        most=area.most,
        figures=tuple(figures),
        formula=_formula(words, area),
    )


def _formula(words: Words, area: Area) -> str:
    weighted = " + ".join(
        f"{float(weight):g} × {NAMES[one].say(words.language)}" for one, weight in area.weights.items()
    )
    return words("supplier.formula", most=area.most, weighted=weighted, base=words(f"supplier.base_{area.key}"))


def _item(words: Words, days: Mapping[str, str], one: ScoreRow, seen: tuple[Figure, ...]) -> ItemShown:
    return ItemShown(
        item=one.item or words("supplier.no_item"),
        item_no=one.item_no or "",
        mark=mark("score", one.band.value),
        score=one.score or "",
        figures=tuple(
            Counted(
                n=one.counts[figure],
                label=NAMES[figure].say(words.language),
                href=_behind(days, one, figure, by_item=True),
            )
            for figure in seen
        ),
    )
