"""A live page tells nothing to whoever may not see it any more, however busy the plant is (21 CFR 11.10(d), 11.300)."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from sqlalchemy import Engine, text

from models.clock.store import signs_of_life as beats
from models.kernel.store.act import act
from models.person.rules.roles import Role
from models.person.store import people
from models.person.store.passwords import verify_for_signing
from runtime.ports import NO_TLS
from runtime.settings import Settings
from tests.support.application import SECRET, pages
from tests.support.plant import cast
from tests.support.plant.cast import SEEDER
from tests.support.servers.database import TestDatabase
from tests.support.servers.server import serving

STREAMS = ("/inbox/stream", "/api/v1/inbox/events")
SOON = 12.0
"""Seconds, less than a stream without any news waits before it says that it is still there."""


def log_out(client: httpx.Client, _: Engine) -> None:
    client.post("/api/v1/auth/logout").raise_for_status()


def close(_: httpx.Client, engine: Engine) -> None:
    with act(engine, SEEDER) as session:
        people.set_active(session, people.get(session, "lin.jian"), active=False)


def lock(_: httpx.Client, engine: Engine) -> None:
    with engine.connect() as connection:
        account = connection.execute(text("select id from account where login = 'lin.jian'")).scalar_one()
    assert [verify_for_signing(engine, account, "no").result for _ in range(5)][-1] == "locked"


def take_the_role(_: httpx.Client, engine: Engine) -> None:
    with act(engine, SEEDER) as session:
        people.revoke(session, "lin.jian", Role.INSPECTOR)


@pytest.fixture
def inspector(founded_database: TestDatabase, tmp_path: Path) -> Iterator[httpx.Client]:
    settings = Settings(database_url=founded_database.url, home=tmp_path, secret=SECRET)
    with (
        pages(settings) as app,
        serving(app) as address,
        httpx.Client(base_url=address, timeout=60, trust_env=False, verify=NO_TLS) as client,
    ):
        answer = client.post("/api/v1/auth/login", json={"login": "lin.jian", "password": cast.PASSWORD})
        assert answer.status_code == 200, answer.text
        client.headers["X-CSRF-Token"] = answer.json()["csrf"]
        yield client


@contextmanager
def signs_of_life(engine: Engine) -> Iterator[None]:
    """A worker writes one every second, as it does wherever the plant runs."""
    done = threading.Event()

    def beat() -> None:
        while not done.wait(1.0):
            beats.write(engine, "worker", 1, ("acts",), "build")

    beating = threading.Thread(target=beat)
    beating.start()
    try:
        yield
    finally:
        done.set()
        beating.join()


@pytest.mark.parametrize("path", STREAMS)
@pytest.mark.parametrize("end", [log_out, close, lock, take_the_role])
def test_a_stream_ends_with_the_right_to_see_it(
    inspector: httpx.Client,
    founded_database: TestDatabase,
    path: str,
    end: Callable[[httpx.Client, Engine], None],
) -> None:
    engine = founded_database.engine
    with signs_of_life(engine), inspector.stream("GET", path, timeout=SOON) as stream:
        lines = stream.iter_lines()
        next(line for line in lines if line.startswith("data:"))
        end(inspector, engine)
        told = ended(lines)
    assert "session" in told[-1]
    assert len(told) <= 2  # at most what changed by the very act


def ended(lines: Iterator[str]) -> list[str]:
    """What was said until the server ended it; a stream that says that it lives has not ended."""
    told = []
    for line in lines:
        assert not line.startswith(":"), "it lives on"
        if line.startswith("data:"):
            told.append(line)
    return told
