"""What the scripts of a page do by itself, in a real browser: keys, scanner, drafts, verdicts.  The pages come from the gallery."""

import asyncio
from typing import Any

import pytest_asyncio
from playwright.async_api import BrowserContext, Page, Route, expect

from tests.samples.gallery import HOST, serve
from tests.support.servers import browser as browsers


@pytest_asyncio.fixture
async def gallery(context: BrowserContext) -> Page:
    page = await browsers.tab(context)
    await serve(page)
    return page


async def scan(page: Page, text: str) -> None:
    """A keyboard scanner: the characters at once, then Enter.  Sent inside the page, so a busy machine can't slow it."""
    await page.evaluate(
        """(text) => [...text, "Enter"].forEach((key) => document.activeElement.dispatchEvent(
            new KeyboardEvent("keydown", {key, bubbles: true, cancelable: true})))""",
        text,
    )


WEDGE = """text => {
  const begun = performance.now();
  for (const [place, key] of [...text, "Enter"].entries()) {
    const field = document.activeElement;
    const event = new KeyboardEvent("keydown", {key, bubbles: true, cancelable: true});
    Object.defineProperty(event, "timeStamp", {value: begun + place});  // the device's clock, not the busy machine's
    const free = field.dispatchEvent(event);
    if (!free || key === "Enter") continue;
    field.setRangeText(key, field.selectionStart, field.selectionEnd, "end");
    field.dispatchEvent(new Event("input", {bubbles: true}));
  }
}"""


async def wedge(page: Page, text: str) -> None:
    """A keyboard scanner into the field that has the focus.

    Its keys come from within the page, a millisecond apart by their own clock: from outside they are as slow as the machine
    is busy.
    """
    await page.evaluate(WEDGE, text)


async def test_slash_goes_to_the_search_box(gallery: Page) -> None:
    await gallery.goto(f"{HOST}/page/zh/inbox-full")
    await gallery.keyboard.press("/")
    await expect(gallery.locator("#search")).to_be_focused()
    await gallery.keyboard.type("js?/")
    await expect(gallery.locator("#search")).to_have_value("js?/")


async def test_j_and_k_move_and_enter_opens(gallery: Page) -> None:
    await gallery.goto(f"{HOST}/page/zh/inbox-full")
    await gallery.keyboard.press("j")
    await expect(gallery.locator("#task-0197a1")).to_have_class("task selected")
    await gallery.keyboard.press("j")
    await gallery.wait_for_timeout(100)
    await gallery.keyboard.press("k")
    await expect(gallery.locator("#task-0197a1 a.what")).to_be_focused()


async def test_question_mark_opens_help_and_s_goes_to_the_signature(gallery: Page) -> None:
    await gallery.goto(f"{HOST}/page/zh/release-clean")
    await gallery.keyboard.press("?")
    await expect(gallery.locator("#keyboard-help")).to_be_visible()
    await gallery.keyboard.press("Escape")
    await gallery.keyboard.press("s")
    await expect(gallery.locator("input[name=password]")).to_be_focused()


async def test_a_scan_anywhere_becomes_a_search_and_no_shortcut(gallery: Page) -> None:
    await gallery.goto(f"{HOST}/page/zh/inbox-full")
    async with gallery.expect_request("**/search**") as asked:
        await scan(gallery, "sj?P88-12")
    assert "text=sj%3FP88-12" in (await asked.value).url
    assert not await gallery.locator("#keyboard-help").is_visible()


async def test_a_scan_on_a_form_fills_the_next_empty_lot_and_keeps_a_row_ready(gallery: Page) -> None:
    await gallery.goto(f"{HOST}/page/zh/work-order")
    rows = gallery.locator("[data-scan-row]")
    before = await rows.count()
    await scan(gallery, "R-88-99")
    await expect(rows).to_have_count(before + 1)
    await expect(rows.nth(before - 1).locator("input").first).to_have_value("R-88-99")
    await expect(rows.nth(before - 1).locator("input").nth(1)).to_be_focused()


