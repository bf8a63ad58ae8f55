"""Every word in both languages: no missing key, no key nobody says, no Chinese and no raw English left in a template."""

import re
from pathlib import Path
from string import Formatter

import pytest

from models.kernel.refusal import CATALOGUE
from models.lot.rules.lot import STATUS_NAMES
from models.place.rules import PlaceKind
from runtime.reference.pages import refusals
from ui.frame import i18n
from ui.frame.i18n import Words, areas, catalogue
from ui.frame.status import FAMILIES, mark
from ui.plant.registers.places import place_kind

UI = Path(i18n.__file__).parents[1]
SOURCES = [*UI.rglob("*.html"), *UI.rglob("*.py")]
CHINESE = re.compile(r"[\u3400-\u9fff]")
KEY = re.compile(r"""['"]([a-z]+\.[a-z_0-9]+)['"]""")
PREFIX = re.compile(r"""(?:['"]([a-z]+\.[a-z_]*)['"]\s*~)|(?:f["']([a-z]+\.[a-z_]*)\{)""")


def said() -> tuple[set[str], set[str]]:
    """Keys and beginnings of keys that templates and code ask for."""
    keys, beginnings = set(), set()
    for path in SOURCES:
        text = path.read_text(encoding="utf-8")
        keys |= set(KEY.findall(text))
        beginnings |= {one or other for one, other in PREFIX.findall(text)}
    return keys, beginnings


def test_every_key_is_a_word_in_both_languages() -> None:
    for area, entries in areas():
        for key, sentences in entries.items():
            assert isinstance(key, str), f"{area}.{key}: quote it, YAML reads it as {type(key).__name__}"
            assert len(sentences) in {2, 3}, f"{area}.{key}"
            assert all(isinstance(sentence, str) and sentence.strip() for sentence in sentences), f"{area}.{key}"


def test_both_languages_speak_of_the_same_facts() -> None:
    for key, sentences in catalogue().items():
        facts = [{name for _, name, _, _ in Formatter().parse(sentence) if name} for sentence in sentences]
        if len(sentences) == 3:
            facts[1] |= {"n"} & facts[0]
        assert all(names == facts[0] for names in facts), key


def test_no_english_sentence_holds_chinese_but_where_it_names_the_other_language() -> None:
    bilingual = {"shell.other_language", "login.other_language"}
    assert {key for key, words in catalogue().items() for word in words[1:] if CHINESE.search(word)} == bilingual


@pytest.mark.parametrize("words", [Words("zh"), Words("en")], ids=["zh", "en"])
def test_a_place_says_in_words_what_it_is_for_whoever_named_its_kind(words: Words) -> None:
    foreign = ("area", "external", "something_else")
    said_of = {kind: place_kind(words, kind) for kind in (*PlaceKind, *foreign)}
    assert all("_" not in name and bool(CHINESE.search(name)) == (words.language == "zh") for name in said_of.values())
    assert not set(foreign) & set(said_of.values())


def test_no_refusal_shows_marks_of_a_text_format() -> None:
    assert refusals(), "imports every kind"
    assert [kind.code for kind in CATALOGUE.values() if "`" in kind.zh + kind.en] == []


def test_nothing_is_asked_for_that_the_catalogue_lacks() -> None:
    known = {area for area, _ in areas()}
    keys, _ = said()
    missing = {key for key in keys if key.split(".")[0] in known and key not in catalogue()}
    # a key that ends with a line is the beginning of a family (`"inbox.view_" ~ view`); rendering every sample tests those
    assert {key for key in missing if not key.endswith("_")} == set()


def test_nothing_in_the_catalogue_is_never_said() -> None:
    keys, beginnings = said()
    unsaid = {key for key in catalogue() if key not in keys and not any(key.startswith(start) for start in beginnings)}
    assert unsaid == set()


def test_templates_hold_no_words_of_their_own() -> None:
    for path in UI.rglob("*.html"):
        text = re.sub(r"\{#.*?#\}", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
        text = text.replace("join('、' if", "join('' if")
        assert not CHINESE.search(text), path.name


@pytest.mark.parametrize("family", FAMILIES)
def test_each_state_has_a_shape_and_a_word(family: str) -> None:
    for state in FAMILIES[family]:
        badge = mark(family, state)
        assert badge.shape
        assert badge.key in catalogue()


def test_the_page_calls_a_lot_state_what_the_rules_call_it() -> None:
    for status, (zh, en) in STATUS_NAMES.items():
        key = mark("lot", status).key
        assert (Words("zh")(key), Words("en")(key).lower()) == (zh, en)
