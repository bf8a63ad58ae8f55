"""A pallet on pages, with a scanner: packed, looked into, refused, unpacked, shipped whole and found by its label."""

from uuid import uuid4

from playwright.async_api import BrowserContext, Page, expect

from models.hold.messages import PlaceHold
from tests.support.plant.packing import sscc
from tests.support.servers.press import press
from tests.support.servers.site import Site

CASE, PALLET = sscc(71), sscc(72)


async def stock(site: Site, lot_no: str, material: str) -> None:
    """A batch that may ship."""
    await site.before.material(material)
    await site.before.make(lot_no, material)
    await site.before.release(lot_no)


async def lines(page: Page, form: str, *things: tuple[str, str]) -> None:
    """What is scanned into the rows of a form."""
    for place, (what, quantity) in enumerate(things):
        await page.locator(f"{form} input[name=thing_what]").nth(place).fill(what)
        await page.locator(f"{form} input[name=thing_quantity]").nth(place).fill(quantity)


async def begin(page: Page, number: str, kind: str, *things: tuple[str, str]) -> None:
    await page.fill("input[name=unit_no]", number)
    await page.check(f"input[name=unit_kind][value={kind}]")
    await choose(page, "main form", "FG-A1")
    await lines(page, "main form", *things)
    await press(page)


async def choose(page: Page, form: str, code: str) -> None:
    """A location, which is a list or a few buttons."""
    select = page.locator(f"{form} select[name=location]")
    if await select.count():
        await select.select_option(code)
    else:
        await page.check(f"{form} input[name=location][value='{code}']")


async def test_a_pallet_is_packed_looked_into_and_shipped_with_a_scanner(site: Site, context: BrowserContext) -> None:
    await stock(site, "H-PACK", "R-PACK")
    page = await site.enter(context, "li.cang", at="/lots")
    await page.click("text=箱与托盘")
    await page.wait_for_url("**/units")
    await site.look(page, "units-empty")
    await page.click("text=装箱")
    await page.wait_for_url("**/units/new")
    wrong = CASE[:-1] + str((int(CASE[-1]) + 1) % 10)
    await begin(page, f"(00){wrong}", "case", ("h pack", "20"))
    await expect(page.locator("main .refusal")).to_contain_text("PCK-001")
    await expect(page.locator("input[name=thing_quantity]").first).to_have_value("20")
    await expect(page.locator("input[name=thing_quantity]").nth(1)).to_have_value("")
    await begin(page, f"(00){CASE}", "case", ("h pack", "20"))
    await page.wait_for_url(f"**/units/{CASE}")
    await expect(page.locator(".notice")).to_contain_text("已装入")
    await expect(page.locator("main")).to_contain_text("20 件")
    await page.goto(site.address + "/units/new")
    await begin(page, PALLET, "pallet", (f"]C100{CASE}", ""), ("H-PACK", "5"))
    await page.wait_for_url(f"**/units/{PALLET}")
    await expect(page.locator("details.fold").first).to_contain_text(CASE)
    await site.look(page, "unit")
    # more than is there is refused where the finger is, and stays typed
    await lines(page, "#pack", ("H-PACK", "100"))
    await press(page, "#pack button.btn-primary")
    await expect(page.locator("#pack .refusal")).to_contain_text("STK-006")
    await expect(page.locator("#pack input[name=thing_quantity]").first).to_have_value("100")
    await site.look(page, "unit-refused")
    await page.goto(site.address + f"/units/{PALLET}")
    await page.click("#unpack summary")
    await lines(page, "#unpack", ("H-PACK", "2"))
    await press(page, "#unpack form button.btn")
    await expect(page.locator(".notice")).to_contain_text("已取出")
    await expect(page.locator("main")).to_contain_text("3 件")
    # the batch says where it is
    await page.goto(site.address + "/lots/H-PACK")
    await expect(page.locator("#on-units")).to_contain_text(f"{PALLET} › {CASE}")
    await site.look(page, "lot-on-units")
    await ship(site, page)


async def ship(site: Site, page: Page) -> None:
    """Held, the whole pallet stays; free again, it leaves by a scan of its label."""
    by = site.plant.by("wu.jingli")
    hold = PlaceHold(command_id=str(uuid4()), by=by, lot_nos=("H-PACK",), reason="客户投诉")
    held = await site.plant.door.place_hold(site.plant.client, hold)
    await page.goto(site.address + f"/units/{PALLET}")
    await expect(page.locator(".head")).to_contain_text("含冻结货物")
    await page.click(".head a:has-text('出货')")
    await page.wait_for_url("**/shipments/new?unit=*")
    await page.fill("input[name=shipment_no]", "SH-PAL")
    await page.check("input[name=customer_no][value=C-1]")
    await press(page)
    await expect(page.locator("main .refusal")).to_contain_text(f"包装单元 {PALLET}")
    await expect(page.locator("main .refusal")).to_contain_text("LOT-003")
    await site.look(page, "shipment-unit-refused")
    lift = site.plant.lifting(held.data["holds"][0], reason="已查明")
    await site.plant.door.lift_hold(site.plant.client, lift)
    await press(page)
    await page.wait_for_url("**/shipments/SH-PAL")
    await expect(page.locator("tbody tr")).to_contain_text("23 件")
    await expect(page.locator("main")).to_contain_text(PALLET)
    # whatever reads codes finds it
    await page.fill("#search", f"(00){PALLET}")
    await page.press("#search", "Enter")
    await page.wait_for_url(f"**/units/{PALLET}")
    await expect(page.locator(".head")).to_contain_text("已发出")
    await expect(page.locator("#pack")).to_have_count(0)
    await page.goto(site.address + f"/units/{PALLET}?lang=en")
    await site.look(page, "unit-shipped")
    await page.click("text=Trace all forward")
    await expect(page.locator("main")).to_contain_text("H-PACK")
    await page.goto(site.address + "/units?lang=zh")
    await expect(page.locator("tbody")).to_contain_text("装在")
    await site.look(page, "units")
