"""Goods leave on a page: whole or not at all, and a refusal stands at its line, on the real stack."""

from playwright.async_api import BrowserContext, Page, expect

from tests.support.servers.press import press
from tests.support.servers.site import Site


async def stock(site: Site, lot_no: str, material: str) -> None:
    """A batch that may ship."""
    await site.before.material(material)
    await site.before.make(lot_no, material)
    await site.before.release(lot_no)


async def fill(page: Page, site: Site, number: str, *lines: tuple[str, str]) -> None:
    """A shipment to the hospital; lines of an earlier try, which the browser kept, are emptied."""
    await page.goto(site.address + "/shipments/new")
    for kept in await page.locator("input[name=ship_lot], input[name=ship_quantity]").all():
        await kept.fill("")
    await page.fill("input[name=shipment_no]", number)
    await page.check("input[name=customer_no][value=C-1]")
    for place, (lot, quantity) in enumerate(lines):
        await page.locator("input[name=ship_lot]").nth(place).fill(lot)
        await page.locator("input[name=ship_quantity]").nth(place).fill(quantity)


async def test_released_goods_leave_and_the_customer_is_found_from_the_suppliers_lot(
    site: Site, context: BrowserContext, other_context: BrowserContext
) -> None:
    await stock(site, "H-SHIP", "R-SHIP")
    page = await site.enter(context, "li.cang", at="/shipments")
    await site.look(page, "shipments-empty")
    await fill(page, site, "SH-1", ("h ship", "30"), ("H-SHIP", "10"))
    await expect(page.locator("section")).to_contain_text("H-SHIP")
    await site.look(page, "shipment-new")
    await press(page)
    await page.wait_for_url("**/shipments/SH-1")
    await expect(page.locator(".notice")).to_contain_text("已出货")
    await expect(page.locator("tbody tr")).to_contain_text("40 件")
    await site.look(page, "shipment")
    await page.goto(site.address + "/shipments")
    await expect(page.locator("tbody tr")).to_contain_text("SH-1")
    await site.look(page, "shipments")
    assert site.plant.scalar("select sum(k.quantity) from stock k join lot l on l.id = k.lot_id where l.lot_no = 'H-SHIP'") == 10  # fmt: skip

    auditor = await site.enter(other_context, "sun.zhao")
    await auditor.fill("#search", "P88-R-SHIP")
    await auditor.press("#search", "Enter")
    await auditor.wait_for_url("**/lots/R-SHIP")
    await auditor.click("text=全部向前追溯")
    await expect(auditor.locator("main")).to_contain_text("✓ 完整")
    await expect(auditor.locator("main")).to_contain_text("客户 1 家")
    row = auditor.locator("tr", has_text="上海第一医院").first
    await expect(row).to_contain_text("采购科")
    await expect(row).to_contain_text("SH-1")
    await site.look(auditor, "trace-forward")
    async with auditor.expect_download() as waited:
        await auditor.click("text=CSV")
    saved = await (await waited.value).path()
    assert "上海第一医院" in saved.read_text(encoding="utf-8-sig")


