"""The application that people run: the pages on top of the API, one process, one address (DESIGN 3, 11)."""

from fastapi import FastAPI

from api import doors
from api import routers as api_routers
from api.app import create_api
from runtime.settings import Settings
from ui import routes_errors
from ui.evidence_memo import EvidenceMemo
from ui.headers import Assets, HeadersMiddleware
from ui.problem_pages import ProblemPagesMiddleware
from ui.render import STATIC
from ui.routers import routers


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
