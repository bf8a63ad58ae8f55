"""Files on the form of a step: sent as they are chosen, refused where they stand, kept by their digest, signed, shown again."""

import asyncio
import hashlib
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import BrowserContext, Page, expect

from tests.process.page.test_every_type import kept, ready
from tests.support.often import WALKED
from tests.support.servers.site import Site

PDF = b"%PDF-1.7\n% \xe6\xa3\x80\xe9\xaa\x8c\n"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(40)
REPORT, PICTURE = "检验报告（第 2 版）.pdf", "划痕 照片.png"


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def on_disk(folder: Path, name: str, content: bytes) -> str:
    (folder / name).write_bytes(content)
    return str(folder / name)


async def fill(page: Page) -> None:
    place = page.locator("select[name=location]")
    await (place.select_option("RM-A1") if await place.count() else page.fill("[name=location]", "RM-A1"))
    await page.fill("[name=weighed_at]", "2026-11-21T14:05")
    await page.fill("[name=weighed_by]", "li.cang")
    for name, value in {"good": "1", "bad": "0"}.items():
        await page.fill(f"[name='lines[0].{name}']", value)
    await page.select_option("[name='lines[0].part']", "head")


@pytest.mark.parametrize("language", WALKED)
async def test_files_are_sent_as_they_are_chosen_and_the_record_names_their_contents(
    site: Site, context: BrowserContext, tmp_path: Path, language: str
) -> None:
    address = await ready(site, f"F-{language}")
    page = await site.enter(context, "li.cang", language)
    await page.goto(address)
    field = page.locator("[data-files=photos]")
    report, picture = on_disk(tmp_path, REPORT, PDF), on_disk(tmp_path, PICTURE, PNG)
    program = on_disk(tmp_path, "打印.exe", b"MZ\x90\x00" + bytes(60))
    await field.locator("input[type=file]").set_input_files([report, program, picture])
    await expect(field.locator("li.file:not(.bad) a")).to_have_text([REPORT, PICTURE])
    refused = field.locator("li.file.bad")
    await expect(refused).to_contain_text("打印.exe")
    await expect(refused).to_contain_text("不是可以保存的类型" if language == "zh" else "of no kind that is kept")
    await site.look(page, "files-sent")

    # the draft keeps what was sent, in the record and not only in this browser
    async with page.expect_response(lambda one: one.url.endswith("/draft")):
        await page.locator("[name=remark]").fill("半")
    await page.evaluate("localStorage.clear()")
    await page.goto(address)
    await expect(field.locator("li.file a")).to_have_text([REPORT, PICTURE])

    # taken out, it isn't recorded; chosen again, it is one file and not two
    await field.locator("li.file [data-take-away]").first.click()
    await expect(field.locator("li.file a")).to_have_text([PICTURE])
    await field.locator("input[type=file]").set_input_files([picture, report])
    await expect(field.locator("li.file a")).to_have_text([PICTURE, REPORT])

    # a refused form comes back with its files
    await fill(page)
    await page.fill("[name=weighed_by]", "no.body")
    await page.click("main form button.btn-primary")
    await expect(page.locator("#f-weighed_by-error")).to_be_visible()
    await expect(field.locator("li.file a")).to_have_text([PICTURE, REPORT])
    await page.fill("[name=weighed_by]", "li.cang")
    await page.click("main form button.btn-primary")
    await page.wait_for_url("**/inbox")
    assert kept(site, address)["photos"] == [digest(PNG), digest(PDF)]

    await page.goto(address)
    await expect(page.locator("dl.facts li.file a")).to_have_text([PICTURE, REPORT])
    async with page.expect_download() as download:
        await page.locator("dl.facts li.file a").last.click()
    saved = await download.value
    assert saved.suggested_filename == REPORT
    assert await asyncio.to_thread(Path(await saved.path()).read_bytes) == PDF
    await site.look(page, "files-done")
    await page.click(".kicker a")
    await expect(page.locator("table a", has_text=REPORT)).to_be_visible()
    await site.look(page, "files-run")


async def test_a_form_waits_for_its_files_and_a_large_one_isnt_even_sent(
    site: Site, context: BrowserContext, tmp_path: Path
) -> None:
    address = await ready(site, "F-2")
    page = await site.enter(context, "li.cang")
    await page.goto(address)
    await fill(page)
    held: list[Any] = []

    async def hold(route: Any) -> None:
        held.append(route)

    await page.route("**/attachments?*", hold)
    field = page.locator("[data-files=photos]")
    await field.locator("input[type=file]").set_input_files([on_disk(tmp_path, REPORT, PDF)])
    await expect(field.locator("li.file.going progress")).to_be_visible()
    await page.click("main form button.btn-primary")
    await expect(field.locator("[data-still]")).to_be_visible()
    await site.look(page, "files-going")
    assert kept(site, address) == {}
    await held[0].abort()
    await expect(field.locator("li.file.bad")).to_contain_text("服务器没有回答")
    await page.unroute("**/attachments?*")
    sent: list[str] = []
    page.on("request", lambda one: sent.append(one.url) if "/attachments?" in one.url else None)
    await field.evaluate("one => { one.dataset.limit = '0.00001'; }")
    await field.locator("input[type=file]").set_input_files([on_disk(tmp_path, PICTURE, PNG)])
    await expect(field.locator("li.file.bad")).to_contain_text("文件过大")
    assert sent == []
    await field.locator("[data-take-away]").click()
    await page.click("main form button.btn-primary")
    await page.wait_for_url("**/inbox")
