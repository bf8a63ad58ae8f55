"""Roles as the plant has them, and one of them with what an administrator may change (requirement 112)."""

from dataclasses import dataclass
from typing import ClassVar

from models.kernel.refusal import Refusal
from ui.frame.parts import FormField
from ui.frame.render import Nav
from ui.person.page.people import PersonForm


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleLine:
    """One role in the list."""

    title: str
    key: str
    duty: str
    permissions: tuple[str, ...]
    people: int
    quality: bool
    active: bool
    href: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RolesPage:
    """All roles; `fields` are those of a new one, for who may make it."""

    template: ClassVar[str] = "person/roles.html"
    nav: ClassVar[Nav | None] = "admin"

    roles: tuple[RoleLine, ...]
    fields: tuple[FormField, ...] = ()
    refusal: Refusal | None = None
    command_key: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RolePage:
    """One role: what it permits, who holds it, what names it, and the forms of who may change it."""

    template: ClassVar[str] = "person/role.html"
    nav: ClassVar[Nav | None] = "admin"

    line: RoleLine
    origin: str
    version: int
    uses: tuple[str, ...]
    holders: tuple[str, ...]
    forms: tuple[PersonForm, ...] = ()
    refusal: Refusal | None = None
    command_key: str = ""
