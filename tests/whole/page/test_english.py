"""Every page of the plant in English, with real data behind it: axe finds nothing, nothing is too wide."""

from playwright.async_api import BrowserContext, expect

from models.person.rules.roles import Role
from tests.support.plant import people
from tests.support.servers.site import Site

PAGES = {
    "lots": "/lots", "lot-made": "/lots/H-EN", "lot-material": "/lots/R-EN", "receive": "/lots/receive",
    "work-orders": "/work-orders", "work-order": "/work-orders/WO-H-EN", "work-order-new": "/work-orders/new",
    "shipments": "/shipments", "shipment": "/shipments/SH-EN", "shipment-new": "/shipments/new",
    "search-nothing": "/search?text=nothing+like+it", "trace": "/trace/R-EN?direction=forward", "trace-start": "/trace",
    "audit": "/lots/H-EN/audit", "people": "/people", "person": "/people/wang.cao", "absences": "/absences",
    "quality": "/quality", "recalls": "/recalls",
}  # fmt: skip


async def test_each_page_reads_in_english(site: Site, context: BrowserContext) -> None:
    await site.before.material("R-EN")
    await site.before.make("H-EN", "R-EN")
    await site.before.release("H-EN")
    await site.plant.ship("SH-EN", "H-EN", 12)
    held = site.plant.scalar(
        "select array_agg(g.role) from role_grant g join person p on p.id = g.person_id where p.name = '吴经理'"
    )
    for role in set(Role) - {Role(one) for one in held}:
        people.grant(site.plant, "wu.jingli", role)
    page = await site.enter(context, "wu.jingli", "en")
    for name, path in PAGES.items():
        answer = await page.goto(site.address + path)
        assert answer is not None
        assert answer.status == (404 if "nothing" in name else 200), path
        await expect(page.locator("html")).to_have_attribute("lang", "en")
        await site.look(page, name)
