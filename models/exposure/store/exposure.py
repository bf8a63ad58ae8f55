"""Co-exposure from the record: what is meant, the window in the plant's zone, the whole answer (requirement 20).

`equipment:G-17` names one thing; a plain text is looked up among machines, people, rooms, loads and lots, and a scan that
means one lot is that lot.  Two things under one name are shown, never guessed.
"""

from collections.abc import Sequence

from sqlalchemy import text
from sqlmodel import Session

from models.exposure.rules import exposure as rules
from models.exposure.rules.exposure import Exposure, Sort, Subject
from models.exposure.rules.window import Window, window
from models.exposure.store import facts as exposure_facts
from models.exposure.store import subjects as exposure_subjects
from models.kernel.refusal import Refusal
from models.lot.store import lots
from models.resolve.store import resolve


def exposure(session: Session, of: str, since: str | None = None, until: str | None = None) -> Exposure:
    """Everything that touched it in the window; at most twelve statements, however much that is."""
    return answer(session, find(session, of), window(since, until, lots.site_zone(session)))


def answer(session: Session, subject: Subject, open_: Window) -> Exposure:
    """The answer for a thing that is known; at most seven statements."""
    found = exposure_facts.participants(session, subject, open_)
    return rules.answer(subject, open_, found, exposure_facts.lots(session, found))


def find(session: Session, typed: str) -> Subject:
    """The one thing that the text means; EXP-001 when it is nothing, EXP-002 when it is several."""
    found = meanings(session, typed)
    if not found:
        raise rules.UNKNOWN(text=typed.strip()[:80])
    if len(found) > 1:
        raise _several(typed.strip(), found)
    return found[0]


def meanings(session: Session, typed: str) -> list[Subject]:
    """Everything that the text may mean; what bears exactly this number goes before what only resembles it."""
    sort, said = rules.read_reference(typed) or (None, typed.strip())
    found = [one for one in exposure_subjects.named(session, said) if sort in {None, one.sort}]
    if not found and sort in {None, Sort.LOT}:
        found = _scanned(session, said)
    return [one for one in found if one.number == said] or found


def _scanned(session: Session, said: str) -> list[Subject]:
    """Lots behind a UDI, a serial, a supplier's label; nothing where the text means nothing."""
    try:
        _, hits, keys = resolve.lots(session, said)
    except Refusal as refusal:
        if refusal.status == 409:
            raise
        return []
    rows = session.connection().execute(
        text(
            "select l.id, l.lot_no, i.name, i.name_en from lot l join item i on i.id = l.item_id"
            " where l.id = any(cast(:keys as bigint[])) order by l.id limit 100"
        ),
        {"keys": sorted(keys) if hits else []},
    )
    return [Subject(Sort.LOT, *row) for row in rows]


def _several(typed: str, found: Sequence[Subject]) -> Refusal:
    shown, more = found[:8], len(found) - 8
    zh = "；".join(f"{one.zh} [{one.reference}]" for one in shown) + (f"；另有 {more} 个" if more > 0 else "")
    en = "; ".join(f"{one.en} [{one.reference}]" for one in shown) + (f"; and {more} more" if more > 0 else "")
    return rules.SEVERAL(text=typed[:80], count=len(found), meanings_zh=zh, meanings_en=en)
