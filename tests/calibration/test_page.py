"""A calibration from the page of its instrument to the assessment that is decided in place, on the real stack; read over HTTP."""

from datetime import UTC, datetime, timedelta

import pytest
from playwright.async_api import BrowserContext, Page, expect

from tests.support.often import WALKED
from tests.support.plant.plant import PASSWORD
from tests.support.processes.calibrating import DAY, assessment, gather, machine, measured, worked
from tests.support.processes.matter import complete, open_task, stages
from tests.support.servers.press import press
from tests.support.servers.site import Site
from tests.support.servers.until import born
from workflows.temporal import start

WORDS = {"zh": ("校准任务已在待办中", "已决定 2 项"), "en": ("is in the inbox", "2 are decided")}


@pytest.mark.parametrize("language", WALKED)
async def test_from_the_page_of_an_instrument_to_a_decided_assessment(
    site: Site, context: BrowserContext, other_context: BrowserContext, language: str
) -> None:
    plant, name = site.plant, f"PC-{language.upper()}"
    await start.ensure_outbox(plant.client)
    number = machine(plant, name, 300 * DAY)
    lots = gather(plant, f"P{language.upper()}L", 3)
    rows = [(lot, number, n, datetime.now(UTC) - timedelta(days=2), None) for n, lot in enumerate(lots, 1)]
    measured(plant, [*rows, (lots[0], number, 9, datetime.now(UTC) - timedelta(days=1), None)])
    day = datetime.now(UTC) - timedelta(days=1)
    worked(plant, [(lots[1], 1, (number,), day - timedelta(hours=2), day)])
    page = await site.enter(context, "zhao.liu", language=language, at=f"/equipment/{number}/calibrate")
    await press(page)
    await page.wait_for_url("**/subjects/*")
    await expect(page.locator(".notice")).to_contain_text(WORDS[language][0])
    here = page.url.partition("?")[0]
    await born(plant.client, f"calibration/{number}/1")
    await _calibrate(site, page, number, language)
    await page.goto(here)
    await expect(page.locator("main")).to_contain_text("10.05")
    await site.look(page, f"calibration-instrument-{language}")
    found = assessment(plant, number)
    await born(plant.client, f"out-of-tolerance/{found}")
    await _decide(site, other_context, found, language)
    await complete(plant, found, "judge", "chen.pi", "decide", reason="已评估", form={"rest": "nonconformance"})
    assert stages(plant, found) == ["close"]
    await page.goto(f"{site.address}/out-of-tolerance/{found}?show=all")
    await expect(page.locator("main")).to_contain_text("NC-")
    await site.look(page, f"calibration-decided-{language}")
    told = await (await context.request.get(f"{site.address}/api/v1/out-of-tolerance/{found}")).json()
    assert (told["counts"]["results"], told["counts"]["operations"], told["undecided"]) == (4, 1, 0)
    assert told["decided"] == {"no_effect": 2, "nonconformance": 3}
    read = await (await context.request.get(f"{site.address}/api/v1/out-of-tolerance/{found}/results")).json()
    assert [(one["seq"], one["kind"]) for one in read["items"]] == [
        *((n, "result") for n in (1, 2, 3, 4)),
        (5, "operation"),
    ]
    assert (await context.request.get(f"{site.address}/api/v1/equipment/{number}")).ok
    for address in (f"/out-of-tolerance/{found}/pdf", f"/api/v1/out-of-tolerance/{found}/pdf"):
        paper = await context.request.get(f"{site.address}{address}")
        assert (paper.status, paper.headers["content-type"]) == (200, "application/pdf")
        assert (await paper.body()).startswith(b"%PDF")


async def _calibrate(site: Site, page: Page, number: str, language: str) -> None:
    """The task as its form has it; found out of tolerance, and adjusted."""
    await page.goto(f"{site.address}/tasks/{open_task(site.plant, number, 'perform').public_id}")
    at = site.plant.scalar(
        "select to_char(now() at time zone (select zone from site limit 1) - interval '1 minute', 'YYYY-MM-DD\"T\"HH24:MI')"
    )
    await page.fill("input[name=performed_at]", at)
    await page.fill("input[name=done_by]", "市计量院")
    await page.fill("input[name=unit]", "mm")
    for key, text in (
        ("point", "10 mm"),
        ("lower", "9.98"),
        ("upper", "10.02"),
        ("as_found", "10.05"),
        ("as_left", "10.00"),
        ("uncertainty", "0.002"),
    ):
        await page.fill(f"input[name='readings[0].{key}']", text)
    await page.fill("input[name=standard_other]", "量块 B-7")
    await page.fill("input[name=standard_until]", "2099-12-31")
    await page.fill("input[name=interval_months]", "12")
    await page.check("input[name=outcome][value=record]")
    await site.look(page, f"calibration-task-{language}")
    await page.fill("input[name=password]", PASSWORD)
    await page.click(".decision button.btn-primary")
    await page.wait_for_url("**/inbox**")


async def _decide(site: Site, context: BrowserContext, found: str, language: str) -> None:
    """Two of four chosen, seen before it is signed, and signed in place."""
    page = await site.enter(context, "chen.pi", language=language, at=f"/out-of-tolerance/{found}")
    await site.look(page, f"calibration-assessment-{language}")
    await page.click("button[name=preview]")
    await expect(page.locator(".refusal")).to_contain_text("EQP-020")
    for seq in (1, 2):
        await page.check(f"input[name=pick][value='{seq}']")
    await page.check("input[name=fate][value=no_effect]")
    await page.fill("textarea[name=reason]", "偏差小于公差的十分之一")
    await page.click("button[name=preview]")
    await expect(page.locator(".decision .notice")).to_be_visible()
    await expect(page.locator("input[name=pick][value='2']")).to_be_checked()
    await site.look(page, f"calibration-preview-{language}")
    await page.fill("input[name=password]", PASSWORD)
    await page.click(".decision button.btn-primary")
    await expect(page.locator(".notice")).to_contain_text(WORDS[language][1])
    await expect(page.locator("input[name=pick]")).to_have_count(3)
