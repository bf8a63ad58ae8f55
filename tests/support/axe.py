"""What axe says of a page: asked once of every page that is built alike, in depth of every page.

    assert await violations(page) == []

Two pages are built alike where they have the same tags in the same order, with the same attributes, classes, roles and states,
words at the same places, and the same things seen: then they differ in words alone, as a page in Chinese and in English does.
The style sheets are one for all.  What axe says of the words themselves, the gallery asks (`tests/frame/page/test_gallery.py`).
"""

import hashlib
import json
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
    one.matches(':user-invalid'), one.scrollWidth > one.clientWidth,
  ].join())].join('\\n');
}"""
"""The page without its words: every tag with its depth, attributes and state; ids by how many bear them, links by where they lead."""
_read: dict[str, list[dict[str, Any]]] = {}
"""What axe said of a page that is built like this, in this process."""


async def violations(page: Page) -> list[dict[str, Any]]:
    """The serious and critical ones of the page as it stands, with up to three of the places."""
    built = hashlib.sha256(str(await page.evaluate(BUILT)).encode()).hexdigest()
    if built not in _read or DEEP:
        if not await page.evaluate("'axe' in window"):
            await page.evaluate(AXE.read_text(encoding="utf-8"))
        _read[built] = await page.evaluate(RUN)
    return _read[built]


async def sentences(page: Page) -> list[str]:
    """The same, to read."""
    return [f"{page.url}: {json.dumps(one, ensure_ascii=False)}" for one in await violations(page)]
