"""Charts of incoming lots from the form to the alert, on the real stack; with none, a few and three hundred lots."""

import pytest
from playwright.async_api import BrowserContext, expect

from tests.drift.conftest import watched
from tests.support.often import DEEP, WALKED
from tests.support.plant.plant import Plant
from tests.support.processes.drifting import alert, arrived, came, form
from tests.support.processes.matter import complete
from tests.support.servers.database import past_walls
from tests.support.servers.press import press
from tests.support.servers.site import Site
from tests.support.servers.until import born
from workflows.temporal import start

WORDS = {"zh": ("控制限待提议", "▲ 加严"), "en": ("limits wait to be proposed", "▲ tightened")}
MANY = """
with told as (
  insert into lot (lot_no, item_id, kind, status, quantity, supplier_id, supplier_lot_no)
  select 'MANY-' || to_char(n, 'FM000'), w.item_id, 'raw', 'released', 5, w.supplier_id, n from generate_series(1, 300) n, drift_watch w
   where w.id = (select watch_id from drift_chart where chart_no = %(number)s) returning id, lot_no
), seen as (
  insert into inspection (inspection_no, lot_id, stage, status, decided_at) select 'IQC-' || lot_no, id, 'incoming', 'accepted', now() from told returning id, lot_id
)
insert into drift_point (chart_id, seq, limits_id, lot_id, inspection_id, value, seen)
select c.id, 1000 + row_number() over (order by s.lot_id), (select max(l.id) from drift_limits l where l.chart_id = c.id), s.lot_id, s.id,
       12.0007 + 0.0097 * (random() + random() + random() - 1.5) * 1.6, 3
  from seen s, drift_chart c where c.chart_no = %(number)s
"""


@pytest.mark.parametrize("language", WALKED)
async def test_from_the_form_to_an_alert_with_its_picture(site: Site, context: BrowserContext, language: str) -> None:
    plant, (said, tightened), lang = site.plant, WORDS[language], language.upper()
    await start.ensure_outbox(plant.client)
    item = await watched(plant, f"PG{lang}", freeze=None)
    page = await site.enter(context, "wu.jingli", language=language, at="/drift-charts?q=NOBODY")
    await expect(page.locator("main .nothing")).to_be_visible()
    await site.look(page, f"drift-0-{language}")
    await page.goto(f"{site.address}/drift-charts/new")
    await page.check(f"input[name=supplier_no][value='W-PG{lang}']")
    await page.check(f"input[name=item_no][value='{item}']")
    await page.fill("input[name=characteristic]", "没有这项")
    await page.fill("textarea[name=reason]", "关键尺寸, 装配间隙")
    assert await press(page) == 422
    await page.fill("input[name=characteristic]", "关键尺寸")
    await site.look(page, f"drift-new-{language}")
    await press(page)
    await page.wait_for_url("**/subjects/*")
    await expect(page.locator(".notice")).to_contain_text(said)
    here = page.url.partition("?")[0]
    number = plant.scalar("select chart_no from drift_chart order by id desc limit 1")
    await born(plant.client, f"drift-limits/{number}/1")
    await complete(plant, number, "propose", "zhou.shen", form=form())
    await page.goto(here)
    await expect(page.locator(".series .sr-base")).to_have_count(12)
    await site.look(page, f"drift-proposed-{language}")
    await complete(plant, number, "freeze", "chen.pi", "approve")
    await _shifted(plant, item, lang)
    await page.goto(here)
    await expect(page.locator(".series .sr-alarm")).to_have_count(2)
    await expect(page.locator(f".series a[href='/lots/{lang}-2']")).to_have_count(1)
    await expect(page.locator("main")).to_contain_text(tightened)
    await site.look(page, f"drift-chart-{language}")
    found = alert(plant, number)["number"]
    subject = plant.scalar("select public_id from subject where number = :n", n=found)
    await page.goto(f"{site.address}/subjects/{subject}")
    await expect(page.locator("main")).to_contain_text("WE-2")
    await site.look(page, f"drift-alert-{language}")
    await page.goto(f"{site.address}/drift-charts?q={item}")
    await expect(page.locator("tr[data-row]")).to_have_count(1)
    await site.look(page, f"drift-list-{language}")
    # the next inspection says that sampling is tightened, and so does the supplier's page
    await arrived(plant, f"{lang}-4", item, f"W-PG{lang}", (12.0, 12.0, 12.0))
    await context.clear_cookies()
    inspector = await site.enter(
        context, "lin.jian", language=language, at=f"/tasks/{plant.task(f'{lang}-4', 'inspect').public_id}"
    )
    await expect(inspector.locator("main")).to_contain_text(tightened)
    await site.look(inspector, f"drift-inspection-{language}")
    told = await (await context.request.get(f"{site.address}/api/v1/drift-charts/{number}")).json()
    assert (told["stands"], told["sampling"], told["lots"], told["version"]) == ("alert", "tightened", 3, 1)
    assert [one["rule"] for one in told["alerts"][0]["evidence"]] == ["WE-2"]
    listed = await (await context.request.get(f"{site.address}/api/v1/drift-charts?state=alert&q={item}")).json()
    assert ([one["number"] for one in listed["items"]], listed["counts"]) == ([number], {"alert": 1})


async def _shifted(plant: Plant, item: str, lang: str) -> None:
    for n, value in enumerate((12.0, 12.024, 12.024), 1):
        await came(plant, f"{lang}-{n}", item, f"W-PG{lang}", value)


@pytest.mark.skipif(not DEEP, reason="three hundred lots on a chart: in depth")
async def test_three_hundred_lots_on_a_chart(site: Site, context: BrowserContext) -> None:
    plant = site.plant
    await start.ensure_outbox(plant.client)
    item = await watched(plant, "MANY")
    number = plant.scalar("select chart_no from drift_chart order by id desc limit 1")
    await came(plant, "MANY-A", item, "W-MANY", 12.04)
    with past_walls(plant.engine) as connection:
        connection.exec_driver_sql(MANY, {"number": number})
    subject = plant.scalar("select public_id from subject where number = :n", n=number)
    page = await site.enter(context, "wu.jingli", language="en", at=f"/subjects/{subject}")
    await expect(page.locator(".series .sr-dot, .series .sr-alarm")).to_have_count(300)
    await site.look(page, "drift-300-en")
