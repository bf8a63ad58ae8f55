"""Batches on pages: receive, find, read, freeze, on the real stack."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import pytest
from playwright.async_api import BrowserContext, Page, expect
from sqlalchemy import Engine, text
from sqlmodel import Session

from models.audit.queries import trail as queries_audit
from models.kernel.store.act import act, reading
from models.lot.queries import list as queries_lots
from models.person.rules.auth import Principal
from models.person.rules.roles import Role
from models.person.rules.shipped_roles import PERMISSIONS
from models.process.messages.process import Receipt
from models.production.queries import pages as production
from models.trace.rules.trace import Direction
from models.trace.store import trace
from tests.support.plant.plant import PASSWORD, SETUP
from tests.support.servers.database import StatementCounter
from tests.support.servers.press import press
from tests.support.servers.site import Site
from ui.frame.i18n import Words
from ui.lot.view import lot as views_lot
from ui.nonconformance import view as views_quality
from workflows.temporal import start

RECEIPTS = "select count(*) from stock_movement m join lot l on l.id = m.lot_id where l.lot_no = :lot"


async def receive(page: Page, site: Site, lot_no: str, **typed: str) -> int:
    """Fill the form of 李仓 and send it; answers the status that came back."""
    await page.goto(site.address + "/lots/receive")
    await page.check("input[name=item_no][value=PEEK-20]")
    given = {"lot_no": lot_no, "supplier_lot_no": f"P88-{lot_no}", "quantity": "100", "expires_on": "2031-10", **typed}
    for name, value in given.items():
        await page.fill(f"input[name={name}]", value)
    await page.check("input[name=supplier_no][value=S-1]")
    await page.select_option("select[name=location]", "RCV-01")
    return await press(page)


async def test_received_material_is_in_quarantine_with_its_inspection_open(site: Site, context: BrowserContext) -> None:
    page = await site.enter(context, "li.cang", at="/lots/receive")
    await site.look(page, "receive")
    await receive(page, site, "R-2611-01")
    await page.wait_for_url("**/lots/R-2611-01")
    await expect(page.locator(".notice")).to_contain_text("已收货")
    await expect(page.locator(".head-side .sign")).to_contain_text("待检")
    await expect(page.locator("main")).to_contain_text("P88-R-2611-01")
    await expect(page.locator(".milestones li.current")).to_contain_text("检验")
    await site.look(page, "lot-received")


async def test_an_expiry_that_the_item_does_not_give_is_received_only_with_its_reason(
    site: Site, context: BrowserContext
) -> None:
    with act(site.plant.engine, SETUP) as session:
        session.connection().execute(text("update item set shelf_life_months = 24 where item_no = 'PEEK-20'"))
    page = await site.enter(context, "li.cang")
    assert await receive(page, site, "R-2611-09", manufactured_on="2026-10-01", expires_on="2031-10") == 422
    await expect(page.locator(".refusal")).to_contain_text("按 24 个月推算的 2028-10-01 不符")
    await site.look(page, "receive-expiry")
    await page.fill("input[name=expiry_reason]", "供方标签如此")
    await page.click("main button.btn-primary")
    await page.wait_for_url("**/lots/R-2611-09")
    await expect(page.locator("main")).to_contain_text("供方标签如此")
    await site.look(page, "lot-expiry")
    with act(site.plant.engine, SETUP) as session:
        session.connection().execute(text("update item set shelf_life_months = null where item_no = 'PEEK-20'"))


async def test_a_label_scanned_at_receipt_is_its_number_and_contradicts_only_with_a_reason(
    site: Site, context: BrowserContext
) -> None:
    page = await site.enter(context, "li.cang")
    label = "]C10106901234567892173109301126090110PL-77"
    assert await receive(page, site, "R-2611-19", supplier_lot_no=label) == 422
    await expect(page.locator(".refusal")).to_contain_text("有效期，标签为 2031-09-30，此处为 2031-10")
    await expect(page.locator("input[name=supplier_lot_no]")).to_have_value(label)
    await site.look(page, "receive-label")
    await page.fill("input[name=label_reason]", "供方更正函")
    await page.click("main button.btn-primary")
    await page.wait_for_url("**/lots/R-2611-19")
    await expect(page.locator("main")).to_contain_text("PL-77")
    await expect(page.locator("main")).not_to_contain_text("]C1")
    await expect(page.locator("main")).to_contain_text("供方更正函")


async def test_a_refused_receipt_keeps_everything_typed_and_says_why_at_the_field(
    site: Site, context: BrowserContext
) -> None:
    page = await site.enter(context, "li.cang")
    assert await receive(page, site, "R-2611-02", quantity="十根", expires_on="下个月") == 422
    await expect(page.locator("main .field.refused .error")).to_contain_text("要填数字")
    await expect(page.locator("input[name=quantity]")).to_have_value("十根")
    await expect(page.locator("input[name=lot_no]")).to_have_value("R-2611-02")
    await expect(page.locator("input[name=item_no][value=PEEK-20]")).to_be_checked()
    await site.look(page, "receive-refused")
    await page.fill("input[name=quantity]", "6")
    await page.click("main button.btn-primary")
    await expect(page.locator(".refusal")).to_contain_text("2031-10")
    await page.fill("input[name=expires_on]", "2031-10")
    await page.click("main button.btn-primary")
    await page.wait_for_url("**/lots/R-2611-02")


async def test_who_may_not_receive_reads_why_before_typing(site: Site, context: BrowserContext) -> None:
    page = await site.enter(context, "wang.cao")
    answer = await page.goto(site.address + "/lots/receive")
    assert answer is not None
    assert answer.status == 403
    await expect(page.locator(".refusal")).to_contain_text("没有此操作的权限")
    await expect(page.locator("main form")).to_have_count(0)


async def test_the_same_form_sent_twice_receives_once(site: Site, context: BrowserContext) -> None:
    page = await site.enter(context, "li.cang", at="/lots/receive")
    form = await page.evaluate("() => Object.fromEntries(new FormData(document.querySelector('main form')).entries())")
    form |= {"item_no": "PEEK-20", "lot_no": "R-TWICE", "quantity": "5", "location": "RCV-01", "supplier_no": "S-1"}
    for _ in range(2):
        answer = await page.request.post(site.address + "/lots/receive", form=form, max_redirects=0)
        assert answer.status == 303
        assert answer.headers["location"] == "/lots/R-TWICE"
    assert (
        site.plant.scalar(
            "select count(*) from stock_movement m join lot l on l.id = m.lot_id where l.lot_no = 'R-TWICE'"
        )
        == 1
    )


async def test_a_batch_is_frozen_and_freed_with_reasons_from_its_page(
    site: Site, context: BrowserContext, other_context: BrowserContext
) -> None:
    await site.before.material("R-HOLD")
    page = await site.enter(context, "li.cang", at="/lots/R-HOLD")
    await page.click("text=冻结本批")
    await page.fill("#hold-reason", "   ")
    await page.evaluate("document.querySelector('#hold-reason').removeAttribute('required')")
    await page.click("button:text-is('冻结')")
    await expect(page.locator(".fold .refusal")).to_contain_text("必须写明理由")
    await page.fill("#hold-reason", "外包装破损，等供方回复")
    await page.click("button:text-is('冻结')")
    await expect(page.locator(".head-side .sign")).to_contain_text("冻结")
    await expect(page.locator(".refusal.quiet")).to_contain_text("外包装破损，等供方回复")
    assert await page.locator("text=解除冻结").count() == 0, "the warehouse can't lift"
    await site.look(page, "lot-held")

    manager = await site.enter(other_context, "wu.jingli", at="/lots/R-HOLD")
    await manager.click("summary:text-is('解除冻结')")
    await manager.fill("textarea[id^=lift]", "供方确认为外箱擦痕")
    await manager.fill("input[id^=lift-password]", PASSWORD)
    await manager.click("button:text-is('签名并解除冻结')")
    await expect(manager.locator(".head-side .sign")).to_contain_text("已放行")
    await expect(manager.locator(".fact-line")).to_contain_text("供方确认为外箱擦痕")
    assert site.plant.scalar("select count(*) from hold") == 1


async def test_the_list_is_filtered_and_an_empty_one_says_what_to_do(site: Site, context: BrowserContext) -> None:
    await site.plant.receive("R-LIST-1")
    page = await site.enter(context, "zheng.shenji", at="/lots")
    await expect(page.locator("main")).to_contain_text("R-LIST-1")
    await site.look(page, "lots")
    await page.fill("#q", "r list")
    await page.press("#q", "Enter")
    await page.wait_for_url(re.compile("q=r"))
    await expect(page.locator("tbody tr")).to_have_count(1)
    await page.goto(site.address + "/lots?status=rejected")
    await expect(page.locator(".nothing")).to_contain_text("没有符合条件的批次")
    await page.goto(site.address + "/lots?cursor=nonsense")
    await expect(page.locator(".refusal")).to_contain_text("翻页标记无效")


async def test_an_unknown_batch_is_a_page_with_the_sentence(site: Site, context: BrowserContext) -> None:
    page = await site.enter(context, "chen.pi")
    for lot_no in ("没有这批", "A/B", "<script>alert(1)</script>"):
        answer = await page.goto(site.address + "/lots/" + quote(lot_no, safe=""))
        assert answer is not None
        assert answer.status == 404
        await expect(page.locator(".refusal")).to_contain_text(f"找不到批次「{lot_no}」")
    assert await site.troubles(page) == []


def principal(site: Site) -> Principal:
    """The auditor, as pages see them."""
    by = site.plant.by("zheng.shenji")
    return Principal(
        by.person_id, by.actor_id, by.name, 0, "zheng.shenji", frozenset({Role.AUDITOR}), PERMISSIONS[Role.AUDITOR]
    )


async def test_lists_and_pages_ask_the_same_number_of_questions_whatever_hangs_on_a_batch(
    site: Site, context: BrowserContext, count_statements: Callable[[Engine], StatementCounter]
) -> None:
    await site.before.material("R-MANY")
    someone = principal(site)
    reads: dict[str, Callable[[Session], object]] = {
        "list": queries_lots.page,
        "batch": lambda session: views_lot.read(session, someone, "R-MANY"),
        "orders": production.page,
        "quality": lambda session: views_quality.page(Words("zh"), session, datetime.now(UTC), someone.zone),
        "trace": lambda session: trace.trace_identifier(session, "R-MANY", Direction.BOTH),
        "trail": lambda session: queries_audit.page(session, "R-MANY"),
    }

    def asked() -> dict[str, int]:
        counts = {}
        for name, read in reads.items():
            with count_statements(site.plant.engine) as sent, reading(site.plant.engine) as session:
                read(session)
            counts[name] = len(sent)
        return counts

    before = asked()
    for number in range(3):
        await site.plant.order(f"H-MANY-{number}")
        consumes = ({"lot_no": "R-MANY", "quantity": 5},)
        await site.plant.door.record_operation(
            site.plant.client,
            f"H-MANY-{number}",
            site.plant.operation(f"H-MANY-{number}", 10, equipment=("M-07",), consumes=consumes),
        )
    assert asked() == before
    page = await site.enter(context, "zheng.shenji", at="/lots/R-MANY")
    await expect(page.locator(".relatives li")).to_have_count(3)


@contextmanager
def answers_lost(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What is asked for meanwhile is done, and nobody hears of it in time."""
    heard = start._answer

    async def lost(update: Any, seconds: float) -> Receipt:
        await heard(update, seconds)
        raise start.PENDING()

    with monkeypatch.context() as patch:
        patch.setattr(start, "_answer", lost)
        yield


