"""Somebody at the served pages and API of a test's database, through the real door."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from models.person.rules.roles import Role
from runtime.ports import NO_TLS
from runtime.settings import Settings
from tests.support.application import SECRET, pages
from tests.support.plant import people
from tests.support.plant.plant import PASSWORD, Plant
from tests.support.servers.database import TestDatabase
from tests.support.servers.server import serving


@contextmanager
def reading_everything(plant: Plant, database: TestDatabase, home: Path) -> Iterator[httpx.Client]:
    """吴经理, who reads everything: logged in, with the token of the forms."""
    people.grant(plant, "wu.jingli", Role.RECALL_COORDINATOR)
    settings = Settings(database_url=database.url, home=home, secret=SECRET)
    with (
        pages(settings) as app,
        serving(app) as address,
        httpx.Client(base_url=address, timeout=60, trust_env=False, verify=NO_TLS) as client,
    ):
        answer = client.post("/api/v1/auth/login", json={"login": "wu.jingli", "password": PASSWORD})
        assert answer.status_code == 200, answer.text
        client.headers["X-CSRF-Token"] = answer.json()["csrf"]
        yield client
