"""All routers of pages.  A new noun adds its line here."""

from fastapi import APIRouter

from ui import routes_login


def routers() -> list[APIRouter]:
    """The routers of the pages, in the order in which their addresses are tried."""
    return [
        routes_login.router,
    ]
