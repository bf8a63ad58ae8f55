"""Scores of suppliers on the real stack: the list, one supplier, the records behind a figure, a file; with none, a few and three hundred."""

import re

import pytest
from playwright.async_api import BrowserContext, expect

from tests.supplier.asking import goods
from tests.supplier.scored import SUPPLIERS, written
from tests.support.often import DEEP, WALKED, often
from tests.support.processes.drifting import arrived, verdict
from tests.support.servers.database import past_walls
from tests.support.servers.site import Site
from workflows.temporal import start

MANY = often(60, 300)
COPIES = """
with made as (insert into supplier (supplier_no, name, name_en) select 'MANY-' || n, '供方 ' || n, 'Supplier ' || n from generate_series(1, {many}) n returning id),
received as (insert into lot (lot_no, item_id, kind, status, quantity, supplier_id, supplier_lot_no)
  select 'MANY-' || m.id || '-' || k, (select min(id) from item), 'raw', case when (m.id * k) %% 7 = 0 then 'rejected' else 'released' end, 1, m.id, 'x'
    from made m, generate_series(1, 3) k returning id, lot_no, subject_id, status),
inspected as (insert into inspection (inspection_no, lot_id, stage, status, decided_at)
  select 'IQC-' || lot_no, id, 'incoming', case status when 'rejected' then 'failed' else 'accepted' end, now() from received)
insert into subject (id, kind, number, title, opened_at) select subject_id, 'lot', lot_no, lot_no, now() from received
"""
WHY = {"zh": "连续 5 批内 2 批不接收", "en": "two of five consecutive lots"}
WORDS = {"zh": ("供应商评分", "没有已判定的来货"), "en": ("Scores of suppliers", "Nothing was decided")}


@pytest.mark.parametrize("language", WALKED)
async def test_from_the_list_to_the_records_behind_a_figure(
    site: Site, context: BrowserContext, other_context: BrowserContext, language: str
) -> None:
    plant, (title, nothing) = site.plant, WORDS[language]
    await start.ensure_outbox(plant.client)
    if not plant.scalar("select count(*) from supplier where supplier_no = 'SC-1'"):
        written(plant)
    page = await site.enter(context, "zhao.liu", language=language, at="/supplier-scores?q=NOBODY")
    await expect(page.locator("main .nothing")).to_be_visible()
    await page.goto(f"{site.address}/supplier-scores?q=SC-")
    await expect(page.locator("h1")).to_have_text(title)
    await expect(page.locator("tr[data-row]")).to_have_count(len(SUPPLIERS))
    await site.look(page, f"supplier-scores-{language}")
    await page.locator("tr[data-row] a").first.click()
    await expect(page.locator(".figure")).to_have_text(r_score())
    await site.look(page, f"supplier-score-{language}")
    figure = page.locator(".counts a").first
    said = int(await figure.locator("b").inner_text())
    await figure.click()
    await expect(page.locator("tr[data-row]")).to_have_count(said)
    await site.look(page, f"supplier-records-{language}")
    await _tightened(site, context, other_context, language)
    # days the wrong way round are refused where they stand, and a time without anything says so
    await page.goto(f"{site.address}/supplier-scores/SC-1?at_from=2026-02-01&at_until=2026-01-01")
    await expect(page.locator(".refusal")).to_contain_text("2026-02-01")
    await page.goto(f"{site.address}/supplier-scores/SC-1?at_from=2001-01-01&at_until=2001-12-31")
    await expect(page.locator("main .nothing")).to_contain_text(nothing)
    await site.look(page, f"supplier-score-none-{language}")
    told = await (await context.request.get(f"{site.address}/api/v1/supplier-scores/SC-1")).json()
    rows = await (
        await context.request.get(f"{site.address}/api/v1/supplier-records?supplier=SC-1&figure=lot_first&limit=200")
    ).json()
    since = [one for one in rows["items"] if one["at"] >= told["since"]]
    assert (told["supplier_no"], told["total"]["lot_first"], len(told["areas"])) == ("SC-1", len(since), 5)
    file = await (await context.request.get(f"{site.address}/supplier-scores.csv?q=SC-")).text()
    assert len(file.strip().split("\n")) == 1 + len(SUPPLIERS)


async def _tightened(site: Site, context: BrowserContext, inspecting: BrowserContext, language: str) -> None:
    """Two lots fail: whoever inspects the next reads why it is tightened, and so does who reads the supplier's page."""
    plant, name = site.plant, f"TG-{language.upper()}"
    item = goods(plant, f"ROD-{name}", name)
    plant.rely(item, name)
    for n in (1, 2):
        await arrived(plant, f"{name}-{n}", item, name, (12.0, 12.0, 12.0), bad=2)
        await verdict(plant, f"{name}-{n}", "failed")
    await plant.receive(f"{name}-3", 5, item_no=item, supplier_no=name)
    at = f"/tasks/{plant.task(f'{name}-3', 'inspect').public_id}"
    sheet = await site.enter(inspecting, "lin.jian", language=language, at=at)
    await expect(sheet.locator("main")).to_contain_text(f"{name}-1")
    await expect(sheet.locator("main")).to_contain_text(WHY[language])
    await site.look(sheet, f"inspection-tightened-{language}")
    page = await site.enter(context, "zhao.liu", language=language, at=f"/supplier-scores/{name}")
    await expect(page.locator("main")).to_contain_text(WHY[language])
    await expect(page.locator(f"a[href='/lots/{name}-2']")).to_be_visible()
    await site.look(page, f"supplier-severity-{language}")
    told = await (await context.request.get(f"{site.address}/api/v1/supplier-scores/{name}")).json()
    [sampling] = told["sampling"]
    assert (sampling["severity"], sampling["left"], sampling["switches"][0]["failed"]) == (
        "tightened",
        5,
        [f"{name}-1", f"{name}-2"],
    )


def r_score() -> re.Pattern[str]:
    return re.compile(r"^\d+\.\d$")


@pytest.mark.skipif(not DEEP, reason="a long list is looked at in depth")
async def test_a_long_list_is_walked_through_in_the_order_of_the_score(site: Site, context: BrowserContext) -> None:
    plant = site.plant
    await start.ensure_outbox(plant.client)
    goods(plant, "FEW-S", "FEW-1")
    with past_walls(plant.engine) as connection:
        connection.exec_driver_sql(COPIES.format(many=MANY))
    page = await site.enter(context, "zhao.liu", at="/supplier-scores?q=MANY-")
    await site.look(page, "supplier-scores-300")
    seen, cursor = list[tuple[float, str]](), ""
    while True:
        query: dict[str, str | float | bool] = {
            "q": "MANY-",
            "limit": "100",
            **({"cursor": cursor} if cursor else {}),
        }
        told = await (await context.request.get(f"{site.address}/api/v1/supplier-scores", params=query)).json()
        seen += [(float(one["score"]), one["supplier_no"]) for one in told["items"]]
        if not (cursor := told["next"]):
            break
    assert len({number for _, number in seen}) == len(seen) == MANY
    assert [score for score, _ in seen] == sorted(score for score, _ in seen)
    english = await site.enter(
        context, "zhao.liu", language="en", at="/supplier-scores?q=MANY-&by=item&sort=-lot_rejected"
    )
    await site.look(english, "supplier-scores-300-en")
