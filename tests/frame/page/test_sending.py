"""What the scripts do while a person types slowly and the network is slow, in a real browser: nothing typed is
lost, nothing is sent twice, and Enter sends only what is whole (SCREENS, Manner).  The pages come from the gallery."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import BrowserContext, Page, Route, expect

from tests.samples.gallery import HOST, html, serve
from tests.samples.pages import shell
from tests.samples.work import PAGES
from tests.support.servers import browser as browsers
from ui.frame.render import render
from ui.inspection.page import InspectionPage
from ui.release.page import ReleasePage


@pytest_asyncio.fixture
async def gallery(context: BrowserContext) -> Page:
    page = await browsers.tab(context)
    await serve(page)
    return page


async def held(page: Page, pattern: str) -> asyncio.Queue[Route]:
    """Requests that wait for the test to answer them."""
    waiting: asyncio.Queue[Route] = asyncio.Queue()

    async def keep(route: Route) -> None:
        await waiting.put(route)

    await page.route(pattern, keep)
    return waiting


def drawn(name: str, status: int = 200) -> dict[str, Any]:
    return {"status": status, "body": html(name, "zh"), "content_type": "text/html; charset=utf-8"}


async def test_without_an_answer_the_page_says_so_and_all_that_was_typed_stays(gallery: Page) -> None:
    waiting = await held(gallery, "**/complete")
    await gallery.goto(f"{HOST}/page/zh/release-clean")
    await gallery.check("input[name=outcome][value=release]")
    await gallery.fill("textarea[name=reason]", "已核对")
    await gallery.fill("input[name=password]", "right")
    await gallery.click(".decision button.btn-primary")
    await (await waiting.get()).abort()
    await expect(gallery.locator(".decision [data-unanswered]")).to_contain_text("服务器没有回答")
    await expect(gallery.locator(".decision [data-unanswered]")).to_be_in_viewport()
    await expect(gallery.locator("textarea[name=reason]")).to_have_value("已核对")
    await gallery.reload()
    await expect(gallery.locator("textarea[name=reason]")).to_have_value("已核对")


async def test_the_page_of_a_proxy_does_not_take_the_place_of_the_form(gallery: Page) -> None:
    waiting = await held(gallery, "**/complete")
    await gallery.goto(f"{HOST}/page/zh/release-clean")
    await gallery.check("input[name=outcome][value=release]")
    await gallery.fill("textarea[name=reason]", "已核对")
    await gallery.fill("input[name=password]", "right")
    await gallery.click(".decision button.btn-primary")
    await (await waiting.get()).fulfill(
        status=502, body="<html><body>Bad gateway</body></html>", content_type="text/html"
    )
    await expect(gallery.locator(".decision [data-unanswered]")).to_be_visible()
    await expect(gallery.locator("textarea[name=reason]")).to_have_value("已核对")


async def test_what_was_typed_while_a_refusal_was_on_its_way_stays(gallery: Page) -> None:
    waiting = await held(gallery, "**/complete")
    await gallery.goto(f"{HOST}/page/zh/release-exceptions")
    await gallery.check("input[name=outcome][value=release]")
    await gallery.fill("textarea[name=reason]", "我写的")
    await gallery.fill("input[name=password]", "wrong")
    await gallery.keyboard.press("Enter")
    await gallery.fill("textarea[name=reason]", "我写的理由, 更长")
    await gallery.check("input[name=outcome][value=hold]")
    await (await waiting.get()).fulfill(**drawn("release-refused", 403))
    await expect(gallery.locator(".refusal[role=alert]")).to_contain_text("密码不对")
    await expect(gallery.locator("textarea[name=reason]")).to_have_value("我写的理由, 更长")
    await expect(gallery.locator("input[name=outcome][value=hold]")).to_be_checked()


async def test_what_was_typed_while_results_were_being_saved_is_there_afterwards(gallery: Page) -> None:
    waiting = await held(gallery, "**/complete")
    await gallery.goto(f"{HOST}/page/zh/inspection-entry")
    samples = gallery.locator("input.sample")
    await samples.nth(3).fill("25.01")
    await gallery.click("button[name=save]")
    await samples.nth(4).fill("25.02")
    async with gallery.expect_event("load"):
        await (await waiting.get()).fulfill(status=200, headers={"HX-Redirect": f"{HOST}/page/zh/inspection-entry"})
    await expect(samples.nth(4)).to_have_value("25.02")
    await expect(samples.nth(3)).to_have_value("")  # that was saved, and the server draws it again


async def test_the_last_words_before_leaving_are_newer_than_the_draft_that_was_saved(gallery: Page) -> None:
    waiting = await held(gallery, "**/draft")
    await gallery.goto(f"{HOST}/page/zh/release-clean")
    await gallery.fill("textarea[name=reason]", "开头")
    await (await waiting.get()).fulfill(
        body='<span id="draft-state">草稿已保存</span>', content_type="text/html; charset=utf-8"
    )
    await expect(gallery.locator("#draft-state")).to_have_text("草稿已保存")
    await gallery.fill("textarea[name=reason]", "开头和结尾")
    await gallery.goto(f"{HOST}/page/zh/inbox-full")
    kept = html("release-clean", "zh").replace("</textarea>", "开头</textarea>")

    async def answer(route: Route) -> None:
        await route.fulfill(body=kept, content_type="text/html; charset=utf-8")

    await gallery.route("**/page/zh/release-clean", answer)
    await gallery.goto(f"{HOST}/page/zh/release-clean")
    await expect(gallery.locator("textarea[name=reason]")).to_have_value("开头和结尾")


@pytest.mark.parametrize("status", [200, 403, 503])
async def test_a_draft_that_is_not_taken_leads_nowhere_and_writes_no_page_into_the_form(
    gallery: Page, status: int
) -> None:
    waiting = await held(gallery, "**/draft")
    await gallery.goto(f"{HOST}/page/zh/release-clean")
    await gallery.fill("input[name=password]", "half-ty")
    await gallery.fill("textarea[name=reason]", "已核对")
    away = {"HX-Redirect": f"{HOST}/page/zh/login"} if status == 200 else {}
    await (await waiting.get()).fulfill(status=status, headers=away, body=html("inbox-empty", "zh"))
    await expect(gallery.locator("#draft-state")).to_have_text("草稿暂时只保存在本浏览器")
    await expect(gallery.locator("main")).to_have_count(1)
    await expect(gallery.locator("input[name=password]")).to_have_value("half-ty")


async def test_enter_behind_a_value_goes_to_the_next_sample_as_a_gauge_expects(gallery: Page) -> None:
    waiting = await held(gallery, "**/complete")
    await gallery.goto(f"{HOST}/page/zh/inspection-entry")
    samples = gallery.locator("input.sample")
    await samples.nth(0).click()
    for value in ("25.01", "25.02", "25.03"):
        await gallery.keyboard.press("Control+A")
        await gallery.keyboard.type(value)
        await gallery.keyboard.press("Enter")
    assert [await samples.nth(place).input_value() for place in range(3)] == ["25.01", "25.02", "25.03"]
    await expect(samples.nth(3)).to_be_focused()
    assert waiting.empty()


async def test_enter_behind_the_password_signs_and_does_not_save(gallery: Page) -> None:
    page, signed = PAGES["inspection-entry"]("zh"), PAGES["release-clean"]("zh")
    assert isinstance(page, InspectionPage)
    assert isinstance(signed, ReleasePage)
    ready = render(replace(page, signature=signed.signature), shell("zh", "/ready"))

    async def answer(route: Route) -> None:
        await route.fulfill(body=ready, content_type="text/html; charset=utf-8")

    await gallery.route("**/page/zh/ready", answer)
    await gallery.goto(f"{HOST}/page/zh/ready")
    await gallery.evaluate("document.querySelector('form[data-draft]').noValidate = true")
    await gallery.fill("input[name=password]", "right")
    async with gallery.expect_request("**/complete") as asked:
        await gallery.keyboard.press("Enter")
    assert "save=" not in ((await asked.value).post_data or "")


async def test_enter_behind_a_quantity_goes_to_the_next_line_and_ships_nothing(gallery: Page) -> None:
    sent = await held(gallery, "**/shipments/new")
    await gallery.goto(f"{HOST}/page/zh/shipment-new")
    rows = gallery.locator("[data-scan-row]")
    first = await rows.count() - 1
    await rows.nth(first).locator("input").first.click()
    for lot, quantity in (("H-1", "2"), ("H-2", "3")):
        await gallery.keyboard.type(lot)
        await gallery.keyboard.press("Enter")
        await gallery.keyboard.type(quantity)
        await gallery.keyboard.press("Enter")
    await expect(rows.nth(first).locator("input").nth(1)).to_have_value("2")
    await expect(rows.nth(first + 1).locator("input").first).to_have_value("H-2")
    await expect(rows.nth(first + 2).locator("input").first).to_be_focused()
    assert sent.empty()


@pytest.mark.parametrize("typed", ["２５．０１", "25。01", "25.01\u200b", "\u300025.01 "])
async def test_a_number_counts_however_it_was_typed(gallery: Page, typed: str) -> None:
    await gallery.goto(f"{HOST}/page/zh/inspection-entry")
    sample = gallery.locator("input.sample").first
    await sample.fill(typed)
    await expect(sample).to_have_class("form-control sample in")


async def test_what_is_no_number_yet_is_marked_and_fails_nothing(gallery: Page) -> None:
    await gallery.goto(f"{HOST}/page/zh/inspection-entry")
    row = gallery.locator("[data-characteristic]").first
    await row.locator(".sample").first.fill("25,0")
    await expect(row.locator(".sample").first).to_have_attribute("aria-invalid", "true")
    await expect(row.locator("[data-verdict] .sign:visible")).to_contain_text("录入中")


async def test_the_chosen_row_stays_chosen_when_the_list_is_drawn_anew(gallery: Page) -> None:
    await gallery.goto(f"{HOST}/page/zh/inbox-full")
    for _ in range(2):
        await gallery.keyboard.press("j")
        await gallery.wait_for_timeout(100)
    chosen = gallery.locator(".task.selected")
    before = await chosen.get_attribute("id")
    async with gallery.expect_event("console"):
        await gallery.evaluate(
            """(text) => { document.addEventListener("htmx:after:swap", () => console.log("drawn"), {once: true});
            htmx.swap({text, target: "#inbox", select: "#inbox", swap: "outerMorph", sourceElement: document.querySelector("#inbox")}) }""",
            html("inbox-full", "zh"),
        )
    await expect(chosen).to_have_count(1)
    assert await chosen.get_attribute("id") == before


async def test_a_correction_of_what_the_server_drew_is_kept_too(gallery: Page) -> None:
    await gallery.goto(f"{HOST}/page/zh/inspection-entry")
    sample = gallery.locator("input.sample").first
    assert await sample.input_value()
    await sample.fill("24.97")
    await gallery.goto(f"{HOST}/page/zh/inbox-full")
    await gallery.goto(f"{HOST}/page/zh/inspection-entry")
    await expect(sample).to_have_value("24.97")


@pytest.mark.parametrize(
    ("name", "field"),
    [("links-form", "used_lot"), ("unit-new", "thing_what"), ("unit", "thing_what"), ("lot-reshape", "split_reason")],
)
async def test_every_form_of_many_words_keeps_them_when_the_language_is_changed(
    gallery: Page, name: str, field: str
) -> None:
    await gallery.goto(f"{HOST}/page/zh/{name}")
    here = gallery.locator(f"main form [name={field}]").last
    await here.evaluate("(one) => { for (let fold = one.closest('details'); fold; fold = fold.parentElement.closest('details')) fold.open = true; }")  # fmt: skip
    await here.fill("填到一半")
    await gallery.goto(f"{HOST}/page/en/{name}")
    there = gallery.locator(f"main form [name={field}]")
    assert "填到一半" in [await there.nth(place).input_value() for place in range(await there.count())]
