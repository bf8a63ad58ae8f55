"""A plant founded by page, up to its first released and shipped batch (DESIGN 12; REQUIREMENTS 121).

By page alone in depth; with the suite those colleagues who come in as another did by page come in over the API.
"""

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect
from temporalio.testing import WorkflowEnvironment

from models.plant.rules.founding import key
from runtime.settings import Settings
from tests.support.application import SECRET, pages
from tests.support.axe import violations
from tests.support.histories import end_all
from tests.support.house.codes import OWN
from tests.support.often import DEEP, WALKED, often
from tests.support.plant.founding import Office, day, minute
from tests.support.plant.plant import polling
from tests.support.servers.browser import PATIENCE
from tests.support.servers.database import TestDatabase
from tests.support.servers.press import press
from tests.support.servers.server import serving
from tests.support.servers.site import ROOT

PEOPLE = (
    ("wu.jingli", "吴经理", ("quality_manager", "qa_approver")),
    ("zhou.shen", "周审", ("qa_reviewer",)),
    ("lin.jian", "林检", ("inspector",)),
    ("wang.cao", "王操", ("operator",)),
    ("li.cang", "李仓", ("warehouse",)),
    ("zhao.liu", "赵流", ("process_owner",)),
)
PLACES = (("RCV", "收货区", "quarantine"), ("LINE-1", "一号线", "line"), ("FG-1", "成品库", "storage"))
DIAMETER = {
    "name_zh": "直径", "name_en": "Diameter", "kind": "variable", "unit": "mm", "lower": "19.90", "upper": "20.10",
    "sample_size": 2, "equipment_kind": "caliper",
}  # fmt: skip
FINAL = {
    "code": "FQC-CLIP", "title": "FQC-CLIP", "stage": "final", "item_no": "CLIP", "qualification": "inspection",
    "reason": "首版", "characteristics": [DIAMETER],
}  # fmt: skip


@pytest_asyncio.fixture
async def address(
    fresh_database: TestDatabase, temporal_env: WorkflowEnvironment, tmp_path: Path
) -> AsyncIterator[str]:
    """An installation without a plant, at work: pages, worker, Temporal, PostgreSQL."""
    settings = Settings(
        database_url=fresh_database.api_url,
        temporal_address=temporal_env.client.service_client.config.target_host,
        temporal_namespace=temporal_env.client.namespace,
        home=tmp_path,
        secret=SECRET,
    )
    with temporal_env.with_time_skipping_disabled():
        async with polling(fresh_database.engine, temporal_env.client):
            with pages(settings) as app, serving(app) as made:
                yield made
            await end_all(temporal_env.client)


async def look(page: Page, name: str) -> None:
    """Nothing is wider than a tablet, and axe finds nothing; with PICTURES set, its pictures are kept."""
    before = page.viewport_size
    for size, (width, height) in {"tablet": (1024, 768), "desktop": (1440, 900)}.items():
        await page.set_viewport_size({"width": width, "height": height})
        assert await page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
        if os.environ.get("PICTURES"):
            folder = ROOT / ".artifacts/site"
            folder.mkdir(parents=True, exist_ok=True)
            language = await page.evaluate("document.documentElement.lang.slice(0, 2)")
            await page.screenshot(path=folder / f"{name}-{size}-{language}.png", full_page=True)
    assert await violations(page) == []
    if before:
        await page.set_viewport_size(before)


@pytest.mark.timeout(900)
@pytest.mark.parametrize("language", WALKED)
async def test_a_plant_founded_by_page_releases_and_ships_its_first_batch(
    address: str, fresh_database: TestDatabase, browser: Browser, language: str
) -> None:
    expect.set_options(timeout=PATIENCE)
    office = Office(browser, address, fresh_database.url, language)
    try:
        await found(office)
        await people(office)
        await master_data(office)
        await ready(office)
        await receive(office, f"R-{language}")
        await make(office, f"R-{language}", f"B-{language}")
        await release(office, f"B-{language}")
        await ship(office, f"B-{language}")
    finally:
        await office.close()


