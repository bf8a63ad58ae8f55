"""A batch is held with everything made of it, looked at first, and lifted as one: on pages and over HTTP (ISO 13485 8.3.1)."""

from typing import Any

import pytest
from playwright.async_api import BrowserContext, Page, expect

from tests.support import stock
from tests.support.often import WALKED
from tests.support.plant.plant import PASSWORD
from tests.support.servers.press import press
from tests.support.servers.site import Site

WORDS = {
    "zh": ("将冻结 3 批", "冻结全部 3 批", "上海第一医院", "仍冻结 3 / 3 批", "全部 3 批已解除"),
    "en": ("3 batches will be held", "Hold all 3 batches", "SH-", "3 of 3 still held", "All 3 batches lifted"),
}


async def asked(page: Page, site: Site, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
    csrf = await page.locator("input[name=csrf]").first.get_attribute("value") or ""
    headers = {"X-CSRF-Token": csrf}
    answer = await page.request.fetch(f"{site.address}/api/v1{path}", method=method, data=body, headers=headers)
    found: dict[str, Any] = await answer.json()
    assert answer.ok, found
    return found


@pytest.mark.parametrize("language", WALKED)
async def test_everything_made_of_it_is_looked_at_held_and_lifted_as_one(
    site: Site, context: BrowserContext, language: str
) -> None:
    plant, tag = site.plant, f"HP-{language.upper()}"
    will, do, beyond, held, lifted = WORDS[language]
    desk = stock.at_record(plant)
    await desk.material(f"{tag}-R", 200)
    await desk.make(f"{tag}-H", f"{tag}-R", 50)
    await desk.release(f"{tag}-H")
    await desk.ship(f"SH-{tag}", f"{tag}-H", 10)
    await desk.make(f"{tag}-K", f"{tag}-R", 30)
    page = await site.enter(context, "wu.jingli", language=language, at=f"/lots/{tag}-R")
    await page.locator("details", has=page.locator("#hold-reason")).locator("summary").click()
    await page.locator("a[href$='/hold?scope=parts']").click()
    await expect(page.locator("#will")).to_contain_text(will)
    await expect(page.locator("#beyond")).to_contain_text(beyond)
    await expect(page.locator("#errands")).to_contain_text("CR-2")
    await site.look(page, f"hold-preview-{language}")
    # spaces are no reason: refused in its place, and what was typed is kept
    await page.fill("#hold-reason", "   ")
    assert await press(page, f"main button:text-is('{do}')") == 422
    await expect(page.locator("main .refusal[role=alert]")).to_contain_text("HLD-001")
    await site.look(page, f"hold-refused-{language}")
    await page.fill("#hold-reason", "原料混批")
    await press(page, f"main button:text-is('{do}')")
    await page.wait_for_url("**/hold-acts/*")
    await expect(page.locator("main .head")).to_contain_text(held)
    await expect(page.locator("#pulls")).to_contain_text("CR-2")
    await page.locator("#lift > summary").click()
    await site.look(page, f"hold-act-{language}")
    hold_act = page.url.rsplit("/", 1)[1].split("?")[0]
    seen = await asked(page, site, "GET", f"/hold-acts/{hold_act}")
    assert [seen["held"], seen["open"], seen["beyond"][0]["quantity"], len(seen["errands"])] == [3, 3, "10", 1]
    again = await asked(page, site, "GET", f"/lots/{tag}-R/holds/preview?scope=parts")
    # who was sent is on the way: nobody is sent twice
    assert [again["count"], again["held"], again["errands"]] == [3, 3, []]
    if language == "en":
        await page.fill("#lift-reason", "已查明")
        await page.fill("#lift-password", PASSWORD)
        await press(page, "#lift button")
    else:
        record = await asked(page, site, "GET", f"/hold-acts/{hold_act}/record")
        assert record["record"]["lots"] == [f"{tag}-H", f"{tag}-K", f"{tag}-R"]
        signature = {"password": PASSWORD, "meaning": record["meaning"], "digest": record["digest"]}
        done = await asked(
            page, site, "POST", f"/hold-acts/{hold_act}/lift", {"reason": "已查明", "signature": signature}
        )
        assert (done["data"]["lifted"], done["data"]["free"]) == (3, 3)
        await page.reload()
    await expect(page.locator("main .head")).to_contain_text(lifted)
    await site.look(page, f"hold-act-lifted-{language}")
