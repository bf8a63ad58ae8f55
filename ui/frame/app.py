"""The application that people run: the pages on top of the API, one process, one address (DESIGN 3, 11)."""

from fastapi import FastAPI

from api.frame import doors
from api.frame import routers as api_routers
from api.frame.app import create_api
from runtime.settings import Settings
from ui.failure import routes as routes_errors
from ui.frame.headers import Assets, HeadersMiddleware
from ui.frame.problem_pages import ProblemPagesMiddleware
from ui.frame.render import STATIC
from ui.frame.routers import routers
from ui.release.evidence_memo import EvidenceMemo


def create_app(settings: Settings) -> FastAPI:
    """API and pages; connects to nothing until the first request."""
    app = create_api(settings)
    app.state.evidence = EvidenceMemo()
    app.mount("/static", Assets(directory=STATIC), name="static")
    doors.complete(api_routers.routers(), routers())
    for router in routers():
        app.include_router(router, include_in_schema=False)
    routes_errors.install(app)
    app.add_middleware(ProblemPagesMiddleware)
    app.add_middleware(HeadersMiddleware)
    return app
