"""People of a plant that is founded by page, each in a browser of their own, and what they do there."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from playwright.async_api import Browser, BrowserContext, Page, expect

from runtime.commands.record.people import half_at
from tests.support.house.codes import OWN, first
from tests.support.often import DEEP
from tests.support.servers.browser import PATIENCE
from tests.support.servers.press import press
from ui.frame.visit import LANG

QUIET = "window.EventSource = class extends EventTarget { close() {} }"
"""Seven inboxes stand open, and each would ask for its list anew whenever anybody does anything; `tests/process/page/test_live_tabs.py` holds live ones."""
SCREEN = {"width": 1024, "height": 768}
ZONE = ZoneInfo("Asia/Shanghai")
DRAWN = """(names) => Object.fromEntries(names.map((name) => [name,
  document.querySelector(`main input[type=radio][name="${name}"]`) ? 'buttons' :
  document.querySelector(`main select[name="${name}"]`) ? 'list' : 'line']))"""
"""How each field is drawn, asked of the page once."""


@dataclass
class Office:
    """The plant's address, its database at the server, and who sits before which screen."""

    browser: Browser
    address: str
    database_url: str
    language: str
    tabs: dict[str, Page] = field(default_factory=dict)
    contexts: list[BrowserContext] = field(default_factory=list)

    async def tab(self, login: str) -> Page:
        """That person's screen."""
        if login not in self.tabs:
            context = await self.browser.new_context(timezone_id="Asia/Shanghai", viewport=SCREEN)  # type: ignore[arg-type]
            context.set_default_timeout(PATIENCE)
            if not DEEP:
                await context.add_init_script(QUIET)
            self.contexts.append(context)
            await context.add_cookies([{"name": LANG, "value": self.language, "url": self.address}])
            self.tabs[login] = await context.new_page()
        return self.tabs[login]

    async def close(self) -> None:
        """Everybody goes home."""
        for context in self.contexts:
            await context.close()

    async def hire(self, administrator: str, number: int, login: str, name: str, *roles: str) -> None:
        """Register a colleague with roles; nobody knows a password of theirs."""
        page = await self.tab(administrator)
        await page.goto(f"{self.address}/people/new")
        for key, value in (("name", name), ("login", login), ("employee_no", str(number)), ("reason", "入职")):
            await page.fill(f"input[name={key}]", value)
        await page.check("input[value=hands]")
        assert await press(page) < 400
        await expect(page.locator("h1")).to_contain_text(name)
        for role in roles:
            form = page.locator("details", has=page.locator("form[action$='/grant']"))
            await form.locator("summary").click()
            await form.locator("select[name=role]").select_option(role)
            await form.locator("input[name=reason]").fill("岗位")
            assert await press(page, "form[action$='/grant'] button.btn-primary") < 400

    async def half(self, login: str, by: str) -> str:
        """One half of a code, for the eyes of one person; the first ever is shown at the server."""
        if by == "server":
            return half_at(self.database_url, login)
        page = await self.tab(by)
        await page.goto(f"{self.address}/people/{login}")
        form = page.locator("details", has=page.locator("form[action$='/half']"))
        await form.locator("summary").click()
        await form.locator("button.btn-primary").click()
        return str(await page.locator("section.panel .code").inner_text())

    async def begin(self, login: str, name: str, first: str, second: str) -> None:
        """Somebody comes in with both halves and sets the own password."""
        code = f"{await self.half(login, first)} {await self.half(login, second)}"
        page = await self.tab(login)
        await page.goto(f"{self.address}/welcome")
        await page.fill("input[name=login]", login)
        await page.fill("input[name=code]", code)
        await page.click("button.btn-primary")
        await page.fill("input[name=name]", name)
        await page.check("input[name=binding]")
        for key in ("new", "again"):
            await page.fill(f"input[name={key}]", OWN)
        await page.click("button.btn-primary")
        await page.wait_for_url("**/inbox")

    async def bring(self, administrator: str, number: int, login: str, name: str, *roles: str, by: str) -> None:
        """The same as `hire` and `begin` at the same doors, without their pages: each half again for the eyes of one person."""
        person = {"name": name, "employee_no": str(number), "login": login, "way": "hands"}
        await self.send(administrator, "/people", person)
        for role in roles:
            await self.send(administrator, f"/people/{login}/roles", {"role": role, "reason": "岗位"})
        halves = [(await self.send(one, f"/accounts/{login}/halves"))["half"] for one in (administrator, by)]
        page = await self.tab(login)
        url, code = f"{self.address}/api/v1/auth/first-sign-in", " ".join(halves)
        assert (await page.request.post(url, data=first(login, code, name))).ok
        await page.goto(f"{self.address}/inbox")

    async def send(self, login: str, path: str, body: dict[str, Any] | None = None) -> Any:
        """To the API, in the session of that person's screen."""
        page = await self.tab(login)
        csrf = str(await page.locator("input[name=csrf]").first.get_attribute("value"))
        answer = await page.request.post(f"{self.address}/api/v1{path}", data=body, headers={"X-CSRF-Token": csrf})
        assert answer.ok, await answer.text()
        return await answer.json()

    async def add(self, login: str, register: str, **values: str) -> None:
        """One more thing in a register."""
        page = await self.tab(login)
        await page.goto(f"{self.address}/plant/{register}/new")
        await self.fill(page, **values)
        assert await press(page) < 400, await page.locator("main").inner_text()
        await page.wait_for_url(f"**/plant/{register}")

    async def fill(self, page: Page, **values: str) -> None:
        """Each field as it is drawn: a few buttons, a list, or a line to type in."""
        drawn = await page.evaluate(DRAWN, [*values])
        for name, value in values.items():
            if drawn[name] == "buttons":
                await page.check(f"main input[name='{name}'][value='{value}']")
            elif drawn[name] == "list":
                await page.locator(f"main select[name='{name}']").first.select_option(value)
            else:
                await page.locator(f"main [name='{name}']").first.fill(value)

    async def qualify(self, by: str, login: str, code: str) -> None:
        """A proven skill is written down."""
        page = await self.tab(by)
        await page.goto(f"{self.address}/people/{login}")
        form = page.locator("details", has=page.locator("form[action$='/qualify']"))
        await form.locator("summary").click()
        await form.locator("input[name=code]").fill(code)
        await form.locator("input[name=valid_from]").fill(f"{day(-30):%Y-%m-%d}")
        assert await press(page, "form[action$='/qualify'] button.btn-primary") < 400

    async def task(self, login: str, batch: str) -> Page:
        """The task about that batch, from the person's own inbox, when it is there."""
        page = await self.tab(login)
        await page.goto(f"{self.address}/inbox?view=claimable")
        await page.locator(".task", has_text=batch).locator("a.what").click()
        await page.wait_for_url("**/tasks/*")
        return page

    async def sign(self, page: Page, outcome: str) -> str:
        """Decide, sign, and read what is said then."""
        await page.check(f"input[name=outcome][value={outcome}]")
        await page.fill("input[name=password]", OWN)
        await page.click(".decision button.btn-primary")
        await page.wait_for_url("**/inbox")
        return str(await page.locator(".notice").inner_text())


def day(later: int) -> datetime:
    """A day at the plant, from today."""
    return datetime.now(UTC).astimezone(ZONE) + timedelta(days=later)


def minute(ago: int) -> str:
    """A minute at the plant, as a form takes it."""
    return f"{datetime.now(UTC).astimezone(ZONE) - timedelta(minutes=ago):%Y-%m-%dT%H:%M}"
