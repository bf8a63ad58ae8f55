"""The camera as a scanner: a code held before it opens its batch, a photograph does the same, and nobody is left alone.

The camera is Chromium's own fake device, fed with pictures of a code; the reader is the real one, from our own server.
"""

import asyncio
import base64
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
import segno
from playwright.async_api import Browser, BrowserContext, Page, async_playwright, expect
from sqlalchemy import text

from models.kernel.store.act import act
from tests.support.plant.plant import SETUP
from tests.support.plant.recalling import Recalling
from tests.support.servers import browser as browsers
from tests.support.servers import chromium
from tests.support.servers.site import Site

SUPPORT = Path(__file__).parents[2] / "support"
FRAME = """async (source) => {
  const image = new Image();
  image.src = source;
  await image.decode();
  const canvas = document.createElement("canvas");
  canvas.width = 640; canvas.height = 480;
  const pen = canvas.getContext("2d");
  pen.fillStyle = "#fff"; pen.fillRect(0, 0, 640, 480);
  pen.drawImage(image, 170, 90, 300, 300);
  return canvas.toDataURL("image/jpeg", 0.95).split(",")[1];
}"""
GTIN = text("insert into item_identifier (item_id, agency, code) select id, 'GS1', '06901234567892' from item"
            " where item_no = 'PEEK-20' on conflict do nothing")  # fmt: skip


async def film(browser: Browser, said: str) -> bytes:
    """A motion picture of a code on white paper."""
    page = await browser.new_page()
    frame = await page.evaluate(FRAME, segno.make(said, error="m").png_data_uri(scale=8, border=4))
    await page.close()
    return base64.b64decode(frame) * 10


@pytest_asyncio.fixture
async def camera(browser: Browser, tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[BrowserContext]:
    """A browser on a machine whose camera sees the batch R-CAM."""
    seen = await film(browser, "R-CAM")
    await asyncio.to_thread((tmp_path / "camera.mjpeg").write_bytes, seen)
    more = ["--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream",
            f"--use-file-for-fake-video-capture={tmp_path / 'camera.mjpeg'}"]  # fmt: skip
    async with async_playwright() as playwright:
        made = await playwright.chromium.launch(
            executable_path=chromium.executable(), args=[*browsers.ARGUMENTS, *more]
        )
        async with browsers.browsing(made, request.node) as context:
            yield context
        await made.close()


async def press(page: Page) -> None:
    await page.click("[data-camera]")
    await expect(page.locator("#scanner")).to_be_visible()


async def test_a_code_before_the_camera_opens_its_batch(site: Site, camera: BrowserContext) -> None:
    await site.plant.receive("R-CAM")
    page = await site.enter(camera, "li.cang")
    asked: list[str] = []
    page.on("request", lambda one: asked.append(one.url))
    await page.goto(f"{site.address}/lots")
    assert not [one for one in asked if "zxing" in one or "scan.js" in one], "nothing is loaded before it is asked for"
    await press(page)
    await page.wait_for_url("**/lots/R-CAM")
    assert [one for one in asked if one.split("?")[0].endswith("zxing_reader.wasm")]
    assert await site.troubles(page) == []


async def test_the_camera_is_let_go_when_the_window_is_closed(site: Site, camera: BrowserContext) -> None:
    page = await site.enter(camera, "li.cang", "en", at="/inbox?lang=en")
    await page.evaluate("document.getElementById('scanner').dataset.reader = '/static/nowhere.js'")
    await press(page)
    await expect(page.locator("#scanner [data-said]")).to_contain_text("The reader could not be loaded")
    assert await page.evaluate("document.querySelector('#scanner video').srcObject") is None
    await page.keyboard.press("Escape")
    await expect(page.locator("#scanner")).to_be_hidden()


async def test_without_a_camera_a_picture_of_a_gs1_label_does_it(site: Site, context: BrowserContext) -> None:
    """The tests' own browser has no camera: the window says so, and a photograph of a UDI leads to the batch."""
    await site.plant.receive("H-CAM")
    with act(site.plant.engine, SETUP) as session:
        session.connection().execute(GTIN)
    page = await site.enter(context, "li.cang")
    await press(page)
    await expect(page.locator("#scanner [data-said]")).to_contain_text("这里打不开摄像头")
    await site.look(page, "scan-no-camera")
    chosen = page.locator("#scanner input[type=file]")
    await chosen.set_input_files(SUPPORT / "vendor/axe/axe.min.js")
    await expect(page.locator("#scanner [data-said]")).to_contain_text("没有找到条码")
    await chosen.set_input_files(SUPPORT / "pictures/gs1-datamatrix.png")
    await page.wait_for_url("**/lots/H-CAM")


async def test_a_scan_on_the_recall_form_is_one_more_line(site: Site, context: BrowserContext) -> None:
    page = await site.enter(context, "sun.zhao", at="/recalls/new?mode=drill&identifier=P88-1")
    await press(page)
    await page.locator("#scanner input[type=file]").set_input_files(SUPPORT / "pictures/gs1-datamatrix.png")
    await expect(page.locator("textarea[name=identifiers]")).to_have_value("P88-1\n(01)06901234567892(10)H-CAM\n")


@pytest.mark.parametrize("language", ["zh"])
async def test_the_code_on_a_letter_leads_to_the_answer_page(
    site: Site, context: BrowserContext, tmp_path: Path, language: str
) -> None:
    """What is printed can be read again, and is the customer's own link."""
    await site.before.material("R-QR")
    await site.before.make("H-QR", "R-QR")
    await site.before.release("H-QR")
    await site.plant.ship("SH-QR", "H-QR", 30)
    recall = Recalling(site.plant, "RC-2026-804")
    await recall.open("H-QR")
    await recall.to_customers()
    page = await site.enter(
        context, "sun.zhao", language, at=f"/recalls/RC-2026-804/notices/{recall.notices()[0].public_id}"
    )
    link = await page.locator(".letter .link").first.inner_text()
    await page.locator(".qr-code").first.screenshot(path=tmp_path / "qr.png")
    async with page.expect_request("**/search**") as asked:
        await press(page)
        await page.locator("#scanner input[type=file]").set_input_files(tmp_path / "qr.png")
    assert link.rsplit("/", 1)[1] in (await asked.value).url
