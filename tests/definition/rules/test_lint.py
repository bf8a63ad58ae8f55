"""Each lint code has a definition that it catches, and the shipped ones are clean."""

from typing import Any

import pytest

from models.definition.document import Definition
from models.definition.lint.lint import lint
from models.definition.lint.people import unassignable
from models.kernel.refusal import CATALOGUE
from models.process.lawful import check
from tests.support.definitions import all_shipped, edited, end, known, shipped, small, task, text

CAST = {
    "operator": {"王操"},
    "inspector": {"林检"},
    "warehouse": {"李仓"},
    "qa_reviewer": {"周审"},
    "qa_approver": {"陈批", "吴经理"},
    "quality_manager": {"吴经理"},
}
WORK = task("work", next="end")


def codes(definition: Definition, **parts: Any) -> set[str]:
    return {one.code for one in lint(definition, **parts)}


@pytest.mark.parametrize("key", sorted(all_shipped()))
def test_shipped_definitions_are_clean(key: str) -> None:
    assert lint(shipped(key), {**CAST, "recall_coordinator": {"孙召"}, "process_owner": {"赵流"}}, known()) == []
    assert check(shipped(key)) == []


def test_a_plain_task_is_clean() -> None:
    assert lint(small(WORK, end()), CAST, {}) == []


def test_waits_lists_and_automatic_steps_are_clean() -> None:
    every = small(
        fill(),
        dated(
            until={"date": "fill.day", "after": "P9D", "offset": "P1D", "working": True, "elapsed": "print"},
            next="print",
        ),
        {"key": "print", "kind": "action", "does": ["label.print"], "next": "each", "sla": fill().get("sla", {})},
        {**EACH, "for_each": {"rows": "fill.lots", "enough": 2}},
        end(),
        language=2,
    )
    assert [one for one in lint(every, CAST, known()) if "yet" not in one.en] == []


def test_linked_subjects_can_be_gone_through() -> None:
    assert lint(small({**EACH, "for_each": {"links": "affected"}}, end()), CAST, known()) == []


def outcome(key: str, target: str) -> dict[str, Any]:
    return {"key": key, "title": text(key), "next": target}


def branch(when: dict[str, Any], target: str) -> dict[str, Any]:
    return {"when": when, "next": target, "title": text("way")}


def decision(when: dict[str, Any], target: str, **parts: Any) -> dict[str, Any]:
    return {"key": "choose", "kind": "decision", "branches": [branch(when, target)], "next": "end", **parts}


def form(**parts: Any) -> dict[str, Any]:
    return task("work", next="end", form=[{"key": "width", "title": text("width"), "type": "decimal", **parts}])


def sla(*after: str, **parts: str) -> dict[str, Any]:
    steps = [{"after": one, "to_role": "quality_manager", "message": text("late")} for one in after]
    return task("work", next="end", sla={"escalations": steps, **parts})


IS = {"op": "eq", "fact": "lot.kind", "value": "raw"}
WIDE = {"op": "gt", "field": "work.width", "value": 5}
PARALLEL = {"key": "both", "kind": "parallel", "tracks": {"start": ["left", "right"], "join": "end"}}

WAIT = {"key": "wait", "kind": "wait", "fact": "goods.came", "next": "end"}
EACH = {"key": "each", "kind": "subprocess", "process": "release", "next": "end", "for_each": {"rows": "fill.lots"}}
COLUMN = {"key": "lot", "title": text("lot"), "type": "text"}
LOTS = {"key": "lots", "title": text("lots"), "type": "table", "columns": [COLUMN]}


def dated(answer: str = "fill.day", **parts: Any) -> dict[str, Any]:
    """A wait for an answered day."""
    return {**WAIT, "until": {"date": answer}, **parts}


def fill(**parts: Any) -> dict[str, Any]:
    """The step that asks for a day, and for lots in a table."""
    day = {"key": "day", "title": text("day"), "type": "date", "required": True, **parts}
    return task("fill", next="wait", form=[day, LOTS])


