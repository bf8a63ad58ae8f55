"""A recall of a thousand batches, from the scan to its closing, on the real pages; in depth of hundreds and of 30,000."""

import json
from datetime import timedelta
from typing import Any

import pytest
from playwright.async_api import BrowserContext, Page, expect

from runtime.postgres import SUPERUSER, Postgres
from tests.support.often import DEEP
from tests.support.plant.recall_pages import begin, decide, stock
from tests.support.plant.recalling import Recalling
from tests.support.servers.site import Site
from tests.support.servers.together import SLOW
from workflows.temporal import start

CUSTOMERS = 445
MANY = [("zh", 300), ("en", 30_000)] if DEEP else [("zh", 1_050)]
PATIENCE = 240_000
"""Milliseconds: tens of thousands of batches on a machine that runs other tests too."""
HELD = "select count(*) from hold h join lot l on l.id = h.lot_id where h.lifted_at is null and l.lot_no like :lot"
GOT_SOME = (
    "select count(distinct h.customer_id) from shipment_line s join shipment h on h.id = s.shipment_id"
    " join lot l on l.id = s.lot_id where l.lot_no like :lot"
)
TOLD = "select count(*) from recall_notice n join recall r on r.id = n.recall_id where r.recall_no = :no"

# A migrated material, batches made of it, each at one of the customers or, every tenth, still here.  It is history: no act
# of this software made it, so it comes past the triggers, as the owner of the server would load it.
HISTORY = """
set session_replication_role = replica;
insert into customer (customer_no, name, email)
select 'BIG-' || n, '医院 ' || n, 'qa' || n || '@hospital.test' from generate_series(1, {customers}) n
 on conflict do nothing;
insert into lot (lot_no, item_id, kind, status, quantity, origin, supplier_lot_no, supplier_id)
select '{lot}', i.id, 'raw', 'released', {many}, 'migrated', 'P-{lot}', (select min(id) from supplier)
  from item i where i.item_no = 'PEEK-20'
union all
select '{lot}-' || lpad(n::text, 6, '0'), i.id, 'finished', 'released', 5, 'migrated', null, null
  from generate_series(1, {many}) n, item i where i.item_no = 'HIP-12';
insert into genealogy_edge (parent_lot_id, child_lot_id, kind, quantity, uom, at, source)
select p.id, c.id, 'consume', 1, 'pcs', now() - interval '90 days', 'inventree' from lot p, lot c
 where p.lot_no = '{lot}' and c.lot_no like '{lot}-%';
insert into shipment (shipment_no, customer_id, shipped_at, arrived_at, status)
select '{lot}/' || c.customer_no, c.id, now() - interval '20 days', now() - interval '19 days', 'arrived'
  from customer c where c.customer_no like 'BIG-%';
with numbered as (select h.id, row_number() over (order by h.id) - 1 as place, count(*) over () as many
                    from shipment h where h.shipment_no like '{lot}/%')
insert into shipment_line (shipment_id, lot_id, quantity)
select h.id, l.id, 5 from lot l join numbered h on h.place = l.id % h.many
 where l.lot_no like '{lot}-%' and l.id % 10 <> 0;
insert into stock (lot_id, location_id, quantity)
select l.id, p.id, 5 from lot l, location p where l.lot_no like '{lot}-%' and l.id % 10 = 0 and p.code = 'FG-A1';
analyze;
"""


def furnish(server: Postgres, site: Site, lot: str, many: int) -> None:
    """The batches, as a migration would have brought them."""
    with server.connect(SUPERUSER, str(site.plant.engine.url.database)) as connection:
        connection.execute(HISTORY.format(lot=lot, many=many, customers=CUSTOMERS).encode())


