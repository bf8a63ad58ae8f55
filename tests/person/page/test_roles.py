"""Roles on pages: read by everybody, added, changed, refused and set aside by an administrator, on the real stack."""

import pytest
from playwright.async_api import BrowserContext, expect

from tests.support.servers.site import Site


async def test_an_administrator_adds_a_role_changes_it_and_sets_it_aside(site: Site, context: BrowserContext) -> None:
    page = await site.enter(context, "admin", at="/people")
    await page.click("a:text-is('角色与权限')")
    await site.look(page, "roles")
    await page.click("summary:text-is('新角色')")
    await page.fill("input[name=key]", "helpdesk")
    await page.fill("input[name=zh]", "服务台")
    await page.fill("input[name=en]", "Help desk")
    await page.check("input[name=duty][value=administration]")
    await page.check("input[name=permissions][value='release.sign']")
    await page.fill("input[name=reason]", "新岗位")
    await page.click("button:text-is('增加角色')")
    await expect(page.locator(".refusal")).to_contain_text("签署放行")
    await expect(page.locator(".refusal")).to_contain_text("AUTH-048")
    await expect(page.locator("input[name=en]")).to_have_value("Help desk")
    await expect(page.locator("input[name=permissions][value='release.sign']")).to_be_checked()
    await site.look(page, "roles-refused")
    await page.uncheck("input[name=permissions][value='release.sign']")
    await page.click("button:text-is('增加角色')")
    await expect(page.locator(".notice")).to_contain_text("角色已增加")
    await expect(page.locator("main")).to_contain_text("没有权限")
    await site.look(page, "role-empty")
    await page.click("summary:text-is('更改名称与权限')")
    await page.check("details[open] input[name=permissions][value='people.hand_over']")
    await page.locator("details[open] input[name=reason]").fill("交付一次性密码")
    await page.click("button:text-is('更改')")
    await expect(page.locator(".notice")).to_contain_text("角色已更改")
    await expect(page.locator("section").first).to_contain_text("交付一次性密码")
    await page.click("summary:text-is('停用')")
    await page.locator("details[open] input[name=reason]").fill("岗位取消")
    await page.click("button:text-is('停用此角色')")
    await expect(page.locator(".notice")).to_contain_text("角色已停用")
    await expect(page.locator(".head")).to_contain_text("已停用")


@pytest.mark.parametrize(
    ("key", "code"), [("administrator", "AUTH-047"), ("qa_approver", "AUTH-052")], ids=["own role", "held"]
)
async def test_what_is_refused_stands_at_its_form_with_everything_typed(
    site: Site, context: BrowserContext, key: str, code: str
) -> None:
    page = await site.enter(context, "admin", at=f"/roles/{key}?lang=en")
    if code == "AUTH-047":
        await page.goto(f"{site.address}/roles/{key}")
        await page.click("summary:text-is('Change names and permissions')")
        await page.uncheck("details[open] input[name=permissions][value='fault.settle']")
        await page.locator("details[open] input[name=reason]").fill("less")
        await page.click("button:text-is('Change')")
        await expect(page.locator(".notice")).to_contain_text("The role is changed")
        await page.click("summary:text-is('Change names and permissions')")
        await page.check("details[open] input[name=permissions][value='fault.settle']")
        await page.locator("details[open] input[name=reason]").fill("more")
        await page.click("button:text-is('Change')")
    else:
        await page.click("summary:text-is('Set aside')")
        await page.locator("details[open] input[name=reason]").fill("not needed")
        await page.click("button:text-is('Set this role aside')")
    await expect(page.locator(".refusal")).to_contain_text(code)
    await site.look(page, f"role-refused-{key}")


async def test_whoever_reads_the_record_reads_the_roles_and_changes_none(site: Site, context: BrowserContext) -> None:
    page = await site.enter(context, "wang.cao", at="/roles")
    assert await page.locator("details.fold").count() == 0
    await page.click("a.row-link:text-is('操作员')")
    await expect(page.locator("main")).to_contain_text("王操")
    await site.look(page, "role-read")
    assert await page.locator("details.fold").count() == 0
    csrf = await page.locator("input[name=csrf]").first.get_attribute("value") or ""
    for path in ("/roles", "/roles/operator", "/roles/operator/active"):
        answer = await page.request.post(site.address + path, form={"csrf": csrf, "version": "1", "reason": "x"})
        assert answer.status == 403, path
