"""All routers, in the order of the OpenAPI page.  A new noun adds its line here."""

from fastapi import APIRouter

from api import routes_acts, routes_auth, routes_health


def routers() -> list[APIRouter]:
    """The routers of the API."""
    return [routes_health.router, routes_auth.router, routes_acts.router]