async def test_what_may_not_ship_is_refused_at_its_line(site: Site, context: BrowserContext) -> None:
    await stock(site, "H-STOP", "R-STOP")
    await site.before.material("R-MORE")
    await site.before.make("H-EARLY", "R-MORE")
    page = await site.enter(context, "li.cang")

    await fill(page, site, "SH-2", ("H-STOP", "5"), ("H-EARLY", "1"))
    assert await press(page) == 409
    await expect(page.locator(".scanrow .error")).to_contain_text("尚未放行")
    await expect(page.locator("input[name=ship_lot]").nth(1)).to_have_value("H-EARLY")
    await expect(page.locator("input[name=customer_no][value=C-1]")).to_be_checked()
    await expect(page.locator("input[name=ship_lot]").nth(2)).to_have_value("")
    await site.look(page, "shipment-refused")

    await page.locator("input[name=ship_lot]").nth(1).fill("")
    await page.locator("input[name=ship_quantity]").nth(1).fill("")
    await page.locator("input[name=ship_quantity]").nth(0).fill("5000")
    assert await press(page) == 409
    await expect(page.locator(".scanrow .error")).to_contain_text("只有 50 件")

    await page.locator("input[name=ship_quantity]").nth(0).fill("很多")
    assert await press(page) == 422
    await expect(page.locator(".scanrow .error")).to_contain_text("要填数字")

    await fill(page, site, "SH-2", ("(17)290630(10)H-STOP", "5000"))
    assert await press(page) == 422
    await expect(page.locator("#refusal")).to_contain_text("批次 H-STOP 的标签与记录不一致：有效期，标签为 2029-06-30")
    await site.look(page, "shipment-label-differs")
    await page.fill("input[name=label_reason]", "已核对实物和供方证明")
    assert await press(page) == 409, "with the reason the label is taken, and the quantity is looked at"
    await expect(page.locator("#refusal")).to_contain_text("只有 50 件")
    await expect(page.locator("input[name=label_reason]")).to_have_value("已核对实物和供方证明")
    assert await press(page) == 409, "the reason is still there, so the label is not asked about again"
    await expect(page.locator("#refusal")).to_contain_text("只有 50 件")

    await page.goto(site.address + "/lots/H-STOP")
    await page.click("text=冻结本批")
    await page.fill("#hold-reason", "客户投诉")
    await page.click("button:text-is('冻结')")
    await expect(page.locator(".notice")).to_contain_text("已冻结")
    await fill(page, site, "SH-2", ("H-STOP", "5"))
    assert await press(page) == 409
    await expect(page.locator(".scanrow .error")).to_contain_text("已冻结")

    await fill(page, site, "SH-2", ("没有这批", "5"))
    assert await press(page) == 404
    await expect(page.locator(".scanrow .error")).to_contain_text("找不到批次")
    await fill(page, site, "SH-2")
    assert await press(page) == 422
    await expect(page.locator(".refusal")).to_contain_text("至少要有一行")
    assert site.plant.scalar("select count(*) from shipment where shipment_no = 'SH-2'") == 0


async def test_the_same_shipment_sent_twice_leaves_once(site: Site, context: BrowserContext) -> None:
    await stock(site, "H-ONCE", "R-ONCE")
    page = await site.enter(context, "li.cang", at="/shipments/new")
    form = await page.evaluate("() => Object.fromEntries(new FormData(document.querySelector('main form')).entries())")
    form |= {"shipment_no": "SH-ONCE", "customer_no": "C-1", "ship_lot": "H-ONCE", "ship_quantity": "7"}
    for _ in range(2):
        answer = await page.request.post(site.address + "/shipments/new", form=form, max_redirects=0)
        assert (answer.status, answer.headers.get("location")) == (303, "/shipments/SH-ONCE")
    assert site.plant.scalar("select count(*) from shipment_line l join shipment h on h.id = l.shipment_id where h.shipment_no = 'SH-ONCE'") == 1  # fmt: skip
    form |= {"ship_quantity": "8"}
    answer = await page.request.post(site.address + "/shipments/new", form=form, max_redirects=0)
    assert answer.status == 422
    assert "此前提交过，之后内容有改动" in await answer.text()


async def test_a_refused_line_comes_back_once_and_not_in_the_next_row_too(site: Site, context: BrowserContext) -> None:
    await stock(site, "H-LINE", "R-LINE")
    page = await site.enter(context, "li.cang")
    await fill(page, site, "SH-LINE", ("H-LINE", "5000"))
    assert await press(page) == 409
    await expect(page.locator(".scanrow .error")).to_contain_text("不够 5000")
    assert [await one.input_value() for one in await page.locator("input[name=ship_lot]").all()] == ["H-LINE", "", ""]
    await page.locator("input[name=ship_quantity]").first.fill("20")
    assert await press(page) in {200, 303}
    shipped = "select sum(n.quantity) from shipment_line n join shipment s on s.id = n.shipment_id where s.shipment_no = 'SH-LINE'"
    assert site.plant.scalar(shipped) == 20
