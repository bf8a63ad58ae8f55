"""People and roles (requirement 112): who may do what, which duties exclude each other; one person; one's own absences."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from models.kernel.refusal import Refusal
from ui.frame.parts import FormField, Pager
from ui.frame.render import Nav


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
    href: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleRow:
    """One role and what it permits, in words."""

    title: str
    permissions: tuple[str, ...]
    people: tuple[str, ...]
    quality: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PeoplePage:
    """Everybody, and what each role permits."""

    template: ClassVar[str] = "person/people.html"
    nav: ClassVar[Nav | None] = "admin"

    people: tuple[PersonRow, ...]
    roles: tuple[RoleRow, ...]
    pager: Pager | None = None
    q: str = ""
    operation_href: str = ""
    faults: int = 0
    new_href: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldRole:
    """A role that somebody holds."""

    title: str
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldSkill:
    """A proven skill, and whether it holds now."""

    title: str
    document: str
    valid_from: datetime
    valid_until: datetime | None
    holds: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountRow:
    """A way in, and how it stands."""

    login: str
    locked_at: datetime | None
    disabled: bool
    must_change: bool
    last_seen: datetime | None
    certified_at: datetime | None = None
    code: str = ""
    """What is under way with a one-time code, in words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonForm:
    """One thing that the reader may do about a person."""

    key: str
    title: str
    action: str
    fields: tuple[FormField, ...]
    button: str
    refusal: Refusal | None = None
    note: str = ""
    whole: bool = False
    """Answers with a page of its own that is shown once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPersonPage:
    """Somebody begins at the plant."""

    template: ClassVar[str] = "person/new.html"
    nav: ClassVar[Nav | None] = "admin"

    fields: tuple[FormField, ...]
    refusal: Refusal | None = None
    command_key: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class HalfPage:
    """One half of a one-time code, shown once, to be carried to the person."""

    template: ClassVar[str] = "person/half.html"
    nav: ClassVar[Nav | None] = "admin"

    name: str
    login: str
    half: str
    number: int
    until: datetime
    back: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonPage:
    """One person with roles, accounts and skills, and what the reader may change."""

    template: ClassVar[str] = "person/person.html"
    nav: ClassVar[Nav | None] = "admin"

    name: str
    active: bool
    email: str
    site: str
    roles: tuple[HeldRole, ...]
    skills: tuple[HeldSkill, ...]
    accounts: tuple[AccountRow, ...]
    forms: tuple[PersonForm, ...] = ()
    refusal: Refusal | None = None
    command_key: str = ""
    exposure_href: str = ""
    employee_no: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AbsenceRow:
    """An absence: mine with its deputy, or a colleague's for whom I stand in."""

    who: str
    deputy: str
    starts_at: datetime
    ends_at: datetime
    reason: str
    in_force: bool
    end_href: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AbsencesPage:
    """My absences, those I stand in for, and a form for the next one."""

    template: ClassVar[str] = "person/absences.html"
    nav: ClassVar[Nav | None] = "admin"

    rows: tuple[AbsenceRow, ...]
    fields: tuple[FormField, ...]
    refusal: Refusal | None = None
    command_key: str = ""
