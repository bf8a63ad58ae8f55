"""The page of any subject: a sample, of which no standing file knows, is read and reached without a page of its own."""

import re
from collections.abc import Iterator

import pytest
import pytest_asyncio
from playwright.async_api import BrowserContext, expect
from sqlmodel import select

from models.kernel.store.act import act
from models.process.tables.process import HumanTask
from models.process.tables.subject import RunLink, Subject
from tests.process.sample.installed import FORM, begin, do, furnish, handed_in
from tests.support.often import WALKED, WALKED_IN_ENGLISH
from tests.support.plant.plant import SETUP, Plant
from tests.support.servers.database import TestDatabase
from tests.support.servers.site import Site
from tests.support.servers.until import born
from workflows.temporal.start import ensure_outbox

ID = "select public_id from subject where kind = :kind and number = :number"


@pytest.fixture(scope="module", autouse=True)
def known() -> Iterator[None]:
    """The noun is handed in, as by a word in the list of nouns."""
    with handed_in():
        yield


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def desk(site: Site, site_database: TestDatabase) -> Plant:
    """The plant of the site, which has samples."""
    furnish(site_database.owner_url, site.plant.engine)
    await ensure_outbox(site.plant.client)
    return site.plant


def link(desk: Plant, number: str, lot: str, role: str) -> None:
    """A run about the sample touches a batch."""
    with act(desk.engine, SETUP) as session:
        about = session.exec(select(Subject).where(Subject.kind == "sample", Subject.number == number)).one()
        other = session.exec(select(Subject).where(Subject.kind == "lot", Subject.number == lot)).one()
        run = session.exec(select(HumanTask.run_id).where(HumanTask.subject_id == about.id).distinct()).one()
        session.add(RunLink(run_id=run, subject_id=other.id, role=role))


def address(site: Site, kind: str, number: str) -> str:
    return f"{site.address}/subjects/{site.plant.scalar(ID, kind=kind, number=number)}"


@pytest.mark.parametrize("language", WALKED_IN_ENGLISH)
async def test_a_thing_without_a_page_of_its_own_is_read_whole(
    site: Site, desk: Plant, context: BrowserContext, language: str
) -> None:
    zh, number, lot = language == "zh", f"SP-{language}", f"SPL-{language}"
    await site.before.material(lot, 100)
    await born(desk.client, begin(desk.engine, number))
    await do(desk, number, "lin.jian", form=FORM)
    await do(desk, number, "zhou.shen", "back", reason="再写清楚")
    link(desk, number, lot, "affected")
    page = await site.enter(context, "zheng.shenji", language)
    await page.goto(address(site, "sample", number))
    await expect(page.locator("h1")).to_have_text(f"{'样例' if zh else 'Sample'} {number} {number}")
    await expect(page.locator(".kicker")).to_have_text("样例" if zh else "sample")
    tasks, runs_, links = (
        page.locator("section", has=page.locator(f"h2:text-is('{head}')"))
        for head in (("待办", "流程", "关联") if zh else ("To do", "Processes", "Has to do with"))
    )
    await expect(tasks.locator("[data-row]")).to_have_count(1)
    await expect(tasks).to_contain_text("写下" if zh else "Write it down")
    await expect(runs_).to_contain_text("样例 v1" if zh else "Sample v1")
    await expect(links).to_contain_text("受影响" if zh else "affected")
    await expect(links.locator("a.row-link")).to_have_attribute("href", f"/lots/{lot}")
    await expect(page.locator(".signatures li")).to_have_count(1)
    await expect(page.locator(".signatures")).to_contain_text("再写清楚")
    await site.look(page, "subject-sample")
    # to its run and back
    await page.click("#runs a.row-link")
    await expect(page).to_have_url(re.compile("/runs/"))
    await page.click(f".facts a:has-text('{number}')")
    await expect(page.locator("#runs")).to_be_visible()
    # to its step, whose page leads back
    await page.click(f"a.row-link:has-text('{'写下' if zh else 'Write it down'}')")
    await expect(page.locator("h1 a")).to_have_attribute(
        "href", address(site, "sample", number).removeprefix(site.address)
    )
    await site.look(page, "subject-sample-task")


