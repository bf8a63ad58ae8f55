"""Alembic migrations, run by the owner role.

Alembic is imported when it is asked: every start of API and worker looks through all rooms, and most never ask it.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from alembic.config import Config
    from sqlalchemy import Connection

HERE = Path(__file__).parent
COMPARED = "compared"
"""Attribute of a configuration: whether the tables of now are asked for, to compare the database with them."""


def config(owner_url: str) -> Config:
    """The Alembic configuration for a database of ours."""
    from alembic.config import Config

    settings = Config()
    settings.set_main_option("script_location", str(HERE))
    settings.attributes["url"] = owner_url
    return settings


def upgrade(owner_url: str) -> None:
    """Bring the database to the newest migration."""
    from alembic import command

    settings = config(owner_url)
    settings.attributes[COMPARED] = False
    command.upgrade(settings, "head")


@cache
def newest() -> str:
    """The revision that this code needs; read from its files once, for whoever asks whether all is well asks again and again."""
    from alembic.script import ScriptDirectory

    head = ScriptDirectory(str(HERE)).get_current_head()
    if head is None:
        message = "there are no migrations"
        raise RuntimeError(message)
    return head


def current(connection: Connection) -> str | None:
    """The revision that the database has."""
    from alembic.runtime.migration import MigrationContext

    return MigrationContext.configure(connection).get_current_revision()
