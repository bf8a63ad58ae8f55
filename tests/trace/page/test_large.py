"""A trace over thousands of batches: its first page stands there at once, the whole follows by itself (REQ 12)."""

from playwright.async_api import BrowserContext, expect

from runtime.postgres import Postgres
from tests.recall.page.test_large import furnish
from tests.support.servers.site import Site
from ui.frame.first_rows import FIRST

MANY = 6_000
SMALL = 150_000
"""Characters; a page of an ordinary batch has half of it."""


async def test_a_large_answer_begins_with_its_first_batches_and_follows_by_itself(
    site: Site, database_template: Postgres, context: BrowserContext
) -> None:
    furnish(database_template, site, "BIG", MANY)
    context.set_default_timeout(120_000)
    page = await site.enter(context, "sun.zhao")
    address = f"{site.address}/trace/HIP-12?direction=both"
    first = await page.request.get(address)
    said = await first.text()
    assert (first.status, said.count("data-row")) == (200, FIRST)
    assert "正在汇总" in said
    assert "摘要" not in said, "nothing has been put together yet"
    assert len(said) < SMALL

    await page.goto(address)
    await expect(page.locator("#main .key-line")).to_contain_text("摘要", timeout=120_000)
    await expect(page.locator("#main")).to_contain_text(f"{MANY + 1:,} 批")
    await expect(page.locator(".trace-picture [data-drawn]")).to_have_count(1)
    await expect(page.locator("#lots tbody tr")).to_have_count(FIRST)
    assert len(await page.content()) < 2 * SMALL
    await site.look(page, "trace-large")

    # what hangs below one supplier's lot is as large, though its own lots are one
    below = await (await page.request.get(f"{site.address}/trace/P-BIG?direction=forward")).text()
    assert ("正在汇总" in below, below.count("data-row")) == (True, 1)
    then = await (await page.request.get(f"{address}&as_of=2026-01-01")).text()
    assert ("正在汇总" in then, then.count("data-row")) == (True, 0), (
        "what they were like then is not what they are like now"
    )
    above = await (await page.request.get(f"{site.address}/trace/BIG-000001?direction=backward")).text()
    assert "正在汇总" not in above

    # who has turned scripts off follows the link
    plain = await (await page.request.get(f"{site.address}/trace/P-BIG?direction=forward&whole=1")).text()
    assert "whole=1" in said
    assert ("正在汇总" in plain, f"{MANY + 1:,} 批" in plain) == (False, True)
