"""Answers of a form: what is kept, what is refused and in which words."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.definition.document import Stage
from models.kernel.refusal import Refusal
from models.process.form.form import read_form, validate_form
from tests.support.definitions import end, small, task, text


def stage(kind: str, **parts: Any) -> Stage:
    field = {"key": "answer", "title": {"zh": "宽度", "en": "Width"}, "type": kind, **parts}
    return small(task("work", next="end", form=[field]), end()).stages[0]


CHOICES = [{"key": "red", "title": text("red")}, {"key": "blue", "title": text("blue")}]


@pytest.mark.parametrize(
    ("kind", "parts", "given_answer", "kept"),
    [
        ("text", {}, "  A-01 ", "A-01"),
        ("text", {}, "😀", "😀"),
        ("long_text", {}, "一\r\n二", "一\n二"),
        ("integer", {}, "12", 12),
        ("integer", {}, 12, 12),
        ("integer", {}, "１２", 12),
        ("integer", {}, "-3", -3),
        ("decimal", {}, "1.50", "1.50"),
        ("decimal", {}, "+1.5", "1.5"),
        ("decimal", {"minimum": "1.5"}, "1.5", "1.5"),
        ("quantity", {"unit": "mm"}, "0", "0"),
        ("boolean", {}, True, True),
        ("boolean", {}, "on", True),
        ("boolean", {}, "false", False),
        ("choice", {"choices": CHOICES}, "blue", "blue"),
        ("date", {}, "2028-02-29", "2028-02-29"),
        ("month", {}, "2026-11", "2026-11"),
    ],
)
def test_a_right_answer_is_kept_exactly(kind: str, parts: dict[str, Any], given_answer: object, kept: object) -> None:
    assert validate_form(stage(kind, **parts), {"answer": given_answer}) == {"answer": kept}


@pytest.mark.parametrize(
    ("kind", "parts", "given_answer", "code"),
    [
        ("text", {"required": True}, "  ", "PRC-020"),
        ("text", {"required": True}, None, "PRC-020"),
        ("decimal", {}, "1,5", "PRC-021"),
        ("decimal", {}, "NaN", "PRC-021"),
        ("decimal", {}, "1e9", "PRC-021"),
        ("decimal", {}, True, "PRC-021"),
        ("decimal", {}, [1], "PRC-021"),
        ("integer", {}, "1.0", "PRC-022"),
        ("integer", {}, "9" * 16, "PRC-022"),
        ("decimal", {"minimum": "1.5", "unit": "mm"}, "1.49", "PRC-023"),
        ("quantity", {}, "-1", "PRC-023"),
        ("decimal", {"maximum": "1.5"}, "1.51", "PRC-024"),
        ("boolean", {}, "perhaps", "PRC-025"),
        ("choice", {"choices": CHOICES}, "green", "PRC-026"),
        ("choice", {"choices": CHOICES}, ["red"], "PRC-026"),
        ("date", {}, "2026-02-30", "PRC-027"),
        ("date", {}, "2026-11", "PRC-027"),
        ("date", {}, 20261121, "PRC-027"),
        ("month", {}, "2026-13", "PRC-028"),
        ("month", {}, "2026-11-21", "PRC-028"),
        ("text", {}, "x" * 201, "PRC-029"),
        ("text", {"max_length": 3}, "xxxx", "PRC-029"),
        ("text", {}, "a\nb", "PRC-030"),
        ("long_text", {}, "a\x00b", "PRC-030"),
    ],
)
def test_a_wrong_answer_is_refused_beside_its_field(
    kind: str, parts: dict[str, Any], given_answer: object, code: str
) -> None:
    clean, problems = read_form(stage(kind, **parts), {"answer": given_answer})
    assert [(one.field, one.refusal.code) for one in problems] == [("answer", code)]
    assert clean == {}
    assert "宽度" in problems[0].refusal.zh
    assert "Width" in problems[0].refusal.en


def test_one_refusal_lists_every_field() -> None:
    with pytest.raises(Refusal) as caught:
        validate_form(stage("integer", required=True), {"stranger": 1})
    assert caught.value.code == "PRC-004"
    assert caught.value.params["fields"] == "stranger,answer"
    assert "stranger" in caught.value.zh
    assert "宽度" in caught.value.zh


def test_an_optional_field_may_stay_empty() -> None:
    assert validate_form(stage("decimal"), {}) == {}
    assert validate_form(stage("decimal"), {"answer": ""}) == {}


@pytest.mark.parametrize("kind", ["text", "long_text", "integer", "decimal", "quantity", "boolean", "date", "month"])
@given(
    answer=st.one_of(
        st.text(max_size=20), st.integers(), st.floats(), st.booleans(), st.none(), st.lists(st.integers(), max_size=2)
    )
)
def test_no_answer_breaks_the_form_and_a_kept_one_stays_as_it_is(kind: str, answer: object) -> None:
    one = stage(kind)
    try:
        kept = validate_form(one, {"answer": answer})
    except Refusal:
        return
    assert validate_form(one, kept) == kept
