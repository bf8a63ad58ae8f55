"""A CAPA from the form to its plan, on the real stack: opened by quality, planned with a table, fixed by another; read over HTTP."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from playwright.async_api import BrowserContext, expect

from models.capa.messages import OpenCapa
from models.nonconformance.messages import RaiseNonconformance
from tests.support.often import WALKED, often
from tests.support.plant.plant import PASSWORD
from tests.support.processes.matter import complete, open_task
from tests.support.servers.database import past_walls
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
    assert (told["number"], told["status"], told["extensions"], told["findings"], told["batches"]) == (
        number,
        "open",
        0,
        [],
        0,
    )
    [one] = told["rounds"]
    assert (one["measure"], one["limit"], one["least"], one["fixed_by"] is not None, one["result"]) == (
        "failed_share",
        "2.5",
        5,
        True,
        None,
    )
    await _is_on_paper(context, site, f"capas/{number}")
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


async def _is_on_paper(context: BrowserContext, site: Site, what: str) -> None:
    """Through the page and the API."""
    for address in (f"/{what}/pdf", f"/api/v1/{what}/pdf"):
        paper = await context.request.get(f"{site.address}{address}")
        assert (paper.status, paper.headers["content-type"]) == (200, "application/pdf")
        assert (await paper.body()).startswith(b"%PDF-")


@pytest.mark.parametrize("language", WALKED)
async def test_which_batches_it_is_about_and_what_is_like_a_finding(
    site: Site, context: BrowserContext, language: str
) -> None:
    await start.ensure_outbox(site.plant.client)
    command = OpenCapa(command_id=str(uuid4()), by=site.plant.by("zhou.shen"), title="毛刺")
    number = str((await start.ask(site.plant.client, command)).data["number"])
    page = await site.enter(context, "zhou.shen", language=language, at="/quality")
    await site.plant.receive("R-CAPA-1", 10)
    await page.goto(f"{site.address}/capas/{number}/scope")
    await site.look(page, f"capa-scope-empty-{language}")
    await page.fill("input[name=lot_no]", "R-NONE")
    await page.fill("textarea[name=reason]", "同一批棒料")
    assert await press(page) == 404
    await expect(page.locator("main .refusal[role=alert]")).to_contain_text("LOT-001")
    await page.fill("input[name=lot_no]", "R-CAPA-1")
    await press(page)
    await expect(page.locator("main")).to_contain_text("R-CAPA-1")
    await site.look(page, f"capa-scope-{language}")
    raised = [
        RaiseNonconformance(command_id=str(uuid4()), by=site.plant.by("li.cang"), title="毛刺", lot_no="R-CAPA-1")
        for _ in range(2)
    ]
    finding, like = [str((await start.ask(site.plant.client, one)).data["number"]) for one in raised]
    about = site.plant.scalar("select public_id from subject where number = :n", n=finding)
    await page.goto(f"{site.address}/subjects/{about}")
    await site.look(page, f"finding-alike-{language}")
    await page.click(f"a[href*='other={like}']")
    await site.look(page, f"similar-{language}")
    await press(page)
    await page.wait_for_url("**/subjects/*")
    await expect(page.locator(".notice")).to_contain_text(like)
    answer = await context.request.get(f"{site.address}/api/v1/nonconformances/{finding}")
    await _is_on_paper(context, site, f"nonconformances/{finding}")
    [alike] = [one for one in (await answer.json())["similar"] if one["number"] == like]
    assert (alike["confirmed"], alike["reasons"][0]) == (True, ["lot", "R-CAPA-1"])
    answer = await context.request.get(f"{site.address}/api/v1/capas/{number}/scope")
    told = await answer.json()
    assert ([one["lot_no"] for one in told["items"]], told["total"]) == (["R-CAPA-1"], 1)


MANY = often(60, 300)
"""Open cases on a full board."""
COPIES = """
with one as (select c.*, r.id as run_id from capa c join process_run r on r.subject_id = c.subject_id where c.capa_no = %(of)s),
made as (insert into capa (capa_no, title, opened_at) select %(of)s || '-' || n, title, now() - n * interval '1 day' from one, generate_series(1, %(n)s) n
  returning subject_id, capa_no, title, opened_at),
about as (insert into subject (id, kind, number, title, owner_id, opened_at)
  select m.subject_id, 'capa', m.capa_no, m.title, (select min(id) from person), m.opened_at from made m),
runs as (insert into process_run (workflow_id, definition_id, subject_id, state)
  select 'capa/' || m.capa_no, r.definition_id, m.subject_id,
         jsonb_set(r.state, '{open}', jsonb_build_array(jsonb_build_object('key',
           (array['judge', 'plan', 'approve', 'carry_out', 'verify', 'watch', 'close'])[1 + m.subject_id %% 7], 'opened_at', now(), 'tracks', '[]'::jsonb)))
    from made m, one o join process_run r on r.id = o.run_id returning id, subject_id)
insert into human_task (run_id, process, stage, kind, subject_id, role, due_at, opened_at)
  select r.id, 'capa', 'x', 'task', r.subject_id, 'qa_reviewer', now() + (r.subject_id %% 9 - 3) * interval '1 day', now() from runs r
"""


async def test_the_board_with_none_with_a_few_and_with_many(site: Site, context: BrowserContext) -> None:
    with past_walls(site.plant.engine) as connection:
        connection.exec_driver_sql("update capa set status = 'withdrawn', closed_at = now() where status = 'open'")
    page = await site.enter(context, "zhou.shen", at="/capas")
    await expect(page.locator("main .nothing")).to_be_visible()
    await site.look(page, "capa-board-0")
    numbers = []
    for title in ("柄部毛刺反复出现", "包装封口强度下降", "环氧乙烷灭菌残留偏高, 两次复测结果不一致"):
        command = OpenCapa(command_id=str(uuid4()), by=site.plant.by("zhou.shen"), title=title)
        numbers.append(str((await start.ask(site.plant.client, command)).data["number"]))
    await page.reload()
    await expect(page.locator(".board-case")).to_have_count(3)
    await expect(page.locator(".board h2")).to_contain_text("遏制和调查")
    await site.look(page, "capa-board-3")
    with past_walls(site.plant.engine) as connection:
        connection.exec_driver_sql(COPIES, {"of": numbers[0], "n": MANY - 3})
    await page.reload()
    await expect(page.locator(".sums a").first).to_contain_text(str(MANY))
    await expect(page.locator(".board > section")).to_have_count(8)
    await site.look(page, "capa-board-300")
    # every figure opens the cases behind it, as many as it says
    for figure in (*(await page.locator(".sums a").all()), *(await page.locator(".board h2 a").all())):
        said, href = await figure.inner_text(), await figure.get_attribute("href")
        answer = await context.request.get(f"{site.address}{href}")
        rows = (await answer.text()).count("<tr data-row>")
        assert rows == int("".join(one for one in said if one.isdigit())), (said, href)
    await page.goto(f"{site.address}/capas?show=late")
    await site.look(page, "capa-board-late")
    english = await site.enter(context, "zhou.shen", language="en", at="/capas")
    await site.look(english, "capa-board-300-en")
