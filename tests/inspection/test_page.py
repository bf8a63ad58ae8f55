"""Inspecting, packing and putting away on their pages: partial results, corrections with a reason, the verdict, forms."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import httpx
from playwright.async_api import BrowserContext, expect

from runtime.ports import NO_TLS
from tests.support.plant.plant import PASSWORD
from tests.support.servers.site import Site, href


async def test_results_are_saved_bit_by_bit_and_signed_when_all_are_there(site: Site, context: BrowserContext) -> None:
    await site.plant.receive("R-I-1", 60)
    page = await site.enter(context, "lin.jian")
    await page.goto(href(site, "R-I-1", "inspect"))
    await expect(page.locator("h3")).to_contain_text("为什么不能签")
    await expect(page.locator(".refusal.quiet")).to_contain_text("外观")
    await page.select_option("select[name='1.1']", "pass")
    await page.fill("input[name='2.1']", "12.O1")
    await page.click("button[name=save]")
    await expect(page.locator(".refusal[role=alert]")).to_contain_text("1 个值不是数字")
    await expect(page.locator("input[name='2.1']")).to_have_value("12.O1")
    await expect(page.locator("select[name='1.1']")).to_have_value("pass")
    await site.look(page, "inspection-refused")
    await page.fill("input[name='2.1']", "１２.０１")
    await page.click("button[name=save]")
    await expect(page.locator(".refusal[role=alert]")).to_contain_text("要求用「卡尺」测量「关键尺寸」，请写明检具")
    await site.look(page, "inspection-no-gauge")
    await page.check("input[name='gauge.caliper'][value='G-17']")
    await page.click("button[name=save]")
    await expect(page.locator(".notice")).to_contain_text("已保存 2 个结果")
    await expect(page.locator("input[name='2.1']")).to_have_value("12.01")
    await site.look(page, "inspection-partial")

    for name in ("1.2", "1.3"):
        await page.select_option(f"select[name='{name}']", "pass")
    await page.fill("input[name='2.1']", "12.02")
    for name in ("2.2", "2.3"):
        await page.fill(f"input[name='{name}']", "12.00")
    await page.click("button[name=save]")
    await expect(page.locator(".refusal[role=alert]")).to_contain_text("更正必须写明理由")
    await expect(page.locator("input[name='2.1']")).to_have_value("12.02")
    await page.fill("textarea[name=reason]", "第一次读数时卡尺未归零")
    await page.click("button[name=save]")
    await expect(page.locator(".notice")).to_contain_text("已保存 5 个结果")
    await expect(page.locator("input[name=outcome][value=accepted]")).to_be_checked()
    await expect(page.locator("input[name=outcome][value=failed]")).to_be_disabled()
    await site.look(page, "inspection-ready")
    await page.fill("input[name=password]", PASSWORD)
    await page.click("text=签名并完成检验")
    await page.wait_for_url("**/inbox")
    await expect(page.locator(".notice")).to_contain_text("R-I-1: 合格。批次现在: 已放行。接下来: 入库上架 (仓管员)")
    assert site.plant.status("R-I-1") == "released"


async def test_a_closed_inspection_shows_what_was_signed(site: Site, context: BrowserContext) -> None:
    await site.plant.receive("R-I-2", 60)
    address = href(site, "R-I-2", "inspect")
    await site.plant.measure("R-I-2")
    await site.plant.complete("R-I-2", "inspect", "lin.jian", "accepted")
    page = await site.enter(context, "zheng.shenji")
    await page.goto(address)
    await expect(page.locator(".signed-line")).to_contain_text("林检")
    await expect(page.locator("input[name='2.1']")).to_be_disabled()
    await expect(page.locator("input[name='2.1']")).to_have_value("12.00")
    await site.look(page, "inspection-done")
    canonical = await page.request.get(address + "/record")
    assert '"inspection_no":"IQC-R-I-2-1"' in await canonical.text()


async def test_packing_checks_its_answers_where_they_stand_and_the_batch_goes_on(
    site: Site, context: BrowserContext
) -> None:
    await site.before.material("R-P-1", 100)
    await site.plant.order("H-P-1", 20)
    await site.plant.door.record_operation(
        site.plant.client, "H-P-1", site.plant.operation("H-P-1", 10, equipment=("M-07",), consumes=({"lot_no": "R-P-1", "quantity": 20},))
    )  # fmt: skip
    readings = ({"quantity": "humidity", "value": 45, "unit": "%", "lower": 30, "upper": 60},)
    finish = site.plant.operation("H-P-1", 20, environment=readings, produced=20, equipment=("W-03",))
    await site.plant.door.record_operation(site.plant.client, "H-P-1", finish)
    await site.plant.measure("H-P-1")
    await site.plant.complete("H-P-1", "inspect", "lin.jian", "accepted")
    page = await site.enter(context, "wang.cao")
    await page.goto(href(site, "H-P-1", "packaging"))
    for name, value in (("packed_quantity", "20"), ("labels_printed", "22.5"), ("labels_applied", "20"), ("labels_scrapped", "2"), ("samples_kept", "0")):  # fmt: skip
        await page.fill(f"input[name={name}]", value)
    await page.click("text=完成 >> nth=-1")
    await expect(page.locator(".field.refused")).to_contain_text("「标签打印数」要填整数")
    await expect(page.locator("input[name=labels_printed]")).to_have_value("22.5")
    await site.look(page, "packaging-refused")
    await page.fill("input[name=labels_printed]", "22")
    await page.fill("input[name=packed_quantity]", "1")
    await page.click("button.btn-primary")
    await expect(page.locator(".refusal[role=alert]")).to_contain_text("还有 19 件 没有交代（现有 20）")
    await site.look(page, "packaging-asks-for-the-rest")
    await page.fill("input[name=packed_quantity]", "20")
    await page.click("button.btn-primary")
    await page.wait_for_url("**/inbox")
    await expect(page.locator(".notice")).to_contain_text("包装和贴标 · H-P-1: 已完成。批次现在: 已包装")


async def test_everything_works_as_a_plain_form_and_twice_is_once(site: Site) -> None:
    await site.plant.receive("R-I-3", 60)
    await site.plant.measure("R-I-3")
    await site.plant.complete("R-I-3", "inspect", "lin.jian", "accepted")
    address = href(site, "R-I-3", "putaway")
    async with httpx.AsyncClient(base_url=site.address, trust_env=False, verify=NO_TLS) as client:
        await client.post("/login", data={"login": "li.cang", "password": PASSWORD, "next": "/inbox"})
        text = (await client.get(address)).text
        csrf = text.split('name="csrf" value="')[1].split('"')[0]
        key = text.split('name="idempotency_key" value="')[1].split('"')[0]
        data = {"csrf": csrf, "idempotency_key": key, "location": "RM-A1"}
        forged = await client.post(address + "/complete", data={**data, "csrf": "x"})
        assert forged.status_code == 403
        missing = await client.post(address + "/complete", data={**data, "location": ""})
        assert missing.status_code == 422
        assert "必须填写" in missing.text
        for _ in range(2):
            done = await client.post(address + "/complete", data=data)
            assert (done.status_code, done.headers["location"]) == (303, "/inbox")
        assert site.plant.scalar("select count(*) from human_task where stage = 'putaway' and outcome = 'done'") >= 1
        again = await client.post(address + "/complete", data={**data, "idempotency_key": "another"})
        assert again.status_code == 303
        shown = await client.get("/inbox")
        assert "入库上架 · R-I-3" in shown.text


async def test_somebody_elses_task_says_so(site: Site) -> None:
    await site.plant.receive("R-I-4", 60)
    address = href(site, "R-I-4", "inspect")
    async with httpx.AsyncClient(base_url=site.address, trust_env=False, verify=NO_TLS) as client:
        await client.post("/login", data={"login": "wang.cao", "password": PASSWORD, "next": "/inbox"})
        page = await client.get(address)
        assert "此待办需要角色「检验员" in page.text
        csrf = page.text.split('name="csrf" value="')[1].split('"')[0]
        refused = await client.post(address + "/claim", data={"csrf": csrf})
        assert refused.status_code == 403
        assert "TASK-005" in refused.text
        missing = await client.get("/tasks/0197a1b2-0000-7000-8000-000000000000")
        assert missing.status_code == 404
        assert "TASK-001" in missing.text
        assert (await client.get("/tasks/not-an-id")).status_code == 404


async def test_a_task_is_taken_handed_on_and_handed_back(site: Site, context: BrowserContext) -> None:
    await site.plant.receive("R-I-5", 60)
    page = await site.enter(context, "lin.jian")
    await page.goto(href(site, "R-I-5", "inspect"))
    await page.click("details.menu:not(.person) summary")
    await page.click("details.menu:not(.person) button:has-text('认领')")
    await expect(page.locator(".notice")).to_contain_text("已认领")
    csrf = await page.locator("input[name=csrf]").first.get_attribute("value")
    wrong = await page.request.post(page.url + "/delegate", form={"csrf": csrf or "", "to": "wang.cao"})
    assert wrong.status == 409
    assert "王操 没有角色" in await wrong.text()
    await page.click("details.menu:not(.person) summary")
    await site.look(page, "task-menu")
    await page.click("button:has-text('交还待办')")
    await page.wait_for_url("**/inbox*")
    await expect(page.locator(".notice")).to_contain_text("已交还给 检验员: 填写进料检验记录 R-I-5")


async def test_who_decides_about_a_failed_batch_reads_what_was_measured(site: Site, context: BrowserContext) -> None:
    await site.plant.receive("R-I-6", 60)
    await site.plant.measure("R-I-6", value="12.20")
    await site.plant.complete("R-I-6", "inspect", "lin.jian", "failed")
    page = await site.enter(context, "chen.pi")
    await page.goto(href(site, "R-I-6", "disposition"))
    await expect(page.locator("input[name='2.1']")).to_have_value("12.20")
    await expect(page.locator("input[name='2.1']")).to_be_disabled()
    await expect(page.locator("[data-verdict] .sign:visible").last).to_contain_text("不合格")
    await site.look(page, "disposition")
    await page.check("input[name=outcome][value=reject]")
    await page.fill("input[name=password]", PASSWORD)
    await page.click(".decision button.btn-primary")
    await expect(page.locator(".field.refused")).to_contain_text("选择「拒收」时必须写明理由")
    await page.fill("textarea[name=reason]", "关键尺寸超上限, 退供方")
    await page.fill("input[name=password]", PASSWORD)
    await page.click(".decision button.btn-primary")
    await page.wait_for_url("**/inbox")
    await expect(page.locator(".notice")).to_contain_text("R-I-6: 拒收。批次现在: 不合格")


async def test_what_was_measured_before_is_told_with_its_time(site: Site, context: BrowserContext) -> None:
    await site.plant.receive("R-I-9", 60)
    page = await site.enter(context, "lin.jian")
    await page.goto(href(site, "R-I-9", "inspect"))
    await page.check("input[name='gauge.caliper'][value='G-17']")
    await page.fill("input[name='2.1']", "12.00")
    await page.fill("input[name='told.measured_at']", "2020-01-01T08:00")
    await page.click("button[name=save]")
    await expect(page.locator(".refusal[role=alert]")).to_contain_text("测量时间 2020-01-01 08:00 不可能")
    await expect(page.locator("input[name='told.measured_at']")).to_have_value("2020-01-01T08:00")
    await site.look(page, "inspection-told-refused")
    at = f"{datetime.now(UTC).astimezone(ZoneInfo('Asia/Shanghai')):%Y-%m-%dT%H:%M}"
    await page.fill("input[name='told.measured_at']", at)
    await page.click("button[name=save]")
    await expect(page.locator(".notice")).to_contain_text("已保存 1 个结果")
    told = "select max(r.measured_at) is not null from inspection_result r join inspection i on i.id = r.inspection_id join lot l on l.id = i.lot_id where l.lot_no = 'R-I-9'"
    assert site.plant.scalar(told)
