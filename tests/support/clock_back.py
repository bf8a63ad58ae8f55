"""The server's clock goes back; to the record that is the same as its last event lying ahead."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import create_engine, text

from runtime.postgres import SUPERUSER, Postgres

AHEAD = text(
    "update audit_event set at = at + interval '2 hours' where id = (select max(id) from audit_event) returning id"
)
BACK = text("update audit_event set at = at - interval '2 hours' where id = :id")


@contextmanager
def clock_back(server: Postgres, database: str) -> Iterator[None]:
    """Two hours; only the owner of the server can do such a thing to a record."""
    engine = create_engine(server.url(SUPERUSER, database))
    try:
        with engine.begin() as connection:
            connection.execute(text("set local session_replication_role = replica"))
            last = connection.execute(AHEAD).scalar_one()
        yield
        with engine.begin() as connection:
            connection.execute(text("set local session_replication_role = replica"))
            connection.execute(BACK, {"id": last})
    finally:
        engine.dispose()
