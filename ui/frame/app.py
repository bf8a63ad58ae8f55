"""The application that people run: the pages on top of the API, one process, one address (DESIGN 3, 11)."""

from fastapi import FastAPI

from api.frame.app import create_api
from api.frame.rooms import routes
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
    pages = routes(rooms.rooms())
    for page in pages:
        page.include_in_schema = False
    app.router.routes.extend(pages)
    handlers.install(app)
    app.add_middleware(ProblemPagesMiddleware)
    app.add_middleware(HeadersMiddleware)
    return app
