"""A plant without Temporal: acts straight at the record."""

import pytest

from tests.support.database import TestDatabase
from tests.support.direct import direct
from tests.support.plant import Plant


@pytest.fixture(scope="module")
def module_database(furnished_database: TestDatabase) -> TestDatabase:
    """With a furnished plant."""
    return furnished_database


@pytest.fixture(scope="module")
def desk(module_database: TestDatabase) -> Plant:
    """A furnished plant; each test uses lot numbers of its own."""
    return direct(module_database.engine)
