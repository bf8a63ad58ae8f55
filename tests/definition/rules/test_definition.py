"""The document: its one canonical form, its durations, and what a person reads when the YAML is wrong."""

import hashlib
import json
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from models.definition.document import (
    Definition,
    Field,
    FieldType,
    Text,
    canonical,
    digest,
    duration_text,
    from_data,
    parse_duration,
    results,
)
from models.definition.yaml_text import parse_yaml
from models.kernel.refusal import Refusal
from tests.support.definitions import FOLDER, all_shipped, end, shipped, small, task

SHIPPED = sorted(all_shipped())
HEAD = "key: sample\nversion: 1\ntitle: {zh: 例, en: Sample}\nstart: done\n"
STAGES = "stages:\n  - {key: done, kind: end, title: {zh: 完, en: Done}, result: closed}\n"


@pytest.mark.parametrize("key", SHIPPED)
def test_the_canonical_form_survives_a_round_trip(key: str) -> None:
    definition = shipped(key)
    again = from_data(json.loads(canonical(definition)))
    assert again == definition
    assert canonical(again) == canonical(definition)
    assert digest(again) == digest(definition)
    assert digest(definition) == hashlib.sha256(canonical(definition)).hexdigest()


def test_writing_a_default_out_changes_no_digest() -> None:
    short = small(task("work", next="end"), end())
    long = small(task("work", next="end", form=(), law=None, sla={"escalations": ()}), end())
    assert digest(short) == digest(long)


def test_the_order_of_yaml_keys_and_comments_change_no_digest() -> None:
    plain = parse_yaml(HEAD + STAGES)
    assert digest(parse_yaml("# a remark\n" + STAGES + HEAD)) == digest(plain)


def test_every_word_is_covered_by_the_digest() -> None:
    text = (FOLDER / "release.yaml").read_text(encoding="utf-8")
    assert digest(parse_yaml(text.replace("not_same_as: [review, ", "not_same_as: ["))) != digest(parse_yaml(text))
    assert digest(parse_yaml(text.replace("批准放行", "批准", 1))) != digest(parse_yaml(text))


def test_a_definition_cannot_be_changed_in_place() -> None:
    with pytest.raises(ValidationError):
        shipped("release").version = 2  # type: ignore[misc]


@given(st.integers(0, 60 * 24 * 400))
def test_a_duration_is_written_in_one_way_only(minutes: int) -> None:
    time = timedelta(minutes=minutes)
    assert parse_duration(duration_text(time)) == time


@pytest.mark.parametrize(
    ("written", "canonical_form"),
    [("PT24H", "P1D"), ("PT90M", "PT1H30M"), ("P1W", "P7D"), ("P1DT12H", "P1DT12H"), ("PT0M", "P0D")],
)
def test_equal_durations_have_the_same_text(written: str, canonical_form: str) -> None:
    time = parse_duration(written)
    assert isinstance(time, timedelta)
    assert duration_text(time) == canonical_form


@pytest.mark.parametrize("written", ["", "P", "PT", "8h", "P1M", "P1Y", "PT8S", "-PT8H", "PT1.5H", "PT8H ", "P1DT"])
def test_what_is_no_working_deadline_is_refused(written: str) -> None:
    with pytest.raises(ValueError):
        parse_duration(written)


def test_a_number_of_seconds_is_no_duration() -> None:
    with pytest.raises(ValidationError):
        small(task("work", next="end", sla={"complete": 3600}), end())


def test_decimal_limits_are_exact() -> None:
    limit = Field(key="width", title=Text(), type=FieldType.DECIMAL, maximum=Decimal("0.1"))
    definition = parse_yaml(
        HEAD
        + "stages:\n  - {key: done, kind: task, title: {zh: 完, en: Done}, role: operator, next: done,\n"
        + "     form: [{key: width, title: {}, type: decimal, maximum: 0.1}]}\n"
    )
    assert definition.stages[0].form == (limit,)
    assert b'"maximum":"0.1"' in canonical(definition)


def test_results_are_those_of_the_ends() -> None:
    assert results(shipped("release")) == {"released", "held", "rework", "rejected"}


@pytest.mark.parametrize(
    ("text", "code", "says"),
    [
        ("key: [", "DEF-001", "1"),
        ("key: a\n\tversion: 1", "DEF-001", "2"),
        ("a: &x [1]\nb: *x", "DEF-001", "alias"),
        ("key: a\0", "DEF-001", "1"),
        ("? [a]\n: b", "DEF-001", "1"),
        ("!!python/object:os.system x", "DEF-001", "1"),
        (HEAD + "version: 2\n" + STAGES, "DEF-002", "version"),
        (HEAD + STAGES + "surprise: 1\n", "DEF-003", "surprise"),
        (HEAD, "DEF-003", "stages"),
        ("", "DEF-003", "document"),
        ("just words", "DEF-003", "document"),
        (HEAD.replace("version: 1", "version: '1'") + STAGES, "DEF-003", "version"),
        (HEAD + STAGES.replace("kind: end", "kind: wish"), "DEF-003", "stages[0].kind"),
        ("[" * 2000, "DEF-001", "1"),
        ("x" * 200_001, "DEF-001", "200000"),
    ],
)
def test_bad_yaml_is_refused_with_its_place(text: str, code: str, says: str) -> None:
    with pytest.raises(Refusal) as caught:
        parse_yaml(text)
    assert caught.value.code == code
    assert says in caught.value.en
    assert says in caught.value.zh
    assert caught.value.status == 422


@given(st.text(max_size=200))
def test_no_text_at_all_breaks_the_reader(text: str) -> None:
    try:
        read: object = parse_yaml(text)
    except Refusal as refusal:
        read = refusal.code
    assert isinstance(read, Definition) or read in {"DEF-001", "DEF-002", "DEF-003"}
