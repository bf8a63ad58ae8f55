"""From a request to the supplier's answer on a telephone, on the real stack: forged, old, twice, 30 MB, a script in a name (REQUIREMENTS 52)."""

import hashlib
import os
from typing import Any

import httpx
import pytest
from playwright.async_api import BrowserContext, Page, expect

from models.scar import rules
from tests.support.often import WALKED
from tests.support.plant.plant import SECRET
from tests.support.processes.matter import complete
from tests.support.processes.scars import SAID, raised, sent, supplier
from tests.support.servers.press import press
from tests.support.servers.site import ROOT, Site
from tests.support.servers.until import born, until
from workflows.temporal import start

PHONE = {"width": 390, "height": 844}
NAME = "<img src=x onerror=alert(1)>.pdf"
WORDS = {"zh": ("已经答复过", "此链接无效", "已收到"), "en": ("answered already", "isn't valid", "Received")}
PDF = b"%PDF-1.7\n8D\n"


async def look(page: Page, name: str, language: str) -> None:
    """A picture of a telephone, where somebody wants one."""
    if os.environ.get("PICTURES"):
        (ROOT / ".artifacts/site").mkdir(parents=True, exist_ok=True)
        await page.screenshot(path=ROOT / f".artifacts/site/{name}.{language}.phone.png", full_page=True)


async def outside(site: Site, *asked: tuple[str, str, bytes | None]) -> list[httpx.Response]:
    """What a program without a session gets."""
    async with httpx.AsyncClient(base_url=site.address, timeout=60) as client:
        headers = {"content-type": "application/octet-stream"}
        return [await client.request(how, path, content=body, headers=headers) for how, path, body in asked]


@pytest.mark.parametrize("language", WALKED)
async def test_a_supplier_answers_once_on_a_telephone(
    site: Site, context: BrowserContext, other_context: BrowserContext, language: str
) -> None:
    plant, (used, forged, thanks), lang = site.plant, WORDS[language], language.upper()
    await start.ensure_outbox(plant.client)
    who = supplier(plant, f"PH-{lang}")
    page = await site.enter(context, "zhao.liu", language=language, at=f"/scars/new?supplier_no={who}")
    await page.fill("textarea[name=found]", "实测 20.31 mm, 限 20.25 mm")
    await page.fill("input[name=title]", " ")
    assert await press(page) == 422
    await page.fill("input[name=title]", "第 P88 批 <b>外径</b> 超差")
    await site.look(page, f"scar-new-{language}")
    await press(page)
    await page.wait_for_url("**/subjects/*")
    here = page.url.partition("?")[0]
    number = str(plant.scalar("select scar_no from scar order by id desc limit 1"))
    await born(plant.client, f"scar/{number}")
    at = await sent(plant, number)
    token = rules.make(SECRET, at)
    await page.goto(f"{site.address}/scars/{number}/letter")
    assert await page.locator("a.link").inner_text() == f"{site.address}/s/{token}"
    await site.look(page, f"scar-letter-{language}")
    await _answer(site, other_context, token, language, (thanks, used, forged))
    await until(lambda: plant.scalar("select count(*) from human_task t join subject b on b.id = t.subject_id where b.number = :n and t.stage = 'review'", n=number))  # fmt: skip
    await page.goto(here)
    await expect(page.locator("main")).to_contain_text(NAME)
    await expect(page.locator("main")).to_contain_text(SAID["cause"])
    await site.look(page, f"scar-answered-{language}")
    href = str(await page.locator("ul.files a").first.get_attribute("href"))
    file = await page.request.get(f"{site.address}{href}")
    assert await file.body() == PDF
    assert file.headers["content-disposition"].startswith("attachment; ")
    await complete(plant, number, "review", "chen.pi", "back", reason="原因不充分")
    again = await sent(plant, number, note="请补充 5 个为什么")
    phone = await site.tab(other_context)
    await phone.set_viewport_size(PHONE)  # type: ignore[arg-type]
    await phone.goto(f"{site.address}/s/{rules.make(SECRET, again)}")
    await expect(phone.locator("main")).to_contain_text("原因不充分")
    await look(phone, "scar-again", language)
    await page.goto(f"{site.address}/scars")
    await site.look(page, f"scar-list-{language}")


