"""A batch is released by two people on their own pages, on the real stack; what is refused is refused where they stand."""

from uuid import UUID

import pytest_asyncio
from playwright.async_api import BrowserContext, Page, expect

from models.messages.process import PlaceHold
from tests.support.plant import PASSWORD
from tests.support.site import Site


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def batch(site: Site) -> str:
    """A batch of hip stems that waits for its release."""
    await site.plant.material("R-2611-01", 300)
    await site.plant.make("H-2611-04", "R-2611-01", 50)
    return "H-2611-04"


def href(site: Site, lot_no: str, stage: str) -> str:
    """The page of an open task."""
    return f"{site.address}/tasks/{UUID(str(site.plant.task(lot_no, stage).public_id))}"


async def sign(page: Page, password: str, outcome: str = "release") -> None:
    """Decide and sign."""
    await page.check(f"input[name=outcome][value={outcome}]")
    await page.fill("input[name=password]", password)
    await page.click(".decision button.btn-primary")


async def test_two_people_release_a_batch(
    site: Site, batch: str, context: BrowserContext, other_context: BrowserContext
) -> None:
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
    await approver.goto(href(site, batch, "approve"))
    await site.look(approver, "release-approve")
    await sign(approver, PASSWORD)
    await approver.wait_for_url("**/inbox")
    await expect(approver.locator(".notice")).to_contain_text("The batch is now: Released")
    assert site.plant.status(batch) == "released"
