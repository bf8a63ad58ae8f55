"""Alembic migrations, run by the owner role."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

HERE = Path(__file__).parent


def config(owner_url: str) -> Config:
    """The Alembic configuration for a database of ours."""
    settings = Config()
    settings.set_main_option("script_location", str(HERE))
    settings.attributes["url"] = owner_url
    return settings


def upgrade(owner_url: str) -> None:
    """Bring the database to the newest migration."""
    command.upgrade(config(owner_url), "head")


def newest() -> str:
    """The revision that this code needs."""
    head = ScriptDirectory(str(HERE)).get_current_head()
    if head is None:
        message = "there are no migrations"
        raise RuntimeError(message)
    return head


def current(connection: Connection) -> str | None:
    """The revision that the database has."""
    return MigrationContext.configure(connection).get_current_revision()
