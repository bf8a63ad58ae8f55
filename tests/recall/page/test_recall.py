"""A recall from a scan to its closing on pages, by two people and a customer's telephone, on the real stack."""

import os

from playwright.async_api import BrowserContext, Page, ViewportSize, expect

from tests.support.plant.plant import PASSWORD
from tests.support.plant.recall_pages import ANSWER, begin, decide, stock
from tests.support.plant.recalling import Recalling
from tests.support.servers.press import press
from tests.support.servers.site import ROOT, Site

PHONE: ViewportSize = {"width": 390, "height": 844}


async def test_from_a_scan_to_the_closing(site: Site, context: BrowserContext, other_context: BrowserContext) -> None:
    await stock(site, "H-RCL", "R-RCL")
    page = await site.enter(context, "sun.zhao")
    await page.fill("#search", "P88-R-RCL")
    await page.press("#search", "Enter")
    await page.wait_for_url("**/lots/R-RCL")
    await page.click("text=全部向前追溯")
    await page.click("text=以此启动召回")
    await page.wait_for_url("**/recalls/new?*")
    await expect(page.locator("textarea[name=identifiers]")).not_to_have_value("")
    await site.look(page, "recall-new")
    await page.check("input[name=mode][value=recall]")
    await page.fill("input[name=title]", "髋关节柄断裂")
    await page.click("main button.btn-primary")
    await page.fill("textarea[name=reason]", "客户投诉 2026-118")
    await page.click("main button.btn-primary")
    await page.wait_for_url("**/recalls/RC-*")
    number = page.url.rsplit("/", 1)[1]
    await expect(page.locator(".notice")).to_contain_text("2 批, 客户 1 家")
    await expect(page.locator("#scope")).to_contain_text("✓ 完整")
    await site.look(page, "recall-review")

    assert await decide(page, "freeze", sign=True) in {200, 303}
    await expect(page.locator(".notice")).to_contain_text("批准召回范围与级别 (质量经理)")
    await expect(page.locator("#decision")).to_contain_text("为什么不能签?")
    await site.look(page, "recall-blocked")

    manager = await site.enter(other_context, "wu.jingli")
    await approve(site, manager, number)
    await hold_and_notify(site, page, number)
    await page.click("text=通知函")
    await expect(page.locator(".letter")).to_have_count(2)
    await site.look(page, "recall-letter")
    await answer_by_phone(site, context, await page.locator(".letter .link").first.inner_text())

    await page.goto(f"{site.address}/recalls/{number}")
    await expect(page.locator("#customers")).to_contain_text("收到 28 件 · 已用 8 件 · 在库 20 件 · 将退 20 件")
    assert await decide(page, "expand", reason="同一材料") == 422
    await expect(page.locator("#decision .refusal[role=alert]")).to_contain_text("写明新增的标识")
    assert await decide(page, "done") in {200, 303}
    await close(site, manager, number)


async def approve(site: Site, manager: Page, number: str) -> None:
    """吴经理 finds it in the inbox, is refused without a class, and approves."""
    await manager.goto(site.address + "/inbox?view=claimable")
    await expect(manager.locator(".task", has_text=number)).to_contain_text("孙召 已签")
    await site.look(manager, "inbox-recall")
    await manager.goto(f"{site.address}/recalls/{number}")
    assert await decide(manager, "approve", sign=True) == 422
    await expect(manager.locator("#decision .refusal[role=alert]")).to_contain_text("召回级别")
    await site.look(manager, "recall-refused")
    await manager.check("input[name=recall_class][value=two]")
    await manager.fill("textarea[name=hazard]", "可能引起暂时的健康危害")
    assert await decide(manager, "approve", sign=True) in {200, 303}
    await expect(manager.locator("#clocks")).to_contain_text("中国")
    await site.look(manager, "recall-approved")


async def hold_and_notify(site: Site, page: Page, number: str) -> None:
    """孙召 holds everything in one decision and tells the customers."""
    await page.goto(f"{site.address}/recalls/{number}")
    await expect(page.locator("#decision button.btn-primary")).to_have_count(0)
    await page.click("#decision a.look")
    await expect(page.locator("#preview")).to_contain_text("冻结范围内全部 2 个批次")
    await site.look(page, "recall-look-hold")
    assert await decide(page) in {200, 303}
    await expect(page.locator("main")).to_contain_text("冻结结果")
    assert site.plant.scalar("select count(*) from hold h where h.lifted_at is null") == 2
    await expect(page.locator("#decision button.btn-primary")).to_have_count(0)
    await page.click("#decision a.look")
    await expect(page.locator("#preview")).to_contain_text("通知 1 家客户")
    await page.click("#preview details summary")
    await expect(page.locator("#preview .letter").first).to_contain_text("紧急：医疗器械召回通知")
    await site.look(page, "recall-look-notify")
    assert await decide(page) in {200, 303}
    await expect(page.locator("#customers")).to_contain_text("未发出")
    await site.look(page, "recall-notified")


