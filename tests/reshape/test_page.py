"""Splitting, merging, repacking and rejecting a part from a batch's page, on the real stack (REQUIREMENTS 6, 7)."""

import json
from decimal import Decimal
from hashlib import sha256
from typing import Any
from urllib.parse import quote

from playwright.async_api import BrowserContext, Page, expect

from tests.support.plant.plant import PASSWORD
from tests.support.plant.reshaping import in_stock
from tests.support.servers.site import Site


async def unfold(page: Page, title: str) -> None:
    """Open the fold of an act."""
    if not await page.locator("details.fold[open] > summary", has_text="拆分、合并").count():
        await page.click("summary:has-text('拆分、合并')")
    await page.locator("summary").get_by_text(title, exact=True).click()


async def send(page: Page, act: str) -> None:
    await page.click(f"form[action$='/{act}'] button.btn-primary")


async def test_a_batch_is_split_merged_and_packed_anew(site: Site, context: BrowserContext) -> None:
    await site.before.material("R-SPLIT", 100)
    page = await site.enter(context, "li.cang", at="/lots/R-SPLIT")
    await unfold(page, "拆分")
    await site.look(page, "lot-split")
    await page.locator("input[name=part_lot_no]").nth(0).fill("R-SPLIT-A")
    await page.locator("input[name=part_quantity]").nth(0).fill("500")
    await page.fill("textarea[name=split_reason]", "分两处存放")
    await send(page, "split")
    # refused in place, with everything as it was typed
    await expect(page.locator("form[action$='/split'] .refusal")).to_contain_text("只有 100")
    await expect(page.locator("input[name=part_lot_no]").nth(0)).to_have_value("R-SPLIT-A")
    await site.look(page, "lot-split-refused")
    await page.locator("input[name=part_quantity]").nth(0).fill("40")
    await send(page, "split")
    await expect(page.locator(".notice")).to_contain_text("已拆分")
    assert [in_stock(site.plant, lot) for lot in ("R-SPLIT", "R-SPLIT-A")] == [Decimal(60), Decimal(40)]
    await expect(page.locator("main")).to_contain_text("拆出新批次")
    await unfold(page, "合并")
    await page.fill("textarea[name=merge_others]", "R-SPLIT-A")
    await page.fill("input[name=merge_into]", "R-MERGED")
    await page.fill("textarea[name=merge_reason]", "合并存放")
    await send(page, "merge")
    await page.wait_for_url("**/lots/R-MERGED*")
    await unfold(page, "换包装")
    for name, value in {"quantity": "100", "new_quantity": "3", "new_uom": "box", "into": "R-BOX"}.items():
        await page.fill(f"input[name=repack_{name}]", value)
    await page.fill("textarea[name=repack_reason]", "改盒装")
    await send(page, "repack")
    await expect(page.locator("form[action$='/repack'] .refusal")).to_contain_text("除不尽")
    await page.fill("input[name=repack_new_quantity]", "5")
    await send(page, "repack")
    await page.wait_for_url("**/lots/R-BOX*")
    await expect(page.locator("main")).to_contain_text("1 盒 = 20 件")
    await site.look(page, "lot-repacked")


async def test_a_part_is_rejected_by_who_is_asked(
    site: Site, context: BrowserContext, other_context: BrowserContext
) -> None:
    await site.before.material("R-PART", 100)
    page = await site.enter(context, "lin.jian", at="/lots/R-PART")
    # who may not move stock is offered the proposal only
    await page.click("summary:has-text('拆分、合并')")
    await expect(page.locator("form[action$='/split']")).to_have_count(0)
    await page.locator("summary").get_by_text("提议部分拒收", exact=True).click()
    await page.fill("input[name=disposition_quantity]", "20")
    await page.fill("input[name=disposition_lot_no]", "R-PART-NG")
    await page.fill("textarea[name=disposition_reason]", "外观划伤")
    await send(page, "disposition")
    await expect(page.locator(".notice")).to_contain_text("等待质量批准人")
    approver = await site.enter(other_context, "chen.pi")
    task = site.plant.task("R-PART", "disposition")
    await approver.goto(f"{site.address}/tasks/{task.public_id}")
    await expect(approver.locator("main")).to_contain_text("R-PART-NG")
    await expect(approver.locator("main")).to_contain_text("80 件")
    await site.look(approver, "task-disposition")
    await approver.check("input[name=outcome][value=reject_part]")
    await approver.fill("textarea[name=reason]", "划伤超标")
    await approver.fill("input[name=password]", PASSWORD)
    await approver.click("button.btn-wide")
    await expect(approver.locator(".notice")).to_be_visible()
    assert (site.plant.status("R-PART-NG"), in_stock(site.plant, "R-PART")) == ("rejected", Decimal(80))


async def test_the_same_over_http(site: Site, context: BrowserContext) -> None:
    """A number with a slash, Chinese text, a refusal as a problem, and the same request twice."""
    await site.before.material("R/批次 7", 100)
    page = await site.enter(context, "li.cang")
    token = await page.locator("input[name=csrf]").first.get_attribute("value")

    async def post(act: str, **given: object) -> tuple[int, Any]:
        address = f"{site.address}/api/v1/lots/{quote('R/批次 7', safe='')}/{act}"
        key = json.dumps([act, given], sort_keys=True)
        headers = {"X-CSRF-Token": token or "", "Idempotency-Key": sha256(key.encode()).hexdigest()}
        answer = await page.request.post(address, data=given, headers=headers)
        return answer.status, await answer.json()

    split = {"parts": [{"lot_no": "R/批次 7-甲", "quantity": "40"}], "reason": "分两处存放"}
    first, again = await post("split", **split), await post("split", **split)
    assert first == again
    assert (first[0], first[1]["data"]["left"]) == (201, "60")
    status, problem = await post("merge", others=["R/批次 7"], into="M", reason="x")
    assert (status, problem["code"]) == (422, "RSH-004")
    status, problem = await post("repack", quantity="60", into="R-7-BX", new_quantity="7", new_uom="box", reason="x")
    assert (status, problem["code"]) == (422, "RSH-006")
    status, problem = await post("repack", quantity="1e400", into="X", new_quantity="3", new_uom="box", reason="x")
    assert (status, problem["code"]) == (422, "API-422")
    status, problem = await post("disposition", rejected={"lot_no": "X", "quantity": "1"}, reason="x")
    assert (status, problem["code"]) == (403, "AUTH-005")
    assert (await post("merge", others=["R/批次 7-甲"], into="R-7-M", reason="合并"))[0] == 201
    assert in_stock(site.plant, "R-7-M") == 100
