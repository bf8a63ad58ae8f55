"""People on pages: roles given and taken, duties kept apart, passwords reset, absences, on the real stack."""

from playwright.async_api import BrowserContext, expect

from tests.support.servers.site import Site


async def test_an_administrator_gives_and_takes_roles_but_not_what_must_stay_apart(
    site: Site, context: BrowserContext
) -> None:
    page = await site.enter(context, "admin", at="/people")
    await site.look(page, "people")
    await page.click("a.row-link:text-is('钱新')")
    await page.click("summary:text-is('授予角色')")
    await page.select_option("select[name=role]", "inspector")
    await page.locator("details[open] input[name=reason]").fill("完成检验培训")
    await page.click("button:text-is('授予')")
    await expect(page.locator(".notice")).to_contain_text("已授予角色")
    await expect(page.locator("table.list").first).to_contain_text("检验员")
    await page.click("summary:text-is('授予角色')")
    await page.select_option("select[name=role]", "administrator")
    await page.locator("details[open] input[name=reason]").fill("帮忙")
    await page.click("button:text-is('授予')")
    await expect(page.locator(".refusal")).to_contain_text("职责必须分开")
    await expect(page.locator("details[open] input[name=reason]").first).to_have_value("帮忙")
    await site.look(page, "person-refused")
    await page.click("summary:text-is('收回角色：检验员')")
    await page.locator("details[open] input[name=reason]").last.fill("转岗")
    await site.look(page, "person-takes-away")
    await page.locator("details[open] button:text-is('收回')").click()
    await expect(page.locator(".notice")).to_contain_text("已收回角色")


async def test_nobody_changes_their_own_rights_and_others_can_only_look(
    site: Site, context: BrowserContext, other_context: BrowserContext
) -> None:
    page = await site.enter(context, "admin", at="/people/admin")
    assert await page.locator("details.fold").count() == 0
    operator = await site.enter(other_context, "wang.cao", at="/people/qian.xin")
    assert await operator.locator("details.fold").count() == 0
    form: dict[str, str | float | bool] = {"csrf": await operator.locator("input[name=csrf]").first.get_attribute("value") or "", "role": "inspector", "reason": "x"}  # fmt: skip
    answer = await operator.request.post(site.address + "/people/qian.xin/grant", form=form)
    assert answer.status == 403
    answer = await operator.request.post(site.address + "/people/qian.xin/grant", form={"role": "inspector"})
    assert answer.status == 403


async def test_who_is_reset_gets_two_halves_from_two_people_and_sets_the_own_password(
    site: Site, context: BrowserContext, other_context: BrowserContext
) -> None:
    page = await site.enter(context, "admin", at="/people/sun.zhao")
    await page.click("summary:has-text('重置')")
    await expect(page.locator("details[open] input[value=mail]")).to_be_disabled()
    await page.check("details[open] input[value=hands]")
    await page.locator("details[open] input[name=reason]").fill("本人忘记")
    await page.click("details[open] button")
    await expect(page.locator(".notice")).to_contain_text("原密码已失效")
    await expect(page.locator("main")).to_contain_text("尚未确认身份")
    await page.click("summary:has-text('领取')")
    await site.look(page, "person-half")
    await page.click("button:text-is('显示一半')")
    one = await page.locator("section.panel .code").inner_text()
    await site.look(page, "half")
    await page.go_back()
    await page.goto(site.address + "/people/sun.zhao")
    await page.click("summary:has-text('领取')")
    await page.click("button:text-is('显示一半')")
    await expect(page.locator(".refusal")).to_contain_text("另一半必须由另一位")
    manager = await site.enter(other_context, "wu.jingli", at="/people/sun.zhao")
    await manager.click("summary:has-text('领取')")
    await manager.click("button:text-is('显示一半')")
    other = await manager.locator("section.panel .code").inner_text()
    await manager.context.clear_cookies()
    await manager.goto(site.address + "/login?lang=zh")
    await manager.click("text=使用一次性密码")
    await manager.fill("input[name=login]", "sun.zhao")
    await manager.fill("input[name=code]", one)
    await manager.click("button.btn-primary")
    await expect(manager.locator(".refusal")).to_contain_text("一次性密码不正确")
    await manager.fill("input[name=code]", f"{one} {other}")
    await site.look(manager, "welcome")
    await manager.click("button.btn-primary")
    await expect(manager.locator("main")).to_contain_text("孙召")
    await manager.fill("input[name=name]", "孙召")
    await manager.check("input[name=binding]")
    await manager.fill("input[name=new]", "short")
    await manager.fill("input[name=again]", "short")
    await manager.click("button.btn-primary")
    await expect(manager.locator(".refusal")).to_contain_text("密码长度")
    await manager.fill("input[name=new]", "temporary harbour 3")
    await manager.fill("input[name=again]", "temporary harbour 3")
    await site.look(manager, "welcome-own")
    await manager.click("button.btn-primary")
    await manager.wait_for_url("**/inbox")


