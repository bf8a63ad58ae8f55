"""Every sample page, both languages, both widths: it renders, is well formed, escapes, fits, and axe finds nothing."""

import asyncio
import functools
import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from html.parser import HTMLParser
from itertools import product
from typing import Any

import pytest
from playwright.async_api import BrowserContext, Page, expect

from models.release.rules.matrix import OpenPoints
from tests.samples.gallery import READER, SIZES, html, served
from tests.samples.pages import shell
from tests.samples.work import PAGES
from tests.support.often import DEEP, often
from tests.support.servers import browser as browsers
from tests.support.servers.server import serving
from ui.frame.i18n import LANGUAGES, Language, Words, catalogue
from ui.frame.render import render_part
from ui.inbox.page import ExceptionCount

VOID = {"meta", "link", "input", "img", "br", "hr", "path", "rect"}
STANDS = "document.documentElement.outerHTML"
PUT = """async (stands) => {
  const other = new DOMParser().parseFromString(stands, 'text/html');
  const sheets = (of) => new Map([...of.querySelectorAll('link[rel=stylesheet]')].map((one) => [one.getAttribute('href'), one]));
  const held = sheets(document), wanted = sheets(other);
  for (const [href, one] of held) if (!wanted.has(href)) one.remove();
  await Promise.all([...wanted].filter(([href]) => !held.has(href)).map(([, one]) => new Promise((loaded, failed) => {
    [one.onload, one.onerror] = [loaded, failed];
    document.head.append(one);
  })));
  for (const one of [...document.head.children]) if (one.rel !== 'stylesheet') one.remove();
  document.head.append(...[...other.head.children].filter((one) => one.rel !== 'stylesheet'));
  for (const [at, from] of [[document.documentElement, other.documentElement], [document.body, other.body]]) {
    for (const name of at.getAttributeNames()) at.removeAttribute(name);
    for (const {name, value} of from.attributes) at.setAttribute(name, value);
  }
  document.body.replaceChildren(...other.body.childNodes);
  scrollTo(0, 0);
  return document.documentElement.scrollWidth - innerWidth;
}"""
"""Puts there what stands in another tab; answers by how much it is wider than the screen.  Style sheets that are there stay."""
RUN_AXE = """(contrast) => axe.run(document, {resultTypes: ['violations'], preload: {assets: ['media']},
    rules: {'color-contrast': {enabled: contrast}}})
  .then((r) => r.violations.map((v) => ({id: v.id, nodes: v.nodes.slice(0, 3).map((n) => n.html)})))"""
WITH_AXE_IN_ENGLISH, WITH_AXE_IN_CHINESE = often(2, 1), often(6, 1)
"""With the suite axe reads every second of the chosen pages in English and every sixth in Chinese, in depth all in both."""
HIDDEN_CHOICES = """[...document.querySelectorAll('select')].filter((one) => {
  const style = getComputedStyle(one), pen = document.createElement('canvas').getContext('2d');
  pen.font = `${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
  const room = one.clientWidth - parseFloat(style.paddingLeft) - Math.max(28, parseFloat(style.paddingRight));
  return one.clientWidth && pen.measureText(one.selectedOptions[0]?.text ?? '').width > room + 1;
}).map((one) => `${one.name}: ${one.selectedOptions[0].text}`)"""
SMALL = """[...document.querySelectorAll('.btn, button, select, summary, input, a.row-link, .tabs a, .mainnav a')].filter((one) => {
  const box = (['radio', 'checkbox'].includes(one.type) ? one.closest('label') : one).getBoundingClientRect();
  return one.checkVisibility({contentVisibilityAuto: true}) && !one.closest('.digest-whole, .visually-hidden') && box.height && box.height < 43.9;
}).map((one) => `${one.tagName}.${one.className} ${one.type ?? ''} ${one.getBoundingClientRect().height}`)"""
"""What is lower than 44 px."""
OVERPRINTED = """[...document.querySelectorAll('svg')].flatMap((svg) => {
  const texts = [...svg.querySelectorAll('text')].map((one) => [one.textContent, one.getBoundingClientRect()]);
  return texts.flatMap(([said, box], n) => texts.slice(n + 1).filter(([, other]) =>
    Math.min(box.right, other.right) - Math.max(box.left, other.left) > 2
    && Math.min(box.bottom, other.bottom) - Math.max(box.top, other.top) > 4).map(([other]) => `${said} on ${other}`));
})"""
"""Words of a drawing that lie on one another, as the browser draws them."""
HALVES = 2
KEYS = re.compile(r"\b(?:" + "|".join({key.split(".")[0] for key in catalogue()}) + r")\.[a-z]+_[a-z_]+\b")

