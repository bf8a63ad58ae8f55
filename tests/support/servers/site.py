"""The pages on the real stack: PostgreSQL, Temporal, a worker and the web server, one plant per module.

    async def test_…(site: Site, context: BrowserContext) -> None:
        await site.plant.material("R-1")            # what happened before, by the acts themselves
        page = await site.enter(context, "lin.jian", at="/inbox")

`site.look(page, "inbox")` writes pictures to `.artifacts/site` when PICTURES is set; `site.troubles(page)` says what axe
and the console say.  Any request to another machine is a trouble.
"""

import contextlib
import os
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from fastapi import FastAPI
from playwright.async_api import BrowserContext, Page
from playwright.async_api import TimeoutError as PlaywrightTimeout
from temporalio.testing import WorkflowEnvironment

from runtime.home import Home
from runtime.settings import Settings
from tests.support import axe as axe_says
from tests.support.application import SECRET, pages
from tests.support.histories import end_all
from tests.support.plant.plant import PASSWORD, Plant, working
from tests.support.servers.database import TestDatabase
from tests.support.servers.server import serving

ROOT = Path(__file__).parents[3]
SIZES = {"tablet": (768, 1024), "desktop": (1600, 1000)}


@dataclass
class Site:
    """A plant with its pages; `address` is where they are."""

    plant: Plant
    app: FastAPI
    address: str
    seen: dict[int, list[str]] = field(default_factory=dict)
    sessions: dict[tuple[str, str], list[Any]] = field(default_factory=dict)

    async def enter(self, context: BrowserContext, login: str, language: str = "zh", *, at: str = "/inbox") -> Page:
        """A tab in which that person is logged in, and reads that page: by the login page, or in their session, if it still lives."""
        page = await self.tab(context)
        if (login, language) in self.sessions:
            await context.add_cookies(self.sessions[login, language])
            await page.goto(self.address + at)
            if not page.url.startswith(f"{self.address}/login"):
                return page
        await page.goto(f"{self.address}/login?lang={language}")
        await page.fill("input[name=login]", login)
        await page.fill("input[name=password]", PASSWORD)
        await page.click("button.btn-primary")
        await page.wait_for_url("**/inbox")
        self.sessions[login, language] = list(await context.cookies())
        if at != "/inbox":
            await page.goto(self.address + at)
        return page

    async def tab(self, context: BrowserContext) -> Page:
        """A tab whose console and requests are watched."""
        page = await context.new_page()
        found = self.seen.setdefault(id(page), [])
        # a refusal's status is an answer, not a trouble
        page.on(
            "console",
            lambda one: (
                found.append(one.text) if one.type == "error" and "the server responded" not in one.text else None
            ),
        )
        page.on("pageerror", lambda error: found.append(str(error)))
        page.on("request", lambda one: None if one.url.startswith(self.address) else found.append(one.url))
        return page

    async def troubles(self, page: Page, *, axe: bool = True) -> list[str]:
        """What is wrong with the page as it stands: axe (serious and worse), too wide, console, foreign requests."""
        found = list(self.seen.get(id(page), []))
        wide = await page.evaluate("document.documentElement.scrollWidth - innerWidth")
        if wide > 0:
            found.append(f"{page.url}: {wide} px too wide")
        if not axe:
            return found
        return found + await axe_says.sentences(page)

    async def look(self, page: Page, name: str) -> None:
        """Check the page as it stands, and with PICTURES set take its picture, on a tablet and on a desktop.

        axe reads the desktop, which hides nothing; the gallery holds both widths of every page against it.
        """
        with contextlib.suppress(
            PlaywrightTimeout
        ):  # a button that waits for its answer is dimmed; some pages are looked at like that
            await page.wait_for_selector("[aria-busy=true]", state="detached", timeout=3000)
        before = page.viewport_size
        for size, (width, height) in SIZES.items():
            if page.viewport_size != {"width": width, "height": height}:
                await page.set_viewport_size({"width": width, "height": height})
            assert await self.troubles(page, axe=size == "desktop") == []
            if os.environ.get("PICTURES"):
                folder = ROOT / ".artifacts/site"
                folder.mkdir(parents=True, exist_ok=True)
                language = await page.evaluate("document.documentElement.lang.slice(0, 2)")
                await page.screenshot(path=folder / f"{name}.{language}.{size}.png", full_page=True)
        if before is not None and before != page.viewport_size:
            await page.set_viewport_size(before)


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
