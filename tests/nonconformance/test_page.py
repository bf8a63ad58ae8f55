"""Raising what was found on a page, in both languages, and deciding on it from the inbox, on the real stack."""

from pathlib import Path

import pytest
from playwright.async_api import BrowserContext, FilePayload, expect

from tests.support.often import WALKED
from tests.support.plant.plant import PASSWORD
from tests.support.servers.press import press
from tests.support.servers.site import Site

PHOTO = (Path(__file__).parents[1] / "support/pictures/gs1-datamatrix.png").read_bytes()
WORDS = {
    "zh": ("外箱破损, 两箱受潮", "已记录", "严重程度", "签名"),
    "en": ("Box torn, two cases damp", "is on record", "Severity", "Sign"),
}


@pytest.mark.parametrize("language", WALKED)
async def test_what_was_found_goes_from_the_form_through_two_signatures(
    site: Site, context: BrowserContext, other_context: BrowserContext, language: str
) -> None:
    title, recorded, severity, _ = WORDS[language]
    lot = f"R-FOUND-{language}"
    await site.before.material(lot)
    page = await site.enter(context, "li.cang", language=language, at=f"/nonconformances/new?lot={lot}")
    await expect(page.locator("input[name=lot_no]")).to_have_value(lot)
    await site.look(page, f"nonconformance-new-{language}")
    await page.fill("input[name=title]", title)
    await page.fill("input[name=quantity]", "5000")
    await page.check("input[name=severity][value=critical]")
    assert await press(page) == 422
    await expect(page.locator("main .refusal[role=alert]")).to_contain_text("NCR-010")
    await expect(page.locator("input[name=title]")).to_have_value(title)
    await site.look(page, f"nonconformance-refused-{language}")
    await page.set_input_files("input[type=file]", FilePayload(name="箱子.png", mimeType="image/png", buffer=PHOTO))
    await expect(page.locator("ul.files li.file:not(.going)")).to_contain_text("箱子.png")
    await page.fill("input[name=quantity]", "5")
    await press(page)
    await page.wait_for_url("**/subjects/*")
    await expect(page.locator(".notice")).to_contain_text(recorded)
    await expect(page.locator("main")).to_contain_text(severity)
    await expect(page.locator("main")).to_contain_text(title)
    await expect(page.locator("main ul.files")).to_contain_text("箱子.png")
    await site.look(page, f"nonconformance-{language}")
    approver = await site.enter(other_context, "chen.pi", language=language, at="/quality")
    await site.look(approver, f"quality-open-{language}")
    figure = approver.locator(".figures .counts a").last  # whose they are
    counted = int(await figure.locator("b").inner_text())
    await figure.click()
    await expect(approver.locator("[data-row]")).to_have_count(counted)
    await site.look(approver, f"nonconformances-{language}")
    await approver.click("a[href='/quality']")
    await approver.click(f"main a.row-link:has-text('{title}')")
    await expect(approver.locator("main")).to_contain_text(lot)
    await expect(approver.locator("main ul.files")).to_contain_text("箱子.png")
    await site.look(approver, f"nonconformance-decide-{language}")
    await approver.fill("textarea[name=cause]", "搬运碰伤")
    await approver.check("input[name=requirements_met]")
    await approver.check("input[name=outcome][value=accept]")
    await approver.fill("textarea[name=reason]", "仅外箱")
    await approver.fill("input[name=password]", PASSWORD)
    await approver.click(".decision button.btn-primary")
    await approver.wait_for_url("**/inbox**")
    opened = "select count(*) from human_task t join subject s on s.id = t.subject_id where s.title = :title and t.stage = 'concede' and t.status = 'open'"
    assert site.plant.scalar(opened, title=title) == 1
