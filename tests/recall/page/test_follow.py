"""A recall after its notices, on pages: who is drawn is asked, goods come back, reports and the pack go out."""

import io
import zipfile

from playwright.async_api import BrowserContext, Page, expect

from tests.support.plant.plant import PASSWORD
from tests.support.plant.recall_pages import begin, stock
from tests.support.plant.recalling import Recalling, move
from tests.support.servers.press import press
from tests.support.servers.site import Site


async def saved(page: Page, link: str) -> tuple[str, bytes]:
    """What a click on a download brings."""
    async with page.expect_download() as waited:
        await page.click(link)
    download = await waited.value
    return download.suggested_filename, (await download.path()).read_bytes()


async def test_from_the_draw_to_the_pack(site: Site, context: BrowserContext, other_context: BrowserContext) -> None:
    await stock(site, "H-FOL", "R-FOL")
    page = await site.enter(context, "sun.zhao")
    number = await begin(page, site, "H-FOL", "recall", "髋关节柄断裂")
    recall = Recalling(site.plant, number)
    await recall.to_customers()
    recall.post()
    (notice,) = recall.notices()
    await page.goto(f"{site.address}/recalls/{number}")
    await expect(page.locator("#customers")).to_contain_text("下次提醒")
    await expect(page.locator("#checks")).to_contain_text("尚未确定级别")
    assert await site.troubles(page) == []

    await page.click("text=确定级别并抽样")
    await page.check("input[name=level][value=B]")
    assert await press(page) == 422
    await expect(page.locator(".refusal[role=alert]")).to_contain_text("必须写明比例")
    await page.fill("input[name=share]", "20")
    assert await press(page) in {200, 303}
    await expect(page.locator("#checks")).to_contain_text("已完成 0 / 1")
    await expect(page.locator("#checks")).to_contain_text("B 级 (20 %)")
    await ask(site, page)
    await give_back(site, page, recall)
    await recall.acknowledge(notice, 28, on_hand=20, used=8, will_return=20)

    manager = await site.enter(other_context, "wu.jingli", at=f"/recalls/{number}?lang=en")
    await expect(manager.locator("#reconciliation")).to_contain_text("5 pcs of what was promised has not come back yet")
    await manager.click("#returns a:text-is('Decide')")
    await manager.check("input[name=kind][value=restock]")
    await manager.fill("textarea[name=reason]", "Looks fine")
    assert await press(manager) == 409
    await expect(manager.locator(".refusal[role=alert]")).to_contain_text("still on hold")
    await manager.check("input[name=kind][value=scrap]")
    await manager.fill("textarea[name=reason]", "Melted down")
    assert await press(manager) in {403, 409, 422}  # first what would be scrapped is shown
    await expect(manager.locator("#preview")).to_contain_text("To be scrapped: batch H-FOL, 15 pcs")
    await expect(manager.locator("#returns")).to_have_count(0)
    await site.look(manager, "recall-scrap-en")
    await manager.fill("input[name=password]", PASSWORD)
    assert await press(manager) in {200, 303}
    await expect(manager.locator("#returns")).to_contain_text("Scrap 15 pcs")
    await site.look(manager, "recall-follow-en")

    await report(site, page, number)


async def ask(site: Site, page: Page) -> None:
    """孙召 calls the drawn customer: half an answer is refused, a whole one counts."""
    await page.click("#checks a:text-is('记录联系')")
    await page.check("input[name=reached][value=true]")
    assert await press(page) == 422
    await expect(page.locator(".refusal[role=alert]")).to_contain_text("谁回答")
    await page.fill("input[name=spoken_with]", "王医生")
    await page.check("input[name=notice_received][value=true]")
    await page.check("input[name=acted][value=true]")
    await site.look(page, "recall-check")
    assert await press(page) in {200, 303}
    await expect(page.locator("#checks")).to_contain_text("已完成 1 / 1")
    await expect(page.locator("#checks")).to_contain_text("有效 100 %")


async def give_back(site: Site, page: Page, recall: Recalling) -> None:
    """Goods come back: too many are refused with everything typed, the right number is booked."""
    await page.click("#returns a:text-is('登记退货')")
    await page.check("input[name=customer_no][value=C-1]")
    await page.fill("input[name=lot_no]", "H-FOL")
    await page.fill("input[name=quantity]", "31")
    await page.select_option("select[name=location]", "RCV-01")
    assert await press(page) == 422
    await expect(page.locator(".refusal[role=alert]")).to_contain_text("只剩 30")
    await expect(page.locator("input[name=quantity]")).to_have_value("31")
    await page.fill("input[name=quantity]", "15")
    assert await press(page) in {200, 303}
    await expect(page.locator("#returns")).to_contain_text("未处置 15 件")
    assert [int(one.quantity) for one in recall.returns()] == [15]
    await site.look(page, "recall-returned")