async def found(office: Office) -> None:
    """The first page, refused and taken, and the administrator's own password."""
    page = await office.tab("ma.li")
    await page.goto(f"{office.address}/?lang={office.language}")
    await page.wait_for_url("**/found")
    await page.goto(f"{office.address}/found?lang={office.language}")
    await look(page, "found")
    for name, value in (("name", "昆明工厂"), ("administrator", "马丽"), ("login", "ma.li"), ("employee_no", "1")):
        await page.fill(f"input[name={name}]", value)
    await page.fill("input[name=key]", "AAAA-AAAA")
    await page.click("button.btn-primary")
    await expect(page.locator(".refusal")).to_be_visible()
    await expect(page.locator("input[name=name]")).to_have_value("昆明工厂")
    await look(page, "found-refused")
    await page.fill("input[name=key]", key(SECRET.get_secret_value().encode()))
    await page.click("button.btn-primary")
    await expect(page.locator("main")).to_contain_text("马丽")
    await page.fill("input[name=name]", "马丽")
    await page.check("input[name=binding]")
    for name in ("new", "again"):
        await page.fill(f"input[name={name}]", OWN)
    await look(page, "found-own")
    await page.click("button.btn-primary")
    await page.wait_for_url("**/inbox")
    await look(page, "inbox-empty-plant")
    await page.goto(f"{office.address}/found")
    assert not page.url.endswith("/found")
    await page.goto(f"{office.address}/plant")
    await look(page, "plant-empty")


async def people(office: Office) -> None:
    """Colleagues with one-time codes: the first by the administrator and the server, the others by two."""
    for number, (login, name, roles) in enumerate(PEOPLE, 2):
        if number > often(3, len(PEOPLE) + 1):
            await office.bring("ma.li", number, login, name, *roles, by="wu.jingli")
            continue
        await office.hire("ma.li", number, login, name, *roles)
        await office.begin(login, name, "ma.li", "server" if number == 2 else "wu.jingli")
    await look(await office.tab("zhao.liu"), "inbox-first-day")


async def master_data(office: Office) -> None:
    """Places, partners, items, a gauge, plans and skills; with the suite one of each on its page, the second at the same door."""
    for number, (code, name, kind) in enumerate(PLACES):
        if number and not DEEP:
            await office.send("zhao.liu", "/locations", {"code": code, "name": name, "kind": kind})
        else:
            await office.add("zhao.liu", "places", code=code, name=name, kind=kind)
    await office.add("zhao.liu", "suppliers", supplier_no="S-1", name="甲材料有限公司", status="approved")
    await office.add("zhao.liu", "customers", customer_no="C-1", name="第一医院", country="CN")
    rod = {"item_no": "ROD", "name": "PEEK 棒料", "kind": "raw"}
    if DEEP:
        await office.add("zhao.liu", "items", **rod, implantable="false")
    else:
        await office.send("zhao.liu", "/items", {**rod, "implantable": False})
    await office.add(
        "zhao.liu", "items", item_no="CLIP", name="固定夹", kind="finished", implantable="false", gtin="06901234567892"
    )
    await office.add("zhao.liu", "bills", item_no="CLIP", component_no="ROD", quantity="1")
    await office.add("zhao.liu", "equipment", equipment_no="G-1", name="数显卡尺", kind="caliper")
    await office.add(
        "zhao.liu", "calibrations", equipment_no="G-1", performed_at=minute(60), due_at=f"{day(180):%Y-%m-%d}", certificate="CAL-1"
    )  # fmt: skip
    await plan(office, "IQC-ROD", "incoming", "ROD")
    if DEEP:
        await plan(office, "FQC-CLIP", "final", "CLIP")
    else:
        await office.send("wu.jingli", "/inspection-plans", FINAL)
    await office.qualify("wu.jingli", "lin.jian", "inspection")
    await office.qualify("wu.jingli", "wang.cao", "machining")


async def plan(office: Office, code: str, stage: str, item: str) -> None:
    """What is measured of an item, and with which kind of gauge."""
    page = await office.tab("wu.jingli")
    await page.goto(f"{office.address}/plant/plans/new")
    await office.fill(page, code=code, title=code, stage=stage, item_no=item, qualification="inspection", reason="首版")
    await office.fill(page, line_name_zh="直径", line_name_en="Diameter", line_kind="variable", line_unit="mm", line_lower="19.90", line_upper="20.10", line_equipment_kind="caliper")  # fmt: skip
    await page.locator("input[name=line_sample_size]").first.fill("2")
    assert await press(page) < 400, await page.locator("main").inner_text()


