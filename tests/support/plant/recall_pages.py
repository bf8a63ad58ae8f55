"""What people do on the pages of a recall, for the tests of its flows."""

from playwright.async_api import Page

from tests.support.plant.plant import PASSWORD
from tests.support.servers.browser import PATIENCE
from tests.support.servers.press import press
from tests.support.servers.site import Site

ANSWER: dict[str, str | float | bool] = {
    "name": "王医生",
    "received": "28",
    "on_hand": "20",
    "used": "8",
    "will_return": "20",
}


async def stock(site: Site, lot_no: str, material: str) -> None:
    """A batch of 50 made from a material of its own, of which the hospital got 30."""
    await site.before.material(material)
    await site.before.make(lot_no, material)
    await site.before.release(lot_no)
    await site.before.ship(f"SH-{lot_no}", lot_no, 30)


async def begin(page: Page, site: Site, identifier: str, mode: str, title: str) -> str:
    """Open it with the form; answers its number."""
    await page.goto(f"{site.address}/recalls/new?mode={mode}")
    await page.fill("textarea[name=identifiers]", identifier)
    await page.fill("input[name=title]", title)
    await page.fill("textarea[name=reason]", "客户投诉 2026-118")
    await page.click("main button.btn-primary")
    await page.wait_for_url("**/recalls/R*-2026-*")
    return page.url.rsplit("/", 1)[1]


async def decide(
    page: Page, outcome: str = "", *, sign: bool = False, reason: str = "", patience: int = PATIENCE
) -> int:
    """Take the step that is due, on the cockpit; answers the status that came back."""
    if outcome:
        await page.check(f"#decision input[name=outcome][value={outcome}]")
    if reason:
        await page.fill("#decision textarea[name=reason]", reason)
    if sign:
        await page.fill("#decision input[name=password]", PASSWORD)
    look = page.locator("#decision a.look")
    if await look.count():  # what reaches goods and people is looked at first
        await look.click()
        await page.wait_for_selector("#preview")
    return await press(page, "#decision button.btn-primary", patience)
