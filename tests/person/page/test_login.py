"""In and out: login, languages, sessions that end, one's own password, on the real stack."""

import re

import httpx
from playwright.async_api import BrowserContext, expect

from models.kernel.store.act import act
from models.person.rules.roles import Role
from runtime.ports import NO_TLS
from tests.support.plant import cast
from tests.support.plant.plant import PASSWORD, SETUP
from tests.support.servers.site import Site


async def test_a_stranger_is_asked_to_log_in_and_then_gets_where_they_wanted(
    site: Site, context: BrowserContext
) -> None:
    page = await site.tab(context)
    await page.goto(site.address + "/password")
    assert page.url == site.address + "/login?next=%2Fpassword"
    await site.look(page, "login")
    await page.fill("input[name=login]", "lin.jian")
    await page.fill("input[name=password]", "not this one")
    await page.click("button.btn-primary")
    await expect(page.locator(".refusal")).to_contain_text("用户名或密码不正确")
    await expect(page.locator("input[name=login]")).to_have_value("lin.jian")
    await expect(page.locator("input[name=password]")).to_have_value("")
    await site.look(page, "login-refused")
    await page.fill("input[name=password]", PASSWORD)
    await page.click("button.btn-primary")
    await page.wait_for_url("**/password")
    assert await site.troubles(page) == []


async def test_the_language_is_remembered(site: Site, context: BrowserContext) -> None:
    page = await site.tab(context)
    await page.goto(site.address + "/login")
    await expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
    await page.click("text=English")
    await expect(page.locator("html")).to_have_attribute("lang", "en")
    await page.goto(site.address + "/login")
    await expect(page.locator("html")).to_have_attribute("lang", "en")


async def test_whose_password_somebody_else_set_takes_an_own_one_and_confirms_who_it_is(
    site: Site, context: BrowserContext
) -> None:
    with act(site.plant.engine, SETUP) as session:
        cast.add_person(session, "new.person", "新人", Role.INSPECTOR)
        session.connection().exec_driver_sql("update account set own_since = null where login = 'new.person'")
    page = await site.tab(context)
    await page.goto(site.address + "/login")
    await page.fill("input[name=login]", "new.person")
    await page.fill("input[name=password]", PASSWORD)
    await page.click("button.btn-primary")
    await page.wait_for_url("**/password")
    await site.look(page, "password-must")
    await page.goto(site.address + "/inbox")
    await page.wait_for_url("**/password")
    await page.fill("input[name=name]", "别人")
    await page.check("input[name=binding]")
    await page.fill("input[name=current]", PASSWORD)
    await page.fill("input[name=new]", "quiet morning 12")
    await page.fill("input[name=again]", "quiet evening 12")
    await page.click("button.btn-wide")
    await expect(page.locator(".refusal")).to_contain_text("姓名与登记的不一致")
    await page.fill("input[name=name]", "新人")
    await page.fill("input[name=current]", PASSWORD)
    await page.fill("input[name=new]", "quiet morning 12")
    await page.fill("input[name=again]", "quiet evening 12")
    await page.click("button.btn-wide")
    await expect(page.locator(".refusal")).to_contain_text("两次输入的新密码不一样")
    for name, word in (("current", PASSWORD), ("new", "quiet morning 12"), ("again", "quiet morning 12")):
        await page.fill(f"input[name={name}]", word)
    await page.click("button.btn-wide")
    await page.wait_for_url("**/inbox")
    await expect(page.locator(".notice")).to_contain_text("密码已修改")


async def test_after_logging_out_the_pages_are_closed(site: Site, context: BrowserContext) -> None:
    page = await site.enter(context, "li.cang")
    await page.click("details.person summary")
    await page.click("[data-forget-drafts]")
    await page.wait_for_url("**/login")
    await page.goto(site.address + "/inbox")
    assert page.url.startswith(site.address + "/login?next=")


async def test_every_answer_carries_its_headers_and_errors_come_in_the_right_kind(site: Site) -> None:
    async with httpx.AsyncClient(base_url=site.address, trust_env=False, verify=NO_TLS) as client:
        page = await client.get("/login")
        assert page.status_code == 200
        scripts = next(part for part in page.headers["content-security-policy"].split("; ") if "script-src" in part)
        assert scripts == "script-src 'self' 'wasm-unsafe-eval'", "ours alone, and the reader of codes that ships"
        assert page.headers["content-security-policy"].startswith("default-src 'self'")
        assert page.headers["cache-control"] == "no-store"
        missing = await client.get("/no-such-page")
        assert missing.status_code == 404
        assert "没有这一页" in missing.text
        machine = await client.get("/api/v1/no-such-thing")
        assert machine.status_code == 404
        assert machine.headers["content-type"].startswith("application/problem+json")
        style = await client.get("/static/app.css?v=1")
        assert "immutable" in style.headers["cache-control"]
        forged = await client.post("/login", data={"login": "a", "password": "b"}, headers={"Origin": "http://evil"})
        assert forged.status_code == 403
        assert "请刷新页面再试" in forged.text
        huge = await client.post("/login", data={"login": "a" * 2_100_000})
        assert huge.status_code == 413
        assert "请求内容过大" in huge.text
        assert huge.headers["content-type"].startswith("text/html")


async def test_a_fault_shows_a_number_and_nothing_of_the_machine(site: Site) -> None:
    def broken() -> None:
        secret = "the inside of the machine"
        raise ValueError(secret)

    site.app.add_api_route("/broken-on-purpose", broken)
    async with httpx.AsyncClient(base_url=site.address, trust_env=False, verify=NO_TLS) as client:
        fault = await client.get("/broken-on-purpose?lang=en")
    assert fault.status_code == 500
    assert "Something broke on our side" in fault.text
    assert re.search(r"[0-9A-F]{8}", fault.text)
    assert "inside of the machine" not in fault.text
