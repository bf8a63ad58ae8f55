"""The calendar of drills on the real pages: empty, and with a drill in its quarter (REQ 81)."""

from playwright.async_api import BrowserContext, expect

from tests.support.plant.recall_pages import begin, stock
from tests.support.servers.site import Site


async def test_the_calendar_says_what_is_planned_and_what_was_held(site: Site, context: BrowserContext) -> None:
    page = await site.enter(context, "sun.zhao", at="/recalls")
    await page.click("text=演练日历")
    await expect(page.locator("main")).to_contain_text("还没有评过分的演练")
    await expect(page.locator("tbody tr", has_text="计划")).to_have_count(4)
    await site.look(page, "drills-empty")
    await stock(site, "H-CAL", "R-CAL")
    number = await begin(page, site, "H-CAL", "drill", "日历演练")
    await page.goto(f"{site.address}/recalls/drills?lang=en")
    row = page.locator("tbody tr", has_text=number)
    await expect(row).to_contain_text("Under way")
    await expect(row).to_contain_text("Opened by hand: Sun Zhao")
    await site.look(page, "drills-open")
    await row.locator("a").first.click()
    await page.wait_for_url(f"**/recalls/{number}")
