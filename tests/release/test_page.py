"""A batch is released by two people on their own pages, on the real stack; what is refused is refused where they stand."""

from datetime import timedelta
from uuid import uuid4

import pytest
import pytest_asyncio
from playwright.async_api import BrowserContext, Page, expect

from models.hold.messages import PlaceHold
from models.kernel.store.act import act
from models.person.rules.roles import Role
from tests.support.house.proves import proves
from tests.support.plant import cast
from tests.support.plant.plant import PASSWORD, SETUP
from tests.support.servers.site import Site, href
from workflows.temporal import start


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def material(site: Site) -> str:
    """Rods for all batches of this module."""
    await site.plant.material("R-2611-01", 300)
    return "R-2611-01"


async def sign(page: Page, password: str, outcome: str = "release") -> None:
    """Decide and sign."""
    await page.check(f"input[name=outcome][value={outcome}]")
    await page.fill("input[name=password]", password)
    await page.click(".decision button.btn-primary")


@proves("R35", "R88")
async def test_two_people_release_a_batch(
    site: Site, material: str, context: BrowserContext, other_context: BrowserContext
) -> None:
    batch = "H-2611-04"
    await site.plant.make(batch, material, 50)
    reviewer = await site.enter(context, "zhou.shen", at="/inbox?view=claimable")
    await site.look(reviewer, "inbox-claimable")
    row = reviewer.locator(".task", has_text=batch)
    await row.locator("button", has_text="认领").click()
    await reviewer.wait_for_url("**/tasks/*")
    await expect(reviewer.locator(".notice")).to_contain_text("已认领")
    await expect(reviewer.locator("h1")).to_contain_text("审核批记录")
    await site.look(reviewer, "release-review")

    await sign(reviewer, "not my password")
    await expect(reviewer.locator(".refusal[role=alert]")).to_contain_text("密码不正确，还可尝试 4 次")
    await expect(reviewer.locator("input[name=outcome][value=release]")).to_be_checked()
    await expect(reviewer.locator("input[name=password]")).to_have_value("")
    await site.look(reviewer, "release-wrong-password")

    await sign(reviewer, PASSWORD)
    await reviewer.wait_for_url("**/inbox")
    await expect(reviewer.locator(".notice")).to_contain_text("审核批记录 · H-2611-04: 同意放行")
    await expect(reviewer.locator(".notice")).to_contain_text("批准放行 (质量批准人)")
    await reviewer.goto(site.address + "/inbox?view=second")
    await expect(reviewer.locator(".task", has_text=batch)).to_contain_text("周审 已签")
    await site.look(reviewer, "inbox-second")

    approver = await site.enter(other_context, "chen.pi", "en", at="/inbox?view=claimable")
    await expect(approver.locator(".task", has_text=batch)).to_contain_text("You sign second (Zhou Shen has signed)")
    await site.look(approver, "inbox-claimable")
    address = href(site, batch, "approve")
    await approver.goto(address)
    await site.look(approver, "release-approve")
    await sign(approver, PASSWORD)
    await approver.wait_for_url("**/inbox")
    await expect(approver.locator(".notice")).to_contain_text("The batch is now: Released. Next: Put away (Warehouse)")
    assert site.plant.status(batch) == "released"

    await approver.goto(address)
    await expect(approver.locator(".signed-line")).to_have_count(2)
    await expect(approver.locator("input[name=password]")).to_have_count(0)
    await site.look(approver, "release-done")
    await approver.goto(address + "/record")
    await expect(approver.locator("body")).to_contain_text('"lot_no":"H-2611-04"')

    await site.plant.complete(batch, "putaway", "li.cang", signed=False, form={"location": "FG-A1"})
    assert site.plant.scalar("select count(*) from human_task where status = 'open' and stage = 'putaway'") == 0


async def test_who_inspected_or_lacks_the_role_reads_why_they_cannot_sign(
    site: Site, material: str, context: BrowserContext
) -> None:
    await site.plant.make("H-2611-05", material, 10)
    page = await site.enter(context, "lin.jian")
    await page.goto(href(site, "H-2611-05", "review"))
    await expect(page.locator(".decision")).to_contain_text("为什么不能签?")
    await expect(page.locator(".decision .refusal")).to_contain_text("质量审核员")
    await expect(page.locator("input[name=password]")).to_have_count(0)
    await site.look(page, "release-blocked")


