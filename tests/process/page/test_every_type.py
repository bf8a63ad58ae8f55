"""A form with one field of every type on its page: typed, refused, kept half-typed, completed; and the same through the API."""

import json
from typing import Any

import httpx
from playwright.async_api import BrowserContext, Page, expect

from models.definition.lint.lint import lint
from models.kernel.store.act import reading
from models.process.tables.process import HumanTask
from runtime.ports import NO_TLS
from tests.support.plant.plant import PASSWORD
from tests.support.processes import every_type
from tests.support.servers.site import Site, href


async def ready(site: Site, lot_no: str) -> str:
    """A batch that waits to be put away with every type of field; the address of the page."""
    every_type.ship(site.plant.engine)
    await site.plant.receive(lot_no, 60)
    await site.plant.measure(lot_no)
    await site.plant.complete(lot_no, "inspect", "lin.jian", "accepted")
    return href(site, lot_no, "putaway")


def kept(site: Site, address: str) -> dict[str, Any]:
    with reading(site.plant.engine) as session:
        from sqlmodel import select

        return dict(session.exec(select(HumanTask.form).where(HumanTask.public_id == address.rsplit("/", 1)[1])).one())


async def row(page: Page, index: int, **cells: str) -> None:
    for name, value in cells.items():
        field = page.locator(f"[name='lines[{index}].{name}']")
        await (field.select_option(value) if name == "part" else field.fill(value))


def test_the_definition_passes_lint() -> None:
    assert [one for one in lint(every_type.definition()) if one.severity != "warning"] == []


async def test_every_type_is_typed_refused_in_its_place_and_kept(site: Site, context: BrowserContext) -> None:
    address = await ready(site, "E-1")
    page = await site.enter(context, "li.cang")
    await page.goto(address)
    await page.fill("[name=weighed_at]", "2026-11-21T14:05")
    await page.fill("[name=weighed_by]", "no.body")
    await page.fill("[name=machine]", "Ｇ-１７")
    await page.fill("[name=like]", "nothing-like-it")
    await page.check("[name=dry][value=true]")
    await row(page, 0, part="stem", good="１０.50", bad="0.25", seen_by="lin.jian")
    await expect(page.locator("output[data-name='lines[0].all']")).to_have_text("10.75")
    await page.click("text=添加行")
    await row(page, 2, part="head", good="2", bad="0")
    await expect(page.locator("output[data-name=total]")).to_have_text("12.75")
    await site.look(page, "every-type-typed")

    await page.select_option("select[name=location]", "RM-A1") if await page.locator(
        "select[name=location]"
    ).count() else await page.fill("[name=location]", "RM-A1")
    await page.click("button.btn-primary")
    await expect(page.locator("[id='e-lines[0].why']")).to_contain_text("称重明细 第 1 行 不良原因")
    await expect(page.locator("[name='lines[2].part']")).to_have_value("head")
    await row(page, 0, why="毛刺")
    await page.click("button.btn-primary")
    await expect(page.locator("#f-weighed_by-error")).to_contain_text("没有用户名为「no.body」的在职人员")
    await expect(page.locator("#f-like-error")).to_contain_text("没有编号为「nothing-like-it」的批次")
    await expect(page.locator("[name=weighed_at]")).to_have_value("2026-11-21T14:05")
    await site.look(page, "every-type-refused")

    await page.fill("[name=weighed_by]", "LI.CANG")
    await page.fill("[name=like]", "e-1")
    await page.click("button.btn-primary")
    await page.wait_for_url("**/inbox")
    form = kept(site, address)
    assert form["weighed_at"] == "2026-11-21T06:05:00.000000Z"
    assert form["machine"] == "G-17"
    assert form["like"] == "E-1"
    assert form["lines"] == [
        {
            "part": "stem",
            "good": "10.50",
            "bad": "0.25",
            "all": "10.75",
            "seen_by": form["lines"][0]["seen_by"],
            "why": "毛刺",
        },
        {"part": "head", "good": "2", "bad": "0", "all": "2"},
    ]
    assert form["total"] == "12.75"
    assert len(form["weighed_by"]) == 36
    await page.goto(address)
    await expect(page.locator("dl.facts >> text=李仓").first).to_be_visible()
    await expect(page.locator("section dl.facts")).to_contain_text("2026-11-21 14:05")
    await expect(page.locator(".form-rows tbody tr").first).to_contain_text("柄部")
    await site.look(page, "every-type-done")