async def test_a_new_person_is_registered_renamed_and_locked_by_page(site: Site, context: BrowserContext) -> None:
    page = await site.enter(context, "admin", "en", at="/people?lang=en")
    await page.click("text=New person")
    await page.fill("input[name=name]", "钱 新")
    await page.fill("input[name=login]", "ann.lee")
    await page.fill("input[name=reason]", "begins")
    await page.check("input[value=hands]")
    await page.click("button:text-is('Register')")
    await expect(page.locator(".refusal")).to_contain_text("Somebody is called")
    await site.look(page, "person-new-refused")
    await page.fill("input[name=name]", "Ann Lee")
    await page.fill("input[name=employee_no]", "0200")
    await page.click("button:text-is('Register')")
    await expect(page.locator(".notice")).to_contain_text("registered")
    await page.click("summary:has-text('Change the name')")
    await page.locator("details[open] input[name=name]").fill("Ann Li")
    await page.locator("details[open] input[name=reason]").fill("misspelt")
    await page.click("details[open] button")
    await expect(page.locator("h1")).to_contain_text("Ann Li")
    await page.click("summary:has-text('Close the account ann.lee')")
    await page.locator("details[open] input[name=reason]").fill("not begun")
    await page.click("details[open] button")
    await expect(page.locator(".notice")).to_contain_text("closed")
    await expect(page.locator("main")).to_contain_text("Open the account ann.lee")
    await site.look(page, "person-closed")


async def test_a_quality_manager_writes_down_a_skill(site: Site, context: BrowserContext) -> None:
    page = await site.enter(context, "wu.jingli", at="/people/qian.xin")
    await page.click("summary:text-is('记录资质')")
    await expect(page.locator("main")).to_contain_text("已有：装配 (assembly)")
    await page.fill("input[name=code]", "polishing")  # a skill that nobody has yet
    await page.fill("input[name=document]", "SOP-polishing v1")
    await page.click("button:text-is('记录')")
    await expect(page.locator(".notice")).to_contain_text("资质已记录")
    await expect(page.locator("main")).to_contain_text("SOP-polishing v1")


async def test_a_deputy_is_named_for_an_absence(site: Site, context: BrowserContext) -> None:
    page = await site.enter(context, "chen.pi", at="/absences")
    await expect(page.locator(".nothing")).to_contain_text("没有外出安排")
    await page.select_option("select[name=to]", label="吴经理 · 质量批准人、质量经理")
    await page.fill("input[name=ends_at]", "2020-01-01T08:00")
    await page.fill("input[name=reason]", "年假")
    await page.click("main button.btn-primary")
    await expect(page.locator(".refusal")).to_contain_text("结束时间必须晚于开始时间")
    await expect(page.locator("input[name=reason]")).to_have_value("年假")
    await page.fill("input[name=ends_at]", "2099-01-01T08:00")
    await page.click("main button.btn-primary")
    await expect(page.locator("tbody tr")).to_contain_text("吴经理")
    await site.look(page, "absences")
    await page.click("text=提前结束")
    await expect(page.locator(".notice")).to_contain_text("代理已结束")
