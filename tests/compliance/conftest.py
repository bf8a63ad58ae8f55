"""A plant with something in every table, and connections to its database as the application, the owner and the superuser."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, LiteralString

import psycopg
import pytest
import pytest_asyncio
from alembic import command

from models import migrations
from models.rules.roles import Role
from runtime.postgres import APPLICATION, OWNER, SUPERUSER, Postgres
from tests.support import people
from tests.support.database import TestDatabase, copy_template, drop, test_home
from tests.support.direct import direct
from tests.support.fill import fill
from tests.support.plant import Plant

ACTOR = (
    "select set_config('bw.actor_id', 'service:test', true), set_config('bw.actor_name', 'Somebody', true),"
    " set_config('bw.source', 'psql', true), set_config('bw.reason', 'by hand', true)"
)

IMPORTER: LiteralString = "select set_config('bw.actor_id', 'import:test', true)"
RUN: LiteralString = (
    "insert into import_run (source, file_name, file_digest) values ('test', 'by-hand.json', repeat('0', 64))"
)


@dataclass
class Psql:
    """What somebody with the password of a role can try by hand; whatever it is, it is rolled back."""

    plant: Plant
    url: Callable[[str], str]

    @contextmanager
    def transaction(self, role: str = APPLICATION, *, actor: bool = True) -> Iterator[psycopg.Connection]:
        """A transaction of that role, by default with an actor."""
        with psycopg.connect(self.url(role)) as connection:
            if actor:
                connection.execute(ACTOR)
            yield connection
            connection.rollback()

    @contextmanager
    def importing(self, role: str = APPLICATION) -> Iterator[psycopg.Connection]:
        """A transaction of an import, with its run."""
        with self.transaction(role) as connection:
            connection.execute(IMPORTER)
            connection.execute(RUN)
            yield connection

    def run(self, statement: LiteralString, role: str = APPLICATION, *, actor: bool = True, **given: Any) -> Any:
        """The rows, if it answers any."""
        with self.transaction(role, actor=actor) as connection:
            cursor = connection.execute(statement, given)
            return cursor.fetchall() if cursor.description else None

    def refused(
        self, state: str, statement: LiteralString, role: str = APPLICATION, *, actor: bool = True, **given: Any
    ) -> str:
        """The database refuses it with that SQLSTATE; answers what it says."""
        with self.transaction(role, actor=actor) as connection, refusal(state) as said:
            connection.execute(statement, given)
        return said[0]


@contextmanager
def refusal(state: str) -> Iterator[list[str]]:
    """The block is refused by the database with that SQLSTATE."""
    said: list[str] = []
    with pytest.raises(psycopg.Error) as info:
        yield said
    said.append(str(info.value))
    assert info.value.sqlstate == state, said[0]


@contextmanager
def older_database(server: Postgres, name: str, revision: str, rows: str) -> Iterator[tuple[psycopg.Connection, str]]:
    """A database of before with `rows` in it, as the superuser, and its owner's address."""
    with server.connect() as administration:
        server.create_database(administration, name)
    owner = server.url(OWNER, name)
    command.upgrade(migrations.config(owner), revision)
    with server.connect(SUPERUSER, name) as connection:
        connection.execute(rows.encode())
        connection.execute("reset session_replication_role")
        yield connection, owner
    with server.connect() as administration:
        administration.execute(f'drop database "{name}" with (force)'.encode())


@pytest.fixture(scope="session")
def plant_database(database_template: Postgres, furnished_template: str) -> Iterator[TestDatabase]:
    """A database that every test here leaves as it was."""
    made = copy_template(database_template, furnished_template)
    yield made
    drop(database_template, made)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def plant(plant_database: TestDatabase) -> AsyncIterator[Plant]:
    """R-1 is material; B-OK is released, B-NEW waits for its review, B-SEEN for its approval; the rest is filled."""
    made = direct(plant_database.engine)
    people.grant(made, "zhou.shen", Role.QA_APPROVER)
    await made.material("R-1", 1000)
    for lot in ("B-OK", "B-NEW", "B-SEEN"):
        await made.make(lot, "R-1", 50)
    await made.release("B-OK")
    await made.ship("SH-1", "B-OK", 10)
    await made.complete("B-SEEN", "review", "zhou.shen", "release")
    await made.receive("R-WAIT", 10)
    await fill(made)
    yield made


@pytest.fixture(scope="session")
def psql(plant: Plant, plant_database: TestDatabase, postgres: Postgres) -> Psql:
    """By hand, past all of our code."""
    return Psql(
        plant,
        lambda role: postgres.url(role, plant_database.name).replace("postgresql+psycopg://", "postgresql://"),
    )


@pytest.fixture(scope="session")
def test_home_database(postgres: Postgres) -> Iterator[TestDatabase]:
    """A database that was marked before its first table."""
    with test_home(postgres) as made:
        yield made
