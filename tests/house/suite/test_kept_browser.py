"""A browser that is kept from test to test remembers nothing of the last one (`tests/support/servers/browser.py`)."""

from collections.abc import Iterator

import pytest
from playwright.async_api import Browser, BrowserContext, Page

from tests.samples.gallery import served
from tests.support.servers.browser import SCREEN, browsing, tab
from tests.support.servers.server import serving

STANDS = (
    "[document.cookie, localStorage.length, sessionStorage.length, matchMedia('print').matches, innerWidth, scrollY]"
)


@pytest.fixture(scope="module")
def page_of_the_gallery() -> Iterator[str]:
    with serving(served()) as address:
        yield f"{address}/page/zh/lots-full"


async def leave_traces(context: BrowserContext, href: str) -> Page:
    page = await tab(context)
    await page.goto(href)
    await page.evaluate(
        "document.cookie = 'who=me', localStorage.draft = 'mine', sessionStorage.sent = 'mine', scrollTo(0, 400)"
    )
    await page.route("**/*", lambda route: route.abort())
    await page.emulate_media(media="print")
    await page.set_viewport_size({"width": 390, "height": 844})
    await (await tab(context)).goto("about:blank")
    return page


async def test_nothing_of_a_test_is_left_to_the_next(
    browser: Browser, request: pytest.FixtureRequest, page_of_the_gallery: str
) -> None:
    async with browsing(browser, request.node) as context:
        left = await leave_traces(context, page_of_the_gallery)
    async with browsing(browser, request.node) as again:
        page = await tab(again)
        assert page is left, "it is the same one"
        assert again.pages == [page]
        await page.goto(page_of_the_gallery)
        assert await page.evaluate(STANDS) == ["", 0, 0, False, SCREEN["width"], 0]
        await page.emulate_media(media="print")
        assert await page.evaluate("matchMedia('print').matches"), "and it can be printed again"


async def test_who_has_the_kept_tab_gets_another_beside_it(context: BrowserContext) -> None:
    assert await tab(context) is not await tab(context)
