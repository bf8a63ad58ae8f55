"""The trace health page: empty, checked by hand, with findings that lead to their lots; by plain forms (REQ 26)."""

from playwright.async_api import BrowserContext, expect
from sqlalchemy import text

from tests.support.servers.database import past_walls
from tests.support.servers.press import press
from tests.support.servers.site import Site
from tests.support.servers.until import until

RUNS = "select count(*) from trace_health_run"


async def test_a_check_by_hand_shows_what_the_record_lacks(
    site: Site, context: BrowserContext, other_context: BrowserContext
) -> None:
    await site.before.material("R-H")
    await site.before.make("H-H", "R-H")
    page = await site.enter(context, "sun.zhao", at="/trace")
    await page.click("text=追溯体检")
    await expect(page.locator(".nothing")).to_contain_text("还没有做过体检")
    await site.look(page, "health-empty")
    await page.click("button >> text=现在检查")
    await expect(page.locator(".notice")).to_contain_text("检查已开始")
    await until(lambda: site.plant.scalar(RUNS) == 1)
    await page.goto(site.address + "/trace-health")
    await expect(page.locator("h1")).to_contain_text("100")
    await expect(page.locator(".nothing")).to_contain_text("没有发现问题")
    await site.look(page, "health-clean")
    with past_walls(site.plant.engine) as connection:
        connection.execute(text("update lot set supplier_lot_no = null where lot_no = 'R-H'"))
        connection.execute(text("update item set category = '髋关节' where item_no = 'HIP-12'"))
    await press(page, "button >> text=现在检查")
    await until(lambda: site.plant.scalar(RUNS) == 2)
    await page.goto(site.address + "/trace-health")
    main = page.locator("main")
    await expect(page.locator("h1")).to_contain_text("50")
    await expect(main).to_contain_text("髋关节")
    await expect(main).to_contain_text("孙召")
    await site.look(page, "health-findings")
    await page.click("text=没有供方批号")
    await expect(page.locator("tr[aria-current]")).to_contain_text("TRC-103")
    await page.click("a.code >> text=R-H")
    await expect(page.locator("h1")).to_contain_text("R-H")
    operator = await site.enter(other_context, "wang.cao", "en", at="/trace-health?family=raw")
    await expect(operator.locator("main")).to_contain_text("Imbalance")
    assert await operator.locator("text=Check now").count() == 0
    await site.look(operator, "health-operator")
