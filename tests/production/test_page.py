"""Production on pages: open an order, record operations, refusals where the operator stands, on the real stack."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from playwright.async_api import BrowserContext, Page, expect

from models.equipment.tables import Calibration, Equipment
from models.kernel.store.act import act
from tests.support.plant.plant import SETUP
from tests.support.servers.press import press
from tests.support.servers.site import Site


async def open_order(page: Page, site: Site, lot_no: str) -> None:
    """赵流 opens an order of two operations."""
    await page.goto(site.address + "/work-orders/new")
    await page.check("input[name=item_no][value=HIP-12]")
    for name, value in (("work_order_no", f"WO-{lot_no}"), ("lot_no", lot_no), ("quantity", "50"), ("expires_on", "2031-10"), ("document", "SOP-HIP"), ("document_version", "4")):  # fmt: skip
        await page.fill(f"input[name={name}]", value)
    await page.select_option("select[name=location]", "LINE-2")
    steps = (("机加工", "Machining", "MACH", "machining", "machining_centre"), ("清洗", "Cleaning", "CLEAN", "cleaning", ""))  # fmt: skip
    for place, step in enumerate(steps):
        for name, value in zip(("title_zh", "title_en", "code", "qualification", "equipment_kind"), step, strict=True):
            await page.locator(f"input[name=step_{name}]").nth(place).fill(value)
    await page.locator("select[name=step_environment]").nth(1).select_option("true")


async def work(page: Page, lot: str = "", quantity: str = "", equipment: str = "") -> None:
    """王操 fills in what they did."""
    just_now = f"{datetime.now(ZoneInfo('Asia/Shanghai')):%Y-%m-%dT%H:%M}"
    await page.fill("input[name=started_at]", just_now)
    await page.fill("input[name=finished_at]", just_now)
    await page.check("input[name=people][value='wang.cao']")
    if equipment:
        await page.check(f"input[name=equipment][value='{equipment}']")
    if lot:
        await page.locator("input[name=consume_lot]").first.fill(lot)
        await page.locator("input[name=consume_quantity]").first.fill(quantity)


async def test_a_planner_opens_an_order_with_its_routing(site: Site, context: BrowserContext) -> None:
    planner = await site.enter(context, "zhao.liu", at="/work-orders")
    await site.look(planner, "work-orders-empty")
    await open_order(planner, site, "H-WO-0")
    await planner.click("button[name=more]")
    await expect(planner.locator("input[name=step_seq]")).to_have_count(6)
    await expect(planner.locator("input[name=step_title_zh]").first).to_have_value("机加工")
    await site.look(planner, "work-order-new")
    await planner.click("main button.btn-primary")
    await planner.wait_for_url("**/work-orders/WO-H-WO-0")
    await expect(planner.locator(".plan li")).to_have_count(2)
    assert await planner.locator("#record").count() == 0, "the planner doesn't record operations"


async def asked(page: Page, **values: str) -> None:
    """The first reading that the order asks for; its limits can be read only."""
    for name, value in values.items():
        await expect(page.locator(f"input[name=environment_{name}]").first).to_have_value(value)
    await expect(page.locator("input[name=environment_lower]").first).not_to_be_editable()


async def test_a_batch_is_made_operation_by_operation(site: Site, context: BrowserContext) -> None:
    with_time(site)
    await site.before.material("R-WO-1")
    await site.plant.order("H-WO-1")
    page = await site.enter(context, "wang.cao", at="/work-orders/WO-H-WO-1")
    await expect(page.locator("#record h2")).to_contain_text("10 机加工")
    await expect(page.locator("label", has_text="G-18")).to_contain_text("校准过期")
    await expect(page.locator("label", has_text="钱新")).to_contain_text("没有资质 机加工")
    await site.look(page, "work-order")

    await work(page, "R-WO-1", "500", "M-07")
    assert await press(page, "#record button.btn-primary") == 409
    await expect(page.locator(".scanrow .error")).to_contain_text("只有 100 件")
    await expect(page.locator("input[name=consume_quantity]").first).to_have_value("500")
    await expect(page.locator("input[name=equipment][value='M-07']")).to_be_checked()
    await site.look(page, "work-order-refused")

    await page.locator("input[name=consume_quantity]").first.fill("50")
    await page.locator("select[name=consume_uom]").first.select_option("kg")
    assert await press(page, "#record button.btn-primary") == 422
    await expect(page.locator(".scanrow .error")).to_contain_text("千克 不能换算成批次 R-WO-1 的单位 件")
    await expect(page.locator("select[name=consume_uom]").first).to_have_value("kg")

    await page.locator("input[name=consume_lot]").first.fill("p88 r wo 1")
    await page.locator("select[name=consume_uom]").first.select_option("")
    await page.locator("input[name=consume_quantity]").first.fill("50 件")
    await page.locator("input[name=parameter_name]").first.fill("主轴转速")
    await page.locator("input[name=parameter_value]").first.fill("3200")
    await page.locator("input[name=parameter_unit]").first.fill("rpm")
    await page.click("#record button.btn-primary")
    await expect(page.locator(".notice")).to_contain_text("工序 10 已记录")
    await expect(page.locator("#record h2")).to_contain_text("20 清洗")
    await expect(page.locator("table.list").first).to_contain_text("R-WO-1")
    await expect(page.locator("table.list").first).to_contain_text("3200 rpm")

    await work(page, equipment="W-03")
    await page.fill("input[name=produced]", "48")
    await page.fill("input[name=scrapped]", "2")
    await page.click("#record button.btn-primary")
    await expect(page.locator("#record .refusal")).to_contain_text("必须记录环境数据")
    # what is asked for and its limits are the order's; whoever records can't change them
    await asked(page, name="humidity", unit="%", lower="30", upper="60")
    await page.locator("input[name=environment_value]").first.fill("45")
    await page.click("#record button.btn-primary")
    await expect(page.locator(".notice")).to_contain_text("成品检验已在待办中")
    assert await page.locator("#record").count() == 0
    await site.look(page, "work-order-finished")
    assert site.plant.status("H-WO-1") == "finished"

    await page.goto(site.address + "/lots/H-WO-1")
    await expect(page.locator("table.matrix")).to_be_visible()
    await expect(page.locator(".relatives").first).to_contain_text("R-WO-1")
    await site.look(page, "lot-made")
    await page.goto(site.address + "/work-orders")
    await expect(page.locator("tr", has_text="WO-H-WO-1")).to_contain_text("2 / 2")
    await site.look(page, "work-orders")


def with_time(site: Site) -> None:
    """Qualifications and calibrations that held at the time of work in these tests."""
    from sqlalchemy import text

    with act(site.plant.engine, SETUP) as session:
        session.connection().execute(text("update qualification set valid_from = '2025-01-01'"))


async def test_another_order_like_an_earlier_one_starts_filled_in(site: Site, context: BrowserContext) -> None:
    await site.plant.order("H-LIKE")
    page = await site.enter(context, "zhao.liu", at="/work-orders/WO-H-LIKE")
    await page.click("text=照此再下一单")
    await expect(page.locator("input[name=step_title_zh]").nth(1)).to_have_value("清洗")
    await expect(page.locator("input[name=item_no][value=HIP-12]")).to_be_checked()
    await page.fill("input[name=work_order_no]", "WO-H-LIKE")
    await page.fill("input[name=lot_no]", "H-LIKE-2")
    await page.click("main button.btn-primary")
    await expect(page.locator(".refusal")).to_contain_text("WO-H-LIKE 已经存在")
    await expect(page.locator("input[name=lot_no]")).to_have_value("H-LIKE-2")
    await page.locator("input[name=step_seq]").first.fill("一")
    await page.click("main button.btn-primary")
    await expect(page.locator("td.error")).to_contain_text("要填数字")


async def test_an_unknown_order_is_a_page_with_the_sentence(site: Site, context: BrowserContext) -> None:
    page = await site.enter(context, "wang.cao")
    answer = await page.goto(site.address + "/work-orders/WO-NONE")
    assert answer is not None
    assert answer.status == 404
    await expect(page.locator(".refusal")).to_contain_text("找不到生产订单「WO-NONE」")


async def test_work_of_before_is_told_with_what_ran_out_since(site: Site, context: BrowserContext) -> None:
    """What a machine or a person could do then is not read off today: the form warns, and the rule takes the told time."""
    with_time(site)
    now = datetime.now(UTC)
    await site.before.material("R-WO-7")
    await site.plant.order("H-WO-7")
    with act(site.plant.engine, SETUP) as session:
        made = Equipment(equipment_no="M-08", name="加工中心 8", kind="machining_centre", needs_calibration=True)
        session.add(made)
        session.flush()
        session.add(
            Calibration(equipment_id=made.id, performed_at=now - timedelta(days=30), due_at=now - timedelta(hours=1))
        )
    page = await site.enter(context, "wang.cao", at="/work-orders/WO-H-WO-7")
    await expect(page.locator("label", has_text="M-08")).to_contain_text("校准过期")
    await work(page, "R-WO-7", "50", "M-08")
    assert await press(page, "#record button.btn-primary") == 409
    await expect(page.locator("#record")).to_contain_text("M-08 的校准已于")
    then = f"{(now - timedelta(hours=3)).astimezone(ZoneInfo('Asia/Shanghai')):%Y-%m-%dT%H:%M}"
    await page.fill("input[name=started_at]", then)
    await page.fill("input[name=finished_at]", then)
    await page.click("#record button.btn-primary")
    await expect(page.locator(".notice")).to_contain_text("工序 10 已记录")
    codes = "select string_agg(code, ' ') from nonconformance n join lot l on l.id = n.lot_id where l.lot_no = 'H-WO-7'"
    assert site.plant.scalar(codes) == "LOT-020"  # the material came after; the machine was good
