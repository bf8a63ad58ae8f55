"""A temporary change from the form to its end, on the real stack; and in depth the list of changes with none, three and three hundred."""

from datetime import UTC, datetime, timedelta

import pytest
from playwright.async_api import BrowserContext, expect

from tests.change.asking import agreed, effective, item, verified
from tests.change.test_temporary import today
from tests.support.often import DEEP, WALKED_IN_ENGLISH
from tests.support.plant.plant import PASSWORD
from tests.support.processes.matter import open_task, stages
from tests.support.servers.database import past_walls
from tests.support.servers.press import press
from tests.support.servers.site import Site
from tests.support.servers.until import born, until
from workflows.temporal import start

WORDS = {
    "zh": ("任务已在待办中", "按临时变更", "已恢复旧方式"),
    "en": ("its task is in the inbox", "Made under the temporary change", "The old way is effective again"),
}
MANY = """
with made as (
  insert into change (change_no, title, title_en, reason, kind, target, opened_by_id, opened_at, status, closed_at, approved_at, approved_by_id)
  select 'CHG-2025-' || lpad(n::text, 4, '0'), '改用清洗剂 ' || n, 'Cleaning agent ' || n, '停产', 'software', 'MES ' || n, (select min(id) from person),
         now() - n * interval '1 day', s, case when s in ('closed', 'refused', 'withdrawn') then now() end,
         case when s in ('approved', 'closed', 'withdrawn') then now() end, case when s in ('approved', 'closed', 'withdrawn') then (select max(id) from person) end
    from generate_series(1, %s) n cross join lateral (select (array['open', 'approved', 'closed', 'refused', 'withdrawn'])[1 + n %% 5] as s) x
  returning subject_id, change_no, title, title_en, opened_at)
insert into subject (id, kind, number, title, title_en, site_id, opened_at)
  select subject_id, 'change', change_no, title, title_en, (select min(id) from site), opened_at from made
"""


@pytest.mark.parametrize("language", WALKED_IN_ENGLISH)
async def test_from_the_form_to_its_end(
    site: Site, context: BrowserContext, other_context: BrowserContext, language: str
) -> None:
    plant, (said, under, back) = site.plant, WORDS[language]
    await start.ensure_outbox(plant.client)
    goods = item(plant, f"TP-{language.upper()}")
    page = await site.enter(context, "lin.jian", language=language, at="/changes/new")
    for name, value in {"title": f"Temporary {language}", "target": goods, "batches": "0"}.items():
        await page.fill(f"input[name={name}]", value)
    await page.fill("textarea[name=reason]", "新件未到货")
    await page.select_option("select[name=kind]", "item")
    await page.fill("input[name=until]", (today(plant) + timedelta(days=20)).isoformat())
    assert await press(page) == 422
    await expect(page.locator("main .refusal[role=alert]")).to_contain_text("CHG-030")
    await page.fill("input[name=batches]", "1")
    await site.look(page, f"change-temporary-new-{language}")
    await press(page)
    await page.wait_for_url("**/subjects/*")
    await expect(page.locator(".notice")).to_contain_text(said)
    number = plant.scalar("select change_no from change where target = :target", target=goods)
    await born(plant.client, f"change-temporary/{number}")
    await agreed(plant, number)
    task = open_task(plant, number, "approve")
    approver = await site.enter(other_context, "wu.jingli", language=language, at=f"/tasks/{task.public_id}")
    await expect(approver.locator("main")).not_to_contain_text("change.approval")
    await approver.check("input[name=outcome][value=approve]")
    await site.look(approver, f"change-temporary-approve-{language}")
    await approver.fill("input[name=password]", PASSWORD)
    await approver.click(".decision button.btn-primary")
    await approver.wait_for_url("**/inbox**")
    await verified(plant, number)
    await effective(plant, number)
    await until(lambda: "say" in stages(plant, number))
    await other_context.clear_cookies()
    asked = await site.enter(
        other_context, "zhou.shen", language=language, at=f"/tasks/{open_task(plant, number, 'say').public_id}"
    )
    await site.look(asked, f"change-temporary-asked-{language}")
    lot = f"TP-{language.upper()}-1"
    await plant.receive(lot, item_no=goods)
    await until(lambda: stages(plant, number) == ["close"])
    await page.goto(f"{site.address}/lots/{lot}")
    await expect(page.locator("main")).to_contain_text(under)
    await site.look(page, f"change-temporary-batch-{language}")
    subject = plant.scalar("select s.public_id from subject s where s.number = :n", n=number)
    await page.goto(f"{site.address}/subjects/{subject}")
    await expect(page.locator("main")).to_contain_text(back)
    await site.look(page, f"change-temporary-page-{language}")
    await page.goto(f"{site.address}/changes/{number}/batches")
    await expect(page.locator("main table")).to_contain_text(lot)
    await site.look(page, f"change-temporary-batches-{language}")
    told = await (await context.request.get(f"{site.address}/api/v1/changes/{number}")).json()
    assert (told["most_batches"], told["made"], told["ended_by"], told["extensions"]) == (1, 1, "number", [])
    assert datetime.fromisoformat(told["ended_at"]) <= datetime.now(UTC)


@pytest.mark.skipif(not DEEP, reason="three hundred rows are looked at in depth")
@pytest.mark.parametrize("language", WALKED_IN_ENGLISH)
async def test_the_list_with_none_three_and_three_hundred(site: Site, context: BrowserContext, language: str) -> None:
    page = await site.enter(context, "zhou.shen", language=language, at="/subjects?kind=change&q=CHG-2025")
    await site.look(page, f"changes-none-{language}")
    there = site.plant.scalar("select count(*) from change where change_no like 'CHG-2025-%'")
    for many in (3, 300):
        with past_walls(site.plant.engine) as connection:
            connection.exec_driver_sql("delete from subject where number like 'CHG-2025-%%'")
            connection.exec_driver_sql("delete from change where change_no like 'CHG-2025-%%'")
            connection.exec_driver_sql(MANY, (many,))
        await page.goto(f"{site.address}/subjects?kind=change&q=CHG-2025")
        await expect(page.locator("main")).to_contain_text("CHG-2025-0001")
        await site.look(page, f"changes-{many}-{language}")
    assert there == 0
    with past_walls(site.plant.engine) as connection:
        connection.exec_driver_sql("delete from subject where number like 'CHG-2025-%%'")
        connection.exec_driver_sql("delete from change where change_no like 'CHG-2025-%%'")
