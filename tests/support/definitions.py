"""Process definitions for tests: the shipped ones, edited copies of them, and a driver that tries everything."""

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import models.nouns  # noqa: F401 - hands in the kinds
from models.definition.document import Definition, Field, FieldType, Stage, StageKind, as_data, results
from models.definition.yaml_text import parse_yaml
from models.kernel.refusal import Refusal
from models.process import engine as process
from models.process.state import RunState, Step

FOLDER = Path(__file__).parents[2] / "definitions"
NOW = datetime(2026, 11, 21, 14, 5, tzinfo=UTC)
NOBODY: dict[str, tuple[str, ...]] = {"lot.inspectors": (), "lot.operators": ()}


def shipped(key: str) -> Definition:
    """A definition that ships."""
    return parse_yaml((FOLDER / f"{key}.yaml").read_text(encoding="utf-8"))


def all_shipped() -> dict[str, Definition]:
    """All of them, by key."""
    return {file.stem: shipped(file.stem) for file in sorted(FOLDER.glob("*.yaml"))}


def known() -> dict[str, frozenset[str]]:
    """What lint asks about other processes."""
    return {key: results(one) for key, one in all_shipped().items()}


def text(words: str) -> dict[str, str]:
    """The same words in both languages."""
    return {"zh": words, "en": words}


def edited(definition: Definition, stage_key: str, **changes: Any) -> Definition:
    """A copy with parts of one stage replaced; a part given as None is taken away."""
    data = as_data(definition)
    for stage in data["stages"]:
        if stage["key"] == stage_key:
            stage.update(changes)
            for name in [name for name, value in stage.items() if value is None]:
                del stage[name]
    return Definition.model_validate(data)


def renamed(definition: Definition) -> Definition:
    """The same process with another key for every step, wherever it is named."""
    keys = {stage.key for stage in definition.stages}
    document = as_data(definition)

    def again(part: Any, name: str = "") -> Any:
        if isinstance(part, dict):
            return {key: again(one, "next" if name == "results" else key) for key, one in part.items()}
        if isinstance(part, list):
            return [again(one, name) for one in part]
        if isinstance(part, str) and name in {"field", "rows", "date", "by", "named"}:
            stage, _, field = part.partition(".")  # without a stage it is of the form itself
            return f"x_{part}" if field and stage in keys else part
        if isinstance(part, str) and name in {"next", "start", "join", "not_same_as", "elapsed"} and part in keys:
            return f"x_{part}"
        return part

    made = again(document)
    for stage in made["stages"]:
        stage["key"] = f"x_{stage['key']}"
    return Definition.model_validate(made)


def with_stage(definition: Definition, **stage: Any) -> Definition:
    """A copy with one more stage."""
    data = as_data(definition)
    data["stages"].append({"title": text("step"), **stage})
    return Definition.model_validate(data)


def small(*stages: dict[str, Any], key: str = "sample", **parts: Any) -> Definition:
    """A definition of these stages that begins at the first."""
    whole = [{"title": text("step"), **stage} for stage in stages]
    return Definition.model_validate(
        {"key": key, "version": 1, "title": text("sample"), "start": whole[0]["key"], "stages": whole, **parts}
    )


def task(key: str, **parts: Any) -> dict[str, Any]:
    """An operator's step."""
    return {"key": key, "kind": "task", "role": "operator", **parts}


def end(key: str = "end", result: str = "closed") -> dict[str, Any]:
    """An end."""
    return {"key": key, "kind": "end", "result": result}


def answers(stage: Stage) -> dict[str, Any]:
    """A form that is right."""
    values: dict[FieldType, Any] = {
        FieldType.TEXT: "A-01",
        FieldType.LONG_TEXT: "as planned",
        FieldType.INTEGER: 3,
        FieldType.DECIMAL: "1.5",
        FieldType.QUANTITY: "12",
        FieldType.BOOLEAN: True,
        FieldType.DATE: "2026-11-21",
        FieldType.MONTH: "2026-11",
        FieldType.INSTANT: "2026-11-21T14:05+08:00",
        FieldType.PERSON: "lin.jian",
        FieldType.REFERENCE: "R-2611-01",
        FieldType.ATTACHMENT: ["0" * 64],
    }

    def value(one: Field) -> Any:
        if one.type is FieldType.TABLE:
            return [{column.key: value(column) for column in one.columns if column.computed is None}]
        return one.choices[0].key if one.type is FieldType.CHOICE else values[one.type]

    form = {one.key: value(one) for one in stage.form if one.computed is None}
    return {**form, "reason": "because"} if stage.outcomes else form


@dataclass
class Drive:
    """What a run of random commands did."""

    state: RunState
    consents: set[str] = field(default_factory=set)
    signed: list[tuple[str, str, str]] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)


def drive(
    definition: Definition,
    choose: random.Random,
    people: tuple[str, ...] = ("a", "b"),
    facts: Mapping[str, Any] | None = None,
    acts: int = 40,
) -> Drive:
    """Do whatever is possible, in any order, by anybody, and keep a log of who consented that is not the engine's own."""
    now = NOW
    run = Drive(process.start(definition, facts or {}, now).state)
    for _ in range(acts):
        if run.state.result is not None:
            break
        now += timedelta(minutes=1)
        stage = definition.stage(choose.choice([*run.state.open, *run.state.open, *run.state.open[:1]]).key)
        try:
            run.state = _act(definition, run, stage, choose, people, now).state
        except Refusal as refusal:
            run.refused.append(refusal.code)
    return run


def _act(
    definition: Definition, run: Drive, stage: Stage, choose: random.Random, people: tuple[str, ...], now: datetime
) -> Step:
    if stage.kind is StageKind.WAIT:
        return process.fact(definition, run.state, str(stage.fact), now)
    if stage.kind is StageKind.SUBPROCESS:
        return process.child_result(definition, run.state, stage.key, choose.choice(sorted(stage.results)), now)
    if stage.kind is StageKind.ACTION:
        return process.done(definition, run.state, stage.key, now)
    person = choose.choice([*people, people[0], people[0]])  # one of them tries everything
    likely = [one for one in stage.outcomes for _ in range(4 if one.style == "positive" else 1)]
    outcome = choose.choice(likely) if likely else None
    step = process.complete(
        definition, run.state, stage.key, outcome.key if outcome else None, answers(stage), [person], now, NOBODY
    )
    if outcome is not None and stage.kind is StageKind.SIGN_OFF and stage.signature is not None:
        run.signed.append((stage.key, outcome.key, person))
        if outcome.style == "positive":
            run.consents.add(person)
    return step
