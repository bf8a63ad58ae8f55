"""The API on a database of its own, and people who are logged in to it."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
from fastapi import FastAPI
from httpx import Client, Response
from pydantic import SecretStr
from sqlalchemy import Engine

from api.app import connect, create_api
from runtime.ports import NO_TLS
from runtime.postgres import Postgres
from runtime.settings import Settings
from tests.support import cast
from tests.support.database import TestDatabase, copy_template, drop
from tests.support.server import serving

SECRET = SecretStr("s" * 40)


@dataclass
class Person:
    """Somebody's browser: cookies, and the CSRF token on everything that changes something."""

    client: Client
    login: str
    csrf: str = ""

    def get(self, path: str, **more: object) -> Response:
        return self.client.get("/api/v1" + path, **more)  # type: ignore[arg-type]

    def post(self, path: str, json: object = None, **headers: str) -> Response:
        sent = {"X-CSRF-Token": self.csrf} | {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.post("/api/v1" + path, json=json, headers=sent)

    def delete(self, path: str) -> Response:
        return self.client.delete("/api/v1" + path, headers={"X-CSRF-Token": self.csrf})


@pytest.fixture(scope="session")
def seeded(database_template: Postgres) -> Iterator[TestDatabase]:
    """The founded plant with its people, which every test of the API begins with a copy of."""
    made = copy_template(database_template)
    cast.seed(made.engine)
    made.engine.dispose()
    yield made
    drop(database_template, made)


@pytest.fixture
def fresh_database(database_template: Postgres, seeded: TestDatabase) -> Iterator[TestDatabase]:
    """A founded plant of the test's own; commit as you like."""
    made = copy_template(database_template, seeded.name)
    yield made
    drop(database_template, made)


@pytest.fixture(scope="module")
def shared_database(database_template: Postgres, seeded: TestDatabase) -> Iterator[TestDatabase]:
    """A founded plant for a file whose tests only read what they share."""
    made = copy_template(database_template, seeded.name)
    yield made
    drop(database_template, made)


@pytest.fixture
def empty_database(database_template: Postgres) -> Iterator[TestDatabase]:
    """No plant yet: for files whose `fresh_database` is to be this one."""
    made = copy_template(database_template)
    yield made
    drop(database_template, made)


@pytest.fixture
def engine(fresh_database: TestDatabase) -> Engine:
    return fresh_database.engine


@pytest.fixture
def people(engine: Engine) -> dict[str, int]:
    """Person ids by login."""
    return cast.people(engine)


@pytest.fixture(scope="session")
def routes_of_the_api(tmp_path_factory: pytest.TempPathFactory) -> FastAPI:
    """The application, prepared once; it costs a second."""
    return create_api(Settings(home=tmp_path_factory.mktemp("api"), secret=SECRET))


@pytest.fixture
def app(routes_of_the_api: FastAPI, fresh_database: TestDatabase, tmp_path: Path, people: dict[str, int]) -> FastAPI:
    assert people
    connect(routes_of_the_api, Settings(database_url=fresh_database.api_url, home=tmp_path, secret=SECRET))
    return routes_of_the_api


@pytest.fixture
def browser_at(app: FastAPI) -> Iterator[Callable[[], Client]]:
    """New browsers in front of a real server."""
    with serving(app) as address, ExitStack() as stack:
        yield lambda: stack.enter_context(Client(base_url=address, timeout=30, trust_env=False, verify=NO_TLS))


@pytest.fixture
def anybody(browser_at: Callable[[], Client]) -> Client:
    """A browser that nobody has logged in with."""
    return browser_at()


@pytest.fixture
def as_(browser_at: Callable[[], Client]) -> Callable[..., Person]:
    """`as_("chen.pi")`: that person, logged in, in a new browser."""

    def log_in(login: str, password: str = cast.PASSWORD) -> Person:
        person = Person(browser_at(), login)
        answer = person.client.post("/api/v1/auth/login", json={"login": login, "password": password})
        assert answer.status_code == 200, answer.text
        person.csrf = answer.json()["csrf"]
        return person

    return log_in