async def test_it_is_reached_from_the_inbox_and_by_its_number(site: Site, desk: Plant, context: BrowserContext) -> None:
    begin(desk.engine, "SP-FIND")
    page = await site.enter(context, "lin.jian", at="/inbox?view=claimable&process=sample")
    row = page.locator("li.task", has_text="SP-FIND")
    await expect(row).to_contain_text("样例")
    await row.locator("a.code").click()
    await expect(page).to_have_url(address(site, "sample", "SP-FIND"))
    await page.fill("#search", "SP-FIND")
    await page.press("#search", "Enter")
    await expect(page).to_have_url(address(site, "sample", "SP-FIND"))


@pytest.mark.parametrize("language", WALKED)
async def test_all_of_a_kind_are_listed_sorted_and_narrowed_by_the_address(
    site: Site, desk: Plant, context: BrowserContext, language: str
) -> None:
    for n in range(52):
        if desk.scalar(ID, kind="sample", number=f"SL-{n:02}") is None:
            begin(desk.engine, f"SL-{n:02}")
    page = await site.enter(context, "lin.jian", language, at="/quality")
    await page.click(f"text={'全部事项' if language == 'zh' else 'All matters'}")
    await page.click(f".tabs a:has-text('{'样例' if language == 'zh' else 'sample'}')")
    await page.fill("#filter-number", "sl-")
    await page.press("#filter-number", "Enter")
    await expect(page.locator("[data-row]")).to_have_count(50)
    await page.click(f"thead a:has-text('{'编号' if language == 'zh' else 'Number'}')")
    await expect(page.locator("th[aria-sort=ascending]")).to_have_count(1)
    await expect(page.locator("[data-row] a.row-link").first).to_have_text("SL-00")
    await expect(page.locator("[data-row]").first).to_contain_text("1 项待办" if language == "zh" else "1 task")
    await site.look(page, "subjects")
    await page.click("a[rel=next]")
    await expect(page.locator("[data-row] a.row-link")).to_have_text(["SL-50", "SL-51"])
    # the address is the whole of it: a colleague who is sent it sees the same
    other = await site.enter(context, "zhou.shen", language)
    await other.goto(page.url)
    await expect(other.locator("[data-row] a.row-link")).to_have_text(["SL-50", "SL-51"])
    await other.select_option("#filter-state", "ended")
    await expect(other.locator(".nothing")).to_be_visible()
    await site.look(other, "subjects-empty")
    await other.goto(f"{site.address}/subjects?kind=sample&cursor=nonsense")
    await expect(other.locator(".refusal")).to_contain_text("API-440")
    await other.goto(f"{site.address}/subjects?kind=lot")
    await expect(other).to_have_url(f"{site.address}/lots")


async def test_its_trail_is_for_who_may_read_trails(site: Site, desk: Plant, context: BrowserContext) -> None:
    begin(desk.engine, "SP-TRAIL")
    page = await site.enter(context, "zheng.shenji")
    await page.goto(address(site, "sample", "SP-TRAIL"))
    await page.click("text=全部审计追踪")
    await expect(page.locator("h1 a")).to_have_text("样例 SP-TRAIL")
    await expect(page.locator("tbody")).to_contain_text("新增")
    trail = page.url
    page = await site.enter(context, "lin.jian")
    await page.goto(address(site, "sample", "SP-TRAIL"))
    await expect(page.locator("#runs")).to_be_visible()
    await expect(page.locator("text=审计追踪")).to_have_count(0)
    await page.goto(trail)
    await expect(page.locator(".error-page")).to_contain_text("AUTH-005")


async def test_a_batch_and_a_machine_have_one_too(site: Site, context: BrowserContext) -> None:
    await site.before.material("SP-LOT", 100)
    page = await site.enter(context, "zheng.shenji")
    await page.goto(address(site, "lot", "SP-LOT"))
    await expect(page.locator(".head-side a")).to_have_attribute("href", "/lots/SP-LOT")
    await expect(page.locator("#runs [data-row]").first).to_be_visible()
    await site.look(page, "subject-lot")
    await page.goto(address(site, "equipment", "G-17"))
    await expect(page.locator(".kicker")).to_have_text("设备")
    await expect(page.locator(".head-side")).to_contain_text("校准合格")
    await site.look(page, "subject-equipment")


async def test_a_subject_that_is_none_is_said(site: Site, context: BrowserContext) -> None:
    page = await site.enter(context, "zheng.shenji", at="/subjects/0197a1b2-0000-7000-8000-000000000000")
    await expect(page.locator(".error-page")).to_contain_text("PRC-405")