async def ready(office: Office) -> None:
    """Nothing is missing any more."""
    page = await office.tab("zhao.liu")
    await page.goto(f"{office.address}/plant")
    await look(page, "plant-ready")
    await expect(page.locator("main .wait")).to_have_count(0)


async def inspect(office: Office, batch: str) -> None:
    """林检 measures two pieces with the gauge, and signs."""
    page = await office.task("lin.jian", batch)
    for name in ("1.1", "1.2"):
        await page.fill(f"input[name='{name}']", "20.00")
    await page.check("input[name='gauge.caliper'][value='G-1']")
    await page.click("button[name=save]")
    await expect(page.locator("input[name=outcome][value=accepted]")).to_be_checked()
    await office.sign(page, "accepted")


async def put_away(office: Office, batch: str) -> None:
    """李仓 puts it on the shelf."""
    page = await office.task("li.cang", batch)
    await office.fill(page, location="FG-1")
    await page.click("main button.btn-primary")
    await page.wait_for_url("**/inbox")


async def receive(office: Office, lot_no: str) -> None:
    """Rods arrive, are inspected and put away."""
    page = await office.tab("li.cang")
    await page.goto(f"{office.address}/lots/receive")
    await office.fill(page, item_no="ROD", lot_no=lot_no, supplier_no="S-1", supplier_lot_no="P88-1", quantity="50", location="RCV")  # fmt: skip
    assert await press(page) < 400, await page.locator("main").inner_text()
    await let_in(office, lot_no)
    await inspect(office, lot_no)
    await put_away(office, lot_no)


async def let_in(office: Office, lot_no: str) -> None:
    """A plant that begins from nothing has approved nobody yet: 吴经理 lets the first lot in by a signature."""
    page = await office.tab("wu.jingli")
    await page.goto(f"{office.address}/lots/{lot_no}")
    await expect(page.locator("main")).to_contain_text("S-1")
    await page.locator("summary.btn").first.click()
    await page.fill("#lift-1", "首批, 供应商评估进行中")
    await page.fill("#lift-password-1", OWN)
    await press(page, "form[data-draft*='/lift'] button.btn-primary")


async def make(office: Office, material: str, lot_no: str) -> None:
    """An order, its one operation, the final inspection, packing with labels."""
    page = await office.tab("zhao.liu")
    await page.goto(f"{office.address}/work-orders/new")
    await office.fill(page, item_no="CLIP", work_order_no=f"WO-{lot_no}", lot_no=lot_no, quantity="20", location="LINE-1", document="SOP-1", document_version="1", step_title_zh="机加工", step_title_en="Machining", step_code="MACH", step_qualification="machining")  # fmt: skip
    assert await press(page) < 400, await page.locator("main").inner_text()
    page = await office.tab("wang.cao")
    await page.goto(f"{office.address}/work-orders/WO-{lot_no}")
    await office.fill(page, started_at=minute(2), finished_at=minute(1), consume_lot=material, consume_quantity="20", produced="20", scrapped="0")  # fmt: skip
    await page.check("input[name=people][value='wang.cao']")
    assert await press(page, "#record button.btn-primary") < 400, await page.locator("main").inner_text()
    await inspect(office, lot_no)
    page = await office.task("wang.cao", lot_no)
    await office.fill(page, packed_quantity="20", labels_printed="21", labels_applied="20", labels_scrapped="1", samples_kept="0")  # fmt: skip
    await page.click("main button.btn-primary")
    await page.wait_for_url("**/inbox")


async def release(office: Office, lot_no: str) -> None:
    """Two people sign; the record is clean."""
    for login in ("zhou.shen", "wu.jingli"):
        page = await office.task(login, lot_no)
        await look(page, f"first-release-{login}")
        await expect(page.locator(".exceptions")).to_have_count(0)
        await office.sign(page, "release")
    await put_away(office, lot_no)


async def ship(office: Office, lot_no: str) -> None:
    """The customer gets it, and the trace says so."""
    page = await office.tab("li.cang")
    await page.goto(f"{office.address}/shipments/new")
    await office.fill(page, shipment_no=f"SH-{lot_no}", customer_no="C-1", ship_lot=lot_no, ship_quantity="20")
    assert await press(page) < 400, await page.locator("main").inner_text()
    await page.goto(f"{office.address}/trace/{lot_no}?direction=both")
    await look(page, "first-trace")
    await expect(page.locator("main")).to_contain_text("第一医院")
    await expect(page.locator("main")).to_contain_text("P88-1")