async def test_a_label_scanned_after_a_case_is_the_next_line_and_no_quantity(gallery: Page) -> None:
    """Serial units and cases are scanned one after another; a balance's reading stays the quantity that it is."""
    await gallery.goto(f"{HOST}/page/zh/unit-new")
    number, things = gallery.locator("input[name=unit_no]"), gallery.locator("input[name=thing_what]")
    amounts = gallery.locator("input[name=thing_quantity]")
    await number.fill("")
    await number.click()
    await wedge(gallery, "]C100069012345000000042")
    await expect(number).to_have_value("]C100069012345000000042")
    for place, case in enumerate(["069012345000000011", "H-2611-05", "069012345000000035", "069012345000000059"]):
        await wedge(gallery, case)
        await expect(things.nth(place)).to_have_value(case)
        await expect(amounts.nth(place)).to_be_focused()
        await expect(amounts.nth(place)).to_have_value("")
    await wedge(gallery, "0012.50")
    await expect(amounts.nth(3)).to_have_value("0012.50")
    await expect(things).to_have_count(5)


async def test_a_scan_takes_the_place_of_the_number_that_stood_alone(gallery: Page) -> None:
    await gallery.goto(f"{HOST}/page/zh/unit-new")
    things = gallery.locator("input[name=thing_what]")
    for place in range(await things.count()):
        await things.nth(place).fill(f"H-{place}")
    number = gallery.locator("input[name=unit_no]")
    await number.fill("")
    await number.click()
    for label in ("069012345000000011", "069012345000000035"):
        await wedge(gallery, label)
        await expect(number).to_have_value(label)


async def test_enter_asks_where_the_scanned_number_is_the_whole_question(gallery: Page) -> None:
    await gallery.goto(f"{HOST}/page/zh/trace-start")
    await gallery.fill("#trace-text", "")
    await gallery.click("#trace-text")
    async with gallery.expect_request("**/trace?**text=R-2611-88**"):
        await wedge(gallery, "R-2611-88")


async def test_typed_text_survives_leaving_and_coming_back_but_a_password_is_never_kept(gallery: Page) -> None:
    await gallery.goto(f"{HOST}/page/zh/release-clean")
    await gallery.fill("textarea[name=reason]", "湿度已评估")
    await gallery.check("input[name=outcome][value=hold]")
    await gallery.fill("input[name=password]", "s3cret-words")
    await gallery.goto(f"{HOST}/page/zh/inbox-full")
    await gallery.goto(f"{HOST}/page/zh/release-clean")
    await expect(gallery.locator("textarea[name=reason]")).to_have_value("湿度已评估")
    await expect(gallery.locator("input[name=outcome][value=hold]")).to_be_checked()
    await expect(gallery.locator("input[name=password]")).to_have_value("")
    kept: str = await gallery.evaluate("JSON.stringify([localStorage, sessionStorage])")
    assert "s3cret-words" not in kept


async def test_the_draft_that_goes_to_the_server_has_no_password(gallery: Page) -> None:
    bodies: list[str] = []

    async def take(route: Route) -> None:
        bodies.append(route.request.post_data or "")
        await route.fulfill(status=204)

    await gallery.route("**/draft", take)
    await gallery.goto(f"{HOST}/page/zh/release-clean")
    await gallery.fill("input[name=password]", "s3cret-words")
    async with gallery.expect_response("**/draft"):
        await gallery.fill("textarea[name=reason]", "abc")
    assert "reason=abc" in bodies[0]
    assert not any("s3cret" in body or "digest=" in body for body in bodies)


async def test_the_verdict_follows_the_fingers(gallery: Page) -> None:
    await gallery.goto(f"{HOST}/page/zh/inspection-entry")
    row = gallery.locator("[data-characteristic]").first
    word = row.locator("[data-verdict] .sign:visible")
    await expect(word).to_contain_text("录入中")
    await row.locator(".sample").nth(3).fill("24.94")
    await expect(word).to_contain_text("不合格")
    await row.locator(".sample").nth(3).fill("24.95")
    await row.locator(".sample").nth(4).fill("25.05")
    await expect(word).to_contain_text("合格")
    await expect(row.locator(".sample").nth(3)).to_have_class("form-control sample in")


async def test_a_refusal_appears_in_place_keeps_the_words_and_asks_the_password_again(gallery: Page) -> None:
    from tests.samples.gallery import html

    async def refuse(route: Route) -> None:
        await route.fulfill(status=403, body=html("release-refused", "zh"), content_type="text/html; charset=utf-8")

    await gallery.route("**/complete", refuse)
    await gallery.goto(f"{HOST}/page/zh/release-exceptions")
    where = gallery.url
    await gallery.check("input[name=outcome][value=release]")
    await gallery.fill("textarea[name=reason]", "我写的理由")
    await gallery.fill("input[name=password]", "wrong")
    await gallery.keyboard.press("Enter")
    await expect(gallery.locator(".refusal[role=alert]")).to_contain_text("密码不对")
    await expect(gallery.locator(".refusal[role=alert]")).to_be_in_viewport()
    await expect(gallery.locator("input[name=password]")).to_have_value("")
    await expect(gallery.locator("input[name=outcome][value=release]")).to_be_checked()
    assert gallery.url == where


