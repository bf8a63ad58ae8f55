"""The inbox page and the release page: a large plant ÷ a small one (requirement 87; aim under 1.5, statements equal).

    .venv/bin/python benchmarks/inbox.py [--json] [--repeats N] [--lots N] [--tasks N]

Two databases in one embedded PostgreSQL, one with 100 open tasks and 1,000 lots, one with 100,000 and 1,000,000.  A QA
reviewer opens the same pages in both, over HTTP through the application, in turns; statements are counted besides.
"""

import argparse
import asyncio
import contextlib
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from fastapi import FastAPI
from pydantic import SecretStr
from sqlalchemy import event

from benchmarks import _timing
from benchmarks.seed import RELEASE_LOT, seed
from models import migrations
from runtime.home import Home
from runtime.postgres import APPLICATION, OWNER, SUPERUSER, Postgres
from runtime.settings import Settings
from tests.support.plant.plant import PASSWORD
from tests.support.servers.database import know_tests
from ui.frame.app import create_app

SMALL_TASKS, SMALL_LOTS = 100, 1_000
ADDRESS = "http://batchwright.test"


@dataclass
class Site:
    """One plant with its application and the reviewer's browser."""

    name: str
    app: FastAPI
    browser: httpx.AsyncClient
    statements: list[str] = field(default_factory=list)
    paths: dict[str, str] = field(default_factory=dict)

    async def open(self, page: str) -> float:
        """Seconds to the whole page."""
        began = time.perf_counter()
        answer = await self.browser.get(self.paths[page])
        took = time.perf_counter() - began
        answer.raise_for_status()
        return took

    async def count(self, page: str) -> int:
        """Statements of one view of the page."""
        self.statements.clear()
        await self.open(page)
        return len(self.statements)


@contextlib.contextmanager
def cluster() -> Iterator[Postgres]:
    """A throw-away embedded PostgreSQL."""
    folder = Path(tempfile.mkdtemp(prefix="batchwright-bench-"))
    server = Postgres(Home(folder), fast=True)
    child = server.start()
    try:
        yield server
    finally:
        child.kill()
        shutil.rmtree(folder, ignore_errors=True)


def furnish(server: Postgres, name: str, lots: int, tasks: int) -> str:
    """A seeded database; answers its address."""
    print(f"seeding {name}: {lots} lots, {tasks} open tasks", file=sys.stderr)
    with server.connect() as connection:
        server.create_database(connection, name)
    migrations.upgrade(server.url(OWNER, name))
    know_tests(server, name)
    url = server.url(APPLICATION, name)
    seed(url, server.url(SUPERUSER, name), lots=lots, tasks=tasks)
    return url


@contextlib.asynccontextmanager
async def site(name: str, url: str, home: Path) -> AsyncIterator[Site]:
    """The application on a database, with 周审 logged in, and the addresses of what she looks at."""
    app = create_app(Settings(database_url=url, home=home, secret=SecretStr("b" * 40)))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=ADDRESS, timeout=60) as browser:
        made = Site(name, app, browser)
        given = {"login": "zhou.shen", "password": PASSWORD}
        (await browser.post("/api/v1/auth/login", json=given)).raise_for_status()
        waiting = (await browser.get("/api/v1/tasks", params={"claimable": True, "limit": 200})).raise_for_status()
        task = await _release_task(browser, waiting.json())
        made.paths = {"inbox page": "/inbox", "release page": f"/tasks/{task}"}
        event.listen(app.state.engine, "before_cursor_execute", lambda *said: made.statements.append(str(said[2])))
        yield made
        app.state.engine.dispose()


async def _release_task(browser: httpx.AsyncClient, page: dict[str, Any]) -> str:
    """The review of the batch that is the same in both plants; it is somewhere in her list."""
    while True:
        for task in page["items"]:
            if task["lot_no"] == RELEASE_LOT:
                return str(task["id"])
        query = {"claimable": True, "limit": 200, "cursor": page["next"]}
        page = (await browser.get("/api/v1/tasks", params=query)).raise_for_status().json()


async def measure(large_url: str, small_url: str, repeats: int, sizes: str) -> dict[str, float]:
    """The ratios."""
    ratios: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as home:
        async with site("large", large_url, Path(home)) as large, site("small", small_url, Path(home)) as small:
            for page in large.paths:
                counts = {one.name: [await one.count(page) for _ in range(3)][-1] for one in (large, small)}
                print(f"  {page}: {counts} statements", file=sys.stderr)
                measured: dict[str, list[float]] = {"large": [], "small": []}
                for number in range(repeats + 3):
                    for one in (large, small) if number % 2 else (small, large):
                        took = await one.open(page)
                        if number >= 3:  # the first ones warm up
                            measured[one.name].append(took)
                medians = {name: statistics.median(values) for name, values in measured.items()}
                milliseconds = {name: round(value * 1e3, 1) for name, value in medians.items()}
                print(f"  {page}: {milliseconds} ms", file=sys.stderr)
                ratios[f"{page}: {sizes}"] = medians["large"] / medians["small"]
                ratios[f"{page}, statements: large ÷ small"] = counts["large"] / counts["small"]
    return ratios


def main() -> None:
    """Seed, look, print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--repeats", type=int, default=25)
    parser.add_argument("--lots", type=int, default=1_000_000)
    parser.add_argument("--tasks", type=int, default=100_000)
    given = parser.parse_args()
    with cluster() as server:
        small = furnish(server, "small", SMALL_LOTS, SMALL_TASKS)
        large = furnish(server, "large", given.lots, given.tasks)
        sizes = f"{given.tasks} open tasks and {given.lots} lots ÷ {SMALL_TASKS} and {SMALL_LOTS}"
        ratios = asyncio.run(measure(large, small, given.repeats, sizes))
    _timing.report(ratios, given.repeats, as_json=given.json)


if __name__ == "__main__":
    main()