BROKEN: dict[str, list[Definition]] = {
    "DEF-010": [small(WORK, WORK, end())],
    "DEF-011": [small(task("work", next="nowhere"), end())],
    "DEF-012": [small(WORK, task("forgotten", next="end"), end())],
    "DEF-013": [
        small(task("work", outcomes=[outcome("a", "end"), outcome("b", "trap")]), task("trap", next="trap"), end())
    ],
    "DEF-014": [
        small({**dated("fill.day"), "until": {"date": "fill.day", "elapsed": "print"}},
              {"key": "print", "kind": "action", "does": ["label.print"], "next": "wait"}, fill(), end(), start="fill"),
        small({**EACH, "next": "choose"}, decision(IS, "each"), end()),
        small(decision(IS, "choose"), end()),
        small(WORK | {"next": "choose"}, decision(IS, "again"), decision(IS, "choose", key="again"), end()),
    ],
    "DEF-015": [
        small({**WORK, "title": {"zh": "做"}}, end()),
        small({**WORK, "title": {"en": "work"}}, end()),
        small(task("work", outcomes=[{"key": "a", "title": {"zh": " ", "en": "a"}, "next": "end"}]), end()),
        small(WORK, end(), title={"zh": "例"}),
    ],
    "DEF-016": [small({**WORK, "role": "boss"}, end()), small(sla("P1D", complete="P1D") | {"role": "boss"}, end())],
    "DEF-017": [small({**WORK, "role": "recall_coordinator"}, end())],
    "DEF-018": [
        small(WORK | {"next": "check"}, task("check", next="end", not_same_as=["work"]), end()),
    ],
    "DEF-019": [
        small(dated(next="fill"), fill() | {"next": "end"}, end()),
        small(decision(IS, "fill", next="wait"), fill(), dated(), end()),
        small(decision(WIDE, "work"), form(), end()),
        small(
            decision(IS, "work", next="late"), form() | {"next": "late"}, decision(WIDE, "end", key="late"), end()
        ),
    ],
    "DEF-020": [
        small(form(minimum="5", maximum="4"), end()),
        small(form(type="choice"), end()),
        small(form(choices=[{"key": "a", "title": text("a")}]), end()),
        small(form(type="text", minimum="5"), end()),
        small(form(max_length=5), end()),
        small(form(type="date", unit="mm"), end()),
    ],
    "DEF-021": [
        small(sla(pick_up="P2D", complete="P1D"), end()),
        small(sla("PT8H", "PT8H", complete="PT8H"), end()),
        small(sla("PT9H", "PT8H", complete="PT8H"), end()),
        small(sla("PT8H"), end()),
        small(sla(complete="PT0H"), end()),
    ],
    "DEF-022": [small(sla("PT1H", complete="PT8H"), end()), small(sla("P9D", complete="PT8H"), end())],
    "DEF-023": [
        small({"key": "work", "kind": "task", "next": "end"}, end()),
        small(task("work", role="operator"), end()),
        small(task("work", next="end", outcomes=[outcome("a", "end")]), end()),
        small({"key": "print", "kind": "action", "next": "end"}, end()),
        small({"key": "print", "kind": "action", "next": "end", "action": "label.print", "does": ["label.print"]}, end()),
        small(WAIT | {"next": None}, end()),
        small(task("work", next="end", rounds="all"), end()),
        small({"key": "child", "kind": "subprocess", "process": "release", "results": {"released": "end"}, "next": "end"}, end()),
        small({"key": "wait", "kind": "wait", "fact": "lot.depleted", "next": "end", "role": "operator"}, end()),
        small({"key": "choose", "kind": "decision", "branches": [branch(IS, "end")]}, end()),
        small({"key": "choose", "kind": "decision", "next": "end"}, end()),
        small({"key": "child", "kind": "subprocess", "process": "release"}, end()),
        small({"key": "both", "kind": "parallel"}, end()),
        small(WORK, {"key": "end", "kind": "end"}),
        small(WORK, {**end(), "next": "work"}),
        small({"key": "sign", "kind": "sign_off", "role": "qa_reviewer", "next": "end"}, end()),
    ],
    "DEF-033": [
        small({"key": "wait", "kind": "wait", "next": "end"}, end()),
        small(WAIT | {"until": {"working": True}}, end()),
        small(WAIT | {"until": {"after": "PT0H"}}, end()),
        small(WAIT | {"until": {"after": "P1D", "offset": "P1D"}}, end()),
        small({"key": "wait", "kind": "wait", "next": "end", "until": {"after": "P1D", "elapsed": "end"}}, end()),
    ],
    "DEF-037": [
        small({"key": "print", "kind": "action", "does": ["label.print"], "next": "end"}, end()),
        small(task("work", outcomes=[{**outcome("a", "end"), "does": ["label.print"]}]), end()),
        small({**WORK, "record": "lot.record"}, end()),
        small({**WORK, "gate": "lot.gate"}, end()),
    ],
    "DEF-034": [
        small({**EACH, "results": {"released": "end"}}, end()),
        small({**EACH, "for_each": {"enough": 2}}, end()),
        small({**EACH, "for_each": {"links": "affected", "rows": "fill.lots"}}, end()),
        small({name: part for name, part in EACH.items() if name != "next"}, end()),
    ],
    "DEF-035": [
        small(fill(), dated("fill.other"), end()),
        small(fill(type="text"), dated(), end()),
        small(fill(required=False), dated(), end()),
        small(fill() | {"next": "each"}, {**EACH, "for_each": {"rows": "fill.day"}}, end()),
    ],
    "DEF-036": [small(fill(type="text", required=False, required_when={"op": "eq", "field": "gone", "value": "a"}) | {"next": "end"}, end())],
    "DEF-024": [
        small({"key": "child", "kind": "subprocess", "process": "unknown", "results": {"a": "end"}}, end()),
        small(WORK, end(), triggers=[{"fact": "inspection.failed", "process": "complaint", "title": text("x")}]),
        small({**EACH, "process": "unknown"}, end()),
    ],
    "DEF-025": [small(WORK, end()).model_copy(update={"start": "nowhere"})],
    "DEF-026": [small(task("work", next="work"), end()), small(task("work", next="work"))],
    "DEF-027": [
        small(PARALLEL, task("left", next="right"), task("right", next="end"), end()),
        small(PARALLEL, task("left", next="end"), task("right", next="stop"), end("stop"), end()),
        small(PARALLEL, task("left", next="both"), task("right", next="end"), end()),
        small(WORK | {"next": "both"}, PARALLEL, task("left", next="work"), task("right", next="end"), end()),
        small(task("work", outcomes=[outcome("a", "both"), outcome("b", "left")]), PARALLEL,
              task("left", next="end"), task("right", next="end"), end()),
        small(PARALLEL | {"tracks": {"start": ["left"], "join": "end"}}, task("left", next="end"), end()),
        small(PARALLEL | {"tracks": {"start": ["left", "left"], "join": "end"}}, task("left", next="end"), end()),
    ],
    "DEF-028": [small({"key": "child", "kind": "subprocess", "process": "release", "results": {"released": "end"}}, end())],
    "DEF-029": [
        edited(shipped("batch-lifecycle"), "incoming", results={"accepted": "putaway", "rejected": "rejected", "x": "closed"})
    ],
    "DEF-030": [
        small(task("work", outcomes=[outcome("a", "end"), outcome("a", "end")]), end()),
        small(task("work", next="end", form=[{"key": "a", "title": text("a"), "type": "text"}] * 2), end()),
        small(task("work", next="end", not_same_as=["lot.operators", "lot.operators"]), end()),
    ],
    "DEF-031": [small(task("work", next="end", not_same_as=[other]), end()) for other in ("work", "end", "nobody")],
    "DEF-032": [
        small(form() | {"next": "choose"}, decision({"op": "eq", "field": "work.height", "value": 1}, "work"), end()),
        small(form() | {"next": "choose"}, decision({"op": "eq", "field": "end.width", "value": 1}, "work"), end()),
        small(form() | {"next": "choose"}, decision({"op": "eq", "field": "work.width", "value": True}, "work"), end()),
        small(form(type="text") | {"next": "choose"}, decision(WIDE, "work"), end()),
        small(form(type="choice", choices=[{"key": "a", "title": text("a")}]) | {"next": "choose"},
              decision({"op": "in", "field": "work.width", "value": ["a", "b"]}, "work"), end()),
        small(WORK, end(), triggers=[{"fact": "lot.done", "when": WIDE, "process": "release", "title": text("t")}]),
    ],
}  # fmt: skip


