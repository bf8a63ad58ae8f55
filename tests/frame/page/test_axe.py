"""axe is asked wherever something is on a page that was on none before, and what it found once is found again (`tests/support/axe.py`)."""

import pytest
from playwright.async_api import Page

from tests.support.axe import BUILT, violations
from tests.support.often import DEEP

GOOD = (
    '<!doctype html><html lang="zh-CN"><title>批次</title><main><h1>批次</h1><label for="lot">批号</label>'
    '<input id="lot" name="lot"><button type="button">保存</button><p style="color: #222">说明</p></main>'
)


def in_english(said: str) -> str:
    """The same page in other words."""
    for zh, en in {"批次": "Batches", "批号": "Batch number", "保存": "Save", "说明": "A note"}.items():
        said = said.replace(zh, en)
    return said


@pytest.mark.parametrize(
    ("good", "bad", "rule"),
    [
        ('for="lot"', 'for="lots"', "label"),
        ('id="lot"', 'id="lots"', "label"),
        ('<label for="lot">批号</label>', "", "label"),
        ("保存", " ", "button-name"),
        ('type="button"', 'type="button" role="row"', "aria-required-parent"),
        ("#222", "#ddd", "color-contrast"),
        ('<p style="color: #222">', '<p role="checkbox">', "aria-required-attr"),
        ("<p ", "<ul><p ", "list"),
        ("<title>批次</title>", "<title> </title>", "document-title"),
    ],
)
async def test_a_page_that_axe_would_refuse_is_not_taken_for_one_that_it_has_read(
    page: Page, good: str, bad: str, rule: str
) -> None:
    await page.set_content(GOOD)
    assert await violations(page) == []
    await page.set_content(GOOD.replace(good, bad))
    first = await violations(page)
    assert rule in {one["id"] for one in first}
    await page.set_content(in_english(GOOD.replace(good, bad)))
    assert {one["id"] for one in await violations(page)} == {one["id"] for one in first}, "and again in other words"


async def test_a_page_in_other_words_is_built_the_same(page: Page) -> None:
    await page.set_content(GOOD)
    built = await page.evaluate(BUILT)
    await page.set_content(in_english(GOOD.replace("zh-CN", "en")))
    assert await page.evaluate(BUILT) == built
    await page.set_content(GOOD.replace("<input", "<input checked"))
    assert await page.evaluate(BUILT) != built


@pytest.mark.skipif(DEEP, reason="in depth axe reads every page")
async def test_a_page_with_nothing_new_on_it_is_not_read_again(page: Page) -> None:
    """With the suite; which things stand there and how often is no matter."""
    for said in (GOOD, in_english(GOOD), GOOD.replace("<button", '<button type="button">打印</button><button')):
        await page.goto("about:blank")
        await page.set_content(GOOD)
        await violations(page)
        await page.goto("about:blank")
        await page.set_content(said)
        assert await violations(page) == []
        assert not await page.evaluate("'axe' in window")
