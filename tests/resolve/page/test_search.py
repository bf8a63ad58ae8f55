"""Anything typed or scanned: found, several, unknown, absurd; and the trace of what has no single meaning."""

import pytest
from playwright.async_api import BrowserContext, expect
from sqlalchemy import text

from tests.support.servers.database import past_walls
from tests.support.servers.site import Site


@pytest.mark.parametrize(
    ("typed", "status", "said"),
    [
        ("没有这个编号", 404, "找不到与“没有这个编号”"),
        ("🦴🦴", 422, "表情符号"),
        ("长" * 4000, 422, "编号最多 500 个字符"),
        ("x" * 10_000, 422, "编号最多 500 个字符"),
        ("   ", 422, "没有输入任何内容"),
        ("(01)06901234567890(10)H-1", 404, "校验位不对"),
        ("<script>alert(1)</script>", 404, "找不到与"),
    ],
)
async def test_what_is_nothing_is_said_and_what_to_try(
    site: Site, context: BrowserContext, typed: str, status: int, said: str
) -> None:
    page = await site.enter(context, "lin.jian")
    async with page.expect_response(lambda answer: "/search" in answer.url) as answered:
        await page.goto(f"{site.address}/search?text=" + typed)
    assert (await answered.value).status == status
    await expect(page.locator("main")).to_contain_text(said)
    await expect(page.locator(".nothing")).to_contain_text("可以输入批号")
    assert await site.troubles(page) == []
    if typed.startswith(("没有", "(01)", "x")):
        await site.look(page, {"没": "search-nothing", "(": "search-udi", "x": "search-long"}[typed[0]])


async def test_one_meaning_opens_and_several_are_listed(site: Site, context: BrowserContext) -> None:
    await site.plant.receive("R-S-1")
    await site.plant.receive("R-S-2")
    with past_walls(site.plant.engine) as connection:
        connection.execute(text("update lot set supplier_lot_no = 'R-S-1' where lot_no = 'R-S-2'"))
    page = await site.enter(context, "zheng.shenji")
    for typed, where in (
        ("r s 2", "/lots/R-S-2"),
        ("C-1", "/shipments?customer=C-1"),
        ("PEEK-20", "/lots?item=PEEK-20"),
    ):
        await page.fill("#search", typed)
        await page.press("#search", "Enter")
        await page.wait_for_url(site.address + where)
    await page.fill("#search", "R-S-1")
    await page.press("#search", "Enter")
    await expect(page.locator("tbody tr")).to_have_count(2)
    await expect(page.locator("main")).to_contain_text("请选择")
    await site.look(page, "search-several")
    await page.locator("tr", has_text="供方批号").locator("text=追溯").click()
    await expect(page.locator("h1")).to_contain_text("R-S-1")
    await expect(page.locator("table.list").last).to_contain_text("R-S-2")


async def test_a_trace_says_what_it_lacks_and_looks_back(site: Site, context: BrowserContext) -> None:
    await site.before.material("R-T")
    await site.before.make("H-T", "R-T")
    page = await site.enter(context, "sun.zhao", at="/trace")
    await site.look(page, "trace-start")
    await page.fill("#trace-text", "H-T")
    await page.select_option("#trace-direction", "backward")
    await page.click("main button.btn-primary")
    await expect(page.locator("main")).to_contain_text("R-T")
    await expect(page.locator(".tabs [aria-current]")).to_contain_text("向后")
    await site.look(page, "trace-backward")
    await page.click(".tabs >> text=双向")
    await page.fill("#as-of", "2020-01-01")
    await page.click("text=查看")
    await expect(page.locator("main")).to_contain_text("2020-01-01")
    assert "direction=both" in page.url
    await page.goto(site.address + "/trace/H-T?as_of=gestern")
    await expect(page.locator(".refusal")).to_contain_text("不是日期或时间")
    answer = await page.goto(site.address + "/trace?text=没有")
    assert answer is not None
    assert answer.status == 404
    await expect(page.locator("#trace-text")).to_have_value("没有")
    await page.goto(site.address + "/trace/HIP-I2")
    await expect(page.locator(".refusal")).to_be_visible()


async def test_the_audit_trail_says_who_changed_what_in_words(
    site: Site, context: BrowserContext, other_context: BrowserContext
) -> None:
    await site.before.material("R-AUDIT")
    page = await site.enter(context, "zheng.shenji", at="/lots/R-AUDIT")
    await page.click("text=审计追踪")
    await expect(page.locator("main")).to_contain_text("李仓")
    await expect(page.locator("main")).to_contain_text("已放行")
    await site.look(page, "audit")
    await page.click("a[rel=next]") if await page.locator("a[rel=next]").count() else None
    operator = await site.enter(other_context, "wang.cao")
    answer = await operator.goto(site.address + "/lots/R-AUDIT/audit")
    assert answer is not None
    assert answer.status == 403
    await expect(operator.locator(".refusal")).to_contain_text("没有此操作的权限")


async def test_quality_and_recalls_say_what_is_open(site: Site, context: BrowserContext) -> None:
    await site.plant.receive("R-BAD")
    await site.plant.measure("R-BAD", value="13.00")
    await site.plant.complete("R-BAD", "inspect", "lin.jian", "failed")
    page = await site.enter(context, "wu.jingli", at="/quality")
    await expect(page.locator("main")).to_contain_text("NC-R-BAD-1")
    await expect(page.locator("main")).to_contain_text("关键尺寸")
    await site.look(page, "quality")
    await page.goto(site.address + "/recalls")
    await expect(page.locator(".nothing")).to_contain_text("没有召回")
    await site.look(page, "recalls")
