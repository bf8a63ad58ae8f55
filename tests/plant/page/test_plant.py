"""Setting up the plant on pages: every register's list and form, refusals where they were typed (DESIGN 12)."""

import os

import pytest
from playwright.async_api import BrowserContext, Page, expect
from sqlalchemy import text

from tests.support.axe import violations
from tests.support.often import DEEP, WALKED
from tests.support.servers.database import past_walls
from tests.support.servers.press import press
from tests.support.servers.site import ROOT, Site
from ui.plant.view.plant import REGISTERS


async def look(page: Page, name: str) -> None:
    """Nothing is wider than a tablet, and axe finds nothing; with PICTURES set, its pictures are kept."""
    for size, (width, height) in {"tablet": (1024, 768), "desktop": (1440, 900)}.items():
        await page.set_viewport_size({"width": width, "height": height})
        assert await page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
        if os.environ.get("PICTURES"):
            language = await page.evaluate("document.documentElement.lang.slice(0, 2)")
            (ROOT / ".artifacts/site").mkdir(parents=True, exist_ok=True)
            await page.screenshot(path=ROOT / f".artifacts/site/{name}-{size}-{language}.png", full_page=True)
    assert await violations(page) == []


@pytest.mark.parametrize("language", WALKED)
async def test_every_register_has_a_list_and_a_form(site: Site, context: BrowserContext, language: str) -> None:
    page = await site.enter(context, "zhao.liu", language, at="/plant")
    await look(page, "plant")
    for key in REGISTERS:
        await page.goto(f"{site.address}/plant/{key}")
        await look(page, f"plant-{key}")
        if key != "plans":
            await page.click(".head-side a.btn-primary")
            await page.wait_for_url(f"**/plant/{key}/new")
            await look(page, f"plant-{key}-new")
    await expect(page.locator(".head-side a.btn-primary")).to_have_count(0)
    assert (await page.request.get(f"{site.address}/plant/plans/new")).status == 403, "quality makes plans"


async def test_a_place_of_before_gets_its_kind_with_a_reason(site: Site, context: BrowserContext) -> None:
    with past_walls(site.plant.engine) as connection:
        connection.execute(
            text("insert into location (code, name, kind, origin) values ('旧-01', '旧仓', 'undecided', 'migrated')")
        )
    page = await site.enter(context, "zhao.liu", at="/plant/kinds")
    await expect(page.locator("[data-row]")).to_contain_text("旧-01")
    await look(page, "plant-kinds-one")
    await page.click(".head-side a.btn-primary")
    await page.select_option("select[name=code]", "旧-01")
    await page.select_option("select[name=kind]", "quarantine")
    await page.evaluate("document.querySelector('[name=reason]').required = false")
    assert await press(page) == 422
    await expect(page.locator("select[name=code]")).to_have_value("旧-01")
    await page.fill("[name=reason]", "升级后由仓库核对")
    await press(page)
    await expect(page.locator(".notice")).to_contain_text("旧-01")
    await expect(page.locator("[data-row]")).to_have_count(0)
    why = "select reason from audit_event where table_name = 'location' order by id desc limit 1"
    assert site.plant.scalar("select kind from location where code = '旧-01'") == "quarantine"
    assert site.plant.scalar(why) == "升级后由仓库核对"


@pytest.mark.parametrize("language", WALKED)
async def test_what_an_upgrade_leaves_to_people_is_listed_with_where_it_is_decided(
    site: Site, context: BrowserContext, language: str
) -> None:
    with past_walls(site.plant.engine) as connection:
        connection.execute(
            text("insert into location (code, name, kind, origin) values (:code, '旧仓', 'undecided', 'migrated')"),
            {"code": f"旧-{language}"},
        )
        connection.execute(
            text(
                "insert into lot (lot_no, item_id, kind, status, quantity, origin, supplier_lot_no) select :lot, min(id), 'raw',"
                " 'received', 1, 'migrated', ']C10106901234567892' || '10PL-77' from item"
            ),
            {"lot": f"(01)06901234567892(17)280331(10)旧-{language}"},
        )
    page = await site.enter(context, "zhao.liu", language, at="/plant")
    await look(page, "plant-with-undecided")
    await page.click("#undecided a")
    await expect(page.locator("#places")).to_contain_text(f"旧-{language}")
    for empty in ("alike", "recalls"):
        await expect(page.locator(f"#{empty} [data-row]")).to_have_count(0)
    await expect(page.locator("#labels [data-row]", has_text=f"旧-{language}")).to_have_count(2)
    await expect(page.locator("#labels")).to_contain_text("PL-77")
    await look(page, "plant-undecided")
    await page.click(f"#places a:text-is('旧-{language}')")
    await page.wait_for_url("**/plant/kinds/new")
    await page.select_option("select[name=code]", f"旧-{language}")
    await page.select_option("select[name=kind]", "quarantine")
    await page.fill("[name=reason]", "升级后由仓库核对")
    await press(page)
    await page.goto(f"{site.address}/plant/undecided")
    await expect(page.locator("#places [data-row]")).to_have_count(0)
    await look(page, "plant-undecided-none")


