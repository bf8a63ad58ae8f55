"""The picture of a process: readable, the same every time, no inline style, and no draft breaks it."""

import random
import xml.etree.ElementTree as ET
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.definition.document import Definition
from models.definition.words import sentence
from tests.support.definitions import all_shipped, edited, end, shipped, small, task, text
from tests.support.often import often
from ui.definition.layout import layout
from ui.definition.picture import columns_of, picture, wrap

SVG = "{http://www.w3.org/2000/svg}"
RELEASE = shipped("release")


def stages(svg: str) -> dict[str, ET.Element]:
    return {one.attrib["data-stage"]: one for one in ET.fromstring(svg).iter(f"{SVG}g") if "data-stage" in one.attrib}  # noqa: S314 - our own text


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("key", sorted(all_shipped()))
def test_every_stage_is_drawn_once_with_its_words(key: str, language: str) -> None:
    definition = shipped(key)
    svg = picture(definition, language)
    drawn = stages(svg)
    assert list(drawn) == [stage.key for stage in definition.stages]
    for stage in definition.stages:
        said = "".join(one.text or "" for one in drawn[stage.key].iter(f"{SVG}text"))
        assert stage.title.say(language).replace(" ", "") in said.replace(" ", "")
        assert sentence(stage, language, definition) in (drawn[stage.key].findtext(f"{SVG}title") or "")
        assert bool(stage.law) == any("dp-lock" in one.attrib.get("class", "") for one in drawn[stage.key])
    assert picture(shipped(key), language) == svg


def test_it_speaks_to_those_who_listen() -> None:
    root = ET.fromstring(picture(RELEASE, "zh"))  # noqa: S314 - our own text
    assert root.attrib["role"] == "img"
    assert root.findtext(f"{SVG}title") == f"成品放行 v{shipped('release').version}"
    assert "审核批记录" in (root.findtext(f"{SVG}desc") or "")
    assert root.attrib["aria-labelledby"] == "dp-release-title dp-release-desc"


def test_it_obeys_the_content_security_policy() -> None:
    svg = picture(RELEASE, "en", {"review": "done"})
    for forbidden in ("style=", "<style", "<script", "onload", "#fff", "rgb(", "http://www.w3.org/1999"):
        assert forbidden not in svg


def test_words_of_a_draft_cannot_become_markup() -> None:
    evil = "</text><script>alert(1)</script>\"'&"
    draft = edited(RELEASE, "review", title={"zh": evil, "en": evil}, law=evil)
    svg = picture(draft, "zh", {"review": evil})
    assert "<script" not in svg
    assert len(stages(svg)) == len(RELEASE.stages)


def test_a_highlight_is_a_word_and_a_class() -> None:
    drawn = stages(picture(RELEASE, "zh", {"review": "done", "approve": "open", "held": None}))
    assert "dp-is-done" in drawn["review"].attrib["class"]
    assert "已完成" in "".join(drawn["review"].itertext())
    assert "进行中" in "".join(drawn["approve"].itertext())
    assert "dp-is" not in drawn["held"].attrib["class"]


@pytest.mark.parametrize(
    "draft",
    [
        small(task("only", next="nowhere")),
        small(task("loop", next="loop"), end()),
        small(task("twice", next="end"), task("twice", next="end"), end()),
        small(task("work", next="end"), end()).model_copy(update={"start": "nowhere"}),
        small({"key": "both", "kind": "parallel", "tracks": {"start": ["a", "b"], "join": "end"}},
              task("a", next="end"), task("b", next="both"), end()),
        small({"key": "bare", "kind": "parallel"}),
        small(task("long", next="end", title=text("一" * 300)), end()),
        small(task("long", next="end", title=text("word" * 300)), end()),
        small(task("mute", next="end", title={}), end()),
    ],
)  # fmt: skip
def test_every_draft_has_a_picture(draft: Definition) -> None:
    assert set(stages(picture(draft, "zh"))) == {stage.key for stage in draft.stages}


@pytest.mark.parametrize(
    ("words", "lines"),
    [
        ("审核批记录", ["审核批记录"]),
        ("一二三四五六七八九十一二三", ["一二三四五六七八九十一", "二三"]),
        ("一二三四五六七八九十一, 二", ["一二三四五六七八九十", "一, 二"]),
        ("Review the batch record today", ["Review the batch", "record today"]),
        ("", [""]),
    ],
)
def test_text_breaks_where_people_break_it(words: str, lines: list[str]) -> None:
    assert wrap(words) == lines


@given(st.text(max_size=120))
def test_no_line_is_wider_than_its_box(words: str) -> None:
    for line in wrap(words):
        assert columns_of(line) <= 22 + 4  # closing punctuation may hang over


@settings(max_examples=often(12, 600))
@given(choose=st.randoms(use_true_random=True), count=st.integers(1, 14))
def test_boxes_never_overlap_and_lines_end_at_their_boxes(choose: random.Random, count: int) -> None:
    keys = [f"s{number}" for number in range(count)]
    draft = small(
        *(
            task(
                key,
                outcomes=[
                    {"key": f"o{n}", "title": text("o"), "next": choose.choice(keys)}
                    for n in range(choose.randrange(1, 4))
                ],
            )
            for key in keys
        )
    )
    placed = layout(draft, {key: (176.0, choose.choice([30.0, 60.0])) for key in keys})
    for one, other in combinations(placed.nodes.values(), 2):
        apart = abs(one.x - other.x) >= (one.width + other.width) / 2 - 0.01
        assert apart or abs(one.y - other.y) >= (one.height + other.height) / 2
    for line in placed.lines:
        for key, (x, y) in ((line.source, line.points[0]), (line.target, line.points[-1])):
            node = placed.nodes[key]
            assert abs(x - node.x) <= node.width / 2 + 0.01
            assert abs(y - node.y) <= node.height / 2 + 0.01
        assert all(0 <= x <= placed.width + 0.01 for x, _ in line.points)
