"""The plant's roles as the record has them, and what people may do by them (DESIGN 8; REQUIREMENTS 112; 21 CFR 11.10(g))."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import text
from sqlmodel import Session

from models.kernel.text import Text
from models.person.rules.known_roles import know, known
from models.person.rules.roles import Duty, Permission, PlantRole, Roles

ALL = text(
    "select r.key, r.zh, r.en, r.permissions, r.duty, r.quality, r.shipped, r.active, r.version, roles_digest() as digest"
    " from role r order by r.id"
)
PERMITS = text("select permits(:person)")


def load(session: Session) -> Roles:
    """All of them, as this transaction sees them."""
    rows = session.connection().execute(ALL).all()
    return Roles((_role(row) for row in rows), rows[0].digest if rows else "")


def keep_up(session: Session, digest: str) -> None:
    """Read the roles again, where whoever came in met another state of them than this process has last read."""
    if digest != known().digest:
        know(load(session))


def permitted(session: Session, person_id: int) -> frozenset[Permission]:
    """What a person may do now."""
    return permissions_of(session.connection().execute(PERMITS, {"person": person_id}).scalar_one())


def permissions_of(names: Collection[str]) -> frozenset[Permission]:
    """As the record has them; one that the code doesn't know permits nothing."""
    return frozenset(Permission(one) for one in names if one in set(Permission))


def _role(row: Any) -> PlantRole:
    return PlantRole(
        key=row.key,
        name=Text(row.zh, row.en),
        permissions=permissions_of(row.permissions),
        duty=Duty(row.duty),
        quality=row.quality,
        shipped=row.shipped,
        active=row.active,
        version=row.version,
    )
