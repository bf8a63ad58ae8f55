"""Bodies of what administrators and people themselves change about people."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from api.frame.request.shapes import EnglishName, Input, Moment, Name, Reason, Words
from models.person.queries.people import DelegationView, NoticeView

Way = Annotated[
    Literal["mail", "hands"],
    Field(
        description="How the one-time code reaches the person: mailed to their address, or one half each by two people"
    ),
]
Login = Annotated[str, StringConstraints(min_length=2, max_length=64)]


class PersonInput(Input):
    """A new person; with `login` also an account."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"name": "钱新", "employee_no": "0117", "login": "qian.xin", "way": "hands"}]}
    )

    name: Name
    name_en: EnglishName = None
    kind: Literal["human", "service"] = "human"
    email: Words | None = None
    employee_no: Words | None = None
    site: Words | None = None
    login: Login | None = None
    way: Way | None = None


class AccountInput(Input):
    """One more account of a person."""

    login: Login
    way: Way | None = None


class RoleInput(Input):
    """A role to give, and why."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"role": "inspector", "reason": "新任检验员"}]})

    role: Words
    valid_until: Moment | None = None
    reason: Reason


class QualificationInput(Input):
    """A skill that was proven."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"code": "machining", "document": "SOP-machining v4"}]})

    code: Name
    document: Words | None = None
    valid_from: Moment | None = None
    valid_until: Moment | None = None


class ActiveInput(Input):
    """Somebody leaves or comes back."""

    active: bool
    reason: Reason


class ResetInput(Input):
    """A one-time code, by which the person sets a password that nobody else knows."""

    way: Way
    reason: Reason


class RenameInput(Input):
    """Another name on record; an employee number may be written down once."""

    name: Name
    name_en: EnglishName = None
    employee_no: Words | None = None
    reason: Reason


class HalfView(BaseModel):
    """One half of a one-time code; it is shown this once, to one person."""

    login: str
    name: str
    half: str
    number: int
    until: Moment


class ReasonInput(Input):
    """Why."""

    reason: Reason


class DelegationInput(Input):
    """An absence."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "to": "wu.jingli",
                    "starts_at": "2026-12-01T08:00:00+08:00",
                    "ends_at": "2026-12-08T08:00:00+08:00",
                    "reason": "年假",
                }
            ]
        }
    )

    to: Annotated[Name, Field(description="The deputy's login or id")]
    starts_at: Moment
    ends_at: Moment
    reason: Reason


class DelegationList(BaseModel):
    """Absences."""

    items: tuple[DelegationView, ...]


class NoticePage(BaseModel):
    """Security notices."""

    items: tuple[NoticeView, ...]
    next: str | None


class Token(BaseModel):
    """A bearer token; it is shown this once."""

    token: str
    expires_at: Moment


class RoleRow(BaseModel):
    """A role and what it permits; one that is not `active` permits nothing.  `version` is told back with a change."""

    key: str
    zh: str
    en: str
    permissions: list[str]
    duty: str
    quality: bool
    shipped: bool
    active: bool
    version: int


class RoleList(BaseModel):
    """All roles."""

    items: list[RoleRow]
