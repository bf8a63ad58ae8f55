"""A distributor says behind the link to whom goods went; each receiver has a page of their own (21 CFR 7.49(d))."""

import os
from typing import Any

from playwright.async_api import BrowserContext, Page, expect

from models.notice.rules import receivers as recall_receivers
from tests.support.plant.recall_pages import stock
from tests.support.plant.recalling import Recalling
from tests.support.servers.press import press
from tests.support.servers.site import ROOT, Site

SIZES = ((1024, 768), (1440, 900))


async def look(page: Page, name: str) -> None:
    """Pictures in both languages and sizes, where somebody wants them; the page as it was stands afterwards."""
    if not os.environ.get("PICTURES"):
        return
    (ROOT / ".artifacts/site").mkdir(parents=True, exist_ok=True)
    language = (await page.evaluate("document.documentElement.lang"))[:2]
    for width, height in SIZES:
        await page.set_viewport_size({"width": width, "height": height})
        await page.screenshot(path=ROOT / f".artifacts/site/{name}.{language}.{width}.png", full_page=True)


async def link_of(site: Site, page: Page, number: str, notice: object) -> str:
    await page.goto(f"{site.address}/recalls/{number}/notices/{notice}")
    return await page.locator(".letter .link").first.inner_text()


async def say(page: Page, **values: object) -> int:
    """Fill the form in and send it; answers the status that came back."""
    for name, value in values.items():
        await page.fill(f"[name={name}]", str(value))
    return await press(page)


async def test_receivers_are_named_behind_the_link_and_answer_behind_their_own(
    site: Site, context: BrowserContext, other_context: BrowserContext
) -> None:
    await stock(site, "H-SUB", "R-SUB")
    recall = Recalling(site.plant, "RC-2026-931")
    await recall.open("H-SUB")
    await recall.to_customers()
    recall.post()
    (notice,) = recall.notices()
    page = await site.enter(context, "sun.zhao")
    link = await link_of(site, page, recall.number, notice.public_id)
    outside = await site.tab(other_context)
    await by_link(outside, link)
    assert [one.receiver for one in recall.notices()] == [None], "nobody is told by a link alone"
    await confirm_on_page(site, page, recall)
    await by_telephone(site, page, recall.number)

    # a receiver has a letter and a link of their own
    receiver = next(one for one in recall.notices() if one.receiver == "市第一医院")
    own = await link_of(site, page, recall.number, receiver.public_id)
    await expect(page.locator(".letter").first).to_contain_text("告知已转给贵方")
    await look(page, "passed-on-letter")
    await outside.goto(f"{own}?lang=en")
    await look(outside, "passed-on-receiver")
    assert await say(outside, name="Dr Wang", received=5, on_hand=5, used=0, will_return=5) == 422
    await expect(outside.locator(".refusal[role=alert]")).to_contain_text("Received 5 pcs is more than the 4 pcs")
    assert await say(outside, received=4, on_hand=1, used=3, will_return=1) == 200
    await page.goto(f"{site.address}/recalls/{recall.number}?lang=en")
    await expect(page.locator("#customers")).to_contain_text("received 4")
    await look(page, "passed-on-cockpit")
    assert await site.troubles(page) == []
    assert await site.troubles(outside) == []


async def by_link(outside: Page, link: str) -> None:
    """All 30 were passed on; 4 and 3 of them have names, the second through the same link later."""
    row = "市第一医院; 王医生; qa@h1.test"
    await outside.goto(f"{link}?lang=zh")
    numbers = {"received": 30, "on_hand": 0, "used": 0, "will_return": 0, "passed_on": 30}
    assert await say(outside, name="李经理", **numbers, receivers=row) == 422
    await expect(outside.locator(".refusal[role=alert]")).to_contain_text("第 1 行看不懂")
    await expect(outside.locator("[name=receivers]")).to_have_value(row)
    await look(outside, "passed-on-refused")
    assert await say(outside, receivers=f"{row}; 4") == 200
    await expect(outside.locator(".customer")).to_contain_text("我方核对收货单位后才通知他们")
    await outside.goto(link)
    await expect(outside.locator(".customer")).to_contain_text("转给他人的还有 26 件 没有写明收货单位")
    await look(outside, "passed-on-names")
    assert await say(outside, receivers="市第一医院; 1") == 409
    await expect(outside.locator(".refusal[role=alert]")).to_contain_text("已经登记，已收到通知或等待核对")
    assert await say(outside, receivers="市第二医院; 0512-66660000; 3") == 200