async def _answer(site: Site, context: BrowserContext, token: str, language: str, said: tuple[str, str, str]) -> None:
    """On a telephone: a forged link, then the right one with a file, sent, and opened again."""
    thanks, used, forged = said
    phone = await site.tab(context)
    await phone.set_viewport_size(PHONE)  # type: ignore[arg-type]
    await phone.goto(f"{site.address}/s/{token[:-2]}AA?lang={language}")
    await expect(phone.locator("main")).to_contain_text(forged)
    await look(phone, "scar-forged", language)
    await phone.goto(f"{site.address}/s/{token}?lang={language}")
    await look(phone, "scar-empty", language)
    page_of = {name: text for name, text in SAID.items() if name != "cause"}
    for name, text in page_of.items():
        await phone.fill(f"[name={name}]", text)
    await phone.fill("[name=cause]", SAID["cause"])
    await phone.fill("[name=name]", "王工 <script>")
    await phone.set_input_files("input[type=file]", {"name": NAME, "mimeType": "application/pdf", "buffer": PDF})
    await expect(phone.locator("li.file input[type=hidden]")).to_have_count(1)
    assert await phone.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), "it fits a telephone"
    await look(phone, "scar-full", language)
    await press(phone)
    await expect(phone.locator("h1")).to_contain_text(thanks)
    await look(phone, "scar-thanks", language)
    await phone.goto(f"{site.address}/s/{token}")
    await expect(phone.locator("main")).to_contain_text(used)
    await look(phone, "scar-used", language)


async def test_what_comes_through_a_link_is_kept_whole_or_refused_and_reveals_nothing(site: Site) -> None:
    plant = site.plant
    await start.ensure_outbox(plant.client)
    who = supplier(plant, "PH-FILES")
    number = await raised(plant, who, title="绝密标题")
    await born(plant.client, f"scar/{number}")
    token = rules.make(SECRET, await sent(plant, number))
    large = PDF + bytes(30 * 1024 * 1024)
    post, form = f"/s/{token}/files?of=files&name=", b"name=x"
    kept, svg, html, path, control, empty, huge, read, forged, part = await outside(
        site,
        ("POST", f"{post}big.pdf", large),
        ("POST", f"{post}a.svg", b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"),
        ("POST", f"{post}a.txt", b"<html><script>alert(1)</script>"),
        ("POST", f"{post}..%2Fa.pdf", PDF),
        ("POST", f"{post}a%0Ab.pdf", PDF),
        ("POST", f"{post}a.pdf", b""),
        ("POST", f"{post}b.pdf", PDF + bytes(51 * 1024 * 1024)),
        ("GET", f"/s/{token}", None),
        ("GET", f"/s/{token[:-1]}", None),
        ("POST", f"/s/{token[:-1]}/files?name=a.pdf", form),
    )
    assert [one.status_code for one in (kept, svg, html, path, control, empty, huge)] == [
        201,
        422,
        422,
        422,
        422,
        422,
        413,
    ]
    digest = hashlib.sha256(large).hexdigest()
    assert digest in kept.text
    assert plant.scalar("select sum(length(p.data)) from stored_part p join stored_file f on f.id = p.file_id where f.digest = :d", d=digest) == len(large)  # fmt: skip
    assert (read.status_code, forged.status_code, part.status_code) == (200, 404, 404)
    assert "绝密标题" in read.text
    assert not any(word in forged.text for word in ("绝密标题", number, who, "供方"))
    for one in (read, forged):
        assert "script-src" in one.headers["content-security-policy"]
        assert one.headers["x-robots-tag"] == "noindex"
    await _twice(site, token)
    await _slowed(site, token)


async def _twice(site: Site, token: str) -> None:
    """A second tap finds the answer of the first, another answer is refused, and so is one that another site's page sends."""
    given = {**SAID, "name": "王工"}
    async with httpx.AsyncClient(base_url=site.address, timeout=60) as client:
        strange = await client.post(f"/s/{token}", data=given, headers={"origin": "https://example.org"})
        short = await client.post(f"/s/{token}", data={**given, "cause": ""})
        first = await client.post(f"/s/{token}", data=given)
        second = await client.post(f"/s/{token}", data=given)
        other = await client.post(f"/s/{token}", data={**given, "cause": "另一原因"})
        late = await client.post(f"/s/{token}/files?name=a.pdf", content=PDF)
    assert [one.status_code for one in (strange, short, first, second, other, late)] == [403, 422, 200, 200, 409, 409]


async def _slowed(site: Site, token: str) -> None:
    """Whoever tries links has to wait, and so has everybody from there."""
    tried: list[Any] = await outside(site, *(("GET", f"/s/{'A' * n}", None) for n in range(20, 40)))
    assert 429 in {one.status_code for one in tried}
    assert "SCR-028" in tried[-1].text
    site.app.state.links._wrong.clear()
    assert (await outside(site, ("GET", f"/s/{token}", None)))[0].status_code == 409