async def test_a_half_typed_table_is_kept_and_comes_back(site: Site, context: BrowserContext) -> None:
    address = await ready(site, "E-2")
    page = await site.enter(context, "li.cang")
    await page.goto(address)
    await row(page, 0, part="head", good="3x")
    async with page.expect_response(lambda one: one.url.endswith("/draft")):
        await page.locator("[name=remark]").fill("半")
    await page.evaluate("localStorage.clear()")
    await page.goto(address)
    await expect(page.locator("[name='lines[0].good']")).to_have_value("3x")
    await expect(page.locator("[name='lines[0].part']")).to_have_value("head")
    await expect(page.locator("output[data-name=total]")).to_have_text("–")


async def test_people_and_things_are_found_as_they_are_typed(site: Site, context: BrowserContext) -> None:
    address = await ready(site, "E-3")
    page = await site.enter(context, "li.cang", "en")
    await page.goto(address)
    asked: list[str] = []
    page.on("request", lambda one: asked.append(one.url) if "/options/" in one.url else None)
    async with page.expect_response(lambda one: "/options/people" in one.url):
        await page.locator("[name=weighed_by]").press_sequentially("林")
    await expect(page.locator("[id='o-weighed_by'] option")).to_have_count(1)
    await expect(page.locator("[id='o-weighed_by'] option")).to_have_attribute("value", "lin.jian")
    async with page.expect_response(lambda one: "/options/subjects/equipment" in one.url):
        await page.locator("[name=machine]").press_sequentially("17")
    await expect(page.locator("[id='o-machine'] option").first).to_have_attribute("value", "G-17")
    assert not [one for one in asked if "csrf" in one or "password" in one]
    await site.look(page, "every-type-english")


async def test_it_works_as_a_plain_form_and_the_same_sentences_come_from_the_api(site: Site) -> None:
    address = await ready(site, "E-4")
    async with httpx.AsyncClient(
        base_url=site.address, trust_env=False, verify=NO_TLS, follow_redirects=False
    ) as client:
        await client.post("/login", data={"login": "li.cang", "password": PASSWORD, "next": "/inbox"})
        text = (await client.get(address)).text
        csrf, key = (text.split(f'name="{name}" value="')[1].split('"')[0] for name in ("csrf", "idempotency_key"))
        data = {
            "csrf": csrf,
            "idempotency_key": key,
            "location": "RM-A1",
            "weighed_at": "2026-11-21T14:05",
            "weighed_by": "li.cang",
        }
        more = await client.post(
            address + "/complete", data={**data, "rows": "+lines", "lines[0].good": "5", "lines[1].good": ""}
        )
        assert more.status_code == 200
        assert 'name="lines[4].good"' in more.text
        assert 'value="5"' in more.text
        cells = {
            "lines[0].part": "head",
            "lines[0].good": "5",
            "lines[1].good": "",
            "lines[3].part": "stem",
            "lines[3].good": "6",
        }
        less = await client.post(address + "/complete", data={**data, **cells, "rows": "-lines[0]"})
        assert 'name="lines[0].good"' in less.text
        assert 'value="6"' in less.text
        assert 'value="5"' not in less.text
        refused = await client.post(
            address + "/complete",
            data={**data, "lines[0].part": "head", "lines[0].good": "1", "lines[0].bad": "200", "lines[0].why": "x"},
        )
        assert refused.status_code == 422
        assert "「总重」不能大于 100 kg" in refused.text
        csrf_head = {"X-CSRF-Token": csrf, "Idempotency-Key": "every-4"}
        form = {"location": "RM-A1", "weighed_at": "2026-11-21T14:05+08:00", "weighed_by": "li.cang", "total": 999}
        rows = [{"part": "head", "good": "1", "bad": "0", "seen_by": "no.body"}]
        api = f"/api/v1/tasks/{address.rsplit('/', 1)[1]}/complete"
        wrong = await client.post(api, json={"form": {**form, "lines": rows}}, headers=csrf_head)
        assert wrong.status_code == 422, wrong.text
        assert wrong.json()["code"] == "PRC-004"
        assert "称重明细 第 1 行 确认人" in json.dumps(wrong.json(), ensure_ascii=False)
        rows[0]["seen_by"] = "lin.jian"
        right = await client.post(
            api, json={"form": {**form, "lines": rows}}, headers={**csrf_head, "Idempotency-Key": "every-4b"}
        )
        assert right.status_code == 200, right.text
    assert kept(site, address)["total"] == "1"