async def test_a_record_that_changed_meanwhile_is_not_signed_and_nothing_typed_is_lost(
    site: Site, material: str, context: BrowserContext
) -> None:
    batch = "H-2611-06"
    await site.plant.make(batch, material, 10)
    page = await site.enter(context, "zhou.shen")
    await page.goto(href(site, batch, "review"))
    hold = PlaceHold(
        command_id=str(uuid4()), by=site.plant.by("wu.jingli"), lot_nos=(material,), reason="湿度超限, 待评估"
    )
    await site.plant.door.place_hold(site.plant.client, hold)
    await page.fill("textarea[name=reason]", "已核对全部记录")
    await sign(page, PASSWORD)
    await expect(page.locator(".refusal[role=alert]")).to_contain_text("请重新查看再签名")
    await expect(page.locator("textarea[name=reason]")).to_have_value("已核对全部记录")
    await expect(page.locator(".exceptions")).to_contain_text("R-2611-01")
    await expect(page.locator("input[name=outcome][value=release]")).to_be_disabled()
    await site.look(page, "release-exceptions")
    await sign(page, PASSWORD, "hold")
    await page.wait_for_url("**/inbox")
    await expect(page.locator(".notice")).to_contain_text("审核批记录 · H-2611-06: 冻结。批次现在: 冻结")


async def test_a_first_signature_that_no_longer_holds_is_said_before_the_second_is_asked(
    site: Site, context: BrowserContext
) -> None:
    batch = "H-2611-07"
    await site.plant.material("R-2611-02", 100)
    await site.plant.make(batch, "R-2611-02", 10)
    await site.plant.complete(batch, "review", "zhou.shen", "release")
    hold = PlaceHold(command_id=str(uuid4()), by=site.plant.by("wu.jingli"), lot_nos=("R-2611-02",), reason="供方来函")
    await site.plant.door.place_hold(site.plant.client, hold)
    page = await site.enter(context, "chen.pi")
    await page.goto(href(site, batch, "approve"))
    await expect(page.locator(".refusal").first).to_contain_text("第一签失效，需要重新审核")
    await expect(page.locator("input[name=outcome][value=release]")).to_be_disabled()
    await expect(page.locator(".signed-line")).to_contain_text("已失效")
    await site.look(page, "release-void")
    await page.fill("textarea[name=reason]", "第一签失效")
    await sign(page, PASSWORD, "review_again")
    await page.wait_for_url("**/inbox")
    await expect(page.locator(".notice")).to_contain_text("接下来: 审核批记录 (质量审核员)")


async def test_one_person_with_two_roles_signs_once_whatever_they_send(site: Site, context: BrowserContext) -> None:
    batch = "H-2611-08"
    await site.plant.material("R-2611-03", 100)
    with act(site.plant.engine, SETUP) as session:
        cast.add_person(session, "shuang.jue", "双角", Role.QA_REVIEWER, Role.QA_APPROVER)
    await site.plant.make(batch, "R-2611-03", 10)
    page = await site.enter(context, "shuang.jue", "en")
    await page.goto(href(site, batch, "review"))
    await sign(page, PASSWORD)
    await page.wait_for_url("**/inbox")
    address = href(site, batch, "approve")
    await page.goto(address)
    await expect(page.locator(".decision")).to_contain_text("Why can't I sign?")
    await expect(page.locator("input[name=password]")).to_have_count(0)
    await site.look(page, "release-same-person")
    digest = await page.locator(".digest-whole .digest").last.text_content()
    csrf = await page.locator("input[name=csrf]").first.get_attribute("value")
    answer = await page.request.post(
        address + "/complete",
        form={"csrf": csrf or "", "outcome": "release", "password": PASSWORD, "digest": digest or ""},
    )
    assert answer.status in {403, 409}
    assert "refusal" in await answer.text()
    assert site.plant.status(batch) == "packed"


async def test_a_session_that_ended_asks_for_the_login_and_brings_the_words_back(
    site: Site, context: BrowserContext
) -> None:
    await site.plant.material("R-2611-04", 100)
    await site.plant.make("H-2611-09", "R-2611-04", 10)
    page = await site.enter(context, "zhou.shen")
    address = href(site, "H-2611-09", "review")
    await page.goto(address)
    await page.fill("textarea[name=reason]", "已核对, 等待签名")
    with act(site.plant.engine, SETUP) as session:
        session.connection().exec_driver_sql("update login_session set ended_at = now() where ended_at is null")
    await sign(page, PASSWORD)
    await page.wait_for_url("**/login?next=*")
    await expect(page.locator(".refusal")).to_contain_text("登录已超时")
    await page.fill("input[name=login]", "zhou.shen")
    await page.fill("input[name=password]", PASSWORD)
    await page.click("button.btn-primary")
    await page.wait_for_url("**/tasks/*")
    await expect(page.locator("textarea[name=reason]")).to_have_value("已核对, 等待签名")
    await expect(page.locator("input[name=outcome][value=release]")).to_be_checked()


async def test_an_act_without_an_answer_leads_to_a_page_that_asks(
    site: Site, context: BrowserContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = await site.enter(context, "zhou.shen")
    await page.goto(href(site, "H-2611-09", "review"))
    with monkeypatch.context() as patch:
        patch.setattr(start, "PATIENCE", timedelta(milliseconds=1))
        await sign(page, PASSWORD)
        await page.wait_for_url("**/recording")
    await expect(page.locator("[role=status]")).to_contain_text("正在记录")
