"""The things that a co-exposure can be about, as the registers name them, and the lots of an answer that names itself.

What else a scan may mean is asked of `models.resolve.store.resolve`, which is handed what the identifier of an answer leads to
(`models/exposure/kind.py`).
Serves requirement 20.
"""

import re

from sqlalchemy import text
from sqlmodel import Session

from models.exposure.rules import exposure as rules
from models.exposure.rules.exposure import Sort, Subject
from models.exposure.rules.window import Window
from models.exposure.store import facts as exposure_facts
from models.resolve.rules import Hit, HitKind, Match, Wanted

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


def named(session: Session, said: str) -> list[Subject]:
    """Everything in those registers that goes by this number or name."""
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


def read(session: Session, identifier: str) -> tuple[Subject, Window] | None:
    """What the identifier of an answer asks about; None where it is none or its thing is not known."""
    asked = rules.read_identifier(identifier)
    if asked is None:
        return None
    sort, number = rules.read_reference(asked[0]) or (None, "")
    found = [one for one in named(session, number) if (one.sort, one.number) == (sort, number)]
    return (found[0], asked[1]) if found else None


def hits(session: Session, identifier: str) -> tuple[Hit, ...]:
    """The answer with that identifier: the lots that met a thing in a window, under the name that their list gave itself."""
    asked = read(session, identifier)
    if asked is None:
        return ()
    thing, open_ = asked
    detail = " – ".join("…" if end is None else end.isoformat(timespec="minutes") for end in open_)
    return (Hit(HitKind.EXPOSURE, identifier, thing.number, Match.EXACT, thing.name, detail, thing.name_en),)


def lot_keys(session: Session, identifier: str) -> frozenset[int]:
    """The lots of the answer with that identifier: where a trace or a recall begins; a lot asked about is one of them."""
    asked = read(session, identifier)
    if asked is None:
        return frozenset()
    subject, open_ = asked
    found = exposure_facts.participants(session, subject, open_)
    return frozenset(one.key for one in found if one.sort == Sort.LOT and open_.meets(one.starts_at, one.ends_at))
