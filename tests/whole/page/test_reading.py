"""What is only read: process definitions, error pages, the live inbox, an act that has not answered yet."""

import pytest
from playwright.async_api import BrowserContext, expect

from models.plant.store.plant import DEFINITIONS
from tests.support.often import WALKED_IN_ENGLISH
from tests.support.servers.site import Site, href


@pytest.mark.parametrize("language", WALKED_IN_ENGLISH)
async def test_definitions_are_read_in_words_beside_their_picture(
    site: Site, context: BrowserContext, language: str
) -> None:
    page = await site.enter(context, "zhao.liu", language, at="/definitions")
    await expect(page.locator("[data-row]")).to_have_count(len(list(DEFINITIONS.glob("*.yaml"))))
    await site.look(page, "definitions")
    await page.click("text=成品放行" if language == "zh" else "text=Release")
    await page.wait_for_url("**/definitions/release/versions/2")
    await expect(page.locator(".picture svg")).to_be_visible()
    await expect(page.locator("#step-approve")).to_contain_text("21 CFR 11.50")
    await site.look(page, "definition-release")
    await page.goto(site.address + "/definitions/batch-lifecycle")
    await site.look(page, "definition-lifecycle")
    await page.goto(site.address + "/definitions/no-such-process")
    await expect(page.locator(".error-page")).to_contain_text("404")
    await site.look(page, "error-404")


async def test_the_inbox_moves_by_itself_and_nothing_else_does(site: Site, context: BrowserContext) -> None:
    page = await site.enter(context, "lin.jian", at="/inbox?view=claimable")
    await site.look(page, "inbox-empty")
    await page.fill("#search", "half a num")
    await site.plant.receive("R-L-1", 6)
    await expect(page.locator(".task", has_text="R-L-1")).to_be_visible()
    await expect(page.locator("#search")).to_have_value("half a num")
    await expect(page.locator(".tabs a[aria-current]")).to_contain_text("可认领 1")
    await page.locator(".task summary").click()
    await expect(page.locator(".task details")).to_contain_text(
        "流程「进料检验」v2, 步骤「填写进料检验记录」, 由检验员做"
    )
    await site.plant.receive("R-L-2", 6)
    await expect(page.locator(".task", has_text="R-L-2")).to_be_visible()
    await expect(page.locator(".task", has_text="R-L-1").locator("details")).to_have_attribute("open", "")
    await site.look(page, "inbox-live")


async def test_a_draft_comes_back_on_another_device(
    site: Site, context: BrowserContext, other_context: BrowserContext
) -> None:
    await site.plant.receive("R-L-3", 6)
    page = await site.enter(context, "lin.jian")
    await page.goto(href(site, "R-L-3", "inspect"))
    async with page.expect_response("**/draft"):
        await page.fill("textarea[name=remark]", "包装有压痕")
    await expect(page.locator("#draft-state")).to_contain_text("草稿已保存")
    other = await site.enter(other_context, "lin.jian")
    await other.goto(href(site, "R-L-3", "inspect"))
    await expect(other.locator("textarea[name=remark]")).to_have_value("包装有压痕")


async def test_an_act_that_has_not_answered_is_asked_after_and_not_sent_again(
    site: Site, context: BrowserContext
) -> None:
    await site.plant.receive("R-L-4", 6)
    await site.plant.measure("R-L-4")
    address = href(site, "R-L-4", "inspect")
    page = await site.enter(context, "lin.jian")
    await page.goto(address + "/recording")
    await expect(page.locator("[role=status]")).to_contain_text("正在记录")
    await site.look(page, "recording")
    posts: list[str] = []
    page.on("request", lambda one: posts.append(one.url) if one.method == "POST" else None)
    await site.plant.complete("R-L-4", "inspect", "lin.jian", "accepted")
    await page.wait_for_url("**/inbox")
    await expect(page.locator(".notice")).to_contain_text("R-L-4: 合格")
    assert posts == []


async def test_the_inbox_says_whether_a_release_is_clean(site: Site, context: BrowserContext) -> None:
    await site.before.material("R-L-5", 100)
    await site.before.make("H-L-5", "R-L-5", 20)
    page = await site.enter(context, "zhou.shen")
    await expect(page.locator(".task", has_text="H-L-5")).to_contain_text("✓ 无例外")
    await site.look(page, "inbox-release")
