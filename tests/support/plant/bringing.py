"""What an earlier system tells of, brought over as an import does: in its own transaction, beside a run of its own."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine
from sqlmodel import Session

from models.importing.store.importing import actor
from models.importing.tables import ImportRun
from models.kernel.store.act import act

SOURCE = "test"


@contextmanager
def bringing(engine: Engine, source: str = SOURCE) -> Iterator[Session]:
    """An import's transaction; what it writes may be called migrated."""
    with act(engine, actor(source, "test.json")) as session:
        session.add(ImportRun(source=source, file_name="test.json", file_digest="0" * 64))
        session.flush()
        yield session
