"""A list on a page, taken out by a click: the rows that the page would show, in the reader's words (SCREENS; 21 CFR 11.10(b))."""

import csv
import io
from pathlib import Path

import pytest
from playwright.async_api import BrowserContext, expect
from sqlalchemy import text

from models.kernel.store.act import Actor, act
from tests.support.often import WALKED, WALKED_IN_ENGLISH
from tests.support.servers.site import Site

OLD = text("""
insert into saved_view (person_id, list_key, name, query)
select a.person_id, 'subjects', 'of before', 'colour=red&kind=item&sort=-weight&state=sleeping' from account a where a.login = 'chen.pi'
returning public_id
""")
WHO = "select p.{} from person p join account a on a.person_id = p.id where a.login = :login"


def acting(site: Site, login: str) -> Actor:
    """The person as an actor."""
    return Actor(
        str(site.plant.scalar(WHO.format("public_id"), login=login)),
        site.plant.scalar(WHO.format("name"), login=login),
        "test",
    )


def rows_of(file: Path) -> list[list[str]]:
    """What a spreadsheet makes of it."""
    return list(csv.reader(io.StringIO(file.read_text(encoding="utf-8-sig"), newline="")))


@pytest.mark.parametrize("language", WALKED_IN_ENGLISH)
async def test_the_list_as_it_stands_is_taken_out(site: Site, context: BrowserContext, language: str) -> None:
    page = await site.enter(context, "chen.pi", language, at="/subjects?kind=person&sort=-number")
    shown = await page.locator("[data-row] .row-link").all_inner_texts()
    assert 0 < len(shown) < 50, "one page"
    async with page.expect_download() as started:
        await page.click("a[href^='/subjects.csv']")
    file = await started.value
    assert file.suggested_filename.startswith("人员 " if language == "zh" else "Person ")
    assert " chen.pi " in file.suggested_filename
    rows = rows_of(await file.path())
    assert rows[0][:2] == (["类型", "编号"] if language == "zh" else ["Kind", "Number"])
    assert [row[1] for row in rows[1:]] == shown
    taken = (
        "select query from list_export e join account a on a.person_id = e.person_id where a.login = 'chen.pi' limit 1"
    )
    assert site.plant.scalar(taken) == "kind=person&sort=-number"
    await site.look(page, "subjects-to-export")


async def test_where_nothing_is_shown_nothing_is_taken_out(site: Site, context: BrowserContext) -> None:
    page = await site.enter(context, "chen.pi", at="/subjects?kind=item&number=no-such-thing")
    await expect(page.locator(".filters")).to_be_visible()
    await expect(page.locator("a[href^='/subjects.csv']")).to_have_count(0)


@pytest.mark.parametrize("language", WALKED)
async def test_a_view_is_kept_from_the_list_opened_by_a_click_renamed_and_taken_away(
    site: Site, context: BrowserContext, language: str
) -> None:
    page = await site.enter(context, "chen.pi", language, at="/subjects?kind=item&sort=-number&view=all")
    rows = await page.locator("[data-row] .row-link").all_inner_texts()
    await page.click("a[href^='/views/new']")
    await site.look(page, "view-new")
    await page.click("button.btn-primary")
    await page.fill("input[name=name]", f"料 {language}")
    await page.check("input[name=preset][value=true]")
    await page.click("button.btn-primary")
    await expect(page.locator(".views [aria-current]")).to_have_text(f"料 {language}")
    await site.look(page, "subjects-with-views")
    await page.goto(f"{site.address}/subjects")
    await expect(page.locator(".views [aria-current]")).to_have_text(f"料 {language}")
    assert await page.locator("[data-row] .row-link").all_inner_texts() == rows, "it begins with it"
    await page.goto(f"{site.address}/views/new?list=subjects&query=")
    await page.fill("input[name=name]", f"料 {language.upper()}")
    await page.click("button.btn-primary")
    await expect(page.locator(".refusal")).to_contain_text("VIW-001")
    await site.look(page, "view-refused")
    await page.goto(f"{site.address}/subjects")
    await page.click(".views a[href^='/views/']:not([href*=new])")
    await page.fill("input[name=name]", f"物 {language}")
    await site.look(page, "view-change")
    await page.click("button.btn-primary")
    await expect(page.locator(".views [aria-current]")).to_have_text(f"物 {language}")
    await page.click(".views a[href^='/views/']:not([href*=new])")
    await page.click("form[action$='/remove'] button")
    await page.wait_for_url("**/subjects?view=all")
    await expect(page.locator(".views")).not_to_contain_text(f"物 {language}")


async def test_a_view_of_before_opens_and_says_what_it_opens_without(site: Site, context: BrowserContext) -> None:
    with act(site.plant.engine, acting(site, "chen.pi")) as session:
        key = session.connection().execute(OLD).scalar_one()
    page = await site.enter(context, "chen.pi", at=f"/subjects?kind=item&view={key}")
    await expect(page.locator(".note")).to_contain_text("colour=red、状态=sleeping、排序=weight")
    assert await page.locator("[data-row]").count() > 0
    await site.look(page, "view-of-before")
    await page.click(".views [aria-current]")
    await expect(page.locator(".note")).to_contain_text("colour=red")
