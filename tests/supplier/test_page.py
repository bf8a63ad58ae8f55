"""Approved suppliers from the form to a receipt that is kept apart, on the real stack; the list with none, a few and three hundred; HTTP."""

import pytest
from playwright.async_api import BrowserContext, expect

from tests.supplier.asking import approved, goods, proposed
from tests.support.often import WALKED, often
from tests.support.plant.plant import PASSWORD
from tests.support.processes.matter import complete, open_task
from tests.support.servers.database import past_walls
from tests.support.servers.press import press
from tests.support.servers.site import Site
from tests.support.servers.until import born
from workflows.temporal import start

WORDS = {"zh": ("任务已在待办中", "尚未决定"), "en": ("its task is in the inbox", "isn't decided yet")}
KEPT_APART = {"zh": "⚠ 注意: 已收货, 但已隔离冻结", "en": "⚠ Mind: received, but kept apart and held"}
BECAUSE = {
    "zh": "供应商批准 {number} 已由两人签名生效",
    "en": "the approval {number} of its supplier has been signed by two people",
}
MANY = often(60, 300)
"""Entries of a long list."""
LET_GO = {"zh": "本批准签名后解冻", "en": "free since this approval"}
COPIES = """
with made as (insert into item (item_no, name, name_en, kind) select 'MANY-' || n, '材料 ' || n, 'Material ' || n, 'raw' from generate_series(1, {many}) n returning id),
listed as (insert into supplier_approval (approval_no, supplier_id, item_id, origin, status, expires_on, reassess_on, refused_at)
  select 'SA-M' || lpad(m.id::text, 6, '0'), (select min(id) from supplier), m.id, 'carried_over', case when m.id %% 7 = 0 then 'refused' else 'approved' end,
         current_date + (m.id %% 9 - 2)::int * 40, current_date + (m.id %% 9 - 2)::int * 40 - 10, case when m.id %% 7 = 0 then now() end from made m
  returning subject_id, approval_no)
insert into subject (id, kind, number, title, opened_at) select subject_id, 'supplier_approval', approval_no, approval_no, now() from listed
"""


@pytest.mark.parametrize("language", WALKED)
async def test_from_the_form_to_a_supplier_on_the_list_and_a_lot_that_is_kept_apart(
    site: Site, context: BrowserContext, other_context: BrowserContext, language: str
) -> None:
    plant, (said, why), lang = site.plant, WORDS[language], language.upper()
    await start.ensure_outbox(plant.client)
    item = goods(plant, f"PAGE-{lang}", f"P-{lang}")
    page = await site.enter(context, "zhao.liu", language=language, at="/supplier-approvals/new")
    await site.look(page, f"supplier-new-{language}")
    await page.check(f"input[name=supplier_no][value='P-{lang}']")
    await page.check(f"input[name=item_no][value='{item}']")
    await page.fill("textarea[name=reason]", " ")
    assert await press(page) == 422
    await page.fill("textarea[name=reason]", "新供应商, 第二来源")
    await press(page)
    await page.wait_for_url("**/subjects/*")
    await expect(page.locator(".notice")).to_contain_text(said)
    here = page.url.partition("?")[0]
    number = plant.scalar("select approval_no from supplier_approval order by id desc limit 1")
    await born(plant.client, f"supplier-approval/{number}/1")
    await _kept_apart(site, other_context, item, f"PG-{lang}-1", why, language)
    await proposed(plant, number, condition="certificate")
    await complete(plant, number, "review", "chen.pi", "agree")
    task = open_task(plant, number, "approve")
    await other_context.clear_cookies()
    approver = await site.enter(other_context, "wu.jingli", language=language, at=f"/tasks/{task.public_id}")
    await expect(approver.locator("main")).to_contain_text(f"PG-{lang}-1")  # what the signature lets go of
    await site.look(approver, f"supplier-approve-{language}")
    await approver.check("input[name=outcome][value=approve]")
    await approver.fill("input[name=password]", PASSWORD)
    await approver.click(".decision button.btn-primary")
    await approver.wait_for_url("**/inbox**")
    await plant.receive(f"PG-{lang}-2", 5, item_no=item, supplier_no=f"P-{lang}", certificate_no="COA-88")
    await plant.receive(f"PG-{lang}-3", 5, item_no=item, supplier_no=f"P-{lang}")
    await page.goto(here)
    await expect(page.locator("main")).to_contain_text("COA-88")
    await expect(page.locator("main")).to_contain_text(LET_GO[language])
    await site.look(page, f"supplier-entry-{language}")
    told = await (await context.request.get(f"{site.address}/api/v1/supplier-approvals/{number}")).json()
    assert (told["number"], told["stands"], told["condition"], told["round"]) == (number, "approved", "certificate", 1)
    assert (told["lots"], told["kept_apart"], told["failed"]) == (3, 2, 0)
    assert [one["let_go"] for one in told["newest"]] == [False, False, True]
    assert [(one["lot_no"], one["finding"], one["held"]) for one in told["newest"]] == [
        (f"PG-{lang}-3", "certificate", True),
        (f"PG-{lang}-2", "approved", False),
        (f"PG-{lang}-1", "undecided", False),
    ]
    await page.goto(f"{site.address}/lots/PG-{lang}-1")
    await expect(page.locator("main")).to_contain_text(BECAUSE[language].format(number=number))
    await site.look(page, f"supplier-let-go-{language}")
    await page.goto(here)
    # asked for again on its page, with what it is about filled in
    await page.click("a[href*='supplier-approvals/new?']")
    await expect(page.locator(f"input[name=item_no][value='{item}']")).to_be_checked()


