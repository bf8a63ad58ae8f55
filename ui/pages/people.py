"""People and roles (requirement 112): who may do what, and which duties exclude each other."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from ui.render import Nav


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonRow:
    """One person; identity is the person, an account is only how they log in (DESIGN 2.8)."""

    login: str
    name: str
    roles: tuple[str, ...]
    active: bool
    locked: bool = False
    last_seen: datetime | None = None
    qualifications: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleRow:
    """One role and what it permits, in words."""

    title: str
    permissions: tuple[str, ...]
    people: tuple[str, ...]
    quality: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PeoplePage:
    """Read only in this version."""

    template: ClassVar[str] = "pages/people.html"
    nav: ClassVar[Nav | None] = "admin"

    people: tuple[PersonRow, ...]
    roles: tuple[RoleRow, ...]
