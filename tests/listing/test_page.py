"""A list on a page, taken out by a click: the rows that the page would show, in the reader's words (SCREENS; 21 CFR 11.10(b))."""

import csv
import io
from pathlib import Path

import pytest
from playwright.async_api import BrowserContext, expect

from tests.support.servers.site import Site


def rows_of(file: Path) -> list[list[str]]:
    """What a spreadsheet makes of it."""
    return list(csv.reader(io.StringIO(file.read_text(encoding="utf-8-sig"), newline="")))


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_the_list_as_it_stands_is_taken_out(site: Site, context: BrowserContext, language: str) -> None:
    page = await site.enter(context, "chen.pi", language)
    await page.goto(f"{site.address}/subjects?kind=person&sort=-number")
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
    page = await site.enter(context, "chen.pi")
    await page.goto(f"{site.address}/subjects?kind=item&number=no-such-thing")
    await expect(page.locator(".filters")).to_be_visible()
    await expect(page.locator("a[href^='/subjects.csv']")).to_have_count(0)
