"""The record of an old home (`play.py`, `dump.py`), read into databases of their own and brought forward."""

import lzma
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine

from models import migrations
from runtime.postgres import API, OWNER, SUPERUSER, Postgres
from tests.support.servers.database import ADDRESSES, TestDatabase, drop, know_tests

RECORD = Path(__file__).parent / "november.sql.xz"
NAME = "november"


@pytest.fixture(scope="module")
def november(database_template: Postgres) -> Iterator[TestDatabase]:
    """The old home's database after the upgrade; the tests of the file share it, and commit to it in order."""
    with database_template.connect() as administration:
        database_template.create_database(administration, NAME)
    with database_template.connect(SUPERUSER, NAME) as connection:
        connection.execute(lzma.decompress(RECORD.read_bytes()))
    owner = database_template.url(OWNER, NAME)
    migrations.upgrade(owner)
    know_tests(database_template, NAME)
    url = database_template.url(database=NAME)
    ADDRESSES[NAME] = database_template.url(SUPERUSER, NAME)
    made = TestDatabase(NAME, url, owner, database_template.url(API, NAME), create_engine(url, pool_size=5))
    yield made
    drop(database_template, made)