async def test_a_saved_draft_takes_no_password_away_and_frees_no_press(gallery: Page) -> None:
    drafts: list[Route] = []
    sent: list[Route] = []

    async def keep(route: Route) -> None:
        (drafts if route.request.url.endswith("/draft") else sent).append(route)  # answered below

    await gallery.route("**/draft", keep)
    await gallery.route("**/complete", keep)
    await gallery.goto(f"{HOST}/page/zh/release-clean")
    await gallery.check("input[name=outcome][value=release]")
    await gallery.fill("textarea[name=reason]", "已核对")
    await gallery.fill("input[name=password]", "right")
    button = gallery.locator(".decision button.btn-primary")
    async with gallery.expect_request("**/draft"):
        await gallery.wait_for_timeout(10)
    await button.click()
    saved = '<span class="saved small muted" id="draft-state">草稿已保存</span>'
    await drafts[0].fulfill(body=saved, content_type="text/html; charset=utf-8")
    await expect(gallery.locator("#draft-state")).to_have_text("草稿已保存")
    await expect(gallery.locator("input[name=password]")).to_have_value("right")
    await button.click()
    await gallery.wait_for_timeout(150)
    assert len(sent) == 1
    await sent[0].fulfill(status=204)


async def test_a_page_that_waits_asks_no_more_once_it_is_led_elsewhere(gallery: Page) -> None:
    asked: list[Route] = []
    led = asyncio.Event()

    async def arrived(route: Route) -> None:
        asked.append(route)
        await route.fulfill(status=204, headers={"HX-Redirect": f"{HOST}/page/zh/recall-3"})

    async def slowly(route: Route) -> None:
        led.set()
        await asyncio.sleep(5)  # the next page takes longer to come than the time between two questions
        await route.fallback()

    await gallery.goto(f"{HOST}/page/zh/recall-opening")
    await gallery.route("**/recalls/new/recording**", arrived)
    await gallery.route("**/page/zh/recall-3", slowly)
    await led.wait()
    await gallery.wait_for_url("**/recall-3")
    assert len(asked) == 1


async def test_a_press_that_was_taken_is_not_free_before_the_next_page_stands(gallery: Page) -> None:
    sent: list[Route] = []

    async def take(route: Route) -> None:
        sent.append(route)
        await route.fulfill(status=204, headers={"HX-Redirect": f"{HOST}/page/zh/inbox-full"})

    async def slowly(route: Route) -> None:
        await asyncio.sleep(1)
        await route.fallback()

    await gallery.route("**/complete", take)
    await gallery.route("**/page/zh/inbox-full", slowly)
    await gallery.goto(f"{HOST}/page/zh/release-clean")
    await gallery.check("input[name=outcome][value=release]")
    await gallery.fill("input[name=password]", "right")
    # impatient presses from within the page: Playwright's own would wait for the other one
    await gallery.evaluate("setInterval(() => document.querySelector('.decision button.btn-primary').click(), 50)")
    await gallery.wait_for_url("**/inbox-full")
    assert len(sent) == 1


async def test_a_second_press_while_the_first_is_recorded_sends_nothing(gallery: Page) -> None:
    sent: list[Any] = []

    async def keep(route: Route) -> None:
        sent.append(route)  # answered at the end only

    await gallery.route("**/complete", keep)
    await gallery.goto(f"{HOST}/page/zh/release-clean")
    await gallery.check("input[name=outcome][value=release]")
    await gallery.fill("input[name=password]", "right")
    button = gallery.locator(".decision button.btn-primary")
    await button.click()
    await button.click()
    await gallery.wait_for_timeout(150)
    assert len(sent) == 1
    await sent[0].fulfill(status=204)


