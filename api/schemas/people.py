"""Bodies of what administrators and people themselves change about people."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, StringConstraints

from api.schemas.base import Input, Moment, Name, Reason, Words
from models.store.queries_people import DelegationView, NoticeView

Temporary = Annotated[SecretStr, Field(min_length=1, max_length=200, description="The person must change it at once")]
Login = Annotated[str, StringConstraints(min_length=2, max_length=64)]


class PersonInput(Input):
    """A new person; with `login` also an account."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"name": "钱新", "login": "qian.xin", "temporary": "welcome aboard 1"}]}
    )

    name: Name
    kind: Literal["human", "service"] = "human"
    email: Words | None = None
    site: Words | None = None
    login: Login | None = None
    temporary: Temporary | None = None


class AccountInput(Input):
    """One more account of a person."""

    login: Login
    temporary: Temporary | None = None


class RoleInput(Input):
    """A role to give."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"role": "inspector"}]})

    role: Words
    valid_until: Moment | None = None
    reason: Words = ""


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
    """A temporary password."""

    temporary: Temporary
    reason: Reason


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
    """A role and what it permits."""

    key: str
    zh: str
    en: str
    permissions: list[str]
    quality: bool


class RoleList(BaseModel):
    """All roles."""

    items: list[RoleRow]
