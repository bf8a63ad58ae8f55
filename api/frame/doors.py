"""Which door asks for what: every route of the API and every page, with the permission that opens it.

One table for both, because the same record lies behind them (21 CFR 11.10(d), 11.10(g); REQUIREMENTS 112).  What isn't in
it is closed: the application doesn't start with a route that the table doesn't name, or with a name that leads nowhere.
A task's own rule (who may do it, who may not a second time) is asked behind the door, by its process.
"""

from collections.abc import Iterable

from fastapi import APIRouter
from fastapi.routing import APIRoute
from starlette.requests import Request

from api.frame.door_table import TABLE, Door
from models.person.rules.auth import Principal, check_permission, check_role_at_all
from models.person.rules.roles import Permission

API = "/api/v1"


DOORS: dict[str, Door | Permission] = {
    line.strip(): door for door, lines in TABLE.items() for line in lines.split("\n") if line.strip()
}


def check(request: Request, principal: Principal) -> None:
    """Let the person through, or AUTH-005 with the roles that may, or AUTH-024 for somebody without any role."""
    door = DOORS[_name(request.method, _prefix(request.url.path), request.scope["route"].path)]
    if isinstance(door, Permission):
        check_role_at_all(principal)
        check_permission(principal, door)


def complete(api: Iterable[APIRouter], pages: Iterable[APIRouter] | None) -> None:
    """Hold the table against the routes; with a difference nothing starts."""
    routes = {_name(one, "" if "operation" in each.tags else API, path) for each in api for one, path in _of(each)}
    if pages is None:
        named = {name for name in DOORS if f" {API}/" in name or name in routes}
    else:
        named = set(DOORS)
        routes |= {_name(method, "", path) for router in pages for method, path in _of(router)}
    if routes != named:
        message = f"routes without a door: {sorted(routes - named)}; doors without a route: {sorted(named - routes)}"
        raise RuntimeError(message)


def _of(router: APIRouter) -> Iterable[tuple[str, str]]:
    return ((method, one.path) for one in router.routes if isinstance(one, APIRoute) for method in one.methods or ())


def _prefix(path: str) -> str:
    return API if path.startswith(f"{API}/") else ""


def _name(method: str, prefix: str, path: str) -> str:
    return f"{method} {prefix}{path}"
