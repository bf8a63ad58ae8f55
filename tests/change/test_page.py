"""A change from the form to the batches that go on, on the real stack: asked for, signed by the areas, approved, decided; read over HTTP."""

import pytest
from playwright.async_api import BrowserContext, Page, expect

from tests.change.asking import TRAINED, agreed, locks
from tests.support.often import WALKED
from tests.support.plant.plant import PASSWORD
from tests.support.processes.matter import complete, open_task
from tests.support.servers.press import press
from tests.support.servers.site import Site
from tests.support.servers.until import born
from workflows.temporal import start

WORDS = {"zh": ("改用新供方的棒料", "任务已在待办中"), "en": ("Rods of another supplier", "its task is in the inbox")}


@pytest.mark.parametrize("language", WALKED)
async def test_from_the_form_to_batches_that_go_on(
    site: Site, context: BrowserContext, other_context: BrowserContext, language: str
) -> None:
    title, said = WORDS[language]
    plant, lot = site.plant, f"PG-{language.upper()}-1"
    await start.ensure_outbox(plant.client)
    await plant.receive(lot)
    await plant.measure(lot)
    page = await site.enter(context, "lin.jian", language=language, at="/changes/new")
    await page.fill("input[name=title]", title)
    await page.fill("textarea[name=reason]", "旧供方停产")
    await page.select_option("select[name=kind]", "item")
    await page.fill("input[name=target]", "NONE-1")
    assert await press(page) == 404
    await expect(page.locator("main .refusal[role=alert]")).to_contain_text("CHG-004")
    await expect(page.locator("input[name=title]")).to_have_value(title)
    await site.look(page, f"change-refused-{language}")
    await page.select_option("select[name=kind]", "software")
    await page.fill("input[name=target]", "MES 4.2")
    await page.fill("input[name=lot_nos]", lot)
    await site.look(page, f"change-new-{language}")
    await press(page)
    await page.wait_for_url("**/subjects/*")
    await expect(page.locator(".notice")).to_contain_text(said)
    here = page.url.partition("?")[0]
    number = plant.scalar("select change_no from change where title = :title", title=title)
    # not the one of another plant that had this number before, and may have ended on the server that all tests share
    await born(plant.client, f"change/{number}")
    await _planned(site, other_context, number, language)
    task = open_task(plant, number, "approve")
    approver = await site.enter(other_context, "wu.jingli", language=language, at=f"/tasks/{task.public_id}")
    await site.look(approver, f"change-approve-{language}")
    await approver.check("input[name=outcome][value=approve]")
    await approver.fill("input[name=password]", PASSWORD)
    await approver.click(".decision button.btn-primary")
    await approver.wait_for_url("**/inbox**")
    assert locks(plant, number) == {lot: "incoming"}
    await _paused(site, page, number, lot, language)
    await page.goto(here)
    await site.look(page, f"change-page-{language}")
    await other_context.clear_cookies()
    await _decided(site, other_context, number, language)
    await plant.complete(lot, "inspect", "lin.jian", "accepted")
    await _worked(site, other_context, number, language)
    await page.goto(here)
    await _closed(site, page, other_context, number, lot, language)
    await page.goto(here)
    await expect(page.locator("main")).to_contain_text(lot)
    await site.look(page, f"change-closed-{language}")
    await _told(site, context, number, lot)
    await page.goto(f"{site.address}/subjects?kind=change")
    await expect(page.locator("main")).to_contain_text(number)
    await site.look(page, f"changes-{language}")


async def _paused(site: Site, page: Page, number: str, lot: str, language: str) -> None:
    """Where the inspector stands the step says why it waits, and so does the page of the batch."""
    await page.goto(f"{site.address}/tasks/{site.plant.task(lot, 'inspect').public_id}")
    await expect(page.locator("main")).to_contain_text("CHG-001")
    await site.look(page, f"change-paused-step-{language}")
    await page.goto(f"{site.address}/lots/{lot}")
    await expect(page.locator("main")).to_contain_text(number)
    await site.look(page, f"change-paused-batch-{language}")


