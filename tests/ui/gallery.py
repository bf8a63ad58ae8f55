"""Draws every sample page as a picture: `python -m tests.ui.gallery [--only NAME] [--out FOLDER]`.

Chromium gets the pages and the static files from memory by request interception, with the real Content-Security-Policy,
so the pictures show what a plant without internet sees.  Nothing else is answered.
"""

import argparse
import asyncio
import mimetypes
from pathlib import Path
from urllib.parse import urlsplit

from playwright.async_api import Page, Route, async_playwright

from tests.support import browser as browsers
from tests.ui.samples import shell
from tests.ui.samples_work import PAGES
from ui.i18n import LANGUAGES, Language
from ui.render import CONTENT_SECURITY_POLICY, STATIC, render

HOST = "http://gallery.localhost"
OUTSIDE = ("login", "notice-answer", "notice-refused", "notice-thanks", "notice-used")
"""Pages that people read without being logged in."""
SIZES = {"tablet": (820, 1180), "desktop": (1440, 900)}


def html(name: str, language: Language) -> str:
    """The page as the server would send it."""
    page = PAGES[name](language)
    drill = "2026-11 季度" if name == "trace-gaps" else ""
    notice = "已签名" if name == "release-done" else ""
    return render(page, shell(language, f"/{name}", person=not name.startswith(OUTSIDE), drill=drill, notice=notice))


async def serve(page: Page) -> None:
    """Answer `/page/<language>/<name>` and `/static/…`; everything else fails."""

    async def answer(route: Route) -> None:
        path = urlsplit(route.request.url).path
        if path.startswith("/page/"):
            language, name = path.removeprefix("/page/").split("/")
            assert language in LANGUAGES
            await route.fulfill(
                body=html(name, language),
                content_type="text/html; charset=utf-8",
                headers={"Content-Security-Policy": CONTENT_SECURITY_POLICY},
            )
        elif path.startswith("/static/") and route.request.url.startswith(HOST):
            file = STATIC / path.removeprefix("/static/")
            await route.fulfill(body=file.read_bytes(), content_type=mimetypes.guess_type(file.name)[0] or "text/plain")
        else:
            await route.fulfill(status=204)

    await page.route("**/*", answer)


async def draw(only: str, out: Path, languages: tuple[Language, ...]) -> None:
    """One PNG per page, language and size."""
    out.mkdir(parents=True, exist_ok=True)  # noqa: ASYNC240 - a tool for people
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=browsers.executable(), args=browsers.ARGUMENTS)
        for size, (width, height) in SIZES.items():
            page = await browser.new_page(viewport={"width": width, "height": height})
            page.on("console", lambda message: print("console:", message.text))  # noqa: T201 - a tool for people
            page.on("pageerror", lambda error: print("error:", error))  # noqa: T201
            await serve(page)
            for name in PAGES:
                if only and only not in name:
                    continue
                for language in languages:
                    await page.goto(f"{HOST}/page/{language}/{name}")
                    await page.screenshot(path=out / f"{name}.{language}.{size}.png", full_page=True)
        await browser.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="")
    parser.add_argument("--out", type=Path, default=Path(".artifacts/gallery"))
    parser.add_argument("--language", choices=LANGUAGES, action="append")
    options = parser.parse_args()
    asyncio.run(draw(options.only, options.out, tuple(options.language or LANGUAGES)))
