"""Pressing a button that sends something, and waiting until the page stands still again.

The answer to a POST is not the end of it: a success leads to another page, which htmx or the browser then loads, and a
`page.goto` in that moment aborts one of the two (net::ERR_ABORTED).  So the next step of a test begins only when the
other page has loaded or, for a refusal, stands where it was typed.
"""

import asyncio

from playwright.async_api import Page, Response, expect

from tests.support.servers.browser import PATIENCE

BUTTON = "main button.btn-primary"


async def press(page: Page, button: str = BUTTON, patience: int = PATIENCE) -> int:
    """Press it; answers the status that came back, when the page has settled (`patience`: milliseconds for a large page)."""
    await page.wait_for_load_state()
    loaded = asyncio.Event()

    def arrived(_: Page) -> None:
        loaded.set()

    page.on("load", arrived)
    try:
        async with page.expect_response(_to_the_press) as got:
            await page.click(button)
        answer = await got.value
        if answer.request.is_navigation_request() or "hx-redirect" in answer.headers:
            await asyncio.wait_for(loaded.wait(), patience / 1000)
        else:
            await expect(page.locator("form[data-busy]")).to_have_count(0, timeout=patience)
    finally:
        page.remove_listener("load", arrived)
    return answer.status


def _to_the_press(answer: Response) -> bool:
    # the draft of a form saves itself meanwhile
    return answer.request.method == "POST" and not answer.url.endswith("/draft")
