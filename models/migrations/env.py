"""Alembic environment: online only, with lock and statement time-outs so that a migration never hangs a plant.

Migrations carry their own copies; the tables of now are loaded only to be compared with, which a start has no time for.
"""

from alembic import context
from sqlalchemy import create_engine, text
from sqlmodel import SQLModel

import models.kernel.columns  # noqa: F401 - the names of constraints
from models import metadata
from models.migrations import COMPARED

if context.config.attributes.get(COMPARED, True):
    metadata.load()


def _compared(_item: object, name: str | None, kind: str, _reflected: bool, _to: object) -> bool:
    """Indexes on the key of a number are expressions, which Alembic can't compare: `identity.sql`, `labels.sql`."""
    return not (kind == "index" and (name or "").endswith(("_identity", "_label")))


engine = create_engine(context.config.attributes["url"])
with engine.connect() as connection:
    connection.execute(text("set lock_timeout = '5s'"))
    connection.execute(text("set statement_timeout = '10min'"))
    connection.commit()
    context.configure(
        connection=connection,
        target_metadata=SQLModel.metadata,
        compare_type=True,
        compare_server_default=False,
        include_object=_compared,
    )
    with context.begin_transaction():
        # one migration at a time, even when several processes start together
        connection.execute(text("select pg_advisory_xact_lock(4207431)"))
        context.run_migrations()
engine.dispose()
