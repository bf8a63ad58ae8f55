"""Effects are followed by their names: what is taken away is found, what is renamed is harmless (DESIGN 6a, 8)."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from models.definition import floor
from models.definition.document import Definition, StageKind, as_data
from models.definition.lint.lint import lint
from models.definition.yaml_text import parse_yaml
from models.kernel.refusal import CATALOGUE
from models.process import kinds, lawful
from tests.support.definitions import all_shipped, edited, known, renamed, shipped, small, text

BEFORE = Path(__file__).parent / "before"
SHIPPED = all_shipped()
GIVEN_UP = {
    one.key: one
    for one in (parse_yaml(file.read_text(encoding="utf-8")) for file in (BEFORE / "given_up").glob("*.yaml"))
}
"""What plants of before still run and new ones no longer get."""
CODES = {"DEF-050", "DEF-051", "DEF-052", "DEF-053", "DEF-057", "FLR-021", "FLR-022", "FLR-023"}


def codes(definition: Definition) -> set[str]:
    return {one.code for one in lawful.check(definition)}


def without(part: Any, name: str) -> Any:
    """The document without one name of an effect, wherever it stands."""
    if isinstance(part, dict):
        return {key: without(one, name) for key, one in part.items() if not (key == "does" and one == [name])}
    if isinstance(part, list):
        return [without(one, name) for one in part if one != name]
    return part


def places(definition: Definition) -> Iterator[tuple[str, str]]:
    """Each step, with each effect that it or one of its outcomes names."""
    for stage in definition.stages:
        names = [*stage.does, *stage.sla.does, *(name for one in stage.outcomes for name in one.does)]
        yield from ((stage.key, name) for name in dict.fromkeys(names))


EFFECTS = [(key, stage, name) for key, one in SHIPPED.items() for stage, name in places(one)]


def test_every_kind_of_step_that_ships_says_what_it_does() -> None:
    assert {name for _, _, name in EFFECTS} == {one.name for kind in kinds.every() for one in kind.effects}
    assert all(one.language == 2 for one in SHIPPED.values())


@pytest.mark.parametrize("key", sorted(SHIPPED))
def test_what_ships_is_lawful(key: str) -> None:
    assert [one.en for one in lawful.check(SHIPPED[key])] == []


@pytest.mark.parametrize(("key", "stage", "name"), EFFECTS)
def test_an_effect_that_is_taken_away_is_found(key: str, stage: str, name: str) -> None:
    data = as_data(SHIPPED[key])
    data["stages"] = [without(one, name) if one["key"] == stage else one for one in data["stages"]]
    draft = Definition.model_validate(data)
    elsewhere = any(name == other for step, other in places(draft))
    found = {*lawful.check(draft), *floor.check_change(SHIPPED[key], draft)}
    assert {one.code for one in found} & {"FLR-014", "FLR-021", "FLR-022"}
    if not elsewhere and not kinds.effect(kinds.of(key), name).optional:
        assert codes(draft) & {"FLR-021", "FLR-022"}  # whatever was in force before


READS = [
    (key, stage, name, read.field) for key, stage, name in EFFECTS for read in kinds.effect(kinds.of(key), name).reads
]


@pytest.mark.parametrize(("key", "stage", "name", "field"), READS)
def test_an_answer_that_an_effect_reads_is_missed(key: str, stage: str, name: str, field: str) -> None:
    form = next(one for one in as_data(SHIPPED[key])["stages"] if one["key"] == stage)["form"]
    gone = edited(SHIPPED[key], stage, form=[one for one in form if one["key"] != field])
    assert {(one.code, one.stage) for one in lawful.check(gone)} == {("DEF-052", stage)}
    # asked as something that can't be read as what the effect needs
    month = [{"key": field, "title": text("x"), "type": "month"} if one["key"] == field else one for one in form]
    assert "DEF-052" in codes(edited(SHIPPED[key], stage, form=month))
    assert name in {one.name for one in kinds.of(key).effects}


@pytest.mark.parametrize("key", sorted(SHIPPED))
def test_renaming_every_step_changes_nothing_but_the_names(key: str) -> None:
    old, new = SHIPPED[key], renamed(SHIPPED[key])
    assert [one.key for one in new.stages] == [f"x_{one.key}" for one in old.stages]
    assert lawful.check(new) == []
    assert lint(new, None, known()) == []
    assert floor.check_change(old, new) == []
    for before, after in zip(old.stages, new.stages, strict=True):
        for outcome in (None, *(one.key for one in before.outcomes)):
            assert kinds.does(new, after, outcome) == kinds.does(old, before, outcome)
        assert kinds.record_name(new, after) == kinds.record_name(old, before)
        assert kinds.signed_as(new, after) == kinds.signed_as(old, before)
        assert [f"x_{one}" for one in kinds.joined(old, before)] == list(kinds.joined(new, after))


@pytest.mark.parametrize("key", sorted(SHIPPED))
def test_a_definition_takes_nothing_away_from_itself(key: str) -> None:
    assert floor.check_change(SHIPPED[key], SHIPPED[key]) == []


@pytest.mark.parametrize("key", sorted(GIVEN_UP))
def test_a_process_that_begins_no_more_is_lawful_where_it_goes_on(key: str) -> None:
    assert key not in SHIPPED
    assert lawful.check(GIVEN_UP[key]) == []


@pytest.mark.parametrize("file", sorted(BEFORE.glob("*.yaml")), ids=lambda file: file.stem)
def test_a_text_of_before_does_what_it_did(file: Path) -> None:
    """Plants run the texts that they have: those of language 1 go by the keys of their steps."""
    before = parse_yaml(file.read_text(encoding="utf-8"))
    now = (SHIPPED | GIVEN_UP)[before.key]
    assert before.language == 1
    assert lawful.check(before) == []
    for stage in before.stages:
        after = now.stage(stage.key)
        for outcome in (None, *(one.key for one in stage.outcomes)):
            assert set(kinds.does(before, stage, outcome)) == set(kinds.does(now, after, outcome))
        assert kinds.escalated(before, stage) == kinds.escalated(now, after)
        assert kinds.joined(before, stage) == kinds.joined(now, after)
        assert kinds.signed_as(before, stage) == kinds.signed_as(now, after)
        if stage.signature is not None:
            assert kinds.record(before, stage) == kinds.record(now, after)
            positive = any(kinds.positive(stage, one.key) for one in stage.outcomes)
            assert not positive or kinds.gate(before, stage) == kinds.gate(now, after)


@pytest.mark.parametrize(
    ("owner", "said"),
    [
        ({"by": [], "role": "warehouse"}, "by what"),
        ({"by": ["supplier"], "role": "inspector"}, "the role of the step"),
        ({"by": ["supplier", "shift"], "role": "warehouse"}, "“shift” isn't known"),
    ],
)
def test_an_owner_whom_nothing_can_find_is_refused(owner: dict[str, Any], said: str) -> None:
    found = [
        one for one in lawful.check(edited(shipped("batch-lifecycle"), "putaway", owner=owner)) if one.code == "DEF-057"
    ]
    assert len(found) == 1
    assert said in found[0].en


UNSIGNED = {"meaning": "approved", "title": text("x")}
BROKEN: dict[str, Definition] = {
    "DEF-050": small({"key": "end", "kind": "end", "result": "done"}, key="bakery"),
    "DEF-051": edited(shipped("batch-lifecycle"), "putaway", does=["recall.notify"]),
    "DEF-052": edited(shipped("batch-lifecycle"), "putaway", form=[]),
    "DEF-057": edited(shipped("batch-lifecycle"), "putaway", owner={"by": ["shift"], "role": "warehouse"}),
    "DEF-053": edited(shipped("release"), "review", record=None),
    "FLR-021": edited(shipped("recall"), "notify", next="close"),
    "FLR-023": edited(shipped("release"), "review", gate=None),
    "FLR-022": edited(shipped("recall"), "follow_up", sla={"complete": "P3D"}),
}


@pytest.mark.parametrize("code", sorted(BROKEN))
def test_each_rule_has_its_example(code: str) -> None:
    found = [one for one in lawful.check(BROKEN[code]) if one.code == code]
    assert found
    assert all(re.search(r"[\u4e00-\u9fff]", one.zh) and one.en and one.clause for one in found)


def test_every_code_of_this_page_is_shown() -> None:
    assert set(BROKEN) == CODES
    assert set(CATALOGUE) >= CODES


def test_what_nobody_declared_is_an_error_and_no_default() -> None:
    unknown = edited(shipped("batch-lifecycle"), "putaway", does=["moon.fly"])
    with pytest.raises(kinds.UndeclaredError, match=re.escape("moon.fly")):
        kinds.check([unknown])
    with pytest.raises(kinds.UndeclaredError, match="bakery"):
        kinds.of("bakery")
    with pytest.raises(kinds.UndeclaredError, match="twice"):
        kinds.install([next(kinds.every()).__class__(**{**vars(next(kinds.every())), "rank": 9})])


def test_the_family_is_the_longest_that_covers_the_key() -> None:
    assert kinds.of("release-sterile").family == "release"
    assert kinds.of("sterile-incoming-inspection").family == "incoming-inspection"
    assert kinds.find("releases") is None


def test_an_end_with_another_result_has_no_effect_of_the_good_one() -> None:
    release = shipped("release")
    ends = {one.result: one.does for one in release.stages if one.kind is StageKind.END}
    assert ends["held"] == ("release.hold",)
    assert "release.release" not in {*ends["held"], *ends["rejected"], *ends["rework"]}
