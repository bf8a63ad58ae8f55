"""A person's browser in the Chromium that the page tests drive (`tests/support/servers/chromium.py`)."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from playwright.async_api import Browser, BrowserContext, expect

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
        locale="zh-CN", timezone_id="Asia/Shanghai", viewport={"width": 768, "height": 1024}
    )
    made.set_default_timeout(PATIENCE)
    yield made
    if test.stash.get(FAILED, False):
        for page in made.pages:
            print(page.url, (await page.inner_text("body"))[:SHOWN], sep="\n")  # noqa: T201 - for the report
    await made.close()
