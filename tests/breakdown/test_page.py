"""A breakdown from the page of its machine to its signature, on the real stack; read over HTTP; refused where the finger is."""

import pytest
from playwright.async_api import BrowserContext, expect

from tests.support.often import DEEP, WALKED
from tests.support.plant.plant import PASSWORD
from tests.support.processes.breaking import machine, mended
from tests.support.processes.matter import complete, open_task
from tests.support.servers.press import press
from tests.support.servers.site import Site
from tests.support.servers.until import born
from workflows.temporal import start

WORDS = {
    "zh": ("已报告, 设备停用", "您的报告已并入", "故障停用"),
    "en": ("the equipment is out of use", "is kept with it", "broken down, out of use"),
}


@pytest.mark.parametrize("language", WALKED)
async def test_from_the_page_of_a_machine_to_the_signature_that_takes_it_back(
    site: Site, context: BrowserContext, other_context: BrowserContext, language: str
) -> None:
    plant, lot, number = site.plant, f"PB-{language.upper()}", f"PBM-{language.upper()}"
    reported, joined, unusable = WORDS[language]
    await start.ensure_outbox(plant.client)
    machine(plant, number)
    await plant.order(lot)
    page = await site.enter(context, "wang.cao", language=language, at=f"/work-orders/WO-{lot}")
    await page.click("a[href*='/breakdowns/new']")
    await page.fill("input[name=equipment_no]", number)
    await page.fill("textarea[name=said]", " ")
    assert await press(page) == 422
    await expect(page.locator("textarea[name=others], input[name=offered]").first).to_be_visible()
    await page.goto(f"{site.address}/breakdowns/new?equipment_no={number}&lot_no={lot}")
    await expect(page.locator(f"input[name=offered][value='{lot}']")).to_be_checked()
    await page.fill("textarea[name=said]", "主轴异响, 自动停机")
    await site.look(page, f"breakdown-new-{language}")
    await press(page)
    await page.wait_for_url("**/subjects/*")
    await expect(page.locator(".notice")).to_contain_text(reported)
    here = page.url.partition("?")[0]
    found = plant.scalar("select breakdown_no from breakdown order by id desc limit 1")
    await born(plant.client, f"breakdown/{found}")
    await site.look(page, f"breakdown-open-{language}")
    await page.goto(f"{site.address}/work-orders/WO-{lot}")
    await expect(page.locator("main")).to_contain_text(unusable)
    await page.goto(f"{site.address}/breakdowns/new?equipment_no={number}")
    await page.fill("textarea[name=said]", "冷却液泄漏")
    await press(page)
    await expect(page.locator(".notice")).to_contain_text(joined)
    await complete(plant, found, "repair", "zhao.liu", form=mended())
    task = open_task(plant, found, "resume")
    signer = await site.enter(other_context, "chen.pi", language=language, at=f"/tasks/{task.public_id}")
    await signer.fill("textarea[name=checked]", "试运行 30 分钟正常")
    await signer.check("input[name=outcome][value=restore]")
    if DEEP:
        await site.look(signer, f"breakdown-resume-{language}")
    await signer.fill("input[name=password]", PASSWORD)
    await signer.click(".decision button.btn-primary")
    await signer.wait_for_url("**/inbox**")
    await page.goto(here)
    await expect(page.locator("main")).to_contain_text(found)
    told = await (await context.request.get(f"{site.address}/api/v1/breakdowns/{found}")).json()
    assert (told["status"], [one["lot_no"] for one in told["batches"]], len(told["reports"])) == ("back", [lot], 2)
    listed = await (await context.request.get(f"{site.address}/api/v1/breakdowns?status=back")).json()
    assert found in [one["number"] for one in listed["items"]]
    subject = plant.scalar(
        "select s.public_id from equipment e join subject s on s.id = e.subject_id where equipment_no = :n", n=number
    )
    await page.goto(f"{site.address}/subjects/{subject}")
    await expect(page.locator("main")).to_contain_text(found)
    if DEEP:
        await site.look(page, f"breakdown-machine-{language}")
