"""What opens a door: each route of the API and each page says by which permission people come through it (21 CFR 11.10(d), 11.10(g)).

Each room says it of its own routes, beside them, for the same record lies behind its API and its pages (REQUIREMENTS 112);
`api.frame.rooms` collects and compares.  What nobody says is closed: the application doesn't start with such a route.  A
task's own rule (who may do it, who may not a second time) is asked behind the door, by its process.
"""

from collections.abc import Mapping
from enum import StrEnum

from starlette.requests import Request

from models.person.rules.auth import Principal, check_permission, check_role_at_all
from models.person.rules.roles import Permission

API = "/api/v1"
"""What stands before the addresses of all but those that watch over the operation."""


class Door(StrEnum):
    """A door that no permission opens."""

    ANYBODY = "anybody"
    """Nobody has to be logged in."""
    OWN = "own"
    """Whoever is logged in, about their own account and absences."""


Doors = Mapping[Door | Permission, str]
"""What a room says: the names of its routes (method and whole address), one a line, under what opens them."""


def check(request: Request, principal: Principal) -> None:
    """Let the person through, or AUTH-005 with the roles that may, or AUTH-024 for somebody without any role."""
    opened: Mapping[str, Door | Permission] = request.app.doors
    door = opened[name(request.method, request.scope["route"].path)]
    if isinstance(door, Permission):
        check_role_at_all(principal)
        check_permission(principal, door)


def name(method: str, path: str) -> str:
    """What a door is called."""
    return f"{method} {path}"
