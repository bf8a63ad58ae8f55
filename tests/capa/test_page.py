"""A CAPA from the form to its plan, on the real stack: opened by quality, planned with a table, fixed by another; read over HTTP."""

from datetime import date, timedelta

import pytest
from playwright.async_api import BrowserContext, expect

from tests.support.often import WALKED
from tests.support.plant.plant import PASSWORD
from tests.support.processes.matter import complete, open_task
from tests.support.servers.press import press
from tests.support.servers.site import Site
from workflows.temporal import start

WORDS = {"zh": ("柄部毛刺反复出现", "任务已在待办中"), "en": ("Burrs at the stem again", "its tasks are in the inbox")}
INVESTIGATED = {
    "problem": "毛刺", "method": "five_why", "steps": [{"asked": "为什么", "found": "刀具磨损"}], "cause": "换刀周期", "cause_class": "tool",
}  # fmt: skip


def in_days(days: int) -> str:
    return (date.today() + timedelta(days=days)).isoformat()  # noqa: DTZ011 - the plant's day, give or take one


@pytest.mark.parametrize("language", WALKED)
async def test_from_the_form_to_a_plan_that_another_fixes(
    site: Site, context: BrowserContext, other_context: BrowserContext, language: str
) -> None:
    title, said = WORDS[language]
    await start.ensure_outbox(site.plant.client)
    page = await site.enter(context, "zhou.shen", language=language, at="/capas/new")
    await site.look(page, f"capa-new-{language}")
    await page.fill("input[name=title]", title)
    await page.fill("input[name=nonconformances]", "NC-NONE")
    assert await press(page) == 404
    await expect(page.locator("main .refusal[role=alert]")).to_contain_text("CAP-002")
    await expect(page.locator("input[name=title]")).to_have_value(title)
    await site.look(page, f"capa-refused-{language}")
    await page.fill("input[name=nonconformances]", "")
    await press(page)
    await page.wait_for_url("**/subjects/*")
    await expect(page.locator(".notice")).to_contain_text(said)
    number = site.plant.scalar("select capa_no from capa where title = :title", title=title)
    await complete(site.plant, number, "contain", "zhou.shen", form={"containment": "已隔离"})
    await complete(site.plant, number, "investigate", "zhou.shen", form=INVESTIGATED)
    await complete(site.plant, number, "judge", "zhou.shen", "needed", signed=False)
    task = open_task(site.plant, number, "plan")
    await page.goto(f"{site.address}/tasks/{task.public_id}")
    await site.look(page, f"capa-plan-{language}")
    action = {
        "title": "缩短换刀周期",
        "kind": "corrective",
        "area": "production",
        "owner": "wang.cao",
        "due": in_days(10),
    }
    form = {
        "actions": [action],
        "measure": "failed_share",
        "direction": "at_most",
        "limit": "2.5",
        "least": 5,
        "measure_on": in_days(90),
    }
    await complete(site.plant, number, "plan", "zhou.shen", form=form)
    task = open_task(site.plant, number, "approve")
    approver = await site.enter(other_context, "chen.pi", language=language, at=f"/tasks/{task.public_id}")
    await site.look(approver, f"capa-approve-{language}")
    await approver.check("input[name=outcome][value=approve]")
    await approver.fill("input[name=password]", PASSWORD)
    await approver.click(".decision button.btn-primary")
    await approver.wait_for_url("**/inbox**")
    subject = site.plant.scalar("select public_id from subject where number = :n", n=number)
    await page.goto(f"{site.address}/subjects/{subject}")
    await expect(page.locator("main")).to_contain_text("2.5")
    await site.look(page, f"capa-{language}")
    answer = await context.request.get(f"{site.address}/api/v1/capas/{number}")
    told = await answer.json()
    assert (told["number"], told["status"], told["extensions"], told["findings"]) == (number, "open", 0, [])
    [one] = told["rounds"]
    assert (one["measure"], one["limit"], one["least"], one["fixed_by"] is not None, one["result"]) == (
        "failed_share",
        "2.5",
        5,
        True,
        None,
    )
    # its trail has the rows of its plan too, by its page and by its number
    trail = await context.request.get(f"{site.address}/api/v1/audit?subject={number}")
    tables = {one["table_name"] for one in (await trail.json())["items"]}
    assert {"capa", "capa_plan", "human_task", "signature"} <= tables
    await page.goto(f"{site.address}/subjects/{subject}/audit")
    await expect(page.locator("main")).to_contain_text(
        {"zh": "措施和有效性标准", "en": "Actions and criterion"}[language]
    )
    await site.look(page, f"capa-trail-{language}")
    await page.goto(f"{site.address}/subjects?kind=capa")
    await expect(page.locator("main")).to_contain_text(number)
    await site.look(page, f"capas-{language}")
