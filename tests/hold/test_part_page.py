"""So much of a batch is held at one place, and let go of in two steps: on pages and over HTTP (ISO 13485 8.3.1)."""

import pytest
from playwright.async_api import BrowserContext, Page, expect

from tests.hold.test_act_page import asked
from tests.support import stock
from tests.support.often import WALKED
from tests.support.plant.plant import PASSWORD
from tests.support.servers.press import press
from tests.support.servers.site import Site

WORDS = {
    "zh": ("将在 CR-2 冻结 20 件", "冻结 20 件", "其中冻结 20 件", "将解除 8 件，12 件 继续冻结", "已全部解除"),
    "en": (
        "20 pcs at CR-2 will be held",
        "Hold 20 pcs",
        "20 pcs of it held",
        "8 pcs will be free, 12 pcs stay held",
        "All of it lifted",
    ),
}


@pytest.mark.parametrize("language", WALKED)
async def test_a_quantity_is_looked_at_held_and_lifted_step_by_step(
    site: Site, context: BrowserContext, language: str
) -> None:
    tag = f"HQ-{language.upper()}"
    desk = stock.at_record(site.plant)
    await desk.material(f"{tag}-R", 50)
    await desk.make(tag, f"{tag}-R", 50)
    page = await site.enter(context, "wu.jingli", language=language, at=f"/lots/{tag}")
    hold_act = await _held(page, site, tag, language)
    part = await _some_lifted(page, site, tag, hold_act, language)
    await _rest_lifted(page, site, part)
    await page.reload()
    await expect(page.locator("main .head")).to_contain_text(WORDS[language][4])
    await site.look(page, f"hold-part-lifted-{language}")
    given = {"scope": "place", "location": "cr-2", "quantity": "5", "reason": "复验"}
    again = (await asked(page, site, "POST", f"/lots/{tag}/holds", given))["data"]
    lot = await asked(page, site, "GET", f"/lots/{tag}")
    assert [(one["part"], one["location"], float(one["quantity"])) for one in lot["parts"]] == [
        (again["part"], "CR-2", 5)
    ]
    assert [(one["location"], float(one["held"])) for one in lot["stock"]] == [("CR-2", 5)]
    # the warehouse brings it to quarantine on the batch's page, and it stays held there
    page = await site.enter(context, "li.cang", language=language, at=f"/lots/{tag}")
    await page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    moving = page.locator("form[action$='/move']")
    await moving.locator(f"[value='part:{again['part']}']").check()
    await moving.locator("[name=move_to]").fill("QA-01")
    await moving.locator("[name=move_reason]").fill("隔离")
    await site.look(page, f"hold-part-move-{language}")
    await press(page, "form[action$='/move'] button.btn-primary")
    lot = await asked(page, site, "GET", f"/lots/{tag}")
    assert [(one["location"], float(one["quantity"])) for one in lot["parts"]] == [("QA-01", 5)]


async def _held(page: Page, site: Site, tag: str, language: str) -> str:
    """It is looked at, refused, and held; answers the act."""
    will, do_ = WORDS[language][:2]
    await page.locator("details", has=page.locator("#hold-reason")).locator("summary").click()
    await page.locator("a[href$='/hold?scope=place']").click()
    await site.look(page, f"hold-part-ask-{language}")
    await page.check("input[name=location][value='CR-2']")
    await page.fill("#f-quantity", "51")
    await page.locator("form.panel[method=get] button").click()
    await expect(page.locator("main .refusal")).to_contain_text("HLD-015")
    await site.look(page, f"hold-part-refused-{language}")
    await page.fill("#f-quantity", "20")
    await page.locator("form.panel[method=get] button").click()
    await expect(page.locator("#will")).to_contain_text(will)
    await expect(page.locator("#errands")).to_contain_text("CR-2")
    await site.look(page, f"hold-part-preview-{language}")
    seen = await asked(page, site, "GET", f"/lots/{tag}/holds/preview?scope=place&location=cr-2&quantity=20")
    assert [seen["part"][key] for key in ("quantity", "there", "held", "left", "broken")] == ["20", "50", "0", "30", []]
    assert [(one["place"], one["quantity"]) for one in seen["errands"]] == [("CR-2", "20")]
    await page.fill("#hold-reason", "   ")
    assert await press(page, f"main button:text-is('{do_}')") == 422
    await expect(page.locator("main .refusal[role=alert]")).to_contain_text("HLD-001")
    await page.fill("#hold-reason", "一箱受潮")
    await press(page, f"main button:text-is('{do_}')")
    await page.wait_for_url("**/hold-acts/*")
    await expect(page.locator("#pulls")).to_contain_text("CR-2")
    await site.look(page, f"hold-part-act-{language}")
    return page.url.rsplit("/", 1)[1].split("?")[0]


async def _some_lifted(page: Page, site: Site, tag: str, hold_act: str, language: str) -> str:
    """Eight of twenty are let go of; answers what is left."""
    of_it, some = WORDS[language][2:4]
    await page.goto(f"{site.address}/lots/{tag}")
    await expect(page.locator("main")).to_contain_text(of_it)
    await site.look(page, f"hold-part-lot-{language}")
    await page.goto(f"{site.address}/hold-acts/{hold_act}")
    await page.locator("#parts a.btn").click()
    await page.fill("#f-quantity", "8")
    await page.locator("form.panel[method=get] button").click()
    await expect(page.locator("#lift")).to_contain_text(some)
    await site.look(page, f"hold-part-lift-{language}")
    await page.fill("#lift-reason", "已查明")
    await page.fill("#lift-password", PASSWORD)
    await press(page, "#lift button")
    await page.wait_for_url("**/hold-acts/*")
    await site.look(page, f"hold-part-act-some-{language}")
    head = await asked(page, site, "GET", f"/hold-acts/{hold_act}")
    assert [(one["quantity"], one["lifted"]) for one in head["parts"]] == [("12", None), ("20", "8")]
    left: str = head["parts"][0]["part"]
    return left


async def _rest_lifted(page: Page, site: Site, part: str) -> None:
    """Over HTTP."""
    record = await asked(page, site, "GET", f"/hold-parts/{part}/record")
    assert (record["record"]["held"], record["record"]["lift"], record["record"]["location"]) == ("12", "12", "CR-2")
    signature = {"password": PASSWORD, "meaning": record["meaning"], "digest": record["digest"]}
    done = await asked(page, site, "POST", f"/hold-parts/{part}/lift", {"reason": "已查明", "signature": signature})
    assert (done["data"]["lifted"], done["data"]["left"]) == ("12", "0")
