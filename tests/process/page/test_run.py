"""The page of a run serves any process: where it stands, who did what, whose turn it is, by when."""

import pytest
from playwright.async_api import BrowserContext, expect

from tests.support.often import WALKED, WALKED_IN_ENGLISH
from tests.support.plant.recalling import Recalling
from tests.support.servers.site import Site, href

RUN = "select r.public_id from process_run r where r.workflow_id = :id"


@pytest.mark.parametrize("language", WALKED)
async def test_a_release_is_read_while_it_runs_and_when_it_is_over(
    site: Site, context: BrowserContext, language: str
) -> None:
    lot = f"RN-{language}"
    await site.plant.material(f"{lot}-M", 100)
    await site.plant.make(lot, f"{lot}-M", 50)
    await site.plant.complete(lot, "review", "zhou.shen", "release", reason="记录齐全")
    page = await site.enter(context, "chen.pi", language)
    await page.goto(href(site, lot, "approve"))
    await page.click(".kicker a")
    await expect(page.locator("h1")).to_contain_text(lot)
    await expect(page.locator(".picture svg")).to_be_visible()
    rows = page.locator("[data-row]")
    await expect(rows.nth(0)).to_contain_text("同意放行" if language == "zh" else "Release")
    await expect(page.locator(".signatures li")).to_have_count(1)
    await site.look(page, "run-release-open")
    await site.plant.complete(lot, "approve", "chen.pi", "release")
    await page.reload()
    await expect(page.locator(".head-side")).to_contain_text("已结束" if language == "zh" else "ended")
    await expect(page.locator(".signatures li")).to_have_count(2)
    # up to the life of the batch, of which it is a part
    await page.click(f"text={'批次生命周期' if language == 'zh' else 'Life of a batch'}")
    await expect(page.locator("h1")).to_contain_text(lot)
    await site.look(page, "run-lifecycle")


@pytest.mark.parametrize("language", WALKED_IN_ENGLISH)
async def test_a_recall_and_its_errands_are_read_the_same_way(
    site: Site, context: BrowserContext, language: str
) -> None:
    lot = f"RR-{language}"
    await site.plant.material(lot, 100)
    recall = Recalling(site.plant, f"RC-RR-{language}")
    await recall.open(lot)
    page = await site.enter(
        context, "sun.zhao", language, at=f"/runs/{site.plant.scalar(RUN, id=f'recall/RC-RR-{language}')}"
    )
    await expect(page.locator("h1")).to_contain_text(f"RC-RR-{language}")
    await expect(page.locator("table").first).to_contain_text("核对" if language == "zh" else "Review")
    await site.look(page, "run-recall")


async def test_a_run_that_is_none_is_said(site: Site, context: BrowserContext) -> None:
    page = await site.enter(context, "sun.zhao", at="/runs/0197a1b2-0000-7000-8000-000000000000")
    await expect(page.locator(".error-page")).to_contain_text("PRC-404")
