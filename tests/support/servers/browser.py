"""Which Chromium the page tests drive, the system's if there is one, else Playwright's own; and a person's browser in it."""

import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from playwright.async_api import Browser, BrowserContext, expect

# The headless shell first: the same engine without a browser's windows around it, which Playwright drives by default
# too.  For the same pages it takes half the processor time (measured: 26 s against 55 s for one file of flows).
NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
# A container has no user namespaces for the sandbox and a small /dev/shm; and nothing may leave the machine.
ARGUMENTS = [
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
    # our pages scroll smoothly: a third of a second for each step of a test that moves one, while a core draws what nobody sees
    "--disable-smooth-scrolling",
]


def executable() -> str | None:
    """The path of the system's Chromium; None lets Playwright take its own.  `BROWSER_PATH` overrides."""
    if chosen := os.environ.get("BROWSER_PATH"):
        return chosen
    return next((found for name in NAMES if (found := shutil.which(name))), None)


PATIENCE = 30_000
"""Milliseconds that a page may take: long enough for a machine that does much else, for no test measures time."""
SHOWN = 1_500
"""Characters of a page that a failed test shows."""
FAILED = pytest.StashKey[bool]()


@asynccontextmanager
async def browsing(browser: Browser, test: pytest.Item) -> AsyncIterator[BrowserContext]:
    """A person's browser: own cookies, Chinese, a tablet held upright.  A failed test shows what stood on its pages."""
    expect.set_options(timeout=PATIENCE)
    made = await browser.new_context(
        locale="zh-CN", timezone_id="Asia/Shanghai", viewport={"width": 820, "height": 1180}
    )
    made.set_default_timeout(PATIENCE)
    yield made
    if test.stash.get(FAILED, False):
        for page in made.pages:
            print(page.url, (await page.inner_text("body"))[:SHOWN], sep="\n")  # noqa: T201 - for the report
    await made.close()
