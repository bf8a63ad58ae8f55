"""A home of commit 35e206a with open work (`play.py`): its record and Temporal's own file, brought forward and started."""

import lzma
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine
from sqlalchemy.pool import NullPool

from runtime.home import Home
from runtime.postgres import DATABASE, SUPERUSER, Postgres
from tests.support import scratch
from tests.support.servers.stack import Up
from tests.upgrade.people import Plant

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Forward:
    """The home under the software of today."""

    up: Up
    people: Plant
    engine: Engine


@pytest.fixture(scope="module")
def old_home() -> Iterator[Path]:
    """The data folder as the old software left it, stopped."""
    home = Home(scratch.folder("open-work-"))
    home.ensure()
    home.temporal.write_bytes(lzma.decompress((HERE / "temporal.sqlite.xz").read_bytes()))
    server = Postgres(home)
    running = server.start()
    with server.connect(SUPERUSER, DATABASE) as connection:
        connection.execute(lzma.decompress((HERE / "record.sql.xz").read_bytes()))
    running.stop()
    yield home.path
    shutil.rmtree(home.path, ignore_errors=True)


@pytest.fixture(scope="module")
def forward(old_home: Path) -> Iterator[Forward]:
    """It is started with today's software; the tests of the file share it and go on with its work in order."""
    with Up(old_home) as up:
        server = Postgres(up.home)
        server.port = up.document()["postgres_port"]
        people = Plant(up.api)
        yield Forward(up, people, create_engine(server.url(), poolclass=NullPool))
        people.close()
