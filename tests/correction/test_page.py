"""Correcting a recorded consumption on pages: who did it, refusals where the finger is, the old record struck through."""

from playwright.async_api import BrowserContext, Page, expect

from tests.support.plant.correcting import parents
from tests.support.servers.site import Site


async def stocked(site: Site, *lots: str) -> None:
    for lot in lots:
        await site.before.material(lot, 100)


async def begun(site: Site, lot: str, material: str) -> None:
    plant = site.plant
    await plant.order(lot)
    consumes = ({"lot_no": material, "quantity": 50},)
    command = plant.operation(lot, 10, equipment=("M-07",), consumes=consumes)
    await plant.door.record_operation(plant.client, lot, command)


async def fill(page: Page, line: int, lot: str, quantity: str) -> None:
    await page.locator("input[name=used_lot]").nth(line).fill(lot)
    await page.locator("input[name=used_quantity]").nth(line).fill(quantity)


async def test_who_recorded_it_corrects_it_and_the_old_record_stays_struck_through(
    site: Site, context: BrowserContext
) -> None:
    await stocked(site, "R-1", "R-2")
    await begun(site, "H-1", "R-1")
    page = await site.enter(context, "wang.cao", at="/lots/H-1")
    await page.click("text=全部投料与更正")
    await page.wait_for_url("**/lots/H-1/links")
    await site.look(page, "links")
    await page.click("table.list a.btn:has-text('更正')")
    await expect(page.locator("input[name=used_lot]").first).to_have_value("R-1")
    await expect(page.locator("input[name=used_quantity]").first).to_have_value("50")
    await site.look(page, "links-form")
    # refused: too much; everything typed stays
    await fill(page, 0, "R-2", "999")
    await page.fill("textarea[name=reason]", "扫错标签: 实际用的是 R-2")
    await page.click("main button.btn-primary")
    await expect(page.locator("main .refusal")).to_contain_text("STK-001")
    await expect(page.locator("input[name=used_quantity]").first).to_have_value("999")
    await expect(page.locator("textarea[name=reason]")).to_have_value("扫错标签: 实际用的是 R-2")
    await site.look(page, "links-refused")
    await fill(page, 0, "R-2", "三十")
    await page.click("main button.btn-primary")
    await expect(page.locator("main .refusal").first).to_contain_text("API-422")
    await fill(page, 0, "R-2", "30")
    await fill(page, 1, "R-1", "20")
    await page.click("main button.btn-primary")
    await expect(page.locator(".notice")).to_contain_text("已更正")
    await expect(page.locator("main s").first).to_contain_text("R-1")
    await expect(page.locator("main table")).to_contain_text("由 王操")
    await expect(page.locator("main table")).to_contain_text("扫错标签: 实际用的是 R-2")
    await site.look(page, "links-corrected")
    assert parents(site.plant, "H-1") == {("R-2", "30"), ("R-1", "20")}
    await page.goto(site.address + "/lots/H-1?lang=en")
    await expect(page.locator("main")).to_contain_text("Consumption corrected")
    await page.goto(site.address + "/lots/H-1/links?lang=en")
    await site.look(page, "links-corrected")
    await page.goto(site.address + "/lots/H-1/links?lang=zh")


async def test_who_may_not_reads_why_before_typing(site: Site, context: BrowserContext) -> None:
    await stocked(site, "R-3")
    await begun(site, "H-2", "R-3")
    await site.plant.door.record_operation(
        site.plant.client,
        "H-2",
        site.plant.operation("H-2", 20, environment=READINGS, produced=50, equipment=("W-03",)),
    )
    await site.plant.measure("H-2")
    await site.plant.complete("H-2", "inspect", "lin.jian", "accepted")
    page = await site.enter(context, "wang.cao", at="/lots/H-2/links")
    await page.click("table.list a.btn:has-text('更正')")
    await expect(page.locator("#correct")).to_contain_text("LNK-011")
    await expect(page.locator("#correct button")).to_have_count(0)
    await site.look(page, "links-blocked")


async def test_empty_and_unknown_batches_have_a_page(site: Site, context: BrowserContext) -> None:
    await stocked(site, "R-4")
    page = await site.enter(context, "zhou.shen", at="/lots/R-4/links")
    await expect(page.locator("main")).to_contain_text("没有投料记录")
    await site.look(page, "links-empty")
    answer = await page.goto(site.address + "/lots/不存在/links")
    assert answer is not None
    assert answer.status == 404
    await page.goto(site.address + "/lots/R-4/links?correct=999999")
    await expect(page.locator("#correct")).to_have_count(0)


async def test_without_script_a_missing_reason_is_said_and_two_people_are_told_apart(
    site: Site, context: BrowserContext, other_context: BrowserContext
) -> None:
    await stocked(site, "R-5", "R-6")
    await begun(site, "H-3", "R-5")
    pages = [await site.enter(context, "zhou.shen"), await site.enter(other_context, "wu.jingli")]
    for page in pages:
        await page.goto(site.address + "/lots/H-3/links")
        await page.click("table.list a.btn:has-text('更正')")
        await fill(page, 0, "R-6", "50")
        await page.fill("textarea[name=reason]", " ")
    await pages[0].click("main button.btn-primary")
    await expect(pages[0].locator("main .refusal")).to_contain_text("LNK-008")
    for page in pages:
        await page.fill("textarea[name=reason]", "扫错")
    await pages[0].click("main button.btn-primary")
    await expect(pages[0].locator(".notice")).to_contain_text("已更正")
    await pages[1].click("main button.btn-primary")
    await expect(pages[1].locator("main .refusal")).to_contain_text("LNK-003")
    await expect(pages[1].locator("main .refusal")).to_contain_text("周审")


async def test_the_same_by_the_api(site: Site, context: BrowserContext) -> None:
    await stocked(site, "R-7", "R-8")
    await begun(site, "H/4", "R-7")  # a number may hold a slash
    page = await site.enter(context, "wu.jingli", at="/lots/H%2F4/links?correct=1")
    csrf = await page.locator("input[name=csrf]").first.get_attribute("value")
    here = site.address + "/api/v1/lots/H%2F4/links"
    listed = await (await page.request.get(here)).json()
    assert [(one["lot_no"], one["quantity"], one["seq"]) for one in listed] == [("R-7", "50.000000", 10)]
    asked = {"wrong": "R-7", "link": listed[0]["id"], "lots": [{"lot_no": "R-8", "quantity": "49"}], "reason": "扫错"}
    headers = {"X-CSRF-Token": csrf or "", "Idempotency-Key": "k-1"}
    answers = [await page.request.post(f"{here}/correct", data=asked, headers=headers) for _ in range(2)]
    assert [answer.status for answer in answers] == [201, 201]
    assert await answers[0].json() == await answers[1].json()
    again = await page.request.post(f"{here}/correct", data=asked, headers={"X-CSRF-Token": csrf or ""})
    problem = await again.json()
    assert (again.status, problem["code"]) == (409, "LNK-003")
    assert "吴经理" in problem["zh"]
    listed = await (await page.request.get(here)).json()
    told = [(one["lot_no"], one["corrected_by"], one["reason"], one["correction"]) for one in listed]
    assert told == [("R-7", "吴经理", "扫错", False), ("R-8", None, None, True)]


READINGS = ({"quantity": "humidity", "value": 45, "unit": "%", "lower": 30, "upper": 60},)
