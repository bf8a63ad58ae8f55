"""Whether a draft makes sense: each thing that is wrong with a code, a place and a sentence (DESIGN 8, DEF-010 to DEF-037).

Lint knows nothing of the law; that is `floor`.  `lint` is asked by the editor at every change, by
`batchwright definitions lint`, and once more before a definition is approved.
"""

from collections.abc import Collection, Iterator, Mapping
from collections.abc import Set as AbstractSet
from itertools import chain

from models.definition.document import Definition, Stage, StageKind, Text, fields
from models.definition.findings import Finding, finding
from models.definition.graph import Edge, edges, leads_to, leaving, reached
from models.definition.lint.parts import lint_stage
from models.definition.lint.people import unassignable
from models.definition.lint.reads import lint_reads
from models.kernel.refusal import Kind
from models.person.rules.known_roles import known

CLAUSE = "DESIGN 8"
TWICE = Kind("DEF-010", CLAUSE, "步骤标识 {stage} 用了不止一次。", "The step key {stage} is used more than once.")
NO_STAGE = Kind(
    "DEF-011",
    CLAUSE,
    "步骤 {stage} 通往不存在的步骤「{target}」。",
    "The step {stage} leads to “{target}”, which doesn't exist.",
)
DEAD = Kind("DEF-012", CLAUSE, "从起点到不了步骤 {stage}。", "The step {stage} can't be reached from the start.")
NO_EXIT = Kind(
    "DEF-013",
    CLAUSE,
    "从步骤 {stage} 走不到任何结束: 循环没有出口。",
    "No end can be reached from the step {stage}: a loop without exit.",
)
SPIN = Kind(
    "DEF-014",
    CLAUSE,
    "步骤 {stage} 在自动步骤之间打转, 没有人或事实能让它停下。",
    "The step {stage} spins through automatic steps; nobody and nothing can stop it.",
)
UNTRANSLATED = Kind(
    "DEF-015",
    CLAUSE,
    "步骤 {stage} 的「{place}」缺少{language}。",
    "“{place}” of the step {stage} lacks its {language} text.",
)
NO_ROLE = Kind(
    "DEF-016", CLAUSE, "步骤 {stage} 的角色「{role}」不存在。", "The role “{role}” of the step {stage} doesn't exist."
)
EMPTY_ROLE = Kind(
    "DEF-017",
    CLAUSE,
    "角色「{role}」目前没有人, 步骤 {stage} 没人能做。",
    "Nobody has the role “{role}”, so nobody can do the step {stage}.",
)
NOT_APART = Kind(
    "DEF-018",
    "ISO 13485 8.2.6; DESIGN 8",
    "现有人员无法让这些步骤由不同的人完成: {stages}。",
    "With the people there are, these steps can't be done by different people: {stages}.",
)
NO_PROCESS = Kind(
    "DEF-024",
    CLAUSE,
    "步骤 {stage} 的子流程「{process}」不存在。",
    "The process “{process}” of the step {stage} doesn't exist.",
)
UNHANDLED = Kind(
    "DEF-028",
    CLAUSE,
    "步骤 {stage} 没有处理子流程「{process}」的结果: {results}。",
    "The step {stage} doesn't handle these results of “{process}”: {results}.",
)
NEVER = Kind(
    "DEF-029",
    CLAUSE,
    "步骤 {stage} 等待的结果「{results}」是子流程「{process}」从不给出的。",
    "The step {stage} expects the result “{results}”, which “{process}” never gives.",
)
NO_START = Kind("DEF-025", CLAUSE, "起点「{start}」不存在。", "The start “{start}” doesn't exist.")
NO_END = Kind("DEF-026", CLAUSE, "流程没有能到达的结束。", "The process has no end that can be reached.")
TANGLED = Kind(
    "DEF-027",
    CLAUSE,
    "并行组 {stage} 的各路互相交叉、提前结束或不汇合: {other}。",
    "The tracks of the parallel group {stage} cross, end early or don't join: {other}.",
)
OLD_LANGUAGE = Kind(
    "DEF-037",
    CLAUSE,
    "步骤 {stage} 写了 {part}, 只有 language: 2 的定义才按名称执行。",
    "The step {stage} names {part}, which only a definition with language: 2 is carried out by.",
)
NOBODY_ELSE = Kind(
    "DEF-031",
    CLAUSE,
    "步骤 {stage} 的「不得同一人」写了 {other}, 它不是由人完成的步骤。",
    "The step {stage} names {other} as not the same person, which is no step that a person does.",
)


