"""The letter to a customer: its code leads to the same link, and posting it is recorded where it is printed (REQ 79)."""

from playwright.async_api import BrowserContext, expect

from tests.support.plant.recall_pages import stock
from tests.support.plant.recalling import Recalling
from tests.support.servers.site import Site


async def test_a_letter_is_printed_posted_and_recorded(
    site: Site, context: BrowserContext, other_context: BrowserContext
) -> None:
    await stock(site, "H-LET", "R-LET")
    recall = Recalling(site.plant, "RC-2026-802")
    await recall.open("H-LET")
    await recall.to_customers()
    page = await site.enter(context, "sun.zhao", at="/recalls/RC-2026-802")
    await expect(page.locator("#customers")).to_contain_text("未发出")
    await expect(page.locator("#customers")).to_contain_text("通知: 等待发送")
    await page.click("text=通知函")
    await expect(page.locator(".letter .qr-code svg")).to_have_count(2)
    await site.look(page, "letter-qr")
    await page.click("text=登记已打印寄出")
    await expect(page.locator(".notice")).to_contain_text("已登记寄出")
    await expect(page.locator("#ways")).to_contain_text("孙召 已打印寄出")
    await expect(page.locator("#ways button")).to_have_count(0)
    await site.look(page, "letter-posted")
    assert recall.notices()[0].status == "sent"

    auditor = await site.enter(other_context, "zheng.shenji", "en")
    await auditor.goto(page.url)
    await expect(auditor.locator(".letter").first).to_contain_text("Only the recall coordinator sees the link")
    await expect(auditor.locator(".qr-code")).to_have_count(0)


async def test_a_letter_that_went_out_is_not_posted_again(site: Site, context: BrowserContext) -> None:
    await stock(site, "H-LET2", "R-LET2")
    recall = Recalling(site.plant, "RC-2026-803")
    await recall.open("H-LET2")
    await recall.to_customers()
    page = await site.enter(
        context, "sun.zhao", "en", at=f"/recalls/RC-2026-803/notices/{recall.notices()[0].public_id}?lang=en"
    )
    recall.post()
    await page.click("text=Record that it was printed and posted")
    await expect(page.locator(".refusal[role=alert]")).to_contain_text("there is nothing more to record")
