"""The record that a signature is over, as people read it: who signs sees it, whatever process it is of (21 CFR 11.50, DESIGN 7.1).

What people said in the steps before is shown as they were asked, by the titles of the process; everything else by the names that the trail
has for it.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from models.definition.document import Definition, Stage
from models.process import kinds
from ui.frame.i18n import Words
from ui.frame.parts import Fact
from ui.task.view.desk import Desk
from ui.task.view.signing import answered

FEW = 200
"""Entries of a record on a page; a page says how many more there are."""
SAID = "said"
FIRST = (
    "record",
    "number",
    "zh",
    "en",
    "title",
    "title_en",
    "reason",
    "kind",
    "target",
    "done_already",
    "task",
    "training",
    "changes",
    "owner",
    "due",
)
"""What is read first, in this order; the canonical text has its entries by the alphabet, and its digest is of that."""


def rows(desk: Desk) -> tuple[Fact, ...]:
    """Each entry of the canonical record, what it is and why before its details; none where nothing is signed."""
    if not desk.decision.canonical:
        return ()
    words, read = desk.visit.words, json.loads(desk.decision.canonical)
    said = read.pop(SAID, None) if isinstance(read, dict) and isinstance(read.get(SAID), dict) else None
    if isinstance(read, dict) and "record" in read:
        read["record"] = called(desk.decision.definition, desk.decision.stage, desk.language)
    if isinstance(read, dict):
        read = {
            name: read[name]
            for name in (*(one for one in FIRST if one in read), *(one for one in read if one not in FIRST))
        }
    found = [Fact(label=" · ".join(way) or "–", **_moment(text)) for way, text in _entries(read, words)]
    if said is not None:
        found += _steps(desk, said)
    shown = found[:FEW]
    if len(found) > FEW:
        shown.append(Fact(label="…", text=words("task.record_more", count=str(len(found) - FEW))))
    return tuple(shown)


def called(definition: Definition, stage: Stage, language: str) -> str:
    """What people call the record: as its noun declares it, never by its name in the code; of a step that names none, as its process."""
    record = kinds.record(definition, stage)
    return (record.title if record is not None else definition.title).say(language)


def _steps(desk: Desk, said: Mapping[str, Any]) -> Iterator[Fact]:
    """What was answered and decided in the steps of the run, in the order of its definition, and what else it knows."""
    definition: Definition = desk.decision.definition
    forms, outcomes = said.get("forms") or {}, said.get("outcomes") or {}
    for stage in definition.stages:
        title = stage.title.say(desk.language)
        for fact in answered(desk, stage, forms.get(stage.key) or {}):
            yield replace(fact, label=f"{title} · {fact.label}")
        if stage.outcomes and stage.key in outcomes:
            zh, en = stage.outcome_words(outcomes[stage.key])
            yield Fact(label=title, text=zh if desk.language == "zh" else en)
    for name, value in (said.get("facts") or {}).items():
        yield _fact(name, value, desk.visit.words)
    rest = {name: value for name, value in said.items() if name not in {"forms", "outcomes", "facts"} and value}
    for way, text in _entries(rest, desk.visit.words) if rest else ():
        yield Fact(label=" · ".join(way[1:]), text=text)


def _fact(name: str, value: object, words: Words) -> Fact:
    """What the run knows: a fact by its title, what came with it by its name there, and an answer that is one of a few in words."""
    for kind in kinds.facts():
        if name == kind.name:
            return Fact(label=kind.title.say(words.language), text=_said(value, words))
        part = name.removeprefix(f"{kind.name}.")
        if part != name and part in kind.names:
            answer = kind.answers.get(part, {}).get(str(value))
            label = f"{kind.title.say(words.language)} · {kind.names[part].say(words.language)}"
            return Fact(label=label, text=answer.say(words.language) if answer else _said(value, words))
    key = f"audit.fact_{name.replace('.', '_')}"
    return Fact(label=words.known(key, name), text=words.known(f"{key}_{value}", _said(value, words)))


def _entries(
    value: object, words: Words, way: tuple[str, ...] = (), key: str = ""
) -> Iterator[tuple[tuple[str, ...], str]]:
    """Each entry with the way to it; a value that is one of a few words reads as these are called."""
    if isinstance(value, dict) and value:
        for name, inner in value.items():
            title = words.known(f"audit.column_{name}", str(name).replace("_", " "))
            yield from _entries(inner, words, (*way, title), str(name))
    elif isinstance(value, list) and value:
        for number, inner in enumerate(value, 1):
            yield from _entries(inner, words, (*way, str(number)))
    else:
        text = _said(value, words)
        yield way, words.known(f"audit.column_{key}_{text}", text) if key else text


def _moment(text: str) -> dict[str, Any]:
    """A moment as one, so that the page says it by the plant's clock; anything else as it stands."""
    try:
        at = datetime.fromisoformat(text) if len(text) > len("2026-11-21T14:05") else None
    except ValueError:
        at = None
    return {"moment": at} if at is not None and at.tzinfo is not None else {"text": text}


def _said(value: object, words: Words) -> str:
    if isinstance(value, bool):
        return words("form.answer_yes" if value else "form.answer_no")
    return "–" if value in (None, "", [], {}) else str(value)
