"""The pages on the real stack: PostgreSQL, Temporal, a worker and the web server, one plant per module.

    async def test_…(site: Site, context: BrowserContext) -> None:
        await site.before.material("R-1")           # what happened before, by the acts themselves
        page = await site.enter(context, "lin.jian", at="/inbox")

`site.look(page, "inbox")` writes pictures to `.artifacts/site` when PICTURES is set; `site.troubles(page)` says what axe
and the console say.  Any request to another machine is a trouble.
"""

import contextlib
import os
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import pytest
import pytest_asyncio
from fastapi import FastAPI
from playwright.async_api import BrowserContext, Page
from playwright.async_api import TimeoutError as PlaywrightTimeout
from temporalio.testing import WorkflowEnvironment

from api.frame import security
from models.person.store import sessions
from runtime.home import Home
from runtime.settings import Settings
from tests.support import axe
from tests.support.application import SECRET, pages
from tests.support.histories import end_all
from tests.support.plant.direct import beside
from tests.support.plant.plant import PASSWORD, Plant, working
from tests.support.servers import browser as browsers
from tests.support.servers.database import TestDatabase
from tests.support.servers.server import serving
from ui.frame.visit import LANG

ROOT = Path(__file__).parents[3]
SIZES = {"tablet": (768, 1024), "desktop": (1600, 1000)}


@dataclass
class Site:
    """A plant with its pages; `address` is where they are."""

    plant: Plant
    app: FastAPI
    address: str
    seen: dict[int, list[str]] = field(default_factory=dict)
    sessions: dict[tuple[str, str], dict[str, str]] = field(default_factory=dict)

    @cached_property
    def before(self) -> Plant:
        """The same plant, where what came before the test goes straight into the record: half of what it costs through workflows."""
        return beside(self.plant.engine)

    async def enter(self, context: BrowserContext, login: str, language: str = "zh", *, at: str = "/inbox") -> Page:
        """A tab in which that person is logged in, and reads that page: in their session, or in a new one if that has ended.

        Logged in at the record: the login page has tests of its own (`tests/person/page/test_login.py`).
        """
        page = await self.tab(context)
        for at_last in (False, True):
            if at_last or (login, language) not in self.sessions:
                made = sessions.log_in(self.plant.engine, login, PASSWORD)
                self.sessions[login, language] = {security.COOKIE: made.token, LANG: language}
            await context.add_cookies(
                [
                    {"name": name, "value": value, "url": self.address}
                    for name, value in self.sessions[login, language].items()
                ]
            )
            await page.goto(self.address + at)
            if not page.url.startswith(f"{self.address}/login"):
                break
        return page

    async def tab(self, context: BrowserContext) -> Page:
        """A tab whose console and requests are watched."""
        page = await browsers.tab(context)
        found = self.seen.setdefault(id(page), [])
        found.clear()
        if page not in _watched:
            _watch(page)
        _watched[page] = (self.address, found)
        return page

    async def troubles(self, page: Page) -> list[str]:
        """What is wrong with the page as it stands: axe (serious and worse), too wide, console, foreign requests."""
        return [*await self.told(page), *await axe.sentences(page)]

    async def told(self, page: Page) -> list[str]:
        """The same without axe."""
        wide = await page.evaluate("document.documentElement.scrollWidth - innerWidth")
        too_wide = [f"{page.url}: {wide} px too wide"] if wide > 0 else []
        return [*self.seen.get(id(page), []), *too_wide]

    async def look(self, page: Page, name: str) -> None:
        """Check the page as it stands, and with PICTURES set take its picture, on a tablet and on a desktop.

        axe reads the desktop, which hides nothing; the gallery holds both widths of every page against it.  With the suite a
        page that has nothing on it that was on none before is looked at as it stands.
        """
        with contextlib.suppress(
            PlaywrightTimeout
        ):  # a button that waits for its answer is dimmed; some pages are looked at like that
            if await page.evaluate("document.querySelector('[aria-busy=true]') !== null"):
                await page.wait_for_selector("[aria-busy=true]", state="detached", timeout=3000)
        assert await self.told(page) == []
        pictures = bool(os.environ.get("PICTURES"))
        on_it = await axe.things(page, read_on="desktop")
        if not pictures and not axe.anything_new(on_it):
            return
        before = page.viewport_size
        for size, (width, height) in SIZES.items():
            if page.viewport_size != {"width": width, "height": height}:
                await page.set_viewport_size({"width": width, "height": height})
            assert await self.told(page) == []
            if size == "desktop":
                assert await axe.sentences(page, on_it) == []
            if pictures:
                await _picture(page, name, size)
        if before is not None and before != page.viewport_size:
            await page.set_viewport_size(before)


async def _picture(page: Page, name: str, size: str) -> None:
    folder = ROOT / ".artifacts/site"
    folder.mkdir(parents=True, exist_ok=True)
    language = await page.evaluate("document.documentElement.lang.slice(0, 2)")
    await page.screenshot(path=folder / f"{name}.{language}.{size}.png", full_page=True)


def _forget(closed: Page) -> None:
    del _watched[closed]


_watched: dict[Page, tuple[str, list[str]]] = {}
"""Of each tab where its pages are, and what was wrong on them."""


def _watch(page: Page) -> None:
    """Keep what its console says, and what it asks of others."""

    def say(trouble: str) -> None:
        _watched[page][1].append(trouble)

    # a refusal's status is an answer, not a trouble
    page.on(
        "console",
        lambda one: say(one.text) if one.type == "error" and "the server responded" not in one.text else None,
    )
    page.on("pageerror", lambda error: say(str(error)))
    page.on("request", lambda one: None if one.url.startswith(_watched[page][0]) else say(one.url))
    page.on("close", _forget)


@pytest.fixture(scope="module")
def site_database(furnished_database: TestDatabase) -> TestDatabase:
    """The module's own, with a furnished plant."""
    return furnished_database


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def site(
    site_database: TestDatabase, temporal_env: WorkflowEnvironment, scratch_home: Home
) -> AsyncIterator[Site]:
    """A furnished plant at work, with its pages served."""
    settings = Settings(
        database_url=site_database.api_url,
        temporal_address=temporal_env.client.service_client.config.target_host,
        temporal_namespace=temporal_env.client.namespace,
        home=scratch_home.path,
        secret=SECRET,
    )
    with pages(settings) as app, temporal_env.with_time_skipping_disabled():
        async with working(site_database.engine, temporal_env.client) as plant:
            with serving(app) as address:
                yield Site(plant, app, address)
            await end_all(temporal_env.client)


def href(site: Site, lot_no: str, stage: str) -> str:
    """The page of an open task."""
    return f"{site.address}/tasks/{site.plant.task(lot_no, stage).public_id}"