async def test_an_item_that_cannot_be_is_refused_and_keeps_what_was_typed(site: Site, context: BrowserContext) -> None:
    page = await site.enter(context, "zhao.liu", at="/plant/items/new")
    for name, value in (("item_no", "KN-7"), ("name", "膝关节垫 7"), ("gtin", "00888480539392"), ("shelf_life_months", "60")):  # fmt: skip
        await page.fill(f"input[name={name}]", value)
    for name, value in (("kind", "finished"), ("implantable", "true"), ("sterile", "true")):
        await page.check(f"input[name={name}][value={value}]")
    assert await press(page) == 422
    await expect(page.locator(".refusal")).to_contain_text("校验位不正确，应为 1")
    await expect(page.locator("input[name=name]")).to_have_value("膝关节垫 7")
    await expect(page.locator("input[name=implantable][value=true]")).to_be_checked()
    await look(page, "plant-items-refused")
    await page.fill("input[name=gtin]", "00888480539391")
    await press(page)
    await expect(page.locator(".notice")).to_contain_text("已保存：KN-7")
    await expect(page.locator("tr", has_text="KN-7")).to_contain_text("00888480539391")
    await page.goto(f"{site.address}/plant/items/new")
    await page.fill("input[name=item_no]", "kn 7")
    await page.fill("input[name=name]", "同一个")
    await page.check("input[name=kind][value=finished]")
    await page.check("input[name=implantable][value=false]")
    assert await press(page) == 409
    await expect(page.locator(".refusal")).to_contain_text("KN-7")


@pytest.mark.parametrize("language", WALKED)
async def test_a_plan_is_made_row_by_row_and_its_next_version_supersedes_it(
    site: Site, context: BrowserContext, language: str
) -> None:
    page = await site.enter(context, "wu.jingli", language)
    kind = {"zh": "raw", "en": "component"}[language]
    await page.goto(f"{site.address}/plant/plans")
    standing = page.locator("tr", has_text=f"IQC-{kind}").locator("td").first
    code = str(await standing.text_content())
    await page.goto(f"{site.address}/plant/plans/new")
    await page.fill("input[name=code]", code)
    await page.fill("input[name=title]", "进料")
    await page.check("input[name=stage][value=incoming]")
    await page.select_option("select[name=item_kind]", kind)
    await page.fill("input[name=reason]", "加测直径")
    await page.locator("input[name=line_name_zh]").nth(0).fill("外观")
    await page.locator("input[name=line_name_en]").nth(2).fill("Diameter")
    await page.locator("select[name=line_kind]").nth(2).select_option("variable")
    await page.locator("input[name=line_unit]").nth(2).fill("mm")
    await page.locator("input[name=line_lower]").nth(2).fill("19.9a")
    assert await press(page) == 422
    await expect(page.locator("td.error")).to_have_count(1)
    await expect(page.locator("input[name=line_name_en]").nth(2)).to_have_value("Diameter")
    await look(page, "plant-plans-refused")
    await page.click("button[name=more]")
    await expect(page.locator("input[name=line_lower]")).to_have_count(6)
    await page.locator("input[name=line_lower]").nth(2).fill("１９.９５")
    await press(page)
    await page.goto(f"{site.address}/plant/plans?q={code}")
    first = page.locator("tbody tr").first
    await expect(first.locator("td").nth(1)).to_have_text("2")
    await expect(first).to_contain_text("Diameter")
    await look(page, "plant-plans-made")


@pytest.mark.parametrize("language", WALKED if DEEP else ["en"])
async def test_an_item_gets_an_english_name_and_the_later_of_two_is_told(
    site: Site, context: BrowserContext, language: str
) -> None:
    number = f"NM/{language}"
    with past_walls(site.plant.engine) as connection:
        connection.execute(
            text("insert into item (item_no, name, kind, uom) values (:number, '缝合针', 'finished', 'pcs')"),
            {"number": number},
        )
    page = await site.enter(context, "zhao.liu", language, at=f"/plant/items?q={number}")
    await look(page, f"plant-named-list-{language}")
    await page.click("[data-row] a")
    await page.wait_for_url("**/name")
    await expect(page.locator("input[name=name]")).to_have_value("缝合针")
    await look(page, "plant-name")
    await page.fill("input[name=name_en]", "Suture needle")
    await page.fill("input[name=reason]", "补充英文名称")
    with past_walls(site.plant.engine) as connection:
        connection.execute(text("update item set name = '缝针' where item_no = :number"), {"number": number})
    assert await press(page) == 409
    await expect(page.locator(".refusal")).to_contain_text("MST-011")
    await expect(page.locator("input[name=name_en]")).to_have_value("Suture needle")
    await expect(page.locator("main strong").first).to_have_text("缝针")
    await look(page, "plant-name-refused")
    await page.fill("input[name=name]", "缝针")
    await press(page)
    await expect(page.locator(".notice")).to_contain_text(number)
    await expect(page.locator("[data-row]")).to_contain_text("缝针" if language == "zh" else "Suture needle")
    why = "select reason from audit_event where table_name = 'item' order by id desc limit 1"
    assert site.plant.scalar(why) == "补充英文名称"
    assert (await page.request.get(f"{site.address}/plant/items/NOBODY/name")).status == 404
    other = await site.enter(context, "chen.pi", language)
    assert (await other.request.get(f"{site.address}/plant/items/{number}/name")).status == 403
