"""What axe says of a page: asked of every page with something on it that was on none before, in depth of every page.

    assert await violations(page) == []

A thing is a tag in its parent, with their attributes, classes, roles, states and labels, whether words or other tags stand in it,
whether it is seen, and the width of the screen.  What axe says of words and of whole pages, the gallery asks (`tests/frame/page/test_gallery.py`).
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from playwright.async_api import Page

from tests.support.often import DEEP

AXE = Path(__file__).parent / "vendor/axe/axe.min.js"
RUN = (
    "axe.run(document, {resultTypes: ['violations'], preload: {assets: ['media']}}).then((r) => r.violations.filter((v) =>"
    " ['serious', 'critical'].includes(v.impact)).map((v) => ({id: v.id, nodes: v.nodes.slice(0, 3).map((n) => n.html)})))"
)
BUILT = """() => {
  const ids = new Map();
  for (const one of document.querySelectorAll('[id]')) ids.set(one.id, (ids.get(one.id) ?? 0) + 1);
  const named = /^(class|style|fill|role|type|tabindex|scope|colspan|rowspan|headers|autocomplete|http-equiv|aria-(?!label|describe|details).*)$/;
  const leads = /^(for|form|list|aria-(labelledby|describedby|details|controls|owns|activedescendant|errormessage|flowto))$/;
  const attribute = ({name, value}) => {
    if (name === 'id') return `id ${ids.get(value)}`;
    if (leads.test(name)) return `${name} ${value.split(/\\s+/).map((id) => ids.get(id) ?? 0)}`;
    if (name === 'href') return value[0] === '#' ? `#${ids.get(value.slice(1)) ?? 0}` : `href ${value !== ''}`;
    return `${name} ${named.test(name) ? value.replace(/[\\d.]+px/g, 'px') : value.trim() !== ''}`;
  };
  const depth = (one) => one.parentElement ? 1 + depth(one.parentElement) : 0;
  return [innerWidth, ...[...document.querySelectorAll('*')].map((one) => [
    depth(one), one.localName, [...one.attributes].map(attribute).sort(), one.checkVisibility(),
    [...one.childNodes].some((node) => node.nodeType === 3 && node.data.trim()),
    one.checked, one.disabled, one.value === undefined || one.value === '', one === document.activeElement,
    one.matches(':user-invalid'), one.scrollWidth > one.clientWidth, one.labels?.length, one.childElementCount > 0,
  ].join())].join('\\n');
}"""
"""The page without its words: every tag with its depth, attributes and state; ids by how many bear them, links by where they lead."""
_met: set[tuple[str, str, str]] = set()
"""What was on the pages of this process that axe found nothing on."""


async def violations(page: Page) -> list[dict[str, Any]]:
    """The serious and critical ones of the page as it stands, with up to three of the places."""
    on_it = set(_things(str(await page.evaluate(BUILT))))
    if on_it <= _met and not DEEP:
        return []
    if not await page.evaluate("'axe' in window"):
        await page.evaluate(AXE.read_text(encoding="utf-8"))
    found: list[dict[str, Any]] = await page.evaluate(RUN)
    if not found:
        _met.update(on_it)
    return found


def _things(built: str) -> Iterator[tuple[str, str, str]]:
    width, *lines = built.split("\n")
    above: list[str] = []
    for line in lines:
        depth, _, tag = line.partition(",")
        del above[int(depth) :]
        yield width, above[-1] if above else "", tag
        above.append(tag)


async def sentences(page: Page) -> list[str]:
    """The same, to read."""
    return [f"{page.url}: {json.dumps(one, ensure_ascii=False)}" for one in await violations(page)]