async def test_a_press_that_nobody_answers_says_so_and_keeps_everything(gallery: Page) -> None:
    """The network fails in the middle: silence would leave the person with a button that does nothing."""
    await gallery.route("**/complete", lambda route: route.abort("internetdisconnected"))
    await gallery.goto(f"{HOST}/page/zh/release-clean")
    where = gallery.url
    await gallery.check("input[name=outcome][value=release]")
    await gallery.fill("textarea[name=reason]", "湿度已评估")
    await gallery.fill("input[name=password]", "right")
    button = gallery.locator(".decision button.btn-primary")
    for _ in range(2):  # and the button can be pressed again
        async with gallery.expect_event("requestfailed"):
            await button.click()
        await expect(gallery.locator(".decision .refusal[role=alert]")).to_have_count(1)
        await expect(gallery.locator(".decision .refusal[role=alert]")).to_contain_text("服务器没有回答")
        await expect(gallery.locator(".decision .refusal[role=alert]")).to_be_in_viewport()
    await expect(gallery.locator("input[name=password]")).to_have_value("right")
    await gallery.goto(f"{HOST}/page/zh/inbox-full")
    await gallery.goto(where)
    await expect(gallery.locator("textarea[name=reason]")).to_have_value("湿度已评估")


async def test_what_was_typed_beside_a_notice_that_was_only_read_is_not_lost(gallery: Page) -> None:
    async def understood(route: Route) -> None:
        from tests.samples.gallery import html

        read = html("recall-new-notice", "zh").replace(" data-refused", "")
        await route.fulfill(body=read, content_type="text/html; charset=utf-8")

    await gallery.route("**/recalls/new", understood)
    await gallery.goto(f"{HOST}/page/zh/recall-new")
    await gallery.fill("textarea[name=reason]", "供方通知 2026-118")
    await gallery.click("button[name=read]")
    await expect(gallery.locator("#intake")).to_be_visible()
    await gallery.goto(f"{HOST}/page/zh/inbox-full")
    await gallery.goto(f"{HOST}/page/zh/recall-new")
    await expect(gallery.locator("textarea[name=reason]")).to_have_value("供方通知 2026-118")


async def test_a_draft_never_answers_what_the_address_has_answered(gallery: Page) -> None:
    """A recall left half typed must not turn the drill that is opened next into a recall."""
    await gallery.goto(f"{HOST}/page/zh/recall-new")
    await gallery.check("input[name=mode][value=recall]")
    await gallery.goto(f"{HOST}/page/zh/recall-new")
    await expect(gallery.locator("input[name=mode][value=recall]")).to_be_checked()
    await gallery.goto(f"{HOST}/page/zh/recall-new?mode=drill")
    await expect(gallery.locator("input[name=mode][value=recall]")).not_to_be_checked()


async def test_a_press_while_the_next_page_is_on_its_way_sends_nothing(gallery: Page) -> None:
    sent: list[Route] = []
    ahead: list[Route] = []

    async def done(route: Route) -> None:
        sent.append(route)
        await route.fulfill(headers={"HX-Redirect": "/page/zh/inbox-full"})

    async def late(route: Route) -> None:
        ahead.append(route)  # answered at the end only

    await gallery.goto(f"{HOST}/page/zh/release-clean")
    await gallery.route("**/complete", done)
    await gallery.route("**/inbox-full", late)
    await gallery.check("input[name=outcome][value=release]")
    await gallery.fill("input[name=password]", "right")
    impatient = "() => { setInterval(() => document.querySelector('.decision button.btn-primary').click(), 20); }"
    async with gallery.expect_request("**/inbox-full"):
        await gallery.evaluate(impatient)  # a press of Playwright would wait for the page that is on its way
    await gallery.wait_for_timeout(150)
    assert len(sent) == 1
    await ahead[0].fallback()
    await gallery.wait_for_url("**/inbox-full")


async def test_a_customers_answer_survives_another_language_until_it_has_arrived(gallery: Page) -> None:
    async def thank(route: Route) -> None:
        from tests.samples.gallery import html

        await route.fulfill(body=html("notice-thanks", "en"), content_type="text/html; charset=utf-8")

    await gallery.route("**/n/*", thank)
    await gallery.goto(f"{HOST}/page/zh/notice-answer")
    answer = {"name": "王医生", "received": "30", "on_hand": "20", "used": "10", "will_return": "20"}
    for name, value in answer.items():
        await gallery.fill(f"input[name={name}]", value)
    await gallery.goto(f"{HOST}/page/en/notice-answer")
    for name, value in answer.items():
        await expect(gallery.locator(f"input[name={name}]")).to_have_value(value)
    await gallery.click("main button.btn-primary")
    await expect(gallery.locator("h1 .good")).to_be_visible()
    kept: str = await gallery.evaluate("JSON.stringify([localStorage, sessionStorage])")
    assert "王医生" not in kept
