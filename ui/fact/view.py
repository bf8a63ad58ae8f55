"""The page of facts from what was read; it names no fact and no process, so new ones need no line here."""

from uuid import UUID

from models.process.queries.facts import CauseView, FactList, FactView, SaidView
from ui.fact.page import CauseRow, FactRow, FactsPage
from ui.frame.i18n import Words
from ui.frame.parts import Link, Pager
from ui.frame.status import mark
from ui.subject import shown


def page(words: Words, subject: UUID, found: FactList, cursor: str) -> FactsPage:
    """The page of one subject."""
    return FactsPage(
        kind=shown.kind_name(words, found.kind),
        number=found.number,
        title=found.title or "",
        href=shown.href(found.kind, found.number, subject),
        facts=rows(words, found.items),
        pager=Pager(
            shown=len(found.items),
            next_href=f"{href(subject)}?cursor={found.next}" if found.next else None,
            first_href=href(subject) if cursor else None,
        ),
    )


def href(subject: object) -> str:
    """Where the facts of a subject are read."""
    return f"/subjects/{subject}/facts"


def rows(words: Words, found: tuple[FactView, ...]) -> tuple[FactRow, ...]:
    """A row for each fact, with what it caused."""
    return tuple(_row(words, one) for one in found)


def _row(words: Words, one: FactView) -> FactRow:
    return FactRow(
        title=one.title.say(words.language),
        values=words("list.comma").join(_value(words, value) for value in one.said),
        subject=Link(label=f"{shown.kind_name(words, one.kind)} {one.number}", href=href(one.subject)),
        happened_at=one.happened_at,
        recorded_at=one.recorded_at,
        late=one.happened_at != one.recorded_at,
        who=one.who or words("facts.by_itself"),
        run=Link(label=one.run_title.say(words.language), href=_run(one.run)) if one.run and one.run_title else None,
        causes=tuple(_cause(words, cause) for cause in one.causes),
    )


def _run(key: UUID) -> str:
    return f"/runs/{key}"


def _value(words: Words, one: SaidView) -> str:
    value = one.value
    if isinstance(value, bool):
        said = words("form.answer_yes" if value else "form.answer_no")
    else:
        said = str(value) if isinstance(value, str | int) else value.say(words.language)
    return words("facts.value", name=one.name.say(words.language), value=said)


def _cause(words: Words, one: CauseView) -> CauseRow:
    return CauseRow(
        mark=mark("cause", "moved" if one.code == "moved" else "caused" if one.caused else "not"),
        title=one.title.say(words.language),
        process=Link(label=one.process_title.say(words.language), href=f"/definitions/{one.process}"),
        because=one.because.say(words.language),
        run=Link(label=words("facts.open_run"), href=_run(one.run)) if one.run else None,
        owner=one.owner or "",
    )