def lint(
    definition: Definition,
    people_by_role: Mapping[str, AbstractSet[str]] | None = None,
    known_processes: Mapping[str, Collection[str]] | None = None,
) -> list[Finding]:
    """Everything that makes no sense.

    `people_by_role` (role → persons) and `known_processes` (key → the results it can end with) are asked only when given.
    """
    found = [*_graph(definition), *_texts(definition), *_roles(definition)]
    found += chain.from_iterable(lint_stage(stage) for stage in definition.stages)
    found += [*lint_reads(definition), *_language(definition)]
    if people_by_role is not None:
        found += _people(definition, people_by_role)
    if known_processes is not None:
        found += _processes(definition, known_processes)
    return found


def _language(definition: Definition) -> Iterator[Finding]:
    """What a text of language 1 names would not be done: there, effects, records and gates go by the keys of the steps."""
    for stage in definition.stages if definition.language == 1 else ():
        named = {
            "does": bool(stage.does or any(outcome.does for outcome in stage.outcomes)),
            "record": stage.record is not None,
            "gate": stage.gate is not None,
        }
        yield from (finding(OLD_LANGUAGE, stage.key, part=part) for part, said in named.items() if said)


def _graph(definition: Definition) -> Iterator[Finding]:
    keys = [stage.key for stage in definition.stages]
    for key in dict.fromkeys(keys):
        if keys.count(key) > 1:
            yield finding(TWICE, key)
    ways = edges(definition)
    for edge in ways:
        if edge.target not in keys:
            yield finding(NO_STAGE, edge.source, target=edge.target)
    if definition.start not in keys:
        yield finding(NO_START, None, start=definition.start)
        return
    alive = reached(definition.start, ways)
    ends = [stage.key for stage in definition.stages if stage.kind is StageKind.END]
    if alive.isdisjoint(ends):
        yield finding(NO_END, None)
    finishing = leads_to(ends, ways)
    for stage in definition.stages:
        if stage.key not in alive:
            yield finding(DEAD, stage.key)
        elif stage.key not in finishing:
            yield finding(NO_EXIT, stage.key)
    yield from _spins(definition, ways)
    for stage in definition.stages:
        if stage.kind is StageKind.PARALLEL and stage.tracks is not None:
            yield from _tracks(definition, stage, ways)


def _spins(definition: Definition, ways: tuple[Edge, ...]) -> Iterator[Finding]:
    automatic = {stage.key for stage in definition.stages if _by_itself(stage)}
    inside = [edge for edge in ways if edge.source in automatic and edge.target in automatic]
    for key in sorted(automatic):
        if any(key in reached(edge.target, inside) for edge in inside if edge.source == key):
            yield finding(SPIN, key)


def _by_itself(stage: Stage) -> bool:
    """Whether a run can pass the stage without anybody or anything: a day may be over already, a list may be empty."""
    return (
        stage.kind.automatic
        or stage.kind is StageKind.ACTION
        or stage.for_each is not None
        or (stage.until is not None and stage.until.date is not None)
    )


