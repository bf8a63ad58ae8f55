"""What the page of a change says beside what every subject's page says: what it touches, and the batches that it paused."""

from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import quote

from sqlmodel import Session

from models.change.queries import case as queries
from models.change.queries import versions
from models.change.queries.versions import Under
from models.change.store.impact import KINDS
from models.change.tables import ChangeImpact
from models.process import kinds
from ui.frame.i18n import Words
from ui.frame.parts import Fact
from ui.frame.status import mark
from ui.subject.shown import May, Panel, Shown

MOST = 200
"""Rows of a table on the page; it says how many there are."""


def _panel(words: Words, session: Session, key: int, may: May) -> Panel:
    del may
    case = queries.of_subject(session, key)
    head = case.head
    what = next((one.title.say(words.language) for one in kinds.changeable() if one.kind == head.kind), head.kind)
    facts = [
        *_done(words, head),
        Fact(label=words("change.what"), text=f"{what} {_target(words, session, head)}"),
    ]
    if head.happened_at is None:
        facts += [
            Fact(label=words("change.reason"), text=head.reason),
            Fact(label=words("change.first_step"), text=_step(words, head.first_step, head.first_seq)),
            Fact(label=words("change.asked_by"), text=head.opened_by),
        ]
    if head.also:
        named = "change.lots" if head.happened_at is None else "change.ran_so"
        facts.append(Fact(label=words(named), text=words("list.comma").join(head.also)))
    if head.approved_at is not None:
        facts.append(Fact(label=words("change.approved_by", who=head.approved_by), moment=head.approved_at))
    facts += _tasks(words, case)
    if head.verified_at is not None:
        facts.append(Fact(label=words("change.verified_by", who=head.verified_by), moment=head.verified_at))
    facts += _effect(words, head)
    facts += _temporary(words, case)
    if head.approved_at is not None or head.happened_at is not None:
        facts.append(
            Fact(label=words("change.ran"), text=words("change.ran_link"), href=f"/changes/{head.number}/batches")
        )
    facts += _batches(words, case)
    if case.impact is not None:
        facts += _impact(words, case.impact)
    return Panel(title=words("change.case"), facts=tuple(facts), mark=mark("change", head.status))


def _target(words: Words, session: Session, head: Any) -> str:
    """What changes, by its number; a process by its title."""
    if head.kind != versions.PROCESS:
        return str(head.target)
    called = versions.titles(session, [Under(kind=head.kind, number=head.target, version="", changes=())])
    return called[head.target].say(words.language) if head.target in called else str(head.target)


def _done(words: Words, head: Any) -> Iterator[Fact]:
    """Of an emergency change what was done, when, by whom and why, and apart from it when and by whom it was recorded."""
    if head.happened_at is None:
        return
    yield Fact(label=words("change.kind_of"), text=words("change.is_emergency"))
    yield Fact(label=words("change.done_what"), text=head.happened)
    yield Fact(label=words("change.done_by_whom", who=head.happened_by), moment=head.happened_at)
    yield Fact(label=words("change.urgent"), text=head.urgent)
    yield Fact(label=words("change.recorded_by", who=head.opened_by), moment=head.opened_at)
    yield Fact(label=words("change.decide_by"), text=head.decide_by.isoformat())


def until(words: Words, day: Any, most: int | None, made: int) -> str:
    """The end of a temporary change in words."""
    parts = [words("change.ends_day", day=day.isoformat())] if day is not None else []
    parts += [words("change.ends_number", n=most, made=made)] if most is not None else []
    return words("list.comma").join(parts) + (words("change.ends_first") if len(parts) > 1 else "")


def _temporary(words: Words, case: queries.Case) -> Iterator[Fact]:
    """Until when it is, that it has gone back, how often it was extended, and what makes it permanent."""
    head = case.head
    if head.permanent_of is not None:
        yield Fact(label=words("change.makes_permanent"), text=head.permanent_of, href=_to(head.permanent_of))
    if head.ends_at is None and head.most_batches is None:
        return
    end = until(words, head.ends_on, head.most_batches, head.made)
    yield Fact(label=words("change.kind_of"), text=words("change.is_temporary", end=end))
    if head.ended_at is not None:
        yield Fact(label=words("change.went_back", why=words(f"change.ended_{head.ended_by}")), moment=head.ended_at)
    if case.extensions:
        rows = tuple(
            (
                str(one.number), until(words, one.to_day, one.to_batches, head.made), one.reason,
                f"{one.asked_by} / {one.approved_by}",
            )
            for one in case.extensions
        )  # fmt: skip
        heads = (
            words("change.extension_no"),
            words("change.extension_to"),
            words("change.reason"),
            words("change.extension_who"),
        )
        yield Fact(label=words("change.extensions", n=len(rows)), heads=heads, rows=rows)
    if head.made_permanent_by is not None:
        yield Fact(label=words("change.permanent_by"), text=head.made_permanent_by, href=_to(head.made_permanent_by))


