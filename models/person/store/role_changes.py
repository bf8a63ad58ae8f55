"""Roles of the plant made, changed and set aside, one after the other (REQUIREMENTS 112; 21 CFR 11.10(e), 11.10(g)).

Whoever changes one locks all of them: it is rare, and what is checked is about all of them.  The walls of the database ask the same.
"""

from typing import Any

from sqlalchemy import text
from sqlmodel import Session

from models.person.rules import role_change as rules
from models.person.rules.auth import UNKNOWN_ROLE
from models.person.rules.roles import Duty, Permission, PlantRole, Roles
from models.person.store import people, roles

LOCK = text("select r.id from role r order by r.id for update")
MAKE = text(
    "insert into role (key, zh, en, permissions, duty, quality) values (:key, :zh, :en, cast(:permissions as text[]), :duty, :quality)"
)
CHANGE = text(
    "update role set zh = :zh, en = :en, permissions = cast(:permissions as text[]), quality = :quality where key = :key"
)
SET_ACTIVE = text("update role set active = :active where key = :key")
USES = text("select u.place, u.what from role_uses(:key) u")
HOLDERS = text("select role_holders(:key)")
HELD = text("select r.key, role_holders(r.key) as people from role r order by r.id")


def make(session: Session, key: str, duty: Duty, wanted: rules.Wanted) -> PlantRole:
    """One more role; two who make the same at once come one by one."""
    known = _locked(session)
    made = rules.made(known, key.strip(), duty, wanted)
    session.connection().execute(MAKE, {**_values(made), "duty": made.duty.value})
    return made


def change(session: Session, by: int, key: str, version: int, wanted: rules.Wanted) -> None:
    """Other names, other permissions; `version` is what the person has seen."""
    known = _locked(session)
    role = _one(known, key)
    after = rules.changed(known, role, wanted, version, people.roles(session, by))
    gone = Permission.PEOPLE_WRITE in role.permissions and Permission.PEOPLE_WRITE not in after.permissions
    if gone and not people.one_stays(session, without=key):
        raise rules.NOBODY_LEFT()
    session.connection().execute(CHANGE, _values(after))


def set_active(session: Session, key: str, version: int, *, active: bool) -> None:
    """Set a role aside that nobody holds and nothing names, or take it up again."""
    role = _one(_locked(session), key)
    rules.check_version(role, version)
    if not active:
        holders = session.connection().execute(HOLDERS, {"key": key}).scalar_one()
        rules.check_unused(role, holders, uses(session, key))
    session.connection().execute(SET_ACTIVE, {"key": key, "active": active})


def uses(session: Session, key: str) -> tuple[rules.Use, ...]:
    """What names it."""
    rows = session.connection().execute(USES, {"key": key})
    return tuple(rules.Use(where=row.place, what=row.what) for row in rows)


def held(session: Session) -> dict[str, int]:
    """How many people hold each role now."""
    return {row.key: row.people for row in session.connection().execute(HELD)}


def _locked(session: Session) -> Roles:
    session.connection().execute(LOCK)
    return roles.load(session)


def _one(known: Roles, key: str) -> PlantRole:
    role = known.find(key)
    if role is None:
        raise UNKNOWN_ROLE(role=key[:60])
    return role


def _values(role: PlantRole) -> dict[str, Any]:
    return {
        "key": role.key,
        "zh": role.name.zh.strip(),
        "en": role.name.en.strip(),
        "permissions": sorted(one.value for one in role.permissions),
        "quality": role.quality,
    }
