"""A batch is released by two people on their own pages, on the real stack; what is refused is refused where they stand."""

from uuid import uuid4

import pytest_asyncio
from playwright.async_api import BrowserContext, Page, expect

from models.messages.process import PlaceHold
from tests.support.plant import PASSWORD
from tests.support.site import Site, href


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


async def test_two_people_release_a_batch(
    site: Site, material: str, context: BrowserContext, other_context: BrowserContext
) -> None:
    batch = "H-2611-04"
    await site.plant.make(batch, material, 50)
    reviewer = await site.enter(context, "zhou.shen")
    await reviewer.goto(site.address + "/inbox?view=claimable")
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

    approver = await site.enter(other_context, "chen.pi", "en")
    await approver.goto(site.address + "/inbox?view=claimable")
    await expect(approver.locator(".task", has_text=batch)).to_contain_text("You sign second (周审 has signed)")
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