async def test_a_receipt_without_an_answer_is_asked_again_and_not_recorded_twice(
    site: Site, context: BrowserContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = await site.enter(context, "li.cang")
    with answers_lost(monkeypatch):
        assert await receive(page, site, "R-SLOW") == 503
    await expect(page.locator(".refusal[role=alert]")).to_contain_text("稍后再按一次即可看到结果，不会重复记录")
    await expect(page.locator("input[name=lot_no]")).to_have_value("R-SLOW")
    assert await press(page) == 200
    await page.wait_for_url("**/lots/R-SLOW")
    await expect(page.locator(".notice")).to_contain_text("已收货")
    assert site.plant.scalar(RECEIPTS, lot="R-SLOW") == 1


async def test_a_receipt_without_an_answer_that_is_changed_meanwhile_says_so(
    site: Site, context: BrowserContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = await site.enter(context, "li.cang", "en")
    with answers_lost(monkeypatch):
        assert await receive(page, site, "R-SLOWER") == 503
    await page.fill("input[name=quantity]", "70")
    assert await press(page) == 422
    await expect(page.locator(".refusal[role=alert]")).to_contain_text("has been changed since")
    await expect(page.locator("input[name=quantity]")).to_have_value("70")
    assert await press(page) == 409
    await expect(page.locator(".refusal[role=alert]")).to_contain_text("LOT-006")
    assert site.plant.scalar("select quantity from lot where lot_no = 'R-SLOWER'") == 100
