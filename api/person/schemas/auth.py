"""Bodies of login and passwords."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, SecretStr, StringConstraints

from api.frame.request.shapes import Input
from models.person.rules import known_roles
from models.person.rules.auth import Principal

Login = Annotated[str, StringConstraints(min_length=1, max_length=64)]
Password = Annotated[SecretStr, Field(min_length=1, max_length=200)]


Confirmed = Annotated[
    str | None, Field(max_length=500, description="One's own name as on record, where a password becomes one's own")
]
Binding = Annotated[
    bool,
    Field(description="Whether one's electronic signature is the legally binding equivalent of the handwritten one"),
]


class LoginInput(Input):
    """Who wants in."""

    model_config = ConfigDict(
        extra="ignore",  # a login form carries where to go next
        json_schema_extra={"examples": [{"login": "lin.jian", "password": "correct horse battery"}]},
    )

    login: Login
    password: Password


class PasswordInput(Input):
    """The present and the new password."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=False)

    current: Password
    new: Password
    name: Confirmed = None
    binding: Binding = False


class FirstInput(Input):
    """The one-time code, the own password, and who one is."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=False)

    login: Annotated[str, StringConstraints(max_length=64)] = ""
    code: Annotated[SecretStr, Field(min_length=1, max_length=200, description="As mailed, or both halves")]
    name: Confirmed
    binding: Binding
    new: Password


class OwnAccountInput(Input):
    """One more way in for oneself."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=False)

    login: Login
    current: Password
    new: Password
    name: Confirmed
    binding: Binding


class RoleView(BaseModel):
    """A role with its names."""

    key: str
    zh: str
    en: str


class StandInView(BaseModel):
    """Somebody absent whose tasks one may do."""

    person: str
    name: str
    roles: list[str]
    until: datetime


class Me(BaseModel):
    """The person behind the session."""

    person: str
    name: str
    name_en: str | None = None
    login: str
    roles: list[RoleView]
    permissions: list[str]
    must_change_password: bool
    zone: str
    csrf: str | None = Field(description="Send it back as `X-CSRF-Token`; null for bearer tokens")
    stands_in_for: list[StandInView]


def me(principal: Principal) -> Me:
    """The principal as it leaves the system."""
    return Me(
        person=principal.public_id,
        name=principal.name,
        name_en=principal.name_en,
        login=principal.login,
        roles=[
            RoleView(key=role, zh=known_roles.name(role).zh, en=known_roles.name(role).en)
            for role in sorted(principal.roles)
        ],
        permissions=sorted(permission.value for permission in principal.permissions),
        must_change_password=principal.must_change_password,
        zone=principal.zone,
        csrf=principal.csrf if principal.session_kind == "cookie" else None,
        stands_in_for=[
            StandInView(person=one.public_id, name=one.name, roles=sorted(one.roles), until=one.until)
            for one in principal.stands_in_for
        ],
    )
