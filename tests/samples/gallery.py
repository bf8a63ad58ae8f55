"""Draws every sample page as a picture: `python -m tests.samples.gallery [--only NAME] [--out FOLDER]`.

Chromium gets the pages and the static files from memory by request interception, with the real Content-Security-Policy,
so the pictures show what a plant without internet sees.  Nothing else is answered.  `served` answers the same over HTTP,
where the browser keeps the static files from page to page: for who looks at all of them.
"""

import argparse
import asyncio
import functools
import mimetypes
from pathlib import Path
from urllib.parse import urlsplit

from playwright.async_api import Page, async_playwright
from playwright.async_api import Route as Intercepted
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.routing import Route

from tests.samples.pages import shell
from tests.samples.words import in_words
from tests.samples.work import PAGES
from tests.support.servers import browser as browsers
from tests.support.servers import chromium
from ui.frame.i18n import LANGUAGES, Language
from ui.frame.render import CONTENT_SECURITY_POLICY, STATIC, render, static_file

HOST = "http://gallery.localhost"
OUTSIDE = (
    "login",
    "welcome",
    "found",
    "notice-answer",
    "notice-names",
    "notice-refused",
    "notice-thanks",
    "notice-used",
)
"""Pages that people read without being logged in."""
READER = "/reader"
"""Where `served` has a page with axe and nothing else: what stands in another tab can be put there to be read.

A page that axe is loaded into runs it cold, which costs twice as much as the reading.
"""
AXE_FILE = Path(__file__).parents[1] / "support/vendor/axe/axe.min.js"
KEPT = {"Cache-Control": "max-age=3600, immutable"}
SIZES = {"tablet": (768, 1024), "desktop": (1600, 1000)}
PICTURES = {"1024": (1024, 768), "1440": (1440, 900)}
"""What is looked at: a tablet held sideways and a desk."""


@functools.cache  # drawn once in a process: several tests look at each page
def html(name: str, language: Language) -> str:
    """The page as the server would send it."""
    page = in_words(PAGES[name](language), language)
    drill = in_words("2026-11 季度", language) if name == "trace-gaps" else ""
    notice = in_words("已签名", language) if name == "release-done" else ""
    return render(page, shell(language, f"/{name}", person=not name.startswith(OUTSIDE), drill=drill, notice=notice))


def served() -> Starlette:
    """The gallery as a site of its own."""

    def page(request: Request) -> HTMLResponse:
        language = next(one for one in LANGUAGES if one == request.path_params["language"])
        return HTMLResponse(
            html(request.path_params["name"], language), headers={"Content-Security-Policy": CONTENT_SECURITY_POLICY}
        )

    def static(request: Request) -> FileResponse:
        return FileResponse(STATIC / static_file(request.path_params["path"]), headers=KEPT)

    def reader(_: Request) -> HTMLResponse:
        return HTMLResponse(f"<!doctype html><script>{AXE_FILE.read_text(encoding='utf-8')}</script>")

    nothing = Route("/{path:path}", lambda _: Response(status_code=204))
    pages = Route("/page/{language}/{name}", page)
    return Starlette(routes=[pages, Route("/static/{path:path}", static), Route(READER, reader), nothing])


async def serve(page: Page) -> None:
    """Answer `/page/<language>/<name>` and `/static/…`; everything else fails."""

    async def answer(route: Intercepted) -> None:
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
            file = STATIC / static_file(path.removeprefix("/static/"))
            await route.fulfill(body=file.read_bytes(), content_type=mimetypes.guess_type(file.name)[0] or "text/plain")
        else:
            await route.fulfill(status=204)

    await page.route("**/*", answer)


async def draw(only: str, out: Path, languages: tuple[Language, ...]) -> None:
    """One PNG per page, language and size."""
    out.mkdir(parents=True, exist_ok=True)  # noqa: ASYNC240 - a tool for people
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium.executable(), args=browsers.ARGUMENTS)
        for size, (width, height) in PICTURES.items():
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
