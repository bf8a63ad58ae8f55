"""What axe says of a page: asked of every part with something in it that was on no page before, in depth of every page.

    assert await violations(page) == []

A thing is a tag in its parent, with their attributes, classes, roles, states and labels, whether words or other tags stand in it,
whether it is seen, and the width of the screen.  axe reads what the new thing stands in, which takes a third of a whole page's
time.  What it says of words and of whole pages, the gallery asks (`tests/frame/page/test_gallery.py`).
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from playwright.async_api import Page

from tests.support.often import DEEP

AXE = Path(__file__).parent / "vendor/axe/axe.min.js"
RUN = """async (news) => {
  const whole = 'html, head, body, head *', read = 'a, button, label, summary, svg, [role]';
  const row = 'li, dt, dd, thead, tbody, tfoot, tr, th, td, option, optgroup', rows = 'ul, ol, dl, table, select';
  const around = (one) => one.closest(read) ?? ((one.matches(row) && one.closest(rows)) || one);
  const all = news?.map((n) => around(document.built[n]));
  const parts = all?.every((one) => one.isConnected && !one.matches(whole)) ? [...new Set(all)] : null;
  const said = await axe.run(parts ? {include: parts} : document, {resultTypes: ['violations'], preload: {assets: ['media']}});
  return said.violations.filter((one) => ['serious', 'critical'].includes(one.impact))
    .map((one) => ({id: one.id, nodes: one.nodes.slice(0, 3).map((n) => n.html)}));
}"""
"""What axe says of these things and the list, table, link … that they stand in; of the whole page where one is the page or is in its
head, or without any."""
BUILT = """() => {
  const ids = new Map();
  for (const one of document.querySelectorAll('[id]')) ids.set(one.id, (ids.get(one.id) ?? 0) + 1);
  const named = /^(class|style|fill|role|type|tabindex|scope|colspan|rowspan|headers|autocomplete|http-equiv|aria-(?!label|describe|details).*)$/;
  const leads = /^(for|form|list|aria-(labelledby|describedby|details|controls|owns|activedescendant|errormessage|flowto))$/;
  const mute = /^(hx-.*|data-.*|action|method|enctype|name|required|checked|maxlength|min|max|step|inputmode|enterkeyhint|spellcheck)$/;
  const read = (one) => [...one.attributes].filter(({name}) => !mute.test(name) && (name !== 'value' || /^(submit|button)$/.test(one.type)));
  const attribute = ({name, value}) => {
    if (name === 'id') return `id ${ids.get(value)}`;
    if (leads.test(name)) return `${name} ${value.split(/\\s+/).map((id) => ids.get(id) ?? 0)}`;
    if (name === 'href') return value[0] === '#' ? `#${ids.get(value.slice(1)) ?? 0}` : `href ${value !== ''}`;
    return `${name} ${named.test(name) ? value.replace(/[\\d.]+px/g, 'px') : value.trim() !== ''}`;
  };
  const depth = (one) => one.parentElement ? 1 + depth(one.parentElement) : 0;
  document.built = [...document.querySelectorAll('*')];
  return [innerWidth, ...document.built.map((one) => [
    depth(one), one.localName, read(one).map(attribute).sort(), one.checkVisibility(),
    [...one.childNodes].some((node) => node.nodeType === 3 && node.data.trim()),
    one.checked, one.disabled, one === document.activeElement,
    one.matches(':user-invalid'), one.scrollWidth > one.clientWidth, one.labels?.length, one.childElementCount > 0,
  ].join())].join('\\n');
}"""
"""The page without its words: every tag with its depth, attributes and state; ids by how many bear them, links by where they lead."""
Thing = tuple[str, str, str]
_met: set[Thing] = set()
"""What was on the pages of this process that axe found nothing on."""


async def things(page: Page, read_on: str = "") -> list[Thing]:
    """What is on the page as it stands; `read_on`: for axe to read on another screen than this."""
    return [(read_on or width, parent, tag) for width, parent, tag in _things(str(await page.evaluate(BUILT)))]


def anything_new(on_it: list[Thing]) -> bool:
    """Whether axe is to be asked."""
    return DEEP or not _met.issuperset(on_it)


async def violations(page: Page, on_it: list[Thing] | None = None) -> list[dict[str, Any]]:
    """The serious and critical ones of the page as it stands, with up to three of the places.

    `on_it`: what `things` found, for who has asked already.
    """
    on_it = on_it or await things(page)
    if not anything_new(on_it):
        return []
    if not await page.evaluate("'axe' in window"):
        await page.evaluate(AXE.read_text(encoding="utf-8"))
    news = None if DEEP else sorted({one: place for place, one in enumerate(on_it) if one not in _met}.values())
    found: list[dict[str, Any]] = await page.evaluate(RUN, news)
    if not found:
        _met.update(on_it)
    return found


def _things(built: str) -> Iterator[Thing]:
    width, *lines = built.split("\n")
    above: list[str] = []
    for line in lines:
        depth, _, tag = line.partition(",")
        del above[int(depth) :]
        yield width, above[-1] if above else "", tag
        above.append(tag)


async def sentences(page: Page, on_it: list[Thing] | None = None) -> list[str]:
    """The same, to read."""
    return [f"{page.url}: {json.dumps(one, ensure_ascii=False)}" for one in await violations(page, on_it)]
