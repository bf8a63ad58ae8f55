"""Which batches ran under which version, as two pages: of a change its batches, of a batch what it ran under (REQUIREMENTS 47)."""

from urllib.parse import quote

from models.change.queries import versions
from models.change.queries.versions import Batch, Under
from models.process import kinds
from ui.change.page import VersionsPage
from ui.frame.i18n import Words
from ui.frame.parts import Fact, Link
from ui.frame.visit import Visit

MOST = 500
"""Rows of a page; it says how many there are, and the API answers all."""


def _batch(words: Words, one: Batch) -> tuple[Link, tuple[str, ...], tuple[Link, ...]]:
    cells = (one.item_no, words("list.comma").join(one.versions) or "–")
    return (
        Link(label=one.lot_no, href=f"/lots/{quote(one.lot_no, safe='')}/versions"),
        cells,
        (Link(label=words(f"change.ran_{one.way}"), href=""),),
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
        facts=tuple(Fact(label=words(f"change.ran_{way}"), text=str(n)) for way, n in counts.items()),
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
    return VersionsPage(
        title=words("change.lot_versions"),
        back=Link(label=lot_no, href=f"/lots/{quote(lot_no, safe='')}"),
        facts=(),
        heads=(words("change.kind_of"), words("change.target"), words("change.version"), words("change.ran_by")),
        rows=tuple(_under(words, names, one) for one in found),
        nothing=words("change.under_nothing"),
    )


def _under(words: Words, names: dict[str, str], one: Under) -> tuple[Link, tuple[str, ...], tuple[Link, ...]]:
    changes = tuple(
        Link(label=f"{by.change} · {words(f'change.ran_{by.way}')}", href=f"/subjects/{by.subject}")
        for by in one.changes
    )
    first = Link(label=names.get(one.kind, one.kind), href="")
    return first, (one.number, one.version or "–"), changes or (Link(label="–", href=""),)
