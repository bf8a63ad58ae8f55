"""The kinds that the nouns have handed in.  `models.nouns` fills it when a process starts; the engine asks it."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from models.definition.document import Definition, Outcome, Stage, StageKind
from models.definition.subjects import OTHER, TITLES
from models.kernel.text import Text
from models.process.changeable import Changeable
from models.process.kind import Effect, FactKind, Gate, Hears, Kind, Measured, Part, Record, Said
from models.process.messages import followers
from models.process.subject import Source, Stands, SubjectKind


class UndeclaredError(LookupError):
    """A definition names what no noun has declared; found at start (`check`), never answered by a default."""


_families: dict[str, Kind] = {}
_subjects: dict[str, SubjectKind] = {}
_sources: dict[str, Source] = {}
_facts: dict[str, FactKind] = {}
_changeable: dict[str, Changeable] = {}
_hears: dict[str, tuple[Hears, ...]] = {}


def install(kinds: Iterable[Kind], subjects: Iterable[SubjectKind] = (), facts: Iterable[FactKind] = ()) -> None:
    """Hand in kinds, subjects and facts; the same family, subject or fact twice is an error."""
    for one in facts:
        if _facts.setdefault(one.name, one) is not one:
            raise UndeclaredError(f"fact {one.name} is declared twice")
    for about in subjects:
        if _subjects.setdefault(about.key, about) is not about:
            raise UndeclaredError(f"subject {about.key} is declared twice")
    for kind in kinds:
        if _families.setdefault(kind.family, kind) is not kind:
            raise UndeclaredError(f"family {kind.family} is declared twice")
        followers.declare(kind.prefix, kind.workflow)


def add(parts: Iterable[Part], records: Iterable[Stands] = ()) -> None:
    """Hand in what a noun adds to the families and subjects of others, which have been handed in before it."""
    for part in parts:
        known = _families[part.family]
        _families[part.family] = replace(known, effects=(*known.effects, *part.effects))
    for one in records:
        _subjects[one.subject] = replace(_subjects[one.subject], stands=one.record)


def refer(sources: Iterable[Source]) -> None:
    """Hand in where things stand that fields of forms may refer to."""
    for one in sources:
        if _sources.setdefault(one.subject, one) is not one:
            raise UndeclaredError(f"the source of {one.subject} is declared twice")


def source(subject: str) -> Source | None:
    """Where the things of that kind stand; None where no noun has said."""
    return _sources.get(subject)


def change(those: Iterable[Changeable]) -> None:
    """Hand in what of a noun can change."""
    for one in those:
        if _changeable.setdefault(one.kind, one) is not one:
            raise UndeclaredError(f"what can change of {one.kind} is declared twice")


def listen(those: Iterable[Hears]) -> None:
    """Hand in what a noun does when facts are told that nouns before it have declared."""
    for one in those:
        _hears[fact(one.fact).name] = (*_hears.get(one.fact, ()), one)


def hears(name: str) -> tuple[Hears, ...]:
    """Who does something when that fact is told, in the order of the nouns."""
    return _hears.get(name, ())


def changeable() -> Iterator[Changeable]:
    """What can change, in the order of the nouns."""
    yield from _changeable.values()


def every() -> Iterator[Kind]:
    """Every kind, in the order of the nouns."""
    yield from _families.values()


def subjects() -> Iterator[SubjectKind]:
    """Every kind of subject, in the order of the nouns."""
    yield from _subjects.values()


def find(key: str) -> Kind | None:
    """The kind of the definition of that key: of the longest family that covers it."""
    fitting = [kind for kind in _families.values() if kind.covers(key)]
    return max(fitting, key=lambda kind: len(kind.family), default=None)


def of(key: str) -> Kind:
    """The kind of the definition of that key."""
    found = find(key)
    if found is None:
        raise UndeclaredError(f"no noun has declared a kind for the process {key}")
    return found


def about(key: str) -> SubjectKind:
    """The kind of subject of that name."""
    if key not in _subjects:
        raise UndeclaredError(f"no noun has declared the subject {key}")
    return _subjects[key]


def of_row(row: Any) -> SubjectKind:
    """The kind of subject that a row of a noun's table is."""
    found = next((one for one in _subjects.values() if isinstance(row, one.table)), None)
    if found is None:
        raise UndeclaredError(f"no noun has declared {type(row).__name__} as a subject")
    return found


def facts() -> Iterator[FactKind]:
    """Every fact, in the order of the nouns."""
    yield from _facts.values()


def fact(name: str) -> FactKind:
    """The fact of that name."""
    if name not in _facts:
        raise UndeclaredError(f"no noun has declared the fact {name}")
    return _facts[name]


