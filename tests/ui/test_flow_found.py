"""A plant founded by page alone: the first page, the administrator's own password, the first colleague (DESIGN 12)."""

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import BrowserContext, Page, expect
from pydantic import SecretStr

from models.rules.founding import key
from runtime.settings import Settings
from tests.support.codes import OWN
from tests.support.database import TestDatabase
from tests.support.server import serving
from tests.support.site import AXE, ROOT, RUN_AXE
from ui.app import create_app

SECRET = "s" * 40


@pytest_asyncio.fixture
async def address(fresh_database: TestDatabase, tmp_path: Path) -> AsyncIterator[str]:
    settings = Settings(database_url=fresh_database.url, home=tmp_path, secret=SecretStr(SECRET))
    with serving(create_app(settings)) as made:
        yield made


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
    await page.evaluate(AXE.read_text(encoding="utf-8"))
    assert await page.evaluate(RUN_AXE) == []
    if before:
        await page.set_viewport_size(before)


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_a_plant_is_founded_by_page_and_its_administrator_registers_a_colleague(
    address: str, context: BrowserContext, language: str
) -> None:
    page = await context.new_page()
    await page.goto(f"{address}/?lang={language}")
    await page.wait_for_url("**/found")
    await page.goto(f"{address}/found?lang={language}")
    await look(page, "found")
    for name, value in (("name", "昆明工厂"), ("administrator", "马丽"), ("login", "ma.li"), ("employee_no", "1")):
        await page.fill(f"input[name={name}]", value)
    await page.fill("input[name=key]", "AAAA-AAAA")
    await page.click("button.btn-primary")
    await expect(page.locator(".refusal")).to_be_visible()
    await expect(page.locator("input[name=name]")).to_have_value("昆明工厂")
    await look(page, "found-refused")
    await page.fill("input[name=key]", key(SECRET.encode()))
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
    await page.goto(f"{address}/people/new")
    for name, value in (("name", "林检"), ("login", "lin.jian"), ("employee_no", "2"), ("reason", "入职")):
        await page.fill(f"input[name={name}]", value)
    await page.check("input[value=hands]")
    await look(page, "person-new")
    await page.click("button.btn-primary")
    await expect(page.locator("h1")).to_contain_text("林检")
    await look(page, "person-made")
    await page.goto(f"{address}/found")
    assert not page.url.endswith("/found")
