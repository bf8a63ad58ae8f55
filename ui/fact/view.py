"""The page of facts from what was read; it names no fact and no process, so new ones need no line here."""

from uuid import UUID

from models.process.queries.facts import CauseView, FactList, FactView
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
        name=one.name,
        values=", ".join(f"{name} {_value(words, value)}" for name, value in one.values.items() if value != ""),
        subject=Link(label=f"{shown.kind_name(words, one.kind)} {one.number}", href=href(one.subject)),
        happened_at=one.happened_at,
        recorded_at=one.recorded_at,
        late=one.happened_at != one.recorded_at,
        who=one.who or words("facts.by_itself"),
        run=_run(one.run, one.workflow_id),
        causes=tuple(_cause(words, cause) for cause in one.causes),
    )


def _value(words: Words, value: object) -> str:
    return words("form.answer_yes" if value else "form.answer_no") if isinstance(value, bool) else str(value)


def _run(key: UUID | None, workflow_id: str | None) -> Link | None:
    return Link(label=workflow_id or "", href=f"/runs/{key}") if key is not None else None


def _cause(words: Words, one: CauseView) -> CauseRow:
    return CauseRow(
        mark=mark("cause", "moved" if one.code == "moved" else "caused" if one.caused else "not"),
        title=one.title.say(words.language),
        process=Link(label=one.process_title.say(words.language), href=f"/definitions/{one.process}"),
        because=one.because.say(words.language),
        run=_run(one.run, one.workflow_id),
        owner=one.owner or "",
    )