@pytest.mark.parametrize(("code", "number"), [(code, n) for code, some in BROKEN.items() for n in range(len(some))])
def test_lint_catches(code: str, number: int) -> None:
    found = lint(BROKEN[code][number], CAST, known())
    assert code in {one.code for one in found}
    for one in found:
        assert one.zh
        assert one.en
        assert one.zh != one.en


def test_every_lint_code_has_an_example() -> None:
    # those of effects have theirs in tests/process/test_lawful.py
    declared = {code for code in CATALOGUE if "DEF-010" <= code < "DEF-050"}
    assert declared == set(BROKEN)


def test_people_and_processes_are_not_asked_about_when_unknown() -> None:
    assert codes(small({**WORK, "role": "recall_coordinator"}, end())) == set()
    assert codes(BROKEN["DEF-024"][0]) == set()


def test_a_loop_with_an_exit_is_fine() -> None:
    assert lint(small(task("work", outcomes=[outcome("again", "work"), outcome("on", "end")]), end())) == []


def test_two_roles_held_by_the_same_one_person_cannot_sign_twice() -> None:
    """A union of roles would say that each role is filled."""
    release = shipped("release")
    assert unassignable(release, {**CAST, "qa_reviewer": {"陈批"}, "qa_approver": {"陈批"}})
    assert not unassignable(release, {**CAST, "qa_reviewer": {"陈批"}, "qa_approver": {"陈批", "周审"}})


def test_three_steps_of_three_roles_held_by_two_people() -> None:
    """Each pair could be different people, all three can't: a matching problem."""
    three = small(
        task("one", next="two"),
        task("two", next="three", role="inspector", not_same_as=["one"]),
        task("three", next="end", role="warehouse", not_same_as=["one", "two"]),
        end(),
    )
    both = {"a", "b"}
    assert unassignable(three, {"operator": both, "inspector": both, "warehouse": both}) == ("one", "three", "two")
    assert not unassignable(three, {"operator": both, "inspector": both, "warehouse": {"a", "c"}})


def test_steps_that_need_not_differ_may_share_a_person() -> None:
    """first ≠ middle and middle ≠ last, but first and last may be the same: a plain matching would refuse it."""
    chain = small(
        task("first", next="middle"),
        task("middle", next="last", not_same_as=["first"]),
        task("last", next="end", not_same_as=["middle"]),
        end(),
    )
    assert not unassignable(chain, {"operator": {"a", "b"}})
