"""Co-exposure from the record: what is meant, the window in the plant's zone, the whole answer (requirement 20).

`equipment:G-17` names one thing; a plain text is looked up among machines, people, rooms, loads and lots, and a scan that
means one lot is that lot.  Two things under one name are shown, never guessed.
"""

import re
from collections.abc import Sequence

from sqlalchemy import text
from sqlmodel import Session

from models.rules import exposure as rules
from models.rules.exposure import Exposure, Sort, Subject
from models.rules.exposure_window import Window, window
from models.rules.refusals import Refusal
from models.rules.resolve import Wanted
from models.store import exposure_facts, lots, resolve

_FORMS, _KEYS = "any(cast(:forms as text[]))", "any(cast(:keys as text[]))"
_IDENTITIES = "any(cast(:identities as text[]))"
SUBJECTS = text(f"""
select 'lot' as sort, l.id as key, l.lot_no as number, i.name, i.name_en from lot l join item i on i.id = l.item_id
 where l.lot_no = {_FORMS} or l.lot_key = {_KEYS} or l.public_id = cast(:uuid as uuid)
union all
select 'equipment', e.id, e.equipment_no, e.name, e.name_en from equipment e
 where e.equipment_no = {_FORMS} or identity_key(e.equipment_no) = {_IDENTITIES} or e.public_id = cast(:uuid as uuid)
union all
select 'location', p.id, p.code, p.name, p.name_en from location p where p.code = {_FORMS} or identity_key(p.code) = {_IDENTITIES} or p.public_id = cast(:uuid as uuid)
union all
select 'person', p.id, {exposure_facts.PERSON}, p.name, p.name_en from person p
 where p.name = {_FORMS} or p.name_en = {_FORMS} or p.public_id = cast(:uuid as uuid)
    or exists (select from account a where a.person_id = p.id and a.login = {_FORMS})
union all
select 'load', 0, o.load_no, '', null from operation_run o where o.load_no = {_FORMS} or identity_key(o.load_no) = {_IDENTITIES} group by o.load_no
""")  # noqa: S608 - only our own column names
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def exposure(session: Session, of: str, since: str | None = None, until: str | None = None) -> Exposure:
    """Everything that touched it in the window; at most twelve statements, however much that is."""
    return answer(session, find(session, of), window(since, until, lots.site_zone(session)))


def answer(session: Session, subject: Subject, open_: Window) -> Exposure:
    """The answer for a thing that is known; at most seven statements."""
    found = exposure_facts.participants(session, subject, open_)
    return rules.answer(subject, open_, found, exposure_facts.lots(session, found))


def read(session: Session, identifier: str) -> tuple[Subject, Window] | None:
    """What the identifier of an answer asks about; None where it is none or its thing is not known."""
    asked = rules.read_identifier(identifier)
    if asked is None:
        return None
    sort, number = rules.read_reference(asked[0]) or (None, "")
    found = [one for one in _subjects(session, number) if (one.sort, one.number) == (sort, number)]
    return (found[0], asked[1]) if found else None


def lot_keys(session: Session, identifier: str) -> frozenset[int]:
    """The lots of the answer with that identifier: where a trace or a recall begins; a lot asked about is one of them."""
    asked = read(session, identifier)
    if asked is None:
        return frozenset()
    subject, open_ = asked
    found = exposure_facts.participants(session, subject, open_)
    return frozenset(one.key for one in found if one.sort == Sort.LOT and open_.meets(one.starts_at, one.ends_at))


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
    found = [one for one in _subjects(session, said) if sort in {None, one.sort}]
    if not found and sort in {None, Sort.LOT}:
        found = _scanned(session, said)
    return [one for one in found if one.number == said] or found


def _subjects(session: Session, said: str) -> list[Subject]:
    wanted = Wanted.of(said)
    given = {
        "forms": list(wanted.forms),
        "keys": list(wanted.keys),
        "identities": list(wanted.identities),
        "uuid": said.lower() if _UUID.fullmatch(said.lower()) else None,
    }
    rows = session.connection().execute(SUBJECTS, given)
    found = [Subject(Sort(sort), *named) for sort, *named in rows]
    return [one for one in found if one.sort is not Sort.LOT or wanted.is_said(one.number)] or found


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