async def report(site: Site, page: Page, number: str) -> None:
    """The plan is filed, its clock stops; report and pack come down whole."""
    await page.goto(f"{site.address}/recalls/{number}")
    await page.click("text=登记已提交的报告")
    await page.check("input[name=kind][value=plan]")
    await page.fill("input[name=authority]", "江苏省药品监督管理局")
    await page.fill("input[name=reference]", "苏械召-2026-118")
    assert await press(page) in {200, 303}
    await expect(page.locator(".notice")).to_contain_text("停止计时 1 项")
    await expect(page.locator("#reports")).to_contain_text("苏械召-2026-118")
    name, paper = await saved(page, "#reports a:text-is('PDF')")
    assert (name, paper[:5]) == (f"{number}-status.pdf", b"%PDF-")
    name, pack = await saved(page, "text=下载资料包 (ZIP)")
    assert name == f"{number}-pack.zip"
    with zipfile.ZipFile(io.BytesIO(pack)) as archive:
        assert f"{number}/digests.txt" in archive.namelist()
    await site.look(page, "recall-reported")


async def test_an_agencys_class_is_recorded_beside_the_firms_proposal(site: Site, context: BrowserContext) -> None:
    await stock(site, "H-FDA", "R-FDA")
    move(site.plant, "C-1", "US")
    recall = Recalling(site.plant, "RC-2026-902")
    await recall.open("H-FDA")
    page = await site.enter(context, "sun.zhao", at=f"/recalls/{recall.number}")
    await expect(page.locator("#markets")).to_contain_text("FDA 定级, 企业建议")
    await expect(page.locator("#clocks a.btn")).to_have_count(0)
    await recall.freeze(action="removal", measure="take_back", depth="user")
    await page.reload()
    await expect(page.locator("#markets")).to_contain_text("建议 二级, FDA 尚未定级")
    await expect(page.locator(".facts, dl").first).to_contain_text("收回 · 撤回")
    await page.click("#clocks a.btn")
    await page.check("input[name=level][value=I]")
    await page.fill("input[name=authority]", "FDA CDRH")
    await page.fill("input[name=reference]", " ")
    await page.evaluate("document.querySelector('[name=reference]').required = false")
    assert await press(page) == 422
    await expect(page.locator("input[name=authority]")).to_have_value("FDA CDRH")
    await site.look(page, "recall-class-refused")
    await page.fill("input[name=reference]", "Z-0123-2027")
    assert await press(page) in {200, 303}
    await expect(page.locator("#markets")).to_contain_text("FDA 定为 一级 (企业建议 二级)")
    await site.look(page, "recall-class")
    await page.goto(f"{site.address}/recalls/{recall.number}?lang=en")
    await expect(page.locator("#markets")).to_contain_text("FDA: Class I (the maker proposed Class II)")
    await site.look(page, "recall-class-en")
    await page.goto(f"{site.address}/recalls/{recall.number}/classes/new")
    await site.look(page, "recall-class-new-en")
    assert await site.troubles(page) == []
    move(site.plant, "C-1", "CN")


async def test_who_may_not_is_told_why(site: Site, context: BrowserContext) -> None:
    await stock(site, "H-FOM", "R-FOM")
    drill = Recalling(site.plant, "RD-2026-901", "drill")
    await drill.open("H-FOM")
    await drill.to_customers()
    page = await site.enter(context, "lin.jian", at="/recalls/RD-2026-901")
    await expect(page.locator("#returns a.btn")).to_have_count(0)
    for path in ("checks/new", "returns/new", "reports/new", "classes/new"):
        await page.goto(f"{site.address}/recalls/RD-2026-901/{path}")
        await expect(page.locator(".refusal")).to_contain_text("AUTH-005")
        await expect(page.locator("main form")).to_have_count(0)
        assert await site.troubles(page) == []
    for path, status in (("reports/termination.pdf", 409), ("reports/status.docx", 404), ("checks/no-check", 403)):
        answer = await page.goto(f"{site.address}/recalls/RD-2026-901/{path}")
        assert answer is not None
        assert answer.status == status, path
