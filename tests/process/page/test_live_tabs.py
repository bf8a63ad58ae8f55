"""However many tabs of the inbox are open in one browser, the next one answers, and all of them are live (REQUIREMENTS 90)."""

from playwright.async_api import BrowserContext, Page, expect

from tests.support.servers.site import Site

TABS = 8
"""A browser holds six connections to one server at once (HTTP/1.1)."""
SOON = 10_000
"""Milliseconds in which a page answers that waits for nobody."""
COUNT = "#inbox .tabs a[href='/inbox?view=claimable'] .count"


async def number(page: Page) -> int:
    """How many tasks the tab says that this person could take."""
    return int(await page.locator(COUNT).inner_text())


async def test_the_eighth_tab_answers_and_every_tab_is_live(site: Site, context: BrowserContext) -> None:
    streams: list[str] = []
    tabs = [await site.enter(context, "lin.jian")]
    await tabs[0].goto("about:blank")  # what the page after the login listens to is no stream of these tabs
    context.on("request", lambda one: streams.append(one.url) if "/inbox/stream" in one.url else None)
    async with tabs[0].expect_request("**/inbox/stream"):
        await tabs[0].goto(f"{site.address}/inbox?view=claimable")
    for _ in range(TABS - 1):
        tab = await site.tab(context)
        await tab.goto(f"{site.address}/inbox?view=claimable", timeout=SOON)
        tabs.append(tab)
    before = await number(tabs[-1])
    await site.plant.receive("LIVE-1", 100)
    for tab in tabs:
        await expect(tab.locator(COUNT)).to_have_text(str(before + 1), timeout=SOON)
    assert len(streams) == 1, "one listens for all"
    await tabs.pop(0).close()
    await site.plant.receive("LIVE-2", 100)
    for tab in tabs:
        await expect(tab.locator(COUNT)).to_have_text(str(before + 2), timeout=SOON)
    assert len(streams) == 2, "another one has taken over"
    assert [await site.told(tab) for tab in tabs] == [[]] * (TABS - 1)


async def test_a_tab_nobody_looks_at_catches_up_when_somebody_does(site: Site, context: BrowserContext) -> None:
    page = await site.enter(context, "lin.jian", at="/inbox?view=claimable")
    before = await number(page)
    await page.evaluate("Object.defineProperty(document, 'hidden', { value: true, configurable: true })")
    other = await site.tab(context)
    await other.goto(f"{site.address}/inbox?view=claimable")
    await site.plant.receive("LIVE-3", 100)
    await expect(other.locator(COUNT)).to_have_text(str(before + 1), timeout=SOON)
    assert await number(page) == before
    await page.evaluate(
        "Object.defineProperty(document, 'hidden', { value: false, configurable: true });"
        "document.dispatchEvent(new Event('visibilitychange'))"
    )
    await expect(page.locator(COUNT)).to_have_text(str(before + 1), timeout=SOON)