def does(definition: Definition, stage: Stage, outcome: str | None = None) -> tuple[str, ...]:
    """The names of what a step does when it is left by that outcome (or ended)."""
    told = said(definition, stage)
    return (*told.does, *told.outcomes.get(outcome or "", ()))


def does_by_any_way(definition: Definition, stage: Stage) -> frozenset[str]:
    """The names of everything that a step may do, by whichever outcome it is left."""
    ways = (None, *(one.key for one in stage.outcomes))
    return frozenset(name for way in ways for name in does(definition, stage, way))


def effects(definition: Definition, stage: Stage, outcome: str | None = None) -> tuple[Effect, ...]:
    """What a step does when it is left by that outcome."""
    kind = of(definition.key)
    return tuple(effect(kind, name) for name in does(definition, stage, outcome))


def effect(kind: Kind, name: str) -> Effect:
    """The effect of that name."""
    found = next((one for one in kind.effects if one.name == name), None)
    if found is None:
        raise UndeclaredError(f"{kind.family} declares no effect {name}")
    return found


def escalated(definition: Definition, stage: Stage) -> tuple[Effect, ...]:
    """What the escalations of a step do beside telling somebody."""
    kind = of(definition.key)
    return tuple(effect(kind, name) for name in said(definition, stage).escalated)


def record_name(definition: Definition, stage: Stage) -> str | None:
    """What a signature of the step is over, by name."""
    return said(definition, stage).record


def record(definition: Definition, stage: Stage) -> Record | None:
    """What a signature of the step is over; None where it says nothing of its own."""
    name = record_name(definition, stage)
    if name is None:
        return None
    kind = of(definition.key)
    found = next((one for one in kind.records if one.name == name), None)
    if found is None:
        raise UndeclaredError(f"{kind.family} declares no record {name}")
    return found


def gate(definition: Definition, stage: Stage) -> Gate | None:
    """What must be passed to sign the step with a positive outcome."""
    name = said(definition, stage).gate
    if name is None:
        return None
    kind = of(definition.key)
    found = next((one for one in kind.gates if one.name == name), None)
    if found is None:
        raise UndeclaredError(f"{kind.family} declares no gate {name}")
    return found


def joined(definition: Definition, stage: Stage) -> tuple[str, ...]:
    """The steps behind whose record a signature of this one joins: others on the same record that it must differ from."""
    name = record_name(definition, stage)
    return tuple(
        key
        for key in stage.not_same_as
        if (other := definition.find(key)) is not None
        and other.signature is not None
        and name is not None
        and record_name(definition, other) == name
    )


def positive(stage: Stage, outcome: str | None) -> bool:
    """Whether that outcome says yes."""
    chosen: Outcome | None = stage.outcome(outcome)
    return chosen is not None and chosen.style == "positive"


def signed_as(definition: Definition, stage: Stage) -> str:
    """What a signature of the step is about, as the record names it.

    Its kind says it: of an inspection; where nothing can be said yes to; and else.
    """
    declared = of(definition.key).signed_as
    if stage.kind is StageKind.INSPECTION:
        return declared.verdict
    if stage.outcomes and not any(one.style == "positive" for one in stage.outcomes):
        return declared.fate
    return declared.step


def measured(definition: Definition) -> Measured:
    """What steps of kind `inspection` of this definition ask of their noun."""
    found = of(definition.key).measured
    if found is None:
        raise UndeclaredError(f"{definition.key} has an inspection, and its noun declares nothing to measure")
    return found


def check(definitions: Iterable[Definition]) -> None:
    """Every name in these definitions is declared; raises `UndeclaredError` for the first that isn't."""
    for definition in definitions:
        kind = of(definition.key)
        about(definition.subject)
        for trigger in definition.triggers:
            fact(trigger.fact)
        for stage in definition.stages:
            if stage.fact is not None:
                fact(stage.fact)
            for outcome in (None, *(one.key for one in stage.outcomes)):
                effects(definition, stage, outcome)
            escalated(definition, stage)
            record(definition, stage)
            gate(definition, stage)
            if stage.kind is StageKind.INSPECTION and kind.measured is None:
                raise UndeclaredError(f"{kind.family} declares nothing to measure for {stage.key}")


def said(definition: Definition, stage: Stage) -> Said:
    """What a step names, or what it meant in a text of language 1; nothing for a process of no known family."""
    if definition.language == 1:
        kind = find(definition.key)
        return kind.before(stage) if kind is not None else Said()
    outcomes = {one.key: one.does for one in stage.outcomes if one.does}
    return Said(stage.does, stage.record, stage.gate, outcomes, stage.sla.does)


def title(subject: str) -> Text:
    """What things of that kind are called, also where no noun has declared it yet."""
    about = _subjects.get(subject)
    return Text(about.title.zh, about.title.en) if about is not None else TITLES.get(subject, OTHER)
