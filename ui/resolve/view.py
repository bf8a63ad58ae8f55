"""What was typed or scanned, as a page: one meaning opens at once, several are listed, none says what was understood.

Requirements 19 and 95: shown, never guessed between.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final
from urllib.parse import quote

from models.identifier.rules.scan import Scan
from models.kernel.refusal import Refusal
from models.resolve.rules import Hit as Meaning
from models.resolve.rules import HitKind, Match, Resolution
from models.resolve.store.begins_with import Beginning, Beginnings
from ui.frame.i18n import Words
from ui.frame.parts import Fact, lot_href, unit_href
from ui.frame.rows import detail_of
from ui.lot.mark import ref
from ui.resolve.page import Hit, SearchPage
from ui.subject.shown import kind_name

AT_ONCE = 100
NOTHING = Beginnings()
RECALL: Final = "recall"
SUBJECT: Final = "subject"
TRACED = {
    HitKind.LOT,
    HitKind.SUPPLIER_LOT,
    HitKind.SERIAL_UNIT,
    HitKind.LOGISTIC_UNIT,
    HitKind.ORDER,
    HitKind.TRACKING,
    HitKind.EQUIPMENT,
    HitKind.LOAD,
}


@dataclass(frozen=True)
class Seen:
    """Who looks, when, and what is known of what was found: states of batches and English names of findings, by public id."""

    words: Words
    states: Mapping[str, Any]
    now: datetime
    zone: str
    english: Mapping[str, str]


def opens(found: Resolution) -> Meaning | None:
    """The only meaning that fits exactly, else the only one that nearly does; a guess is never followed.

    A label that says something else than the record opens nothing: the difference is read first.
    """
    if found.contradictions:
        return None
    for match in (Match.EXACT, Match.NEAR):
        hits = [hit for hit in found.hits if hit.match is match]
        if hits:
            return hits[0] if len(hits) == 1 else None
    return None


def href(hit: Meaning) -> str:  # noqa: PLR0911 - one line per kind
    """The page behind a meaning."""
    number, detail = quote(hit.number, safe=""), hit.detail or ""
    first, *more = [one for one in detail.split(", ") if one] or [""]
    match hit.kind:
        case HitKind.LOT:
            return lot_href(hit.number)
        case HitKind.SUPPLIER_LOT:
            return f"/lots?q={number}" if more or not first else lot_href(first)
        case HitKind.NONCONFORMANCE if not first:
            return "/quality"  # of no batch yet
        case HitKind.SERIAL_UNIT | HitKind.INSPECTION | HitKind.NONCONFORMANCE:
            return lot_href(first)
        case HitKind.ITEM:
            return f"/lots?item={number}"
        case HitKind.LOGISTIC_UNIT:
            return unit_href(hit.number)
        case HitKind.SHIPMENT:
            return f"/shipments/{number}"
        case HitKind.ORDER | HitKind.TRACKING if first and not more:
            return f"/shipments/{quote(first, safe='')}"
        case HitKind.WORK_ORDER:
            return f"/work-orders/{number}"
        case HitKind.CUSTOMER:
            return f"/shipments?customer={number}"
        case HitKind.SUPPLIER:
            return f"/lots?supplier={number}"
        case _:
            return trace_href(hit)


def unsure(found: Resolution) -> bool:
    """Whether the text means nothing for certain, so that what only begins with it is looked for as well."""
    return all(hit.match is Match.GUESS for hit in found.hits)


def href_of(one: Beginning) -> str:
    """The page behind something that begins with the text."""
    if one.kind == RECALL:
        return f"/recalls/{quote(one.number, safe='')}"
    if one.kind == SUBJECT:
        return f"/subjects/{one.key}"
    return href(Meaning(HitKind(one.kind), one.key, one.number, Match.GUESS, one.name, one.detail))


def trace_href(hit: Meaning) -> str:
    """The trace of one meaning, named for good."""
    return f"/trace/{quote(hit.reference, safe='')}?direction=both"


def page(
    words: Words,
    text: str,
    found: Resolution | None,
    refusal: Refusal | None,
    states: Mapping[str, Any],
    now: datetime,
    zone: str,
    *,
    begun: Beginnings = NOTHING,
    english: Mapping[str, str] | None = None,
) -> SearchPage:
    """The list of meanings, or what was understood of the text; `english` names nonconformances by their public ids."""
    seen = Seen(words, states, now, zone, english or {})
    scan = found.scan if found is not None else None
    hits = found.hits if found is not None else ()
    return SearchPage(
        text=text,
        hits=tuple(_hit(seen, hit) for hit in hits[:AT_ONCE]),
        guessed=all(hit.match is Match.GUESS for hit in hits),
        parsed=_parsed(words, scan) if scan is not None else (),
        invalid=tuple(one.sentence(words.language) for one in (scan.problems if scan is not None else ())),
        differs=found.contradictions if found is not None else (),
        refusal=refusal,
        more=len(hits) > AT_ONCE,
        begun=tuple(_begun(seen, one) for one in begun.found),
        begun_more=begun.more,
    )


def _hit(seen: Seen, hit: Meaning) -> Hit:
    words = seen.words
    state = seen.states.get(hit.key) if hit.kind is HitKind.LOT else None
    finding = hit.kind is HitKind.NONCONFORMANCE and words.language == "en"
    name = seen.english.get(hit.key) if finding else words.name(hit.name or "", hit.name_en)
    title = " · ".join(one for one in (name, detail_of(words, hit.kind, hit.detail)) if one)
    return Hit(
        kind=hit.kind.value,
        code=hit.number,
        href=href(hit),
        title=title,
        by=words(f"search.match_{hit.match}"),
        mark=ref(state, seen.now, seen.zone).mark if state is not None else None,
        trace_href=trace_href(hit) if hit.kind in TRACED else "",
    )


def _begun(seen: Seen, one: Beginning) -> Hit:
    if one.kind == RECALL:
        drill = seen.words("recall.drill") if one.detail == "drill" else ""
        title = " · ".join(part for part in (drill, one.name) if part)
        return Hit(kind=RECALL, code=one.number, href=href_of(one), title=title)
    if one.kind == SUBJECT:
        named = kind_name(seen.words, one.detail or "")
        return Hit(kind=SUBJECT, code=one.number, href=href_of(one), title=one.name or "", kind_name=named)
    shown = Meaning(HitKind(one.kind), one.key, one.number, Match.GUESS, one.name, one.detail)
    return replace(_hit(seen, shown), by="")


def _parsed(words: Words, scan: Scan) -> tuple[Fact, ...]:
    """The parts of a code; a plain number has none."""
    if scan.kind == "text":
        return ()
    facts = [Fact(label=words("search.kind_of_text"), text=words(f"search.scan_{scan.kind}"))]
    if scan.elements:
        facts += [Fact(label=f"({one.ai}) {one.title}", text=one.value, code=True) for one in scan.elements]
        return tuple(facts)
    said = (
        (words("search.di"), scan.di),
        (words("lot.lot"), scan.lot),
        (words("search.serial"), scan.serial),
        (words("lot.expiry"), str(scan.expiry) if scan.expiry else None),
    )
    return (*facts, *(Fact(label=label, text=value, code=True) for label, value in said if value))