CODES = re.compile(
    r"\b[a-z]+_[a-z_]+\b|\d EA\b|\d{4}-\d\d-\d\dT\d|[+]00:00|\b[0-9a-f]{8}-[0-9a-f]{4}-|\b(?:undefined|NaN)\b"
)
"""What software says to software: a name of a column, the code of a unit, an instant in UTC, an id."""


BUILT_OTHERWISE = ("audit", "definition", "found-refused", "subject", "subject-trail")
"""Where words of the other language are marked as such, a long word is broken, or the language itself is chosen."""


class Reader(HTMLParser):
    """Collects ids, the nesting of tags, how the page is built of them, and what the Content-Security-Policy would refuse."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: Counter[str] = Counter()
        self.refused: list[str] = []
        self.text = ""
        self.built: list[tuple[str, ...]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        self.built.append((tag, named.get("class") or "", named.get("role") or "", *sorted(named)))
        if "id" in named:
            self.ids[named["id"] or ""] += 1
        if (
            "style" in named
            or any(name.startswith("on") for name in named)
            or (tag == "script" and "src" not in named)
            or tag == "style"
        ):
            self.refused.append(tag)
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


@functools.cache
def read(name: str, language: Language) -> Reader:
    """The page, read to its end."""
    reader = Reader()
    reader.feed(html(name, language))
    return reader


def built(name: str, language: Language) -> list[tuple[str, ...]]:
    """Its tags in their order, each with its class, its role and the names of its attributes: a page without its words."""
    return read(name, language).built


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", PAGES)
def test_the_page_is_well_formed(name: str, language: Language) -> None:
    text, reader = html(name, language), read(name, language)
    assert reader.open == []
    assert reader.refused == [], "inline script or style"
    assert [key for key, n in reader.ids.items() if n > 1] == []
    assert "<script>alert" not in text
    assert KEYS.findall(reader.text) == []
    assert CODES.findall(reader.text) == []
    assert "http://" not in text.replace("http://www.w3.org/2000/svg", "")


@pytest.mark.parametrize("name", PAGES)
def test_the_page_is_built_the_same_in_both_languages(name: str) -> None:
    assert (built(name, "zh") == built(name, "en")) != (name in BUILT_OTHERWISE)


@pytest.fixture(scope="module")
def gallery() -> Iterator[str]:
    """Where all samples are served."""
    with serving(served()) as address:
        yield address


@functools.cache
def chosen() -> tuple[str, ...]:
    """With the suite so many short pages that each tag with its class, role and attributes is on one of them, in depth all."""
    if DEEP:
        return tuple(PAGES)
    kinds = {name: set(built(name, "en")) for name in PAGES}
    left, taken = set[tuple[str, ...]]().union(*kinds.values()), list[str]()
    while left:
        # what each page takes by itself counts as fifty tags
        best = max(PAGES, key=lambda name: len(kinds[name] & left) / (50 + len(built(name, "en"))))
        taken.append(best)
        left -= kinds[best]
    return tuple(taken)


async def test_axe_finds_nothing_and_nothing_is_wider_than_the_screen(gallery: str, context: BrowserContext) -> None:
    # one for each of the two cores of the smallest machine
    found = await asyncio.gather(*(_look(context, gallery, chosen()[n::HALVES], n) for n in range(HALVES)))
    assert [trouble for one in found for trouble in one] == []


async def test_in_english_no_other_page_is_wider_than_a_tablet(gallery: str, context: BrowserContext) -> None:
    reader = await _reader(context, gallery, "tablet")
    wide = {name: await reader.evaluate(PUT, html(name, "en")) for name in PAGES if name not in chosen()}
    assert {name: px for name, px in wide.items() if px > 0} == {}


async def test_no_chosen_word_lies_under_its_arrow_on_a_tablet_in_english(
    gallery: str, context: BrowserContext
) -> None:
    page = await browsers.tab(context)
    await page.set_viewport_size({"width": 1024, "height": 768})
    hidden = {}
    for name in ("plant-plan", "lots-full", "work-order", "shipment-new"):
        await page.goto(f"{gallery}/page/en/{name}")
        hidden[name] = await page.evaluate(HIDDEN_CHOICES)
    assert {name: found for name, found in hidden.items() if found} == {}


SIGNED = (
    "release-exceptions", "release-clean", "release-refused", "inspection-entry", "inspection-refused", "task-refused",
    "task-disposition-refused", "recall-3", "recall-300-refused", "recall-30000", "recall-follow-300", "recall-look-hold",
    "recall-look-notify",
)  # fmt: skip
"""Pages where a person signs beside what is signed."""
PRESSED = (
    "inbox-full", "task-form", "task-refused", "release-exceptions", "inspection-entry", "lots-full", "receive-refused",
    "work-order", "shipment-new", "unit", "units", "pull-task", "lot-reshape", "recall-3", "operation", "plant-plan",
)  # fmt: skip
"""Pages with everything that can be pressed."""


def _in(language: Language, names: Sequence[str]) -> Sequence[str]:
    """With the suite every other page in one language and the rest in the other, in depth all in both."""
    return names if DEEP else names[LANGUAGES.index(language) :: len(LANGUAGES)]


@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_button_that_signs_is_in_sight_before_and_after_scrolling(
    gallery: str, context: BrowserContext, language: Language
) -> None:
    page = await browsers.tab(context)
    for name in _in(language, SIGNED):
        await page.goto(f"{gallery}/page/{language}/{name}")
        for (width, height), far in product(((1024, 768), (1440, 900)), (0, 400)):
            await page.set_viewport_size({"width": width, "height": height})
            await page.evaluate("(far) => scrollTo(0, far)", far)
            await expect(page.locator(".decision .btn-primary"), f"{name} {width}").to_be_in_viewport(ratio=1)


async def test_the_field_that_is_typed_in_does_not_lie_behind_the_button_that_signs(
    gallery: str, context: BrowserContext
) -> None:
    page = await browsers.tab(context)
    await page.set_viewport_size({"width": 1024, "height": 768})
    for name in ("task-disposition", "release-exceptions", "recall-3", "inspection-entry"):
        await page.goto(f"{gallery}/page/zh/{name}")
        await page.locator(".decision input[type=password]").focus()
        field = await page.locator(".decision input[type=password]").bounding_box()
        button = await page.locator(".decision .btn-primary").bounding_box()
        assert field is not None, name
        assert button is not None, name
        assert field["y"] + field["height"] <= button["y"], name


@pytest.mark.parametrize("language", LANGUAGES)
async def test_what_is_pressed_on_a_tablet_is_as_high_as_a_finger(
    gallery: str, context: BrowserContext, language: Language
) -> None:
    page = await browsers.tab(context)
    await page.set_viewport_size({"width": 1024, "height": 768})
    small = {}
    for name in _in(language, PRESSED):
        await page.goto(f"{gallery}/page/{language}/{name}")
        small[name] = await page.evaluate(SMALL)
    assert {name: found for name, found in small.items() if found} == {}


@pytest.mark.parametrize("language", LANGUAGES)
async def test_no_words_of_a_picture_stand_on_others(gallery: str, context: BrowserContext, language: Language) -> None:
    page = await browsers.tab(context)
    await page.set_viewport_size({"width": 1440, "height": 900})
    for name in ("definition", "health", "drills-full"):
        await page.goto(f"{gallery}/page/{language}/{name}")
        await expect(page.locator("main svg text").first, name).to_be_visible()
        assert await page.evaluate(OVERPRINTED) == [], name


async def test_a_printed_record_holds_no_form_of_what_could_be_done(gallery: str, context: BrowserContext) -> None:
    page = await browsers.tab(context)
    await page.emulate_media(media="print")
    seen = "[...document.querySelectorAll('details form')].filter((form) => form.offsetHeight).length"
    for name in ("lot-reshape", "person", "unit", "operation"):
        await page.goto(f"{gallery}/page/zh/{name}")
        assert await page.evaluate(seen) == 0, name


async def test_a_letter_in_chinese_keeps_its_wide_signs_on_an_english_page(
    gallery: str, context: BrowserContext
) -> None:
    page = await browsers.tab(context)
    await page.goto(f"{gallery}/page/en/notice-letter")
    widths = (
        "[...document.querySelectorAll('.letter')].map((one) => [one.lang, getComputedStyle(one).fontVariantEastAsian])"
    )
    assert await page.evaluate(widths) == [["zh-CN", "normal"], ["en", "proportional-width"]]


async def _look(context: BrowserContext, gallery: str, names: Sequence[str], turn: int) -> list[str]:
    """What is wrong with these samples: too wide at either width, and what axe says.

    Each English one is loaded in a tab; as it stands when its scripts have run it is put into two others, of either width, where
    axe is warm.  The Chinese ones are put there as they come, which they must do without scripts as well; in depth they are
    loaded too.  axe looks for too little contrast on the English pages, in depth on all: the Chinese have the same classes on
    the same tags (`test_the_page_is_built_the_same_in_both_languages`), hence the same colours, and contrast takes it longest.
    With the suite axe reads every other page in English at one width, every sixth in Chinese at the other: in turn, from `turn` on;
    what axe doesn't read on the desktop is measured on the tablet alone, which is half as wide.  What is new on a page of the
    plant it reads there, in the flows of each noun (`tests/support/axe.py`).
    """
    page = await browsers.tab(context)
    troubles: list[str] = []
    page.on("console", lambda message: troubles.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.on("request", lambda request: None if request.url.startswith(gallery) else troubles.append(request.url))
    readers = {size: await _reader(context, gallery, size) for size in SIZES}
    for at, (name, language) in enumerate(product(names, LANGUAGES)):
        number, english = at // len(LANGUAGES), language == "en"
        stands = html(name, language)
        if DEEP or english:
            await page.goto(f"{gallery}/page/{language}/{name}")
            stands = await page.evaluate(STANDS)
        read_here = number % (WITH_AXE_IN_ENGLISH if english else WITH_AXE_IN_CHINESE) == 0
        for size, reader in readers.items():
            read_by_axe = DEEP or (read_here and size == tuple(SIZES)[(number // 2 + turn + english) % len(SIZES)])
            if size != "tablet" and not read_by_axe:
                continue
            wide = await reader.evaluate(PUT, stands)
            if wide > 0:
                troubles.append(f"{name} {language} {size}: {wide} px too wide")
            if read_by_axe:
                found: list[dict[str, Any]] = await reader.evaluate(RUN_AXE, DEEP or english)
                troubles += [
                    f"{name} {language} {size}: {one['id']} {json.dumps(one['nodes'], ensure_ascii=False)}"
                    for one in found
                ]
    return troubles


async def _reader(context: BrowserContext, gallery: str, size: str) -> Page:
    """A tab of that size, with axe."""
    reader = await context.new_page()
    width, height = SIZES[size]
    await reader.set_viewport_size({"width": width, "height": height})
    await reader.goto(f"{gallery}{READER}")
    return reader


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("points", [OpenPoints(*said) for said in product((0, 2), repeat=4)])
def test_the_inbox_says_the_same_as_the_release_page_and_never_clean_where_something_is_unchecked(
    language: Language, points: OpenPoints
) -> None:
    count = ExceptionCount(points=points)
    row = render_part(count.template, count, shell(language, "/inbox"))
    words = Words(language)
    said = {
        words("inbox.clean"): not points.total,
        words("inbox.exceptions", n=2): bool(points.exceptions),
        words("release.unchecked_n", n=2): bool(points.unchecked),
        words("release.migrated_n", n=2): bool(points.migrated),
        words("release.unjudged_n", n=2): bool(points.unjudged),
    }
    assert {word: word in row for word in said} == said