async def _decided(site: Site, context: BrowserContext, number: str, language: str) -> None:
    """All that wait, by one signature."""
    task = open_task(site.plant, number, "batches")
    decider = await site.enter(context, "chen.pi", language=language, at=f"/tasks/{task.public_id}")
    await decider.check("input[name=rest][value=new_way]")
    await decider.check("input[name=outcome][value=decide]")
    await decider.fill("textarea[name=reason]", "已评估")
    await expect(decider.locator("main")).not_to_contain_text("change.batches")
    await site.look(decider, f"change-decide-{language}")
    await decider.fill("input[name=password]", PASSWORD)
    await decider.click(".decision button.btn-primary")
    await decider.wait_for_url("**/inbox**")


async def _planned(site: Site, context: BrowserContext, number: str, language: str) -> None:
    """The assessment as its person sees it; what they answer goes in by the door."""
    task = open_task(site.plant, number, "assess")
    page = await site.enter(context, "zhou.shen", language=language, at=f"/tasks/{task.public_id}")
    await expect(page.locator("main")).to_contain_text(number)
    await site.look(page, f"change-plan-{language}")
    await context.clear_cookies()
    await agreed(site.plant, number, training=[TRAINED])


async def _worked(site: Site, context: BrowserContext, number: str, language: str) -> None:
    """Its owner carries the task out and signs; somebody else sees that and verifies it."""
    plant = site.plant
    for login, stage in (("zhao.liu", "carry_process_owner"), ("chen.pi", "verify")):
        await context.clear_cookies()
        page = await site.enter(
            context, login, language=language, at=f"/tasks/{open_task(plant, number, stage).public_id}"
        )
        await expect(page.locator("main")).to_contain_text("修订 SOP-17")
        await expect(page.locator("main")).not_to_contain_text(
            f"change.{'task' if stage != 'verify' else 'verification'}"
        )
        await page.fill("[name=evidence]", "SOP-17 v3")
        if stage == "verify":
            await page.check("input[name=outcome][value=verified]")
        else:
            await page.fill("textarea[name=said]", "已修订")
        await site.look(page, f"change-{stage}-{language}")
        await page.fill("input[name=password]", PASSWORD)
        await page.click(".decision button.btn-primary")
        await page.wait_for_url("**/inbox**")


async def _closed(site: Site, page: Page, context: BrowserContext, number: str, lot: str, language: str) -> None:
    """The page says who isn't trained yet; then they are, it takes effect and is closed."""
    await expect(page.locator("main")).to_contain_text("王操" if language == "zh" else "Wang Cao")
    await site.look(page, f"change-worked-{language}")
    await complete(site.plant, number, "read_operator", "wang.cao", signed=True)
    task = open_task(site.plant, number, "put_into_effect")
    await context.clear_cookies()
    manager = await site.enter(context, "wu.jingli", language=language, at=f"/tasks/{task.public_id}")
    await manager.check("input[name=effective][value=from_batch]")
    await manager.fill("input[name=effective_batch]", lot)
    await manager.check("input[name=outcome][value=effective]")
    await site.look(manager, f"change-effect-{language}")
    await manager.fill("input[name=password]", PASSWORD)
    await manager.click(".decision button.btn-primary")
    await manager.wait_for_url("**/inbox**")
    await complete(site.plant, number, "close", "wu.jingli", "close", form={"done": "按新方式生产"})


async def _told(site: Site, context: BrowserContext, number: str, lot: str) -> None:
    told = await (await context.request.get(f"{site.address}/api/v1/changes/{number}")).json()
    assert (told["number"], told["status"], told["undecided"]) == (number, "closed", 0)
    assert [(one["lot_no"], one["step"], one["decision"]) for one in told["batches"]] == [(lot, "incoming", "new_way")]
    assert told["impact"]["counts"]["lots"] == 1
    assert [(one["kind"], one["title"], one["done_by"] is not None) for one in told["tasks"]] == [
        ("task", "修订 SOP-17", True),
        ("training", "SOP-17 v3", True),
    ]
    assert (told["verified_by"], told["effective_batch"]) != (None, None)
