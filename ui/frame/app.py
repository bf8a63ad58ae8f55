"""The application that people run: the pages on top of the API, one process, one address (DESIGN 3, 11)."""

from fastapi import FastAPI

from api.frame.app import create_api
from api.frame.rooms import routers
from runtime.settings import Settings
from ui.failure import handlers
from ui.frame import rooms
from ui.frame.headers import Assets, HeadersMiddleware
from ui.frame.problem_pages import ProblemPagesMiddleware
from ui.frame.render import STATIC
from ui.release.evidence_memo import EvidenceMemo


def create_app(settings: Settings) -> FastAPI:
    """API and pages; connects to nothing until the first request."""
    app = create_api(settings)
    app.state.evidence = EvidenceMemo()
    app.mount("/static", Assets(directory=STATIC), name="static")
    app.doors = rooms.doors()
    for prefix, router in routers(rooms.rooms()):
        app.include_router(router, prefix=prefix, include_in_schema=False)
    handlers.install(app)
    app.add_middleware(ProblemPagesMiddleware)
    app.add_middleware(HeadersMiddleware)
    return app
