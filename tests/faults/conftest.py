"""A supervised plant that has samples, whose parts are killed; one for the tests of a file, each uses numbers of its own."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from sqlalchemy import Engine, create_engine
from sqlalchemy.pool import NullPool

from runtime.ports import free_port
from runtime.postgres import OWNER, Postgres
from tests.faults.clients import Shift, shift
from tests.process.sample import installed as sample
from tests.support.servers import prepared
from tests.support.servers.stack import Up


@dataclass
class Site:
    """A furnished plant on a running stack, with the shift at work."""

    up: Up
    database_url: str
    engine: Engine  # as the application role; every question on a connection of its own, for the server is killed
    people: Shift


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    """The supervisor and the parts of `batchwright up`, which can be told where to die (`tests.process.sample.up`)."""
    folder, port = prepared.furnished("faults-"), free_port()  # not 0: the address must stay the same after a restart
    with (
        sample.handed_in(),
        Up(folder, ("-m", "tests.process.sample.up"), {"BATCHWRIGHT_PORT": str(port)}) as up,
    ):
        server = Postgres(up.home)
        server.port = up.document()["postgres_port"]
        engine = create_engine(server.url(), poolclass=NullPool)
        sample.furnish(server.url(OWNER), engine)
        with shift(up.api) as people:
            yield Site(up, server.url(), engine, people)
    shutil.rmtree(folder, ignore_errors=True)