async def confirm_on_page(site: Site, page: Page, recall: Recalling) -> None:
    """Each list is a task: who is on it, how many letters go where; then the act."""
    for names in (["市第一医院"], ["市第一医院", "市第二医院"]):
        await page.goto(f"{site.address}/recalls/{recall.number}")
        await page.click("#customers a:has-text('等待核对')")
        await expect(page.locator("main")).to_contain_text(names[-1])
        await expect(page.locator("main")).to_contain_text("向 1 家发出通知")
        await look(page, "passed-on-confirm")
        await page.check("input[name=outcome][value=confirm]")
        assert await press(page) in {200, 303}
        assert {one.receiver for one in recall.notices() if one.receiver} == set(names)


async def by_program(site: Site, page: Page, number: str) -> None:
    """The same over HTTP: what can't be is refused with its code, what is named is read back with who passed it on."""
    notices = f"{site.address}/api/v1/recalls/{number}/notices"
    top = next(one for one in await (await page.request.get(notices)).json() if one["parent"] is None)
    assert (top["passed_on"], top["unnamed"]) == ("30.000000", "23.000000")
    headers = {"X-CSRF-Token": await page.locator("input[name=csrf]").first.get_attribute("value") or ""}

    async def name(quantity: int) -> tuple[int, dict[str, Any]]:
        given = {"name": "李经理", "receivers": [{"name": "诊所", "quantity": quantity, "phone": "0512-1"}]}
        answer = await page.request.post(f"{notices}/{top['id']}/receivers", data=given, headers=headers)
        return answer.status, await answer.json()

    status, refused = await name(24)
    assert (status, refused["code"], refused["clause"]) == (422, "RCS-001", recall_receivers.CLAUSE)
    status, receipt = await name(3)
    assert (status, receipt["data"]["receivers"]) == (201, 1)
    assert await name(3) == (status, receipt), "sent again, it is the same receipt and names nobody twice"
    await confirm_last(site, page, number)
    told = next(one for one in await (await page.request.get(notices)).json() if one["customer"] == "诊所")
    assert (told["parent"], told["passed_by"], told["phone"]) == (top["id"], "上海第一医院", "0512-1")


async def confirm_last(site: Site, page: Page, number: str) -> None:
    """The list that waits is confirmed on the page of its task."""
    await page.goto(f"{site.address}/recalls/{number}")
    await page.click("#customers a:has-text('等待核对')")
    await page.check("input[name=outcome][value=confirm]")
    assert await press(page) in {200, 303}
    await page.goto(f"{site.address}/recalls/{number}")


async def by_telephone(site: Site, page: Page, number: str) -> None:
    """Whose names are missing stands on the cockpit; the coordinator writes the last one down."""
    await page.goto(f"{site.address}/recalls/{number}")
    await expect(page.locator("#customers")).to_contain_text("转给他人 23, 没有写明收货单位")
    await expect(page.locator("#customers")).to_contain_text("市第二医院")
    await look(page, "passed-on-cockpit")
    await by_program(site, page, number)
    await page.reload()
    await page.click("#customers a:text-is('登记收货单位')")
    await look(page, "passed-on-form")
    assert await say(page, name="李经理", receivers="St. Mary Clinic; 20") in {200, 303}
    await expect(page.locator("#customers")).to_contain_text("20 的收货单位等待核对")
    await confirm_last(site, page, number)
    await expect(page.locator("#customers")).not_to_contain_text("没有写明收货单位")
