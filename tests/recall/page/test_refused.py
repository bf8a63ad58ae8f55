"""What the pages of a recall refuse: links that are old, forged or foreign, people without the right, unknown numbers."""

from playwright.async_api import BrowserContext, expect
from sqlalchemy import text

from models.kernel.store.act import act
from models.person.rules.roles import Role
from models.person.store import people
from tests.support.plant.plant import SETUP
from tests.support.plant.recall_pages import ANSWER, decide, stock
from tests.support.plant.recalling import Recalling
from tests.support.servers.database import past_walls
from tests.support.servers.press import press
from tests.support.servers.site import Site


async def test_old_forged_and_foreign_links_say_nothing_more(site: Site, context: BrowserContext) -> None:
    await stock(site, "H-LINK", "R-LINK")
    recall = Recalling(site.plant, "RC-2026-901")
    await recall.open("H-LINK")
    await recall.to_customers()
    (notice,) = recall.notices()
    page = await site.enter(context, "sun.zhao")
    letter = f"{site.address}/recalls/RC-2026-901/notices/{notice.public_id}"
    await page.goto(letter)
    link = await page.locator(".letter .link").first.inner_text()
    foreign = await page.goto(letter.replace("RC-2026-901", "RC-1999-001"))
    assert foreign is not None
    assert foreign.status == 404
    for broken in ("批", "AA", "A" * 300, link.rsplit("/", 1)[1][::-1]):
        answer = await page.request.get(f"{site.address}/n/{broken}")
        assert answer.status == 404
        assert "H-LINK" not in await answer.text()
    form: dict[str, str | float | bool] = {
        "name": "王",
        "received": "1e9",
        "on_hand": "0",
        "used": "0",
        "will_return": "-1",
    }
    assert (await page.request.post(link, form=form)).status == 422
    assert (await page.request.post(link, form=form, headers={"origin": "https://elsewhere.test"})).status == 403
    with past_walls(site.plant.engine) as connection:
        connection.execute(
            text("update recall_notice set link_expires_at = now() - interval '1 day' where public_id = :id"),
            {"id": notice.public_id},
        )
    for answer in (await page.request.get(link), await page.request.post(link, form=ANSWER)):
        assert answer.status == 410
        assert "已过期" in await answer.text()
    assert (
        site.plant.scalar("select acknowledged_at from recall_notice where public_id = :id", id=notice.public_id)
        is None
    )

    manager = await site.enter(context, "wu.jingli")
    await manager.goto(letter)
    await expect(manager.locator(".letter .link").first).to_contain_text("只向召回协调员显示")


async def test_a_drill_in_the_inbox_leads_to_its_cockpit(site: Site, context: BrowserContext) -> None:
    await stock(site, "H-INBOX", "R-INBOX")
    drill = Recalling(site.plant, "RD-2026-901", "drill")
    await drill.open("H-INBOX")
    page = await site.enter(context, "sun.zhao", at="/inbox?view=claimable")
    row = page.locator(".task", has_text="RD-2026-901")
    await expect(row.locator(".drill-tag")).to_contain_text("演练")
    await site.look(page, "inbox-drill")
    await row.locator("button", has_text="认领").click()
    await page.wait_for_url("**/recalls/RD-2026-901")
    await expect(page.locator(".notice")).to_contain_text("已认领")
    task = f"{site.address}/tasks/{drill.task('review_scope').public_id}"
    await page.goto(task)
    await page.wait_for_url("**/recalls/RD-2026-901")
    await page.check("#decision input[name=outcome][value=freeze]")
    await page.fill("#decision input[name=password]", "not my password")
    await page.click("#decision button.btn-primary")
    await expect(page.locator("#decision .refusal[role=alert]")).to_contain_text("密码不正确")
    await expect(page.locator("#decision input[value=freeze]")).to_be_checked()
    assert await decide(page, "freeze", sign=True) in {200, 303}
    await page.goto(task)
    await expect(page.locator(".drill-band")).to_have_count(2)
    await expect(page.locator("main")).to_contain_text("冻结此范围")
    await site.look(page, "drill-task-done")


async def test_who_may_not_open_one_reads_why(site: Site, context: BrowserContext) -> None:
    page = await site.enter(context, "wu.jingli", at="/recalls")
    await expect(page.locator("a[href^='/recalls/new']")).to_have_count(0)
    closed = await page.goto(site.address + "/recalls/new?mode=drill")
    assert closed is not None
    assert closed.status == 403
    await expect(page.locator(".refusal")).to_contain_text("权限")
    await expect(page.locator("main form")).to_have_count(0)
    missing = await page.goto(site.address + "/recalls/RC-1999-001")
    assert missing is not None
    assert missing.status == 404


