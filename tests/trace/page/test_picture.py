"""The picture of a trace draws everything, however large, and its parts lead on (DESIGN 9: nothing is cut off)."""

import pytest
from playwright.async_api import BrowserContext

from tests.samples.gallery import HOST, serve
from tests.samples.trace import made
from tests.support.servers import browser as browsers
from ui.frame.i18n import Words
from ui.trace.picture import AT_ONCE, picture

HERE = "/trace/P88-12?direction=forward"


@pytest.mark.parametrize(("lots", "fold"), [(1, "lot"), (9, "lot"), (80, "lot"), (81, "item"), (30_000, "item")])
def test_every_lot_and_every_link_is_in_the_picture(lots: int, fold: str) -> None:
    answer = made(lots)
    drawn = picture(Words("en"), answer, HERE)
    assert drawn.fold == fold
    assert len(drawn.nodes) <= AT_ONCE + 12
    if fold == "item":
        counts = [
            int(node["label"].split("\n")[1].split()[0].replace(",", ""))
            for node in drawn.nodes
            if node["tone"] != "customer"
        ]
        assert sum(counts) == lots
        assert sum(bool(node["start"]) for node in drawn.nodes) == 1
    ids = {node["id"] for node in drawn.nodes}
    assert all({edge["source"], edge["target"]} <= ids for edge in drawn.edges)


def test_too_many_items_are_drawn_by_level() -> None:
    answer = made(300)
    nodes = tuple(node._replace(item_no=f"I-{place}") for place, node in enumerate(answer.nodes))
    drawn = picture(
        Words("zh"), type(answer)(**{name: getattr(answer, name) for name in answer.__slots__} | {"nodes": nodes}), HERE
    )
    assert drawn.fold == "level"
    assert [node["label"].split("\n")[0] for node in drawn.nodes[:3]] == ["第 +0 级", "第 +1 级", "第 +2 级"]


def test_what_is_drawn_together_leads_to_its_rows() -> None:
    drawn = picture(Words("zh"), made(300), HERE)
    assert drawn.nodes[1]["href"] == "/trace/P88-12?direction=forward&level=1&item=BODY-12#lots"
    assert drawn.nodes[-1]["label"] == "29 家客户"


async def test_the_browser_draws_it(context: BrowserContext) -> None:
    page = await browsers.tab(context)
    troubles: list[str] = []
    page.on("console", lambda message: troubles.append(message.text))
    page.on("pageerror", lambda error: troubles.append(str(error)))
    await serve(page)
    await page.goto(f"{HOST}/page/zh/trace-9")
    drawn = page.locator("[data-drawn]")
    await drawn.wait_for()
    assert await drawn.get_attribute("data-drawn") == "12", "nine lots and three customers"
    assert await drawn.locator("canvas").count() == 3
    await page.get_by_role("button", name="放大").click()
    assert troubles == []