def _tracks(definition: Definition, stage: Stage, ways: tuple[Edge, ...]) -> Iterator[Finding]:
    tracks = stage.tracks
    if tracks is None:
        return
    bodies = [
        reached(first, (edge for edge in ways if edge.source != tracks.join)) - {tracks.join} for first in tracks.start
    ]
    ends = {one.key for one in definition.stages if one.kind is StageKind.END}
    wrong = {key for body in bodies for key in body if key == stage.key or key in ends}
    wrong |= {key for number, body in enumerate(bodies) for other in bodies[:number] for key in body & other}
    for body in bodies:
        # Only the group itself may lead into a track.
        wrong |= {edge.target for edge in ways if edge.target in body and edge.source not in body | {stage.key}}
    wrong |= {
        first
        for first, body in zip(tracks.start, bodies, strict=True)
        if tracks.join not in reached(first, ways) or first == tracks.join
    }
    if definition.find(tracks.join) is None:
        wrong.add(tracks.join)
    if len(tracks.start) < 2 or len(set(tracks.start)) != len(tracks.start):
        wrong.add("tracks")
    if wrong:
        yield finding(TANGLED, stage.key, other=", ".join(sorted(wrong)))


def _texts(definition: Definition) -> Iterator[Finding]:
    yield from _text(definition.title, None, "title")
    for number, trigger in enumerate(definition.triggers):
        yield from _text(trigger.title, None, f"triggers[{number}].title")
    for stage in definition.stages:
        for place, text in _stage_texts(stage):
            yield from _text(text, stage.key, place)


def _stage_texts(stage: Stage) -> Iterator[tuple[str, Text]]:
    yield "title", stage.title
    for field in fields(stage):
        yield f"form.{field.key}", field.title
        yield from ((f"form.{field.key}.{choice.key}", choice.title) for choice in field.choices)
    yield from ((f"outcomes.{outcome.key}", outcome.title) for outcome in stage.outcomes)
    yield from ((f"branches[{number}]", branch.title) for number, branch in enumerate(stage.branches))
    yield from ((f"sla.escalations[{number}]", one.message) for number, one in enumerate(stage.sla.escalations))
    if stage.signature is not None:
        yield "signature", stage.signature.title


def _text(text: Text, stage: str | None, place: str) -> Iterator[Finding]:
    if not text.zh.strip():
        yield finding(UNTRANSLATED, stage, place=place, language="中文 (zh)")
    if not text.en.strip():
        yield finding(UNTRANSLATED, stage, place=place, language="英文 (en)")


def _roles(definition: Definition) -> Iterator[Finding]:
    for stage in definition.stages:
        for role in dict.fromkeys([stage.role, *(one.to_role for one in stage.sla.escalations)]):
            if role is not None and role not in known():
                yield finding(NO_ROLE, stage.key, role=role)
    human = {stage.key for stage in definition.stages if stage.kind.human}
    for stage in definition.stages:
        for other in stage.not_same_as:
            if "." not in other and (other not in human or other == stage.key):
                yield finding(NOBODY_ELSE, stage.key, other=other)


def _people(definition: Definition, people_by_role: Mapping[str, AbstractSet[str]]) -> Iterator[Finding]:
    for stage in definition.stages:
        for role in dict.fromkeys([stage.role, *(one.to_role for one in stage.sla.escalations)]):
            if role is not None and not people_by_role.get(role):
                yield finding(EMPTY_ROLE, stage.key, role=role)
    stuck = unassignable(definition, people_by_role)
    if stuck:
        yield finding(NOT_APART, stuck[0], stages=", ".join(stuck))


def _processes(definition: Definition, known: Mapping[str, Collection[str]]) -> Iterator[Finding]:
    for number, trigger in enumerate(definition.triggers):
        if trigger.process not in known:
            yield finding(NO_PROCESS, f"triggers[{number}]", process=trigger.process)
    for stage in definition.stages:
        if stage.kind is not StageKind.SUBPROCESS or stage.process is None:
            continue
        if stage.process not in known:
            yield finding(NO_PROCESS, stage.key, process=stage.process)
        if stage.process not in known or stage.for_each is not None:
            continue
        gives = set(known[stage.process])
        expects = {edge.label for edge in leaving(stage)}
        if gives - expects:
            yield finding(UNHANDLED, stage.key, process=stage.process, results=", ".join(sorted(gives - expects)))
        if expects - gives:
            yield finding(
                NEVER, stage.key, "warning", process=stage.process, results=", ".join(sorted(expects - gives))
            )
