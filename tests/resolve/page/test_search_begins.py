"""What only begins with a text, or is named so: listed by kind, opened when it is the only one (requirement 95)."""

import pytest
from playwright.async_api import BrowserContext, expect
from sqlalchemy import text

from models.kernel.store.act import act, reading
from models.resolve.store import begins_with as beginnings
from tests.support.often import WALKED_IN_ENGLISH
from tests.support.plant.plant import SETUP
from tests.support.plant.recalling import Recalling
from tests.support.servers.site import Site


async def test_the_beginning_of_a_number_or_a_part_of_a_name_finds_it(site: Site, context: BrowserContext) -> None:
    await site.before.material("BG-01", 10)
    await site.before.material("BG-02", 10)
    await site.before.make("BH-77", "BG-01", 5)
    drill = Recalling(site.plant, "RD-2026-771", "drill")
    await drill.open("BG-02")
    page = await site.enter(context, "zheng.shenji")
    for typed, rows in (("bg", 3), ("bg 0", 3), ("ｂｇ－０", 3)):  # the drill is about BG-02
        await page.fill("#search", typed)
        await page.press("#search", "Enter")
        await expect(page.locator("tbody tr")).to_have_count(rows)
        await expect(page.locator("main")).to_contain_text("以此开头")
    await site.look(page, "search-begins")
    for typed, where in (
        ("bh-7", "/lots/BH-77"),
        ("RD-2026-771", "/recalls/RD-2026-771"),
        ("rd-2026-77", "/recalls/RD-2026-771"),
    ):
        await page.fill("#search", typed)
        await page.press("#search", "Enter")
        await page.wait_for_url(site.address + where)
    with reading(site.plant.engine) as session:
        name = session.connection().execute(text("select name from item where item_no = 'PEEK-20'")).scalar_one()
    await page.goto(f"{site.address}/search?text={name[:2]}")
    await expect(page.locator("main")).to_contain_text("PEEK-20")
    assert await site.troubles(page) == []


async def test_a_nonconformance_is_found_by_its_name_in_the_language_of_the_page(
    site: Site, context: BrowserContext
) -> None:
    for lot in ("BGN-01", "BGN-02"):
        await site.plant.receive(lot)
        await site.plant.measure(lot, value="13.00")
        await site.plant.complete(lot, "inspect", "lin.jian", "failed")
    page = await site.enter(context, "wu.jingli")
    for language, said in (("zh", "检验 IQC-BGN-01-1 不合格"), ("en", "Inspection IQC-BGN-01-1 failed")):
        await page.goto(f"{site.address}/search?text=NC-BGN&lang={language}")
        await expect(page.locator("tbody tr", has_text="NC-BGN-01-1")).to_contain_text(said)
    with reading(site.plant.engine) as session:
        for typed in ("BGN-01-1 不合格", "iqc-bgn-01-1 FAILED", "ＢＧＮ-01-1　ｆａｉｌｅｄ", "BGN-01-1\u200b failed"):
            assert [one.number for one in beginnings.find(session, typed).found] == ["NC-BGN-01-1"], typed
    assert await site.troubles(page) == []


@pytest.mark.parametrize("typed", ["%", "_", "!", "-", "B", "", "\u200b", "𠀀" * 300])
async def test_what_is_no_word_finds_nothing_and_breaks_nothing(site: Site, typed: str) -> None:
    with reading(site.plant.engine) as session:
        assert beginnings.find(session, typed) == beginnings.Beginnings()


async def test_of_many_the_first_are_shown_and_that_there_are_more(site: Site) -> None:
    with act(site.plant.engine, SETUP) as session:
        session.connection().execute(
            text(
                "insert into customer (customer_no, name) select 'MANY-' || n, '百合_医院' || n from generate_series(1, 21) n"
            )
        )
        for typed in ("many", "百合_", "MANY-"):
            found = beginnings.find(session, typed)
            assert ([one.kind for one in found.found], found.more) == (["customer"] * beginnings.MOST, True)
        assert beginnings.find(session, "百合%").found == ()


@pytest.mark.parametrize("language", WALKED_IN_ENGLISH)
async def test_a_label_that_says_something_else_is_read_before_anything_opens(
    site: Site, context: BrowserContext, language: str
) -> None:
    """The goods in the hand and the record don't agree: the difference first, the batch behind a click (ISO 13485 7.5.8)."""
    number = f"R-LBL-{language}"
    await site.plant.receive(number)
    page = await site.enter(context, "lin.jian", language)
    other, agrees = f"(10){number}(17)300101", f"(10){number}"
    await page.fill("#search", other)
    await page.press("#search", "Enter")
    main = page.locator("main")
    await expect(main.locator(".refusal")).to_contain_text("LOT-031")
    await expect(main.locator(".refusal")).to_contain_text("2030-01-01")
    await expect(main).to_contain_text("与实物核对后再打开" if language == "zh" else "before you open it")
    await site.look(page, "search-differs")
    await page.click("a.row-link")
    await expect(page.locator("h1")).to_contain_text(number)
    await page.goto(f"{site.address}/trace/{other}?direction=both")
    await expect(main.locator(".refusal")).to_contain_text("LOT-031")
    await site.look(page, "trace-differs")
    await page.fill("#search", agrees)
    await page.press("#search", "Enter")
    await page.wait_for_url(f"{site.address}/lots/{number}")
