"""The page of facts says of each what it caused and why not, in both languages, from the batch and from a run."""

import pytest
from playwright.async_api import BrowserContext, expect

from tests.support.often import WALKED_IN_ENGLISH
from tests.support.servers.site import Site

RUN = "select r.public_id from process_run r where r.workflow_id = :id"
WAITED = {"zh": "在「生产完成」等的就是它", "en": "was waiting for it at"}
RAW = ("lot/", "inspection.accepted", "production.finished", "produced", "accepted", "final\n")
"""Names of the record and ids of workflows, which no person of the plant says."""
NOTHING = {"zh": "没有流程提到它", "en": "No process names it"}


@pytest.mark.parametrize("language", WALKED_IN_ENGLISH)
async def test_what_happened_to_a_batch_and_what_it_caused_is_read(
    site: Site, context: BrowserContext, language: str
) -> None:
    lot = f"FC-{language}"
    await site.before.material(f"{lot}-M", 100)
    await site.before.make(lot, f"{lot}-M", 50)
    page = await site.enter(context, "chen.pi", language, at=f"/lots/{lot}")
    await page.click(f"a[href='/lots/{lot}/facts']")
    await expect(page.locator(".kicker")).to_contain_text(lot)
    finished = page.locator("[data-row]", has_text="生产完成" if language == "zh" else "production is finished").first
    await expect(finished).to_contain_text("产出数量：50" if language == "zh" else "quantity made: 50")
    await expect(finished).to_contain_text("继续" if language == "zh" else "went on")
    await expect(finished).to_contain_text(f"{lot} 在「" if language == "zh" else f"of {lot} was waiting")
    accepted = page.locator("[data-row]", has_text="检验合格" if language == "zh" else "an inspection is passed")
    await expect(accepted).to_contain_text("检验阶段：成品检验" if language == "zh" else "stage: final inspection")
    shown = await page.locator("main").inner_text()
    assert [raw for raw in RAW if raw in shown] == []
    await expect(accepted).to_contain_text(NOTHING[language])
    await site.look(page, "facts-of-a-batch")
    await finished.locator("a[href^='/runs/']").last.click()
    await expect(
        page.locator("[data-row]", has_text="生产完成" if language == "zh" else "production is finished").first
    ).to_contain_text(lot)
    await site.look(page, "run-with-facts")


async def test_a_subject_that_is_none_is_said(site: Site, context: BrowserContext) -> None:
    page = await site.enter(context, "sun.zhao", at="/subjects/0197a1b2-0000-7000-8000-000000000000/facts")
    await expect(page.locator(".error-page")).to_contain_text("PRC-405")