def _to(number: str) -> str:
    return f"/subjects?kind=change&q={quote(number)}"


def _effect(words: Words, head: Any) -> Iterator[Fact]:
    """From when on and with which batch, and how many were made the new way since."""
    if head.effective_at is None:
        return
    yield Fact(label=words("change.effective_by", who=head.effective_by), moment=head.effective_at)
    if head.effective_batch is not None:
        yield Fact(label=words("change.effective_batch"), text=head.effective_batch)
    yield Fact(label=words("change.governed"), text=str(head.governed))


def _tasks(words: Words, case: queries.Case) -> Iterator[Fact]:
    """What people do for it, and who is trained: what isn't done stands first."""
    for kind in ("task", "training"):
        those = [one for one in case.tasks if one.kind == kind]
        if not those:
            continue
        rows = tuple(
            (
                f"{one.title} ({one.changes})" if one.changes else one.title,
                one.owner,
                one.due.isoformat(),
                words("change.task_done", who=one.done_by) if one.done_at else words("change.task_open"),
            )
            for one in those[:MOST]
        )
        heads = (
            words(f"change.{kind}_title"),
            words(f"change.{kind}_owner"),
            words("change.task_due"),
            words("change.task_state"),
        )
        open_ = sum(one.done_at is None for one in those)
        yield Fact(label=words(f"change.{kind}s", n=len(those), open=open_), heads=heads, rows=rows)


def _batches(words: Words, case: queries.Case) -> list[Fact]:
    """Those that wait first; none before the approval."""
    if not case.batches:
        return []
    freed = "change.freed" if case.head.happened_at is None else "change.freed_approved"
    rows = tuple(
        (
            one.lot_no,
            _step(words, one.step, one.seq),
            words(f"change.way_{one.decision}") if one.decision else words(freed if one.freed_at else "change.waits"),
            " · ".join(part for part in (one.decided_by, one.reason) if part),
        )
        for one in case.batches[:MOST]
    )
    heads = (words("change.batch"), words("change.paused_at"), words("change.way"), words("change.decided_by"))
    label = words("change.batches", n=len(case.batches), undecided=case.undecided)
    return [Fact(label=label, heads=heads, rows=rows)]


def _impact(words: Words, kept: ChangeImpact) -> list[Fact]:
    counts = kept.counts
    facts = [
        Fact(label=words("change.impact", version=kept.version), moment=kept.computed_at),
        Fact(
            label=words("change.touched"),
            text=words("change.touched_n", n=counts["lots"], past=counts["past"], stock=counts["stock"]),
        ),
    ]
    if kept.lots:
        rows = tuple(
            (one["lot_no"], one["item_no"], _step(words, one["step"], one["seq"]), f"{one['quantity']} {one['uom']}")
            for one in kept.lots[:MOST]
        )
        heads = (words("change.batch"), words("lot.item"), words("change.stands_at"), words("lot.quantity"))
        facts.append(Fact(label=words("change.lots_touched"), heads=heads, rows=rows))
    for kind in KINDS:
        those = [one for one in kept.others if one["kind"] == kind]
        if those:
            label = words(f"change.other_{kind}", n=len(those))
            facts.append(Fact(label=label, text=_names(words, those)))
    return facts


def _names(words: Words, those: Sequence[dict[str, Any]]) -> str:
    """By number and name, the first of them."""
    title = "title" if words.language == "zh" else "title_en"
    names = [
        one["number"] if one[title] in {"", one["number"]} else f"{one[title]} {_number(one)}" for one in those[:MOST]
    ]
    return words("list.comma").join(names)


def _number(one: dict[str, Any]) -> str:
    """Its number; of a process the version, since its key is no word of people."""
    number = str(one["number"])
    return number.rpartition(" ")[2] if one["kind"] == versions.PROCESS else number


def _step(words: Words, step: str, seq: int) -> str:
    return f"{words(f'change.step_{step}')} {seq}" if step == "operation" and seq else words(f"change.step_{step}")


SHOWN = {"change": Shown(panel=_panel)}
