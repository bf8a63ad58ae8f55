"""Forms with every type of field: what is kept of instants, people, references, tables, sums and conditions."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.definition.document import Stage
from models.definition.lint.fields import lint_form
from models.definition.lint.reads import lint_reads
from models.kernel.refusal import Refusal
from models.process.form.form import MOST_CHARACTERS, MOST_ROWS, read_form, validate_form
from tests.support.definitions import end, small, task


def form(*fields: dict[str, Any], **parts: Any) -> Stage:
    whole = [{"title": {"zh": f"栏{one['key']}", "en": f"Field {one['key']}"}, **one} for one in fields]
    return small(task("work", next="end", form=whole, **parts), end()).stages[0]


def column(key: str, kind: str, **parts: Any) -> dict[str, Any]:
    return {"key": key, "title": {"zh": f"列{key}", "en": f"Column {key}"}, "type": kind, **parts}


def problems(stage: Stage, given_form: dict[str, Any], facts: dict[str, Any] | None = None) -> list[tuple[str, str]]:
    return [(one.field, one.refusal.code) for one in read_form(stage, given_form, None, facts)[1]]


LINES = {
    "key": "lines",
    "type": "table",
    "columns": [
        column("part", "text", required=True),
        column("good", "quantity", required=True),
        column("bad", "quantity"),
        column("all", "quantity", computed={"plus": ["good", "bad"]}),
    ],
}
TOTAL = {"key": "total", "type": "quantity", "computed": {"plus": ["lines.good"]}}


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("2026-11-21T14:05+08:00", "2026-11-21T06:05:00.000000Z"),
        ("2026-11-21 14:05:09.5 +0800", "2026-11-21T06:05:09.500000Z"),
        ("２０２６-11-21T06:05Z", "2026-11-21T06:05:00.000000Z"),
        ("2026-01-01T00:30+08:00", "2025-12-31T16:30:00.000000Z"),
    ],
)
def test_an_instant_is_kept_in_utc_whatever_its_offset(typed: str, kept: str) -> None:
    assert validate_form(form({"key": "at", "type": "instant"}), {"at": typed}) == {"at": kept}


@pytest.mark.parametrize(
    "typed", ["2026-11-21T14:05", "2026-11-21", "2026-11-21T25:00Z", "2026-02-30T00:00Z", 5, "0001-01-01T00:00+08:00"]
)
def test_a_moment_without_its_offset_or_that_never_was_is_refused(typed: object) -> None:
    assert problems(form({"key": "at", "type": "instant"}), {"at": typed}) == [("at", "PRC-050")]


def test_a_person_a_reference_and_a_file_are_kept_as_one_name_each() -> None:
    stage = form(
        {"key": "who", "type": "person"},
        {"key": "lot", "type": "reference", "subject": "lot"},
        {"key": "photo", "type": "attachment"},
    )
    login = validate_form(stage, {"who": " ｌｉｎ.jian ", "lot": " 批-０1 ", "photo": "A" * 64})
    assert login == {"who": "lin.jian", "lot": "批-０1", "photo": ["a" * 64]}
    by_id = validate_form(stage, {"who": "0197E5B1-0000-7000-8000-00000000000A"})
    assert by_id == {"who": "0197e5b1-0000-7000-8000-00000000000a"}
    wrong = {"who": ["lin.jian"], "lot": "a\nb", "photo": ["a" * 63]}
    assert problems(stage, wrong) == [("who", "PRC-051"), ("lot", "PRC-052"), ("photo", "PRC-053")]
    assert problems(stage, {"photo": [f"{n:064x}" for n in range(21)]}) == [("photo", "PRC-053")]


def test_each_row_of_a_table_is_read_as_a_form_and_its_problems_have_a_place() -> None:
    stage = form({**LINES, "required": True})
    rows = [{"part": "甲", "good": "１２"}, {"part": " ", "bad": ""}, {"good": "x", "stranger": 1}, "no row"]
    assert problems(stage, {"lines": rows}) == [
        ("lines[2].stranger", "PRC-031"),
        ("lines[2].part", "PRC-020"),
        ("lines[2].good", "PRC-021"),
        ("lines[3]", "PRC-055"),
    ]
    said = [one.refusal for one in read_form(stage, {"lines": rows})[1]]
    assert "栏lines 第 3 行 列good" in said[2].zh
    assert "Field lines, row 3: Column good" in said[2].en


def test_an_empty_row_says_nothing_and_a_table_without_rows_is_empty() -> None:
    stage = form(LINES)
    assert validate_form(stage, {"lines": [{}, {"part": "", "good": None}]}) == {}
    assert validate_form(stage, {"lines": [{}, {"part": "a", "good": "1"}]}) == {"lines": [{"part": "a", "good": "1"}]}
    must = form({**LINES, "required": True})
    assert problems(must, {"lines": [{}]}) == problems(must, {}) == [("lines", "PRC-020")]
    assert problems(must, {"lines": "a,b"}) == [("lines", "PRC-054")]


def test_a_huge_table_is_refused_whole_with_both_numbers() -> None:
    stage = form({"key": "lines", "type": "table", "columns": [column("part", "text", max_length=1000)]})
    assert len(validate_form(stage, {"lines": [{"part": "a"}] * MOST_ROWS})["lines"]) == MOST_ROWS
    _, found = read_form(stage, {"lines": [{"part": "a"}] * (MOST_ROWS + 1)})
    assert [(one.field, one.refusal.code) for one in found] == [("lines", "PRC-056")]
    assert str(MOST_ROWS) in found[0].refusal.zh
    assert str(MOST_ROWS + 1) in found[0].refusal.en
    wide = [{"part": "字" * 1000}] * (MOST_CHARACTERS // 1000)
    assert problems(stage, {"lines": wide}) == []
    assert problems(stage, {"lines": [*wide, {"part": "一"}]}) == [("lines", "PRC-057")]


def test_what_the_system_works_out_is_exact_and_never_taken_from_what_was_typed() -> None:
    stage = form(LINES, TOTAL)
    rows = [{"part": "a", "good": "0.1", "bad": "0.2", "all": "999"}, {"part": "b", "good": "0.20"}]
    assert validate_form(stage, {"lines": rows, "total": "7"}) == {
        "lines": [{"part": "a", "good": "0.1", "bad": "0.2", "all": "0.3"}, {"part": "b", "good": "0.20"}],
        "total": "0.30",
    }
    assert validate_form(stage, {"total": "7"}) == {"total": "0"}


def test_a_sum_with_limits_is_refused_where_it_breaks_them() -> None:
    stage = form(
        {"key": "used", "type": "quantity"},
        {"key": "left", "type": "quantity"},
        {
            "key": "lost",
            "type": "quantity",
            "maximum": "2",
            "unit": "m",
            "computed": {"plus": ["used"], "minus": ["left"]},
        },
    )
    assert validate_form(stage, {"used": "9", "left": "7"})["lost"] == "2"
    assert problems(stage, {"used": "9", "left": "6.999"}) == [("lost", "PRC-024")]
    assert problems(stage, {"used": "7", "left": "9"}) == [("lost", "PRC-023")]
    assert "2 m" in read_form(stage, {"used": "9", "left": "0"})[1][0].refusal.en


def test_an_answer_is_required_only_where_its_condition_holds() -> None:
    stage = form(
        {"key": "fault", "type": "boolean"},
        {"key": "why", "type": "text", "required_when": {"op": "any", "of": [
            {"op": "eq", "field": "fault", "value": True},
            {"op": "eq", "field": "work.fault", "value": True},
            {"op": "eq", "fact": "item.risk", "value": "high"},
        ]}},
    )  # fmt: skip
    assert problems(stage, {}) == []
    assert problems(stage, {"fault": False}) == []
    assert problems(stage, {"fault": True}) == [("why", "PRC-020")]
    assert problems(stage, {"fault": True, "why": "裂纹"}) == []
    assert problems(stage, {}, {"item.risk": "high"}) == [("why", "PRC-020")]


def test_a_condition_of_a_row_reads_the_row_first_and_then_the_form() -> None:
    sure = {
        "op": "all",
        "of": [{"op": "gt", "field": "bad", "value": 0}, {"op": "eq", "field": "kind", "value": "hip"}],
    }
    stage = form(
        {"key": "kind", "type": "text"},
        {
            "key": "lines",
            "type": "table",
            "columns": [column("bad", "quantity"), column("why", "text", required_when=sure)],
        },
        {"key": "note", "type": "text", "required_when": {"op": "gt", "field": "sum", "value": 5}},
        {"key": "sum", "type": "quantity", "computed": {"plus": ["lines.bad"]}},
    )
    rows = [{"bad": "0"}, {"bad": "2"}, {"bad": "4", "why": "x"}]
    assert problems(stage, {"kind": "knee", "lines": rows}) == [("note", "PRC-020")]
    assert problems(stage, {"kind": "hip", "lines": rows}) == [("lines[1].why", "PRC-020"), ("note", "PRC-020")]


def test_a_form_that_is_wrong_in_many_places_is_counted_whole_and_said_in_part() -> None:
    with pytest.raises(Refusal) as caught:
        validate_form(form(LINES), {"lines": [{"good": "x"}] * 30})
    assert caught.value.params["count"] == "60"
    assert caught.value.zh.endswith("另有 40 处。")
    assert len(caught.value.en) < 3000


ANSWER = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=12),
    st.lists(st.text(max_size=3), max_size=2),
)
ROWS = st.lists(
    st.one_of(ANSWER, st.dictionaries(st.sampled_from(["part", "good", "bad", "all", "x"]), ANSWER)), max_size=4
)


@settings(deadline=None)
@given(lines=st.one_of(ANSWER, ROWS), total=ANSWER, at=ANSWER, who=ANSWER)
def test_no_answer_breaks_a_form_and_what_is_kept_is_kept_again(
    lines: object, total: object, at: object, who: object
) -> None:
    stage = form({"key": "at", "type": "instant"}, {"key": "who", "type": "person"}, LINES, TOTAL)
    try:
        kept = validate_form(stage, {"lines": lines, "total": total, "at": at, "who": who})
    except Refusal:
        return
    assert validate_form(stage, kept) == kept
    assert all(value not in (None, "", []) for value in kept.values())


DIGITS = st.decimals(min_value=0, max_value=Decimal(10) ** 19, places=6, allow_nan=False, allow_infinity=False)


@settings(deadline=None)
@given(st.lists(DIGITS, max_size=20))
def test_a_column_always_adds_up_exactly(numbers: list[Decimal]) -> None:
    from fractions import Fraction

    kept = validate_form(form(LINES, TOTAL), {"lines": [{"part": "a", "good": f"{one:f}"} for one in numbers]})
    assert Fraction(kept["total"]) == sum((Fraction(one) for one in numbers), Fraction(0))


def wrong(*fields: dict[str, Any]) -> list[str]:
    return [one.en for one in lint_form(form(*fields))]


@pytest.mark.parametrize(
    ("field", "said"),
    [
        ({"type": "reference"}, "must name one"),
        ({"type": "text", "subject": "lot"}, "must name one"),
        ({"type": "table"}, "must have some"),
        ({"type": "text", "columns": [column("a", "text")]}, "must have some"),
        ({"type": "table", "columns": [column("a", "attachment")]}, "beside a table, not in its rows"),
        ({"type": "table", "columns": [column("a", "table", columns=[column("b", "text")])]}, "can't stand in a table"),
        ({"type": "table", "columns": [column("a", "text", unit="m")]}, "only numbers have limits"),
        ({"type": "text", "computed": {"plus": ["n"]}}, "only numbers can be worked out"),
        ({"type": "decimal", "computed": {"plus": ["gone"]}}, "isn't there"),
        ({"type": "decimal", "computed": {"plus": ["one"]}}, "isn't there"),
        ({"type": "decimal", "computed": {"plus": ["word"]}}, "is no number"),
        ({"type": "integer", "computed": {"plus": ["n"]}}, "whole number"),
        ({"type": "decimal", "unit": "m", "computed": {"plus": ["n"]}}, "different units"),
        ({"type": "decimal", "required": True, "computed": {"plus": ["n"]}}, "can't be required"),
        ({"type": "text", "required": True, "required_when": {"op": "eq", "field": "word", "value": "a"}}, "one too many"),
        ({"type": "text", "required_when": {"op": "eq", "field": "gone", "value": "a"}}, "doesn't exist"),
        ({"type": "text", "required_when": {"op": "eq", "field": "other.word", "value": "a"}}, "is not in this form"),
        ({"type": "text", "required_when": {"op": "eq", "field": "one", "value": "a"}}, "is the field itself"),
        ({"type": "text", "required_when": {"op": "gt", "field": "word", "value": "a"}}, "has no order"),
        ({"type": "text", "required_when": {"op": "eq", "field": "who", "value": "a"}}, "can't be compared"),
        ({"type": "text", "required_when": {"op": "gt", "field": "at", "value": "2026-11-21"}}, "written differently"),
    ],
)  # fmt: skip
def test_a_field_that_makes_no_sense_is_found(field: dict[str, Any], said: str) -> None:
    beside = [
        {"key": "n", "type": "decimal"}, {"key": "word", "type": "text"}, {"key": "who", "type": "person"}, {"key": "at", "type": "instant"},
    ]  # fmt: skip
    assert [one for one in wrong(*beside, {"key": "one", **field}) if said in one]


def test_fields_that_make_sense_are_left_alone() -> None:
    when = {"op": "gt", "field": "at", "value": "2026-11-21T06:05:00.000000Z"}
    assert (
        wrong(LINES, TOTAL, {"key": "at", "type": "instant"}, {"key": "why", "type": "text", "required_when": when})
        == []
    )
    assert wrong({"key": "lot", "type": "reference", "subject": "lot", "required": True}) == []


def test_a_row_cannot_ask_for_what_is_worked_out_from_all_rows() -> None:
    late = {"op": "gt", "field": "total", "value": 5}
    lines = {**LINES, "columns": [*LINES["columns"], column("why", "text", required_when=late)]}
    assert [one for one in wrong(lines, TOTAL) if "is not known yet" in one]


def test_a_branch_names_the_stage_of_what_it_reads() -> None:
    ways = [{"when": {"op": "eq", "field": "word", "value": "a"}, "next": "end", "title": {"zh": "是", "en": "yes"}}]
    asked = [{"key": "word", "title": {"zh": "字", "en": "Word"}, "type": "text", "required": True}]
    definition = small(
        task("work", next="fork", form=asked),
        {"key": "fork", "kind": "decision", "branches": ways, "next": "end"},
        end(),
    )
    assert [one.code for one in lint_reads(definition)] == ["DEF-032"]