async def close(site: Site, manager: Page, number: str) -> None:
    """吴经理 reads English now: refused while units are outstanding, then closed with a reason."""
    await manager.goto(f"{site.address}/recalls/{number}?lang=en")
    assert await decide(manager, "close", sign=True) == 422
    await expect(manager.locator("#decision")).to_contain_text("22 pcs are out still")
    await expect(manager.locator("#decision")).to_contain_text("closing needs a reason")
    await site.look(manager, "recall-close-refused")
    assert await decide(manager, "close", sign=True, reason="Returns agreed") == 409
    await expect(manager.locator("#decision")).to_contain_text("RCL-021")
    await manager.goto(f"{site.address}/recalls/{number}/decisions/new")
    await manager.check("input[name=kind][value=scrap]")
    await manager.fill("textarea[name=reason]", "To be destroyed")
    await manager.click("form.narrow button.btn-primary")  # first what would be scrapped is shown
    await expect(manager.locator("#preview")).to_contain_text("To be scrapped:")
    await site.look(manager, "recall-scrap-lots-en")
    await manager.fill("input[name=password]", PASSWORD)
    await manager.click("form.narrow button.btn-primary")
    await expect(manager.locator("#decisions")).to_contain_text("To be destroyed")
    await site.look(manager, "recall-decided")
    assert await decide(manager, "close", sign=True, reason="Returns agreed") in {200, 303}
    await expect(manager.locator(".notice")).to_contain_text("The recall is now: Closed")
    await expect(manager.locator("#decision")).to_have_count(0)
    await expect(manager.locator("#remaining")).to_contain_text("still out: 22 pcs")
    await expect(manager.locator(".signed-line")).to_have_count(3)
    await site.look(manager, "recall-closed")
    async with manager.expect_download() as waited:
        await manager.click("#scope a:text-is('CSV')")
    saved = await (await waited.value).path()
    assert "H-RCL" in saved.read_text(encoding="utf-8-sig")


async def answer_by_phone(site: Site, context: BrowserContext, link: str) -> None:
    """王医生 opens the link, is refused twice, and answers once."""
    assert context.browser is not None
    other = await context.browser.new_context(locale="zh-CN", timezone_id="Asia/Shanghai", viewport=PHONE)
    phone = await site.tab(other)
    await phone.goto(link)
    await expect(phone.locator(".recalled")).to_contain_text("H-RCL")
    assert await site.troubles(phone) == []
    await phone_picture(phone, "phone-open")
    for name, value in {**ANSWER, "received": "31"}.items():
        await phone.fill(f"input[name={name}]", str(value))
    assert await press(phone) == 422
    await expect(phone.locator(".refusal")).to_contain_text("超过发货数量")
    await expect(phone.locator("input[name=name]")).to_have_value("王医生")
    await phone_picture(phone, "phone-refused")
    await phone.fill("input[name=received]", "很多")
    assert await press(phone) == 422
    await expect(phone.locator(".field .error")).to_contain_text("要填数字")
    await phone.fill("input[name=received]", "28")
    assert await press(phone) == 200
    await expect(phone.locator("h1")).to_contain_text("谢谢")
    assert await site.troubles(phone) == []
    await phone_picture(phone, "phone-thanks")

    again = await phone.goto(link + "?lang=en")
    assert again is not None
    assert again.status == 409
    await expect(phone.locator(".refusal")).to_contain_text("was acknowledged on")
    forged = await phone.goto(link[:-2] + ("AA" if link[-2:] != "AA" else "BB"))
    assert forged is not None
    assert forged.status == 404
    await expect(phone.locator("main")).not_to_contain_text("H-RCL")
    await other.close()


async def phone_picture(page: Page, name: str) -> None:
    """A picture of the telephone, where pictures are wanted."""
    if os.environ.get("PICTURES"):
        await page.screenshot(path=ROOT / f".artifacts/site/{name}.png", full_page=True)


async def test_a_drill_wears_its_band_and_is_scored(site: Site, context: BrowserContext) -> None:
    await stock(site, "H-DRILL", "R-DRILL")
    page = await site.enter(context, "sun.zhao", "en")
    number = await begin(page, site, "P88-R-DRILL", "drill", "Quarterly drill")
    await expect(page.locator(".drill-band")).to_have_count(2)
    await site.look(page, "drill-review")
    drill = Recalling(site.plant, number, "drill")
    await drill.to_customers()
    (notice,) = drill.notices()
    await drill.acknowledge(notice, 30)
    await drill.do("follow_up", "sun.zhao", "done")
    await page.goto(site.address + "/inbox?view=mine")
    await drill.decide()
    await drill.do("close", "wu.jingli", "close", signed=True, reason="Drill")
    await page.goto(f"{site.address}/recalls/{number}")
    await expect(page.locator(".score")).to_contain_text("full points within 4 h")
    await expect(page.locator(".drill-band")).to_have_count(2)
    await site.look(page, "drill-closed")
    await page.goto(f"{site.address}/recalls/{number}/notices/{notice.public_id}")
    await expect(page.locator(".drill-band")).to_have_count(2)
    await page.goto(site.address + "/recalls?mode=drill")
    await expect(page.locator("svg .bar")).to_have_count(1)
    await expect(page.locator("tbody tr", has_text=number)).to_contain_text("100")
    await site.look(page, "drills")
    await page.goto(site.address + "/recalls")
    await site.look(page, "recalls-full")