async def test_who_signs_what_outlasts_the_answer_reads_that_it_is_under_way_and_sees_it_arrive(
    site: Site, database_template: Postgres, context: BrowserContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(start, "PATIENCE", timedelta(seconds=2))
    await stock(site, "H-LONG", "R-LONG")
    page = await site.enter(context, "sun.zhao")
    number = await begin(page, site, "H-LONG", "recall", "涂层剥离")
    with database_template.connect(SUPERUSER, str(site.plant.engine.url.database)) as keeper:
        keeper.execute(SLOW.format(table="signature").encode())
        keeper.execute("select pg_advisory_lock(4711)")
        assert await decide(page, "freeze", sign=True) in {200, 303}
        await expect(page.locator("section.recording")).to_be_visible()
        assert page.url.endswith("/recording")
        keeper.execute("select pg_advisory_unlock(4711)")
        await page.wait_for_url(f"**/recalls/{number}")
        keeper.execute("drop trigger still_at_it on signature")
    signed = "select count(*) from signature s join human_task t on t.id = s.task_id where t.stage = 'review_scope'"
    assert site.plant.scalar(signed) == 1
    tried = "select string_agg(a.result, ' ') from signing_attempt a join human_task t on t.id = a.task_id where t.stage = 'review_scope'"
    assert site.plant.scalar(tried) == "accepted"


@pytest.mark.timeout(900)
@pytest.mark.parametrize(("language", "many"), MANY)
async def test_every_batch_is_held_however_many(
    site: Site,
    database_template: Postgres,
    context: BrowserContext,
    other_context: BrowserContext,
    language: str,
    many: int,
) -> None:
    lot = f"BIG-{many}"
    furnish(database_template, site, lot, many)
    for one in (context, other_context):
        one.set_default_timeout(PATIENCE)
    page = await site.enter(context, "sun.zhao", language)
    number = await begin(page, site, f"P-{lot}", "recall", "涂层剥离")
    await expect(page.locator("#scope")).to_contain_text(f"{many + 1:,}")
    assert await decided(page, "freeze", sign=True)
    manager = await site.enter(other_context, "wu.jingli", language)
    await approve(site, manager, number)
    await page.goto(f"{site.address}/recalls/{number}")
    assert await decided(page)
    assert site.plant.scalar(HELD, lot=f"{lot}%") == many + 1
    assert await decided(page)
    assert site.plant.scalar(TOLD, no=number) == site.plant.scalar(GOT_SOME, lot=f"{lot}-%")
    await site.look(page, f"recall-live-{many}-notified")
    whole = json.loads(await (await page.request.get(f"{site.address}/api/v1/recalls/{number}/scope")).text())
    assert len(whole["lots"]) == many + 1
    await closed(site, page, manager, number)


async def decided(page: Page, outcome: str = "", **more: Any) -> bool:
    """The step is taken, at once or after the page has asked a few times whether it has arrived.

    What takes longer than an answer is waited for is said to be under way (503, API-437), and the page that asks for it in
    its own time says when it has arrived.
    """
    step = await page.locator("form#decision").get_attribute("hx-post") or ""
    recall = page.url
    status = await decide(page, outcome, patience=PATIENCE, **more)
    if status == 503:
        await expect(page.locator(".refusal").first).to_contain_text("API-437")
        asking = recall.split("/recalls/")[0] + step.replace("/complete", "/recording")
        for _ in range(PATIENCE // 1000):
            if (await page.request.get(asking)).status != 202:
                break
            await page.wait_for_timeout(1000)
        await page.goto(recall)
        return step not in await page.content()
    assert status in {200, 303}, (status, await page.locator(".refusal").all_inner_texts())
    await page.wait_for_url("**/recalls/R*-2026-*", timeout=PATIENCE)
    return True


async def approve(site: Site, manager: Page, number: str) -> None:
    """吴经理 approves with a class."""
    await manager.goto(f"{site.address}/recalls/{number}")
    await manager.check("input[name=recall_class][value=one]")
    await manager.fill("textarea[name=hazard]", "可能引起严重的健康危害")
    assert await decided(manager, "approve", sign=True)


async def closed(site: Site, page: Page, manager: Page, number: str) -> None:
    """Nobody has answered, so it closes with a reason."""
    assert await decided(page, "done")
    await Recalling(site.plant, number).decide()
    await manager.goto(f"{site.address}/recalls/{number}")
    assert await decided(manager, "close", sign=True, reason="已逐家上门核实")
    await expect(manager.locator("#decision")).to_have_count(0)
