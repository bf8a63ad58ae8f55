"""The list of subjects as a page."""

from urllib.parse import urlencode

from models.kernel.refusal import Refusal
from models.listing.rules import Asked
from models.process.queries.subjects import LIST, SubjectList
from models.process.queries.subjects import SubjectRow as Found
from ui.frame.i18n import Words
from ui.frame.listing import ALL, part
from ui.frame.parts import Deadline, Link
from ui.frame.status import mark
from ui.subject.page import SubjectRow, SubjectsPage
from ui.subject.shown import href, kind_name

HERE = "/subjects"


def page(
    words: Words,
    found: SubjectList,
    kinds: tuple[str, ...],
    kind: str,
    asked: Asked,
    cursor: str,
    refusal: Refusal | None,
) -> SubjectsPage:
    """The page; each kind that there is something of is a tab."""
    return SubjectsPage(
        title=kind_name(words, kind) if kind else words("subject.every"),
        kinds=(
            Link(label=words("list.all"), href=_of("")),
            *(Link(label=kind_name(words, one), href=_of(one)) for one in kinds),
        ),
        here=_of(kind),
        every=not kind,
        rows=tuple(_row(words, one) for one in found.items),
        list=part(
            words, LIST, asked, HERE, {"kind": kind}, shown=len(found.items), cursor=cursor, following=found.next
        ),
        refusal=refusal,
    )


def _of(kind: str) -> str:
    return f"{HERE}?{urlencode({'kind': kind} if kind else {'view': ALL})}"


def _row(words: Words, one: Found) -> SubjectRow:
    return SubjectRow(
        kind=kind_name(words, one.kind),
        number=one.number,
        href=href(one.kind, one.number, one.id),
        title=one.title or "",
        mark=mark("subject", one.state),
        owner=one.owner or "",
        opened_at=one.opened_at,
        open=one.open,
        deadline=Deadline(due=one.due_at) if one.due_at else None,
    )
