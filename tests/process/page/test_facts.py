"""The page of facts says of each what it caused and why not, in both languages, from the batch and from a run."""

import pytest
from playwright.async_api import BrowserContext, expect

from tests.support.servers.site import Site

RUN = "select r.public_id from process_run r where r.workflow_id = :id"
WAITED = {"zh": "在「生产完成」等的就是它", "en": "was waiting for it at"}
NOTHING = {"zh": "没有流程提到它", "en": "No process names it"}


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_what_happened_to_a_batch_and_what_it_caused_is_read(
    site: Site, context: BrowserContext, language: str
) -> None:
    lot = f"FC-{language}"
    await site.plant.material(f"{lot}-M", 100)
    await site.plant.make(lot, f"{lot}-M", 50)
    page = await site.enter(context, "chen.pi", language)
    await page.goto(f"{site.address}/lots/{lot}")
    await page.click(f"a[href='/lots/{lot}/facts']")
    await expect(page.locator(".kicker")).to_contain_text(lot)
    finished = page.locator("[data-row]", has_text="production.finished")
    await expect(finished).to_contain_text("50")
    await expect(finished).to_contain_text("继续" if language == "zh" else "went on")
    await expect(finished).to_contain_text(f"lot/{lot}")
    accepted = page.locator("[data-row]", has_text="inspection.accepted")
    await expect(accepted).to_contain_text(NOTHING[language])
    await site.look(page, "facts-of-a-batch")
    await finished.locator("a[href^='/runs/']").last.click()
    await expect(page.locator("[data-row]", has_text="production.finished")).to_contain_text(lot)
    await site.look(page, "run-with-facts")


async def test_a_subject_that_is_none_is_said(site: Site, context: BrowserContext) -> None:
    page = await site.enter(context, "sun.zhao")
    await page.goto(site.address + "/subjects/0197a1b2-0000-7000-8000-000000000000/facts")
    await expect(page.locator(".error-page")).to_contain_text("PRC-405")
