"""A co-exposure as a page: each thing once with its roles, then every reason (requirement 20)."""

from collections.abc import Iterable
from datetime import datetime
from urllib.parse import quote, urlencode

from models.exposure.rules.exposure import SORT_NAMES, Exposure, Sort
from models.exposure.rules.words import role_words
from ui.exposure.page import Asked, ExposurePage, MetLot, MetThing, Reason
from ui.frame.i18n import Words
from ui.frame.parts import Amount, Link
from ui.lot.mark import ref

AT_ONCE = 50
"""Rows of a table on screen; counts and exports are always whole."""


def href(of: str, since: str = "", until: str = "") -> str:
    """The page that answers for a thing."""
    given = {"of": of, "from": since, "to": until}
    return f"/exposure?{urlencode({name: value for name, value in given.items() if value})}"


def asked(of: str, since: str, until: str) -> Asked:
    """Both ends as the form has them: a day, perhaps with a time of that day."""
    (day, _, time), (to_day, _, to_time) = (end.strip().partition("T") for end in (since, until))
    return Asked(of=of, day=day, time=time[:5], to_day=to_day, to_time=to_time[:5])


def page(words: Words, answer: Exposure, given: Asked, now: datetime, zone: str, *, recalls: bool) -> ExposurePage:
    """The answer."""
    since = f"{given.day}T{given.time}" if given.time else given.day
    until = f"{given.to_day}T{given.to_time}" if given.to_time else given.to_day
    name = quote(answer.identifier(), safe="")
    return ExposurePage(
        asked=given,
        answered=True,
        title=answer.zh if words.language == "zh" else answer.en,
        since=answer.since,
        until=answer.until,
        counts=tuple((_sort(words, sort), answer.counts[sort]) for sort in Sort),
        digest=answer.digest,
        lots=tuple(_lots(words, answer, now, zone, since, until)),
        others=tuple(_others(words, answer, since, until)),
        reasons=tuple(_reasons(words, answer)),
        more_lots=max(0, len(answer.lots) - AT_ONCE),
        more_others=max(0, len(answer.others) - AT_ONCE),
        more_reasons=max(0, len(answer.touches) - AT_ONCE),
        exports=tuple(
            Link(label=fmt.upper(), href=f"/api/v1{href(answer.of, since, until)}&format={fmt}")
            for fmt in ("csv", "json")
        ),
        trace_href=f"/trace/{name}?direction=forward" if answer.lots else "",
        recall_href=f"/recalls/new?identifier={name}" if answer.lots and recalls else "",
    )


def _lots(words: Words, answer: Exposure, now: datetime, zone: str, since: str, until: str) -> Iterable[MetLot]:
    for lot in answer.lots[:AT_ONCE]:
        yield MetLot(
            lot=ref(lot._asdict(), now, zone),
            times=lot.touches,
            first_at=lot.first_at,
            last_at=lot.last_at,
            roles=_roles(words, lot.roles),
            href=href(f"lot:{lot.lot_no}", since, until),
        )


def _others(words: Words, answer: Exposure, since: str, until: str) -> Iterable[MetThing]:
    for one in answer.others[:AT_ONCE]:
        yield MetThing(
            sort=_sort(words, Sort(one.sort)),
            number=one.number,
            name=one.name or "",
            times=one.touches,
            first_at=one.first_at,
            last_at=one.last_at,
            roles=_roles(words, one.roles),
            href=href(f"{one.sort}:{one.number}", since, until),
        )


def _reasons(words: Words, answer: Exposure) -> Iterable[Reason]:
    for one in answer.touches[:AT_ONCE]:
        yield Reason(
            sort=_sort(words, Sort(one.sort)),
            number=one.number,
            starts_at=one.starts_at,
            ends_at=one.ends_at,
            instant=one.starts_at == one.ends_at,
            why=one.zh if words.language == "zh" else one.en,
            amount=Amount(value=one.quantity, unit=one.uom or "") if one.quantity is not None else None,
        )


def _sort(words: Words, sort: Sort) -> str:
    return SORT_NAMES[sort].say(words.language)


def _roles(words: Words, roles: Iterable[str]) -> str:
    zh = words.language == "zh"
    return ("、" if zh else ", ").join(role_words(role).say(words.language) for role in roles)
