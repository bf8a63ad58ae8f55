"""What the page of a breakdown says, and what that of its equipment says of its breakdowns (ISO 13485 6.3)."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from sqlmodel import Session

from models.breakdown import queries
from models.kernel.store.act import now
from models.person.rules.roles import Permission
from ui.frame.i18n import Words
from ui.frame.parts import Fact, Link
from ui.frame.status import mark
from ui.subject.shown import May, Panel, Shown


def long(words: Words, time: timedelta) -> str:
    """How long something was, in days, hours and minutes, from the first that is there."""
    minutes = int(time.total_seconds() // 60)
    parts = {"days": minutes // 1440, "hours": minutes // 60 % 24, "minutes": minutes % 60}
    first = next((at for at, n in enumerate(parts.values()) if n), len(parts) - 1)
    return " ".join(words(f"breakdown.{name}", n=n) for name, n in [*parts.items()][first:])


def _breakdown(words: Words, session: Session, key: int, may: May) -> Panel:
    del may
    found = queries.of_subject(session, key)
    head = found.head
    facts = [
        Fact(
            label=words("breakdown.machine"),
            text=f"{head.equipment} {head.equipment_no}",
            href=f"/subjects/{head.machine}",
        ),
        Fact(label=words("breakdown.since"), moment=head.happened_at),
        Fact(label=words("breakdown.out"), text=long(words, head.out)),
        *(Fact(label=words("breakdown.told", who=one.by), text=one.said) for one in found.reports),
        _batches(words, found.lots),
        *_repair(words, head),
    ]
    if head.ended_at is not None:
        facts.append(Fact(label=words("breakdown.ended_by", who=head.ended_by), moment=head.ended_at))
    return Panel(title=words("breakdown.one"), facts=tuple(facts), mark=mark("breakdown", head.status))


def _batches(words: Words, lots: tuple[Any, ...]) -> Fact:
    if not lots:
        return Fact(label=words("breakdown.batches"), text=words("breakdown.no_batches"))
    return Fact(
        label=words("breakdown.batches"),
        heads=(
            words("lot.lot"),
            words("lot.item"),
            words("breakdown.because"),
            words("breakdown.deviation"),
            words("lot.status"),
        ),
        rows=tuple(
            (
                one.lot_no,
                one.item,
                words(f"breakdown.because_{one.because}"),
                one.nonconformance,
                words("breakdown.held" if one.held else "breakdown.free"),
            )
            for one in lots
        ),
    )


def _repair(words: Words, head: Any) -> list[Fact]:
    if head.repaired_at is None:
        return []
    return [
        Fact(label=words("breakdown.found"), text=head.found),
        Fact(label=words("breakdown.done"), text=head.done),
        Fact(label=words("breakdown.repairer"), text=head.repairer),
        Fact(label=words("breakdown.repaired_at"), moment=head.repaired_at),
        Fact(label=words("breakdown.again"), text=words(f"breakdown.again_{head.again}")),
    ]


def _machine(words: Words, session: Session, key: int, may: May) -> Panel:
    found = queries.of_machine(session, key, now(session))
    open_ = next((one for one in found.newest if one.status != "back"), None)
    said = words("breakdown.year_n", n=found.times, time=long(words, found.out))
    facts = []
    if open_ is not None:
        facts.append(Fact(label=words("breakdown.since"), moment=open_.happened_at))
    facts.append(Fact(label=words("breakdown.year"), text=said if found.times else words("breakdown.never")))
    if found.newest:
        links = tuple(
            Link(label=f"{one.number} · {long(words, one.out)}", href=f"/subjects/{one.subject}")
            for one in found.newest
        )
        facts.append(Fact(label=words("breakdown.list"), links=links))
    links = ()
    if may(Permission.NONCONFORMANCE_RAISE):
        number = queries.number_of(session, key)
        links = (Link(label=words("breakdown.report"), href=f"/breakdowns/new?{urlencode({'equipment_no': number})}"),)
    return Panel(
        title=words("breakdown.list"),
        facts=tuple(facts),
        mark=mark("breakdown", open_.status) if open_ is not None else None,
        links=links,
    )


SHOWN = {"breakdown": Shown(panel=_breakdown), "equipment": Shown(panel=_machine)}
