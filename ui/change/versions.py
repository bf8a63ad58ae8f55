"""Which batches ran under which version, as two pages: of a change its batches, of a batch what it ran under (REQUIREMENTS 47)."""

from collections.abc import Mapping
from urllib.parse import quote

from models.change.queries import versions
from models.change.queries.versions import Batch, Under
from models.kernel.text import Text
from models.process import kinds
from ui.change.page import Legend, Ran, VersionsPage
from ui.frame.i18n import Words
from ui.frame.parts import Link
from ui.frame.status import mark
from ui.frame.visit import Visit

MOST = 500
"""Rows of a page; it says how many there are, and the API answers all."""


def _batch(words: Words, one: Batch) -> tuple[Link, tuple[str, ...], tuple[Ran, ...]]:
    cells = (one.item_no, words("list.comma").join(one.versions) or "–")
    return (
        Link(label=one.lot_no, href=f"/lots/{quote(one.lot_no, safe='')}/versions"),
        cells,
        (Ran(mark=mark("ran", one.way)),),
    )


def of_change(visit: Visit, number: str) -> VersionsPage:
    """The batches of a change; those of the new way stand first, and among them what waits before what ran the old way."""
    words = visit.words
    with visit.reading() as session:
        found = versions.of_change(session, number)
    counts = versions.counted(found)
    shown = sorted(found, key=lambda one: versions.WAYS.index(one.way))[:MOST]
    return VersionsPage(
        title=words("change.ran_batches"),
        back=Link(label=number, href=f"/subjects?kind=change&q={quote(number)}"),
        legend=tuple(
            Legend(mark=mark("ran", way), count=n, means=words(f"change.legend_{way}")) for way, n in counts.items()
        ),
        heads=(words("change.batch"), words("lot.item"), words("change.version"), words("change.ran")),
        rows=tuple(_batch(words, one) for one in shown),
        nothing=words("change.ran_none"),
        more=words("change.ran_more", n=len(found), shown=MOST) if len(found) > MOST else "",
    )


def of_lot(visit: Visit, lot_no: str) -> VersionsPage:
    """What a batch ran under."""
    words = visit.words
    names = {one.kind: one.title.say(words.language) for one in kinds.changeable()}
    with visit.reading() as session:
        found = versions.of_lot(session, lot_no)
        titles = versions.titles(session, found)
    return VersionsPage(
        title=words("change.lot_versions"),
        back=Link(label=lot_no, href=f"/lots/{quote(lot_no, safe='')}"),
        heads=(words("change.kind_of"), words("change.target"), words("change.version"), words("change.ran_by")),
        rows=tuple(_under(words, names, titles, one) for one in found),
        nothing=words("change.under_nothing"),
    )


def _under(
    words: Words, names: dict[str, str], titles: Mapping[str, Text], one: Under
) -> tuple[Link, tuple[str, ...], tuple[Ran, ...]]:
    """A thing that it ran under; a process by its title, for its key is no word of people."""
    changes = tuple(
        Ran(mark=mark("ran", by.way), change=Link(label=by.change, href=f"/subjects/{by.subject}"))
        for by in one.changes
    )
    first = Link(label=names.get(one.kind, one.kind), href="")
    called = (
        titles[one.number].say(words.language) if one.kind == versions.PROCESS and one.number in titles else one.number
    )
    return first, (called, one.version or "–"), changes
