"""Lifting a hold is signed, on the page and over HTTP, with the password asked anew (21 CFR 11.200(a)(1))."""

from typing import Any
from uuid import uuid4

from playwright.async_api import BrowserContext, Page, expect

from models.hold.messages import PlaceHold
from tests.support.plant.plant import PASSWORD
from tests.support.servers.press import press
from tests.support.servers.site import Site

ATTEMPTS = (
    "select array_agg(a.result order by a.id) from signing_attempt a where a.act = 'lift_hold' and a.about = :hold"
)
SIGN = "main button:text-is('签名并解除冻结')"


async def held(site: Site, lot_no: str) -> str:
    await site.before.material(lot_no)
    command = PlaceHold(command_id=str(uuid4()), by=site.plant.by("wu.jingli"), lot_nos=(lot_no,), reason="外箱破损")
    placed = await site.plant.door.place_hold(site.plant.client, command)
    return str(placed.data["holds"][0])


async def post(page: Page, site: Site, path: str, body: dict[str, Any], **headers: str) -> tuple[int, dict[str, Any]]:
    csrf = await page.locator("input[name=csrf]").first.get_attribute("value") or ""
    sent = {"X-CSRF-Token": csrf, **headers}
    answer = await page.request.post(f"{site.address}/api/v1{path}", data=body, headers=sent)
    return answer.status, await answer.json()


async def test_a_hold_is_lifted_on_its_page_with_the_password_and_every_try_is_recorded(
    site: Site, context: BrowserContext
) -> None:
    hold = await held(site, "R-SIGN")
    page = await site.enter(context, "wu.jingli", at="/lots/R-SIGN")
    await page.click("summary:text-is('解除冻结')")
    await site.look(page, "lot-lift")
    await page.fill("textarea[id^=lift]", "供方确认为外箱擦痕")
    await page.fill("input[id^=lift-password]", "wrong")
    assert await press(page, SIGN) == 403
    await expect(page.locator("main .refusal[role=alert]")).to_contain_text("SIG-002")
    await expect(page.locator("textarea[id^=lift]")).to_have_value("供方确认为外箱擦痕")
    await site.look(page, "lot-lift-refused")
    await page.fill("input[id^=lift-password]", PASSWORD)
    await press(page, SIGN)
    await expect(page.locator(".head-side .sign")).to_contain_text("已放行")
    await expect(page.locator(".signatures")).to_contain_text("解除冻结")
    assert site.plant.scalar(ATTEMPTS, hold=hold) == ["wrong_password", "accepted"]


async def test_lifting_over_http_needs_a_signature_and_a_repeated_request_has_one_effect(
    site: Site, context: BrowserContext
) -> None:
    hold = await held(site, "R-HTTP")
    page = await site.enter(context, "wu.jingli", at="/lots/R-HTTP")
    path = f"/holds/{hold}/lift"
    status, said = await post(page, site, path, {"reason": "已查明"})
    assert (status, said["code"]) == (422, "SIG-001")
    shown = await (await page.request.get(f"{site.address}/api/v1/holds/{hold}/record")).json()
    assert (shown["record"]["lot_no"], shown["record"]["reason"]) == ("R-HTTP", "外箱破损")
    proof = {"password": PASSWORD, "meaning": shown["meaning"], "digest": shown["digest"]}
    for wrong, code in (({"digest": "0" * 64}, "SIG-004"), ({"meaning": "reviewed"}, "SIG-008")):
        status, said = await post(page, site, path, {"reason": "已查明", "signature": proof | wrong})
        assert said["code"] == code
    body, key = {"reason": "已查明", "signature": proof}, str(uuid4())
    first = await post(page, site, path, body, **{"Idempotency-Key": key})
    again = await post(page, site, path, body, **{"Idempotency-Key": key})
    assert first == again
    assert first[0] == 200
    assert first[1]["data"]["free"] is True
    status, said = await post(page, site, path, body)
    assert (status, said["code"]) == (409, "HLD-004")
    assert site.plant.scalar(ATTEMPTS, hold=hold) == ["SIG-004", "SIG-008", "accepted", "HLD-004"]
    assert site.plant.scalar("select count(*) from signature where about = :hold", hold=hold) == 1


async def test_who_may_not_lift_is_refused_at_page_and_http(site: Site, context: BrowserContext) -> None:
    hold = await held(site, "R-NOT-MINE")
    page = await site.enter(context, "li.cang", at="/lots/R-NOT-MINE")
    signature = {"password": PASSWORD, "meaning": "approved", "digest": "0" * 64}
    status, said = await post(page, site, f"/holds/{hold}/lift", {"reason": "已查明", "signature": signature})
    assert (status, said["code"]) == (403, "AUTH-005")
    assert (await page.request.get(f"{site.address}/api/v1/holds/{hold}/record")).status == 403
    assert (await page.request.get(f"{site.address}/holds/{hold}/record")).status == 403
    assert site.plant.scalar(
        "select count(*) from hold where public_id = cast(:hold as uuid) and lifted_at is null", hold=hold
    )
