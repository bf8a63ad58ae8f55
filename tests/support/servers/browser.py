"""A person's browser in the Chromium that the page tests drive (`tests/support/servers/chromium.py`)."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest
from playwright.async_api import Browser, BrowserContext, Page, ViewportSize, expect

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
SCREEN = ViewportSize(width=768, height=1024)
FAILED = pytest.StashKey[bool]()


@dataclass
class Kept:
    """A browser between two tests, with a tab that shows nothing: to make both anew costs a quarter of a second."""

    browser: Browser
    context: BrowserContext
    tab: Page
    lent: bool = False


_all: dict[BrowserContext, Kept] = {}
_free: list[Kept] = []


@asynccontextmanager
async def browsing(browser: Browser, test: pytest.Item) -> AsyncIterator[BrowserContext]:
    """A person's browser: own cookies, Chinese, a tablet held upright.  A failed test shows what stood on its pages."""
    expect.set_options(timeout=PATIENCE)
    kept = next((one for one in reversed(_free) if one.browser is browser), None)
    if kept is None:
        kept = await _made(browser)
    else:
        _free.remove(kept)
    kept.context.set_default_timeout(PATIENCE)
    _all[kept.context] = kept
    yield kept.context
    del _all[kept.context]
    if test.stash.get(FAILED, False):
        for page in kept.context.pages:
            print(page.url, (await page.inner_text("body"))[:SHOWN], sep="\n")  # noqa: T201 - for the report
    if kept.tab.is_closed() or test.stash.get(FAILED, False):
        await kept.context.close()
    else:
        await _forget(kept)
        _free.append(kept)


async def tab(context: BrowserContext) -> Page:
    """An empty tab: the one that is kept, or where somebody has that, another."""
    kept = _all.get(context)
    if kept is None or kept.lent or kept.tab.is_closed():
        return await context.new_page()
    kept.lent = True
    return kept.tab


async def _made(browser: Browser) -> Kept:
    context = await browser.new_context(locale="zh-CN", timezone_id="Asia/Shanghai", viewport=SCREEN)
    return Kept(browser, context, await context.new_page())


async def _forget(kept: Kept) -> None:
    """Nothing of the test is left: other tabs, routes, what it asked the screen to be, cookies, drafts, what was sent."""
    page = kept.tab
    for other in kept.context.pages:
        if other is not page:
            await other.close()
    if kept.lent:
        await page.unroute_all(behavior="ignoreErrors")
        await page.emulate_media(media="null")
        if page.viewport_size != SCREEN:
            await page.set_viewport_size(SCREEN)
        if page.url.startswith("http"):
            origin = await page.evaluate("sessionStorage.clear(), location.origin")
            await page.goto("about:blank")
            devtools = await kept.context.new_cdp_session(page)
            await devtools.send("Storage.clearDataForOrigin", {"origin": origin, "storageTypes": "local_storage"})
            await devtools.detach()  # with two of them a page doesn't stay in print
        kept.lent = False
    await kept.context.clear_cookies()
