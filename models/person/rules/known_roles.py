"""The plant's roles as this process has last read them: for what people read, and for the checks of a draft while it is written.

Whoever comes in brings the digest of the roles with them (`models.person.store.roles`), and another one than this makes them be read
again.  What somebody may do is never asked here: it is read with the person.
"""

from dataclasses import dataclass

from models.kernel.text import Text
from models.person.rules.roles import Roles
from models.person.rules.shipped_roles import SHIPPED


@dataclass
class _Last:
    """One plant for one process."""

    roles: Roles = SHIPPED


_LAST = _Last()


def known() -> Roles:
    """All roles; before anybody has come in, those that are shipped."""
    return _LAST.roles


def know(roles: Roles) -> None:
    """They were read."""
    _LAST.roles = roles


def role_name(key: str | None, language: str) -> str:
    """The name of a role; a role nobody knows is shown as it is written."""
    return known().name(key).say(language) if key else "–"


def name(key: str) -> Text:
    """The name of a role in both languages."""
    return known().name(key)
