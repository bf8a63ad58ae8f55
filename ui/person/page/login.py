"""Login: one person, one password; after a refusal the name stays and the reason stands above the button."""

from dataclasses import dataclass
from typing import ClassVar

from models.kernel.refusal import Refusal
from ui.frame.render import Nav

__all__ = ["DemoPerson", "LoginPage", "WelcomePage"]


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoPerson:
    """Someone of the demo company a newcomer can log in as (DESIGN 4); empty on real servers."""

    login: str
    name: str
    roles: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginPage:
    """The only page without navigation."""

    template: ClassVar[str] = "person/login.html"
    nav: ClassVar[Nav | None] = None

    login: str = ""
    next_href: str = "/inbox"
    refusal: Refusal | None = None
    demo: tuple[DemoPerson, ...] = ()
    demo_password: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class WelcomePage:
    """A one-time code: first what it is, then, where it fits, the own password and who one is (21 CFR 11.100(b)).

    `name` is empty until the code was proven; `token` came by mail and needs no user name.
    """

    template: ClassVar[str] = "person/welcome.html"
    nav: ClassVar[Nav | None] = None

    login: str = ""
    code: str = ""
    token: bool = False
    name: str = ""
    typed_name: str = ""
    binding: bool = False
    least: int = 8
    refusal: Refusal | None = None
