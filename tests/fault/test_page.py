"""The operator's page: a fault is seen, done again, left with a reason; undelivered facts as well (DESIGN 6a)."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest
from playwright.async_api import BrowserContext, expect
from sqlalchemy import create_engine, text

from models.kernel.refusal import Refusal
from models.kernel.store.act import act
from runtime.postgres import SUPERUSER, Postgres
from tests.support.plant.plant import SETUP
from tests.support.servers.site import Site

BROKEN = """
create or replace function broken() returns trigger language plpgsql as $$
begin raise exception 'a bug' using errcode = 'XX000'; end $$;
create trigger broken before insert on shipment for each row execute function broken()
"""
GIVEN_UP = "insert into outbox (fact, payload, attempts, last_error, given_up_at) values (:fact, cast(:payload as jsonb), 12, :error, :at)"  # fmt: skip


@contextmanager
def broken(site: Site, postgres: Postgres) -> Iterator[None]:
    name = site.plant.scalar("select current_database()")
    owner = create_engine(postgres.url(SUPERUSER, name))
    with owner.begin() as connection:
        connection.execute(text(BROKEN))
    yield
    with owner.begin() as connection:
        connection.execute(text("drop trigger broken on shipment"))
    owner.dispose()


async def test_an_operator_sees_a_fault_and_has_it_done_again(
    site: Site, postgres: Postgres, context: BrowserContext, other_context: BrowserContext
) -> None:
    await site.before.material("R-OP", 50)
    with broken(site, postgres):
        for number in ("SH-OP-1", "SH-OP-2"):
            with pytest.raises(Refusal, match="API-510"):
                await site.plant.ship(number, "R-OP", 5)
    with act(site.plant.engine, SETUP) as session:
        given = {"fact": "recall.notice", "payload": '{"recall": "RC-2026-009"}', "error": "KeyError: 'notice'"}
        session.connection().execute(text(GIVEN_UP), {**given, "at": datetime.now(UTC)})
    page = await site.enter(context, "admin", at="/people")
    await page.click("text=系统运行 3")
    main = page.locator("main")
    await expect(main).to_contain_text("出货")
    await expect(main).to_contain_text("SH-OP-1")
    await expect(main).to_contain_text("李仓")
    await expect(main).to_contain_text("召回通知待发送")
    await expect(main).to_contain_text("数据库时钟与流程引擎时钟暂时无法比较")
    await site.look(page, "operation")
    await expect(page.locator("#test-clock, .test-band")).to_have_count(0)
    csrf = await page.get_attribute("input[name=csrf]", "value") or ""
    typed: dict[str, str | float | bool] = {"csrf": csrf, "to": "30d", "reason": "CAPA"}
    refused = await page.request.post(site.address + "/operation/clock", form=typed)
    assert refused.status == 409
    assert "API-512" in await refused.text()
    await page.click("tr:has-text('SH-OP-1') button >> text=补录")
    await expect(page.locator(".notice")).to_contain_text("已补录")
    assert site.plant.scalar("select count(*) from shipment where shipment_no = 'SH-OP-1'") == 1
    row = page.locator("tr:has-text('SH-OP-2')")
    await row.locator("summary >> text=不再处理").click()
    await row.locator("input[name=reason]").fill("客户取消")
    await row.locator("form button >> text=不再处理").click()
    await expect(page.locator(".notice")).to_contain_text("不再处理")
    await page.click("tr:has-text('KeyError') button >> text=重新发送")
    await expect(page.locator(".notice")).to_contain_text("正在重新发送")
    await site.look(page, "operation-settled")
    operator = await site.enter(other_context, "wang.cao", "en", at="/operation")
    await expect(operator.locator("body")).to_contain_text("AUTH-005")