async def _kept_apart(site: Site, context: BrowserContext, item: str, lot: str, why: str, language: str) -> None:
    """Who receives it reads why it is kept apart, there and on the page of the batch."""
    receiver = await site.enter(context, "li.cang", language=language, at="/lots/receive")
    await receiver.check(f"input[name=item_no][value='{item}']")
    await receiver.check(f"input[name=supplier_no][value='P-{language.upper()}']")
    await receiver.select_option("select[name=location]", "RCV-01")
    for name, value in (
        ("lot_no", lot),
        ("supplier_lot_no", "X-1"),
        ("quantity", "5"),
        ("item_revision", "B"),
        ("certificate_no", "COA-87"),
    ):
        await receiver.fill(f"input[name={name}]", value)
    await site.look(receiver, f"receive-{language}")
    await press(receiver)
    await receiver.wait_for_url("**/lots/*")
    notice = receiver.locator(".notice.caution[role=alert]")
    await expect(notice).to_contain_text(KEPT_APART[language])
    await expect(notice).to_contain_text(why)
    await expect(notice).not_to_contain_text("✓")
    await expect(receiver.locator("main")).to_contain_text(why)
    await site.look(receiver, f"receive-kept-apart-{language}")


async def test_the_list_with_none_with_a_few_and_with_many(site: Site, context: BrowserContext) -> None:
    plant = site.plant
    await start.ensure_outbox(plant.client)
    page = await site.enter(context, "zhao.liu", at="/supplier-approvals?q=NOBODY")
    await expect(page.locator("main .nothing")).to_be_visible()
    await site.look(page, "suppliers-0")
    item = goods(plant, "FEW-1", "F-1", "F-2")
    for supplier, more in (
        ("F-1", {"condition": "lots", "most_lots": 3}),
        ("F-2", {"condition": "other", "condition_text": "每批复验"}),
    ):
        await approved(plant, supplier, item, **more)
    await page.goto(f"{site.address}/supplier-approvals?q=FEW-1")
    await expect(page.locator("tr[data-row]")).to_have_count(2)
    await expect(page.locator(".sums b").first).to_have_text("2")  # a figure opens as many as it says, narrowed too
    await site.look(page, "suppliers-2")
    await page.goto(f"{site.address}/supplier-approvals?q=%25'_")  # signs of the search are signs like others
    await expect(page.locator("main .nothing")).to_be_visible()
    with past_walls(plant.engine) as connection:
        connection.exec_driver_sql(COPIES.format(many=MANY))
    await page.goto(f"{site.address}/supplier-approvals")
    await site.look(page, "suppliers-300")
    # every figure opens as many as it says, and the whole list can be walked through
    for figure in await page.locator(".sums a").all():
        said, href = await figure.locator("b").inner_text(), await figure.get_attribute("href")
        assert await _walked(site, context, str(href)) == int(said)
    english = await site.enter(context, "zhao.liu", language="en", at="/supplier-approvals?state=expiring")
    await site.look(english, "suppliers-300-en")


async def _walked(site: Site, context: BrowserContext, href: str) -> int:
    state = href.partition("state=")[2]
    count, after = 0, ""
    while True:
        query: dict[str, str | float | bool] = {
            "limit": "100",
            **({"state": state} if state else {}),
            **({"after": after} if after else {}),
        }
        told = await (await context.request.get(f"{site.address}/api/v1/supplier-approvals", params=query)).json()
        count, after = count + len(told["items"]), told["next"]
        if not after:
            return count
