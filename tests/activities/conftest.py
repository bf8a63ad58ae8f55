"""A plant without Temporal: acts straight at the record."""

from collections.abc import Iterator

import pytest

from runtime.postgres import Postgres
from tests.support.database import TestDatabase, copy_template, drop
from tests.support.direct import direct
from tests.support.plant import Plant


@pytest.fixture(scope="module")
def module_database(database_template: Postgres) -> Iterator[TestDatabase]:
    """A database of the module's own."""
    made = copy_template(database_template)
    yield made
    drop(database_template, made)


@pytest.fixture(scope="module")
def desk(module_database: TestDatabase) -> Plant:
    """A furnished plant; each test uses lot numbers of its own."""
    return direct(module_database.engine)
