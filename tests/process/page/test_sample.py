"""The pages and the API serve a process that they know nothing of: from the inbox to the end of its run, in both languages."""

import re
from collections.abc import Iterator

import pytest
import pytest_asyncio
from playwright.async_api import BrowserContext, Page, expect

from tests.process.sample import installed as sample
from tests.support.often import WALKED
from tests.support.plant.plant import PASSWORD
from tests.support.servers.database import TestDatabase
from tests.support.servers.site import Site
from tests.support.servers.until import ended, until
from workflows.temporal.start import ensure_outbox

RUN = "select public_id from process_run where workflow_id = :id"
SUBJECT = "select public_id from subject where kind = 'sample' and number = :number"
CALLED = {"zh": "样例 {}", "en": "Sample {}"}
WRITE, END, CLAIM = (
    {"zh": "写下", "en": "Write it down"},
    {"zh": "已结束", "en": "ended"},
    {"zh": "认领", "en": "Claim"},
)


@pytest.fixture(scope="module", autouse=True)
def known() -> Iterator[None]:
    with sample.handed_in():
        yield


@pytest_asyncio.fixture(scope="module", loop_scope="session", autouse=True)
async def furnished(known: None, site: Site, site_database: TestDatabase) -> None:
    """The plant has samples."""
    del known
    sample.furnish(site_database.owner_url, site.plant.engine)
    await ensure_outbox(site.plant.client)


async def opened(site: Site, context: BrowserContext, login: str, number: str, language: str) -> Page:
    """Somebody takes the sample's first task from their inbox; who was here before has closed their tab, which holds a connection."""
    for one in context.pages:
        await one.close()
    page = await site.enter(context, login, language, at="/inbox?view=claimable")
    row = page.locator(".task", has_text=CALLED[language].format(number)).first
    await expect(row).to_be_visible()
    await row.locator("button.claim, button", has_text=CLAIM[language]).click()
    await page.wait_for_url("**/tasks/*")
    return page


async def sign(page: Page, number: str) -> None:
    """Who signs sees what: the record, entry by entry."""
    await expect(page.locator("details.record[open] dd")).to_contain_text([re.compile("样例|Sample"), number, "清楚"])
    await page.check("input[name=outcome][value=agree]")
    await page.fill("input[name=password]", PASSWORD)
    await page.click(".decision button.btn-primary")
    await page.wait_for_url("**/inbox")


@pytest.mark.parametrize("language", WALKED)
async def test_from_the_inbox_to_the_end_of_its_run(site: Site, context: BrowserContext, language: str) -> None:
    number = f"P-{language}"
    run = sample.begin(site.plant.engine, number)
    page = await opened(site, context, "lin.jian", number, language)
    await expect(page.locator("h1")).to_contain_text(WRITE[language])
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
    await page.check("input[name=outcome][value=back]")
    await page.fill("textarea[name=reason]", "看不清楚")
    await page.fill("input[name=password]", PASSWORD)
    await page.click(".decision button.btn-primary")
    await page.wait_for_url("**/inbox")

    page = await opened(site, context, "lin.jian", number, language)
    await page.fill("[name=remark]", "清楚")
    await page.fill("[name=due]", "2031-01-01")
    await page.fill("[name='parts[0].name']", "甲")
    await page.fill("[name='parts[1].name']", "乙")
    await page.click("button.btn-primary")
    await page.wait_for_url("**/inbox")
    for login in ("zhou.shen", "chen.pi"):
        page = await opened(site, context, login, number, language)
        await site.look(page, f"sample-sign-{login[:4]}")
        await sign(page, number)
    await page.goto(site.address + f"/runs/{site.plant.scalar(RUN, id=run)}")
    await expect(page.locator("h1")).to_contain_text(number)
    await site.look(page, "sample-run-parts")
    for _ in (1, 2):
        page = await opened(site, context, "lin.jian", number, language)
        await page.click("button.btn-primary")
        await page.wait_for_url("**/inbox")
    await until(lambda: sample.stands(site.plant, run) == ("running", ["rest"]))
    assert sample.word(site.plant.engine, number)
    await ended(site.plant.client, run)
    await page.goto(site.address + f"/runs/{site.plant.scalar(RUN, id=run)}")
    await expect(page.locator(".head-side")).to_contain_text(END[language])
    await expect(page.locator(".signatures li")).to_have_count(3)
    await expect(page.locator(".picture .dp-is-done")).to_have_count(
        7
    )  # people's steps, the parts, the wait, the automatic one, the end
    await site.look(page, "sample-run-over")
    await page.goto(site.address + f"/subjects/{site.plant.scalar(SUBJECT, number=number)}")
    await expect(page.locator("h1")).to_contain_text(number)
    await site.look(page, "sample-subject")
    assert sample.told(site.plant, number)[-3:] == sample.TOLD[-3:]
