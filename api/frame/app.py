"""The API: one FastAPI application that pages are mounted on, with its door (limits, language, errors) in front.

`create_api(settings)` connects to nothing: the database pool and the Temporal client open on first use, so that the
process starts, and says through `/readyz` what is missing, while a part is down (DESIGN 4).
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from sqlalchemy import Engine
from starlette.datastructures import State

from api.frame import rooms, temporal
from api.frame.idempotency import IdempotencyMiddleware
from api.frame.problem import errors
from api.frame.problem.described import DescribedAPI
from api.frame.request.body import BodyMiddleware
from api.frame.request.origin import OriginMiddleware
from api.frame.request.slashes import SlashMiddleware
from api.frame.test_home import FileNamesMiddleware
from api.frame.throttle import Throttle
from api.process.inbox_stream import Changes
from models.kernel import links
from models.kernel.store import db
from models.kernel.store.underway import Underway
from runtime.build import VERSION, build_id
from runtime.settings import Settings, secret_of

DESCRIPTION = """\
Batches of a medical-device maker, from receipt to recall. People come with a session cookie and the header
`X-CSRF-Token`, machines with a bearer token. Every refusal is a problem document (RFC 9457) with a stable `code`, the
`clause` behind it and the sentence in Chinese and English. Lists come in pages: pass `next` of one page as `cursor` of
the next. A POST with an `Idempotency-Key` may be sent again and has one effect.
"""


def create_api(settings: Settings) -> DescribedAPI:
    """The application.  `app.state` has `settings`, `engine`, `underway`, `changes` and, while it runs, `temporal`."""
    app = DescribedAPI(
        title="Batchwright",
        version=VERSION,
        description=DESCRIPTION,
        lifespan=_lifespan,
        docs_url=None,  # the interactive page would load scripts from elsewhere; plants are offline
        redoc_url=None,
    )
    connect(app, settings)
    errors.install(app)
    app.add_middleware(IdempotencyMiddleware, secret=app.state.secret)
    app.add_middleware(BodyMiddleware)
    app.add_middleware(SlashMiddleware)
    app.add_middleware(FileNamesMiddleware)
    app.add_middleware(OriginMiddleware)
    app.doors = rooms.doors(rooms.rooms())
    app.router.routes.extend(rooms.routes(rooms.rooms()))
    return app


def connect(app: FastAPI, settings: Settings, engine: Engine | None = None) -> None:
    """Point the application at a database and a Temporal; what it remembered of others is gone.

    Who brings an engine to the database ends it, too.
    Apart from `create_api`, because the routes cost a second to prepare and their tests need them on many databases.
    """
    app.state = State()
    app.state.settings = settings
    app.state.its_own = engine is None
    app.state.engine = engine or db.engine(settings.database_url or "postgresql+psycopg://", build=build_id())
    app.state.underway = Underway(app.state.engine)
    app.state.temporal = None
    app.state.changes = Changes(app.state.engine)
    app.state.secret = secret_of(settings)
    app.state.throttle = Throttle()
    app.state.links = Throttle(refusal=links.TOO_OFTEN)


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    app.state.temporal = await temporal.client(app.state.settings)
    try:
        yield
    finally:
        await app.state.changes.stop()
        app.state.underway.close()
        if app.state.its_own:
            app.state.engine.dispose()
