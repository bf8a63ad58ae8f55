"""A supplier's notice pasted as received: understood, asked about, confirmed, and the recall is open (REQ 53)."""

from playwright.async_api import BrowserContext, expect

from tests.support.servers.press import press
from tests.support.servers.site import Site

NOTICE = "我司通知召回: 供方批号 P88-R-NTC1 至 P88-R-NTC3；批号 P88-NEVER7；1234-5678。"


async def test_a_pasted_notice_is_read_before_anything_is_opened(site: Site, context: BrowserContext) -> None:
    for number in (1, 2):
        await site.plant.receive(f"R-NTC{number}")
    page = await site.enter(context, "sun.zhao", at="/recalls/new?mode=recall&cause=supplier")
    await expect(page.locator("select[name=cause], input[name=cause]:checked")).to_have_value("supplier")
    await page.fill("textarea[name=notice]", NOTICE)
    await page.click("button[name=read]")
    found = page.locator("#intake")
    await expect(found).to_contain_text("我们的批次 2 批")
    await expect(found).to_contain_text("R-NTC1、R-NTC2")
    await expect(found).to_contain_text("没有这个批号")
    await expect(found).to_contain_text("“1234-5678”")
    await site.look(page, "recall-notice-read")
    await page.fill("input[name=title]", "供方通知 PEEK")
    await page.fill("textarea[name=reason]", "供方通知 2026-11")
    assert await press(page) == 422
    await expect(page.locator(".refusal[role=alert]")).to_contain_text("RCL-015")
    await expect(page.locator("textarea[name=notice]")).to_have_value(NOTICE)
    await page.check("input[name=questions_seen]")
    await page.click("main form button.btn-primary")
    await page.wait_for_url("**/recalls/RC-*")
    await expect(page.locator(".notice")).to_contain_text("2 批")
    await expect(page.locator("main")).to_contain_text("P88-R-NTC1 – P88-R-NTC3")
    await page.click("#given-notice summary")
    await expect(page.locator("#given-notice pre")).to_have_text(NOTICE)
    await site.look(page, "recall-notice-opened")


async def test_an_empty_notice_is_refused_where_it_was_pasted(site: Site, context: BrowserContext) -> None:
    page = await site.enter(context, "sun.zhao", "en", at="/recalls/new?mode=drill&lang=en")
    await page.fill("textarea[name=notice]", "  ")
    assert await press(page, "button[name=read]") == 422
    await expect(page.locator(".refusal[role=alert]")).to_contain_text("The lot list is empty")


async def test_a_failed_inspection_begins_a_recall_with_what_is_known(site: Site, context: BrowserContext) -> None:
    plant = site.plant
    await plant.receive("R-BAD", 10)
    await plant.measure("R-BAD", value="13")
    await plant.complete("R-BAD", "inspect", "lin.jian", "failed")
    page = await site.enter(context, "sun.zhao", at="/quality")
    await page.locator("tr", has_text="IQC-R-BAD-1").locator("a", has_text="以此启动召回").last.click()
    await expect(page.locator("textarea[name=identifiers]")).to_have_value("R-BAD")
    await expect(page.locator("input[name=cause]:checked")).to_have_value("inspection")
    await expect(page.locator("textarea[name=reason]")).not_to_have_value("")
