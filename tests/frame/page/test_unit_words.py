"""Units in words: what a page shows may be typed, and a refusal speaks as the page does."""

import pytest

from models.kernel.request import NOT_FOUND
from models.kernel.units.units import OTHER_KIND
from models.lot.rules.lot import NOT_ENOUGH
from models.packing.rules import at_position
from ui.frame.form.forms import measured
from ui.frame.words.units import in_words


@pytest.mark.parametrize("typed", ["12 根", "１２　根", "12根", "12 rods", "12 rod", "12\u200b Rods"])
def test_the_word_that_the_page_shows_may_be_typed_behind_the_number(typed: str) -> None:
    assert measured(typed) == {"quantity": "12", "uom": "rod"}


@pytest.mark.parametrize(("typed", "uom"), [("5 kg", "kg"), ("5 公斤", "公斤"), ("5 furlong", "furlong"), ("5", None)])
def test_what_the_rules_know_or_nobody_knows_stays(typed: str, uom: str | None) -> None:
    assert measured(typed) == {"quantity": "5", "uom": uom}


def test_a_refusal_says_units_as_the_page_does() -> None:
    refusal = in_words(OTHER_KIND(unit="mm", lot="HX-1", uom="rod"))
    assert refusal.zh == "毫米 不能换算成批次 HX-1 的单位 根。"
    assert refusal.en == "mm can't be converted to rods, the unit of lot HX-1."
    assert refusal.params == {"unit": "mm", "lot": "HX-1", "uom": "rod"}


def test_a_unit_that_nobody_translated_stays_as_it_is() -> None:
    facts = {"lot": "R-1", "where_zh": "A1", "where_en": "A1", "there": "1", "wanted": "2", "uom": "furlong"}
    assert "1 furlong" in in_words(NOT_ENOUGH(**facts)).zh


def test_where_on_a_pallet_the_goods_are_is_still_said() -> None:
    facts = {"lot": "R-1", "where_zh": "A1", "where_en": "A1", "there": "1", "wanted": "2", "uom": "rod"}
    said = in_words(at_position(NOT_ENOUGH(**facts), ("PAL-1", "CASE-2")))
    assert said.zh.startswith("包装单元 PAL-1 › CASE-2：")
    assert "1 根" in said.zh
    assert said.en.startswith("In logistic unit PAL-1 › CASE-2: ")


def test_a_refusal_without_units_is_left_alone() -> None:
    refusal = NOT_FOUND()
    assert in_words(refusal) is refusal
