"""A plant in a transaction that is rolled back, and a count of the statements that a block sends."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest
from sqlalchemy import Engine, create_engine, event
from sqlmodel import Session

from runtime.postgres import SUPERUSER, Postgres
from tests.support.database import TestDatabase
from tests.support.graph import Plant


@pytest.fixture(scope="session")
def administration(postgres: Postgres, database: TestDatabase) -> Iterator[Engine]:
    """The test database as the superuser, who may switch the walls off."""
    engine = create_engine(postgres.url(SUPERUSER, database.name))
    yield engine
    engine.dispose()


@pytest.fixture(scope="session")
def new_plant(administration: Engine) -> Callable[[], AbstractContextManager[Plant]]:
    """An empty plant for each example of a property."""

    @contextmanager
    def make() -> Iterator[Plant]:
        with administration.connect() as connection:
            outer = connection.begin()
            with Session(connection, expire_on_commit=False) as session:
                plant = Plant(session)
                plant.begin()
                yield plant
            outer.rollback()

    return make


@pytest.fixture
def plant(new_plant: Callable[[], AbstractContextManager[Plant]]) -> Iterator[Plant]:
    with new_plant() as made:
        yield made


@pytest.fixture
def sent(plant: Plant) -> Iterator[list[str]]:
    """The statements sent since the test cleared the list."""
    statements: list[str] = []

    def record(*arguments: object) -> None:
        statements.append(str(arguments[2]))

    connection = plant.session.connection()
    event.listen(connection, "before_cursor_execute", record)
    yield statements
    event.remove(connection, "before_cursor_execute", record)
