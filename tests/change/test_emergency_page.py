"""An emergency change from the form to the batches that it lets go, on the real stack; read over HTTP."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from playwright.async_api import BrowserContext, expect

from tests.change.asking import locks
from tests.change.test_emergency import ASSESSED, TASK
from tests.support.often import WALKED
from tests.support.plant.plant import PASSWORD
from tests.support.processes.matter import complete, open_task
from tests.support.servers.press import press
from tests.support.servers.site import Site
from tests.support.servers.until import born
from workflows.temporal import start

WORDS = {"zh": ("改用备用清洗剂", "受影响批次已锁定"), "en": ("Spare cleaning agent", "its batches are locked")}


@pytest.mark.parametrize("language", WALKED)
async def test_from_the_form_to_its_approval(
    site: Site, context: BrowserContext, other_context: BrowserContext, language: str
) -> None:
    title, said = WORDS[language]
    plant, lot = site.plant, f"CE-{language.upper()}-1"
    await start.ensure_outbox(plant.client)
    await plant.receive(lot)
    page = await site.enter(context, "lin.jian", language=language, at="/changes/emergency")
    at = datetime.now(ZoneInfo("Asia/Shanghai")) - timedelta(hours=3)
    for name, value in {"title": title, "target": "MES 4.2", "lot_nos": lot, "done_by": "nobody.here"}.items():
        await page.fill(f"input[name={name}]", value)
    await page.fill("input[name=happened_at]", at.strftime("%Y-%m-%dT%H:%M"))
    await page.fill("textarea[name=what]", "泵 P-2 改用备用清洗剂 C-200")
    await page.fill("textarea[name=why]", "C-100 泄漏, 在制品不能停留")
    await page.select_option("select[name=kind]", "software")
    assert await press(page) == 404
    await expect(page.locator("main .refusal[role=alert]")).to_contain_text("AUTH-016")
    await expect(page.locator("textarea[name=why]")).to_have_value("C-100 泄漏, 在制品不能停留")
    await site.look(page, f"change-emergency-refused-{language}")
    await page.fill("input[name=done_by]", "wang.cao")
    await press(page)
    await page.wait_for_url("**/subjects/*")
    await expect(page.locator(".notice")).to_contain_text(said)
    number = plant.scalar("select change_no from change where title = :title", title=title)
    await born(plant.client, f"change-emergency/{number}")
    assert locks(plant, number) == {lot: "incoming"}
    await complete(plant, number, "assess_done", "zhou.shen", form={**ASSESSED, "tasks": [TASK]})
    task = open_task(plant, number, "approve_done")
    approver = await site.enter(other_context, "wu.jingli", language=language, at=f"/tasks/{task.public_id}")
    await expect(approver.locator("main")).not_to_contain_text("change.emergency")
    await approver.check("input[name=outcome][value=approve]")
    await site.look(approver, f"change-emergency-approve-{language}")
    await approver.fill("input[name=password]", PASSWORD)
    await approver.click(".decision button.btn-primary")
    await approver.wait_for_url("**/inbox**")
    assert locks(plant, number) == {lot: "incoming freed"}
    await page.reload()
    await expect(page.locator("main")).to_contain_text("C-100 泄漏")
    await site.look(page, f"change-emergency-page-{language}")
    await page.goto(f"{site.address}/changes/{number}/batches")
    await expect(page.locator("main table")).to_contain_text(lot)
    await site.look(page, f"change-batches-{language}")
    await page.goto(f"{site.address}/lots/{lot}")
    await page.click(f"a[href='/lots/{lot}/versions']")
    await expect(page.locator("main table")).to_contain_text(number)
    await site.look(page, f"change-versions-{language}")
    ran = await (await context.request.get(f"{site.address}/api/v1/changes/{number}/batches")).json()
    assert (ran["counts"]["new"], [one["lot_no"] for one in ran["batches"]]) == (1, [lot])
    under = await (await context.request.get(f"{site.address}/api/v1/lots/{lot}/versions")).json()
    assert [(one["number"], [by["way"] for by in one["changes"]]) for one in under if one["kind"] == "software"] == [
        ("MES 4.2", ["new"])
    ]
    told = await (await context.request.get(f"{site.address}/api/v1/changes/{number}")).json()
    assert told["happened_at"] < told["opened_at"] < told["effective_at"]
    assert (told["happened_by"], told["urgent"]) == (
        "王操" if language == "zh" else "Wang Cao",
        "C-100 泄漏, 在制品不能停留",
    )
