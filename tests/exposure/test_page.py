"""From a machine on a work order to everything it met, to a recall of that; by plain links and forms (REQ 20)."""

from playwright.async_api import BrowserContext, expect

from tests.support.servers.site import Site


async def test_a_machine_leads_to_what_it_met_and_to_a_recall(site: Site, context: BrowserContext) -> None:
    await site.before.material("R-X")
    await site.before.make("H-X", "R-X")
    page = await site.enter(context, "sun.zhao", at="/trace")
    await page.click("text=共同暴露…")
    await expect(page.locator("h1")).to_have_text("共同暴露")
    await site.look(page, "exposure-start")
    await page.goto(site.address + "/work-orders/WO-H-X")
    await page.click("a.code >> text=M-07")
    main = page.locator("main")
    await expect(page.locator("h1")).to_contain_text("设备 M-07")
    await expect(main).to_contain_text("H-X")
    await expect(main).to_contain_text("投入的物料")
    await expect(main).to_contain_text("工序 10「机加工」（WO-H-X）：操作人")
    await site.look(page, "exposure-machine")
    await page.locator("tr", has_text="wang.cao").first.locator("a").click()
    await expect(page.locator("h1")).to_contain_text("王操")
    await page.go_back()
    await page.fill("#exposure-to", "2020-01-02")
    await page.click("main button.btn-primary")
    await expect(page.locator(".nothing")).to_contain_text("没有任何共同暴露的记录")
    await expect(page.locator("#exposure-to")).to_have_value("2020-01-02")
    await site.look(page, "exposure-empty")
    await page.fill("#exposure-from", "2020-01-03")
    await page.click("main button.btn-primary")
    await expect(page.locator(".refusal")).to_contain_text("不早于结束")
    await site.look(page, "exposure-refused")
    await page.goto(site.address + "/exposure?of=M-07&from=2020-01-01&from_time=08:30")
    await expect(page.locator("#exposure-from-time")).to_have_value("08:30")
    await page.click("text=向前追溯这些批次")
    await expect(page.locator("h1")).to_contain_text("追溯")
    await expect(main).to_contain_text("H-X")
    await page.go_back()
    await page.click("text=以这些批次发起召回")
    await expect(page.locator("textarea[name=identifiers]")).to_have_value(
        "exposure:equipment:M-07/2020-01-01T00:30:00Z/*"
    )


async def test_two_things_under_one_name_are_shown(site: Site, context: BrowserContext) -> None:
    await site.plant.receive("CR-2")
    page = await site.enter(context, "zheng.shenji", "en")
    answer = await page.goto(site.address + "/exposure?of=CR-2")
    assert answer is not None
    assert answer.status == 409
    await expect(page.locator(".relatives a")).to_have_count(2)
    await site.look(page, "exposure-several")
    await page.locator(".relatives a", has_text="Room").click()
    await expect(page.locator("h1")).to_contain_text("Room CR-2")
    assert await page.locator("text=Recall these batches").count() == 0, "not for an auditor"
    await page.goto(site.address + "/lots/CR-2")
    await page.click("text=Co-exposure…")
    await expect(page.locator("main")).to_contain_text("Receipt: did it")
    await site.look(page, "exposure-lot")
