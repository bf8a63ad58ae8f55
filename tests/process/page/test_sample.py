"""The pages and the API serve a process that they know nothing of: from the inbox to the end of its run, in both languages."""

from collections.abc import Iterator

import pytest
import pytest_asyncio
from playwright.async_api import BrowserContext, Page, expect

from tests.process.sample import installed as sample
from tests.support.plant.plant import PASSWORD
from tests.support.servers.database import TestDatabase
from tests.support.servers.site import Site
from workflows.start import ensure_outbox

RUN = "select public_id from process_run where workflow_id = :id"
SAID = {
    "zh": {"inbox": "样例 {}", "write": "写下", "end": "已结束", "steps": ["写下", "审核", "批准", "等到那一天或通知"]},
    "en": {
        "inbox": "Sample {}",
        "write": "Write it down",
        "end": "ended",
        "steps": ["Write it down", "Review", "Approve", "Wait for the day or for word"],
    },
}


@pytest.fixture(scope="module", autouse=True)
def known() -> Iterator[None]:
    with sample.handed_in():
        yield


@pytest_asyncio.fixture(scope="module", loop_scope="session", autouse=True)
async def furnished(known: None, site: Site, site_database: TestDatabase) -> None:
    """The plant has samples."""
    sample.furnish(site_database.owner_url, site.plant.engine)
    await ensure_outbox(site.plant.client)


async def opened(site: Site, context: BrowserContext, login: str, number: str, language: str) -> Page:
    """Somebody takes the sample's first task from their inbox."""
    page = await site.enter(context, login, language)
    await page.goto(site.address + "/inbox?view=claimable")
    row = page.locator(".task", has_text=SAID[language]["inbox"].format(number)).first
    await expect(row).to_be_visible()
    await row.locator("button.claim, button", has_text="认领" if language == "zh" else "Claim").click()
    await page.wait_for_url("**/tasks/*")
    return page


async def sign(page: Page) -> None:
    await page.check("input[name=outcome][value=agree]")
    await page.fill("input[name=password]", PASSWORD)
    await page.click(".decision button.btn-primary")
    await page.wait_for_url("**/inbox")


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_from_the_inbox_to_the_end_of_its_run(
    site: Site, context: BrowserContext, other_context: BrowserContext, language: str
) -> None:
    number, said = f"P-{language}", SAID[language]
    run = sample.begin(site.plant.engine, number)
    page = await opened(site, context, "lin.jian", number, language)
    await expect(page.locator("h1")).to_contain_text(said["write"])
    await page.fill("[name=remark]", "?")
    await page.fill("[name=due]", "2031-01-01")
    await page.fill("[name='parts[0].name']", "甲")
    await page.fill("[name='parts[1].name']", "乙")
    await site.look(page, "sample-write")
    await page.click("button.btn-primary")
    await page.wait_for_url("**/inbox")

    page = await opened(site, context, "zhou.shen", number, language)
    await page.check("input[name=outcome][value=agree]")
    await page.fill("input[name=password]", PASSWORD)
    await page.click(".decision button.btn-primary")
    await expect(page.locator(".refusal[role=alert]")).to_contain_text("SMP-001")
    await site.look(page, "sample-review-refused")