async def test_what_leads_nowhere_is_refused_where_it_was_typed(site: Site, context: BrowserContext) -> None:
    page = await site.enter(context, "sun.zhao", at="/recalls/new?mode=drill")
    await page.fill("textarea[name=identifiers]", "没有这个批号")
    await page.fill("input[name=title]", "演练")
    await page.fill("textarea[name=reason]", "季度演练")
    assert await press(page) in {404, 422}
    await expect(page.locator(".refusal[role=alert]")).to_contain_text("没有这个批号")
    await expect(page.locator("textarea[name=identifiers]")).to_have_value("没有这个批号")
    await site.look(page, "recall-new-refused")


async def test_who_waits_for_a_large_recall_is_led_to_it(site: Site, context: BrowserContext) -> None:
    await stock(site, "H-WAIT", "R-WAIT")
    page = await site.enter(context, "sun.zhao")
    waiting = site.address + "/recalls/new/recording?mode=drill&key="
    for language, title in (("en", "Opening a recall drill"), ("zh", "启动召回演练")):
        answer = await page.goto(f"{waiting}nobody-has-it&lang={language}")
        assert answer is not None
        assert answer.status == 202
        await expect(page.locator("h1")).to_have_text(title)
        await expect(page.locator("main a[href='/recalls']")).to_have_text(
            "All recalls" if language == "en" else "召回列表"
        )
        await site.look(page, "recall-recording")
    await page.goto(site.address + "/recalls/new?mode=drill")
    key = await page.locator("main input[name=idempotency_key]").input_value()
    await page.fill("textarea[name=identifiers]", "H-WAIT")
    await page.fill("input[name=title]", "演练")
    await page.fill("textarea[name=reason]", "季度演练")
    assert await press(page) in {200, 303}
    number = page.url.rsplit("/", 1)[1]
    await page.goto(waiting + key)
    await page.wait_for_url(f"**/recalls/{number}")
    await expect(page.locator(".notice")).to_contain_text(number)


async def test_who_decides_a_moment_too_late_reads_who_was_faster(site: Site, context: BrowserContext) -> None:
    await stock(site, "H-LATE", "R-LATE")
    drill = Recalling(site.plant, "RD-2026-952", "drill")
    await drill.open("H-LATE")
    with act(site.plant.engine, SETUP) as session:
        people.grant(session, "qian.xin", Role.RECALL_COORDINATOR)
    page = await site.enter(context, "qian.xin", at="/recalls/RD-2026-952")
    await drill.do("review_scope", "sun.zhao", "freeze", signed=True)
    assert await decide(page, "freeze", sign=True) == 409
    told = page.locator("main .refusal[role=alert]")
    await expect(told).to_contain_text("该待办已由 孙召")
    await expect(told).to_contain_text("完成（冻结此范围）")


async def test_one_person_in_two_windows_is_told_what_was_recorded_not_what_the_second_pressed(
    site: Site, context: BrowserContext
) -> None:
    await stock(site, "H-TWICE", "R-TWICE")
    drill = Recalling(site.plant, "RD-2026-953", "drill")
    await drill.open("H-TWICE")
    page = await site.enter(context, "sun.zhao", at="/recalls/RD-2026-953")
    await drill.do("review_scope", "sun.zhao", "recompute", signed=True, reason="又出货一单")
    assert await decide(page, "freeze", sign=True) == 409
    await expect(page.locator("main .refusal[role=alert]")).to_contain_text("完成（重新计算范围，理由：又出货一单）")
    await expect(page.locator(".notice")).to_have_count(0)


async def test_one_person_in_two_windows_is_told_which_reason_was_recorded(site: Site, context: BrowserContext) -> None:
    await stock(site, "H-WHY", "R-WHY")
    drill = Recalling(site.plant, "RD-2026-904", "drill")
    await drill.open("H-WHY")
    page = await site.enter(context, "sun.zhao", at="/recalls/RD-2026-904")
    await drill.do("review_scope", "sun.zhao", "recompute", signed=True, reason="又出货一单")
    assert await decide(page, "recompute", sign=True, reason="漏了一个批次") == 409
    await expect(page.locator("main .refusal[role=alert]")).to_contain_text("完成（重新计算范围，理由：又出货一单）")
    await expect(page.locator(".notice")).to_have_count(0)
