"""A plant under `batchwright up`, whose parts are killed; one for all tests, each uses numbers of its own."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest
from sqlalchemy import Engine, create_engine
from sqlalchemy.pool import NullPool

from runtime.ports import free_port
from runtime.postgres import DATABASE, Postgres
from tests.faults.clients import Shift, shift
from tests.support import scratch
from tests.support.plant.plant import furnish
from tests.support.servers.database import know_tests
from tests.support.servers.stack import Up


@dataclass
class Site:
    """A furnished plant on a running stack, with the shift at work."""

    up: Up
    database_url: str
    engine: Engine  # as the application role; every question on a connection of its own, for the server is killed
    people: Shift


@contextmanager
def running(*arguments: str, port: int) -> Iterator[Site]:
    """A plant on a new data folder, under a supervisor with these arguments."""
    folder = scratch.folder("faults-")
    with Up(folder, arguments, {"BATCHWRIGHT_PORT": str(port)}) as up:
        server = Postgres(up.home)
        server.port = up.document()["postgres_port"]
        know_tests(server, DATABASE)
        engine = create_engine(server.url(), poolclass=NullPool)
        furnish(engine)
        with shift(up.api) as people:
            yield Site(up, server.url(), engine, people)
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def site() -> Iterator[Site]:
    port = free_port()  # not 0: the address must stay the same when everything is started again
    with running("-m", "cli", "up", "--port", str(port), "--no-demo", port=port) as made:
        yield made


@pytest.fixture
def site_without_worker() -> Iterator[Site]:
    """The test brings the worker."""
    with running("-m", "tests.support.servers.servers", "postgres", "temporal", "api", port=free_port()) as made:
        yield made
