"""Somebody is sent for held goods: from the hold to the inbox of the warehouse, refused, counted, seen on the cockpit."""

from playwright.async_api import BrowserContext, expect

from tests.support.plant.recalling import Recalling
from tests.support.servers.press import press
from tests.support.servers.site import Site


async def test_the_warehouse_is_sent_and_says_what_it_found(
    site: Site, context: BrowserContext, other_context: BrowserContext
) -> None:
    plant = site.plant
    await plant.material("R-PULL", 100)
    await plant.make("H-PULL", "R-PULL", 30)  # packed, not put away: it lies in the clean room
    recall = Recalling(plant, "RC-2026-801")
    await recall.open("H-PULL")
    await recall.freeze()
    await recall.do("hold_all", "sun.zhao")
    page = await site.enter(context, "li.cang", at="/inbox?view=claimable")
    row = page.locator(".task", has_text="RC-2026-801")
    await expect(row).to_contain_text("CR-2 洁净间 2")
    await site.look(page, "pull-inbox")
    await row.locator("button").click()
    await expect(page.locator("main")).to_contain_text("H-PULL · 30")
    await site.look(page, "pull-task")
    await page.fill("input[name=found]", "28")
    await page.select_option("select[name=location]", "QA-01")
    assert await press(page) == 422
    await expect(page.locator(".refusal[role=alert]")).to_contain_text("账面 30 件，找到 28 件")
    await expect(page.locator("input[name=found]")).to_have_value("28")
    await site.look(page, "pull-refused")
    await page.fill("textarea[name=note]", "两件在检具上找不到")
    assert await press(page) in {200, 303}
    await expect(page.locator(".notice")).to_contain_text("已完成")

    coordinator = await site.enter(other_context, "sun.zhao", at="/recalls/RC-2026-801?lang=en")
    await expect(coordinator.locator("#pulls")).to_contain_text("1 of 1 pulled")
    await expect(coordinator.locator("#pulls")).to_contain_text("28")
    await expect(coordinator.locator("#decision h2")).to_contain_text("Notify")
    await site.look(coordinator, "pull-cockpit")
    async with coordinator.expect_download() as waited:
        await coordinator.click("#pulls a:text-is('CSV')")
    assert "H-PULL,30" in (await (await waited.value).path()).read_text(encoding="utf-8-sig")
