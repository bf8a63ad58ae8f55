"""Whether a definition is lawful: the rules of every process, those of its family, and each effect where it must be (DESIGN 2.7, 6a).

Effects are followed along the paths of the definition by their names, so a renamed step is harmless and an effect that was taken
away is found, with every answer that an effect reads.  Asked in the editor, by `batchwright definitions lint`, at approval and in
the dry run.
"""

from collections.abc import Iterator, Mapping
from functools import lru_cache

from models.definition import floor
from models.definition.condition import Scalar
from models.definition.document import Definition, Stage, StageKind
from models.definition.findings import Finding, finding
from models.definition.graph import Edge, edges, goes_round, possible_edges, reached
from models.kernel import refusal as refusals
from models.process import kinds
from models.process.fact import lawful as triggers
from models.process.kind import Before, Effect, Kind

CLAUSE = "DESIGN 6a, 8"
NO_KIND = refusals.Kind(
    "DEF-050",
    CLAUSE,
    "流程「{process}」不属于任何已知的流程类别, 引擎不知道它做什么。",
    "The process “{process}” belongs to no known family; the engine doesn't know what it does.",
)
UNDECLARED = refusals.Kind(
    "DEF-051",
    CLAUSE,
    "步骤 {stage} 写的「{name}」不存在, 或不适用于此流程。",
    "“{name}” at the step {stage} doesn't exist, or is nothing for this process.",
)
NOT_ASKED = refusals.Kind(
    "DEF-052",
    CLAUSE,
    "步骤 {stage} 的「{effect}」需要表单栏「{field}」: {zh}。",
    "“{effect}” at the step {stage} reads the field “{field}”: {en}.",
)
NO_RECORD = refusals.Kind(
    "DEF-053",
    "21 CFR 11.70; DESIGN 6a",
    "步骤 {stage} 有签名, 但没有写明签的是什么 (record)。",
    "The step {stage} is signed and doesn't name what the signature is over (record).",
)
OWNER = refusals.Kind(
    "DEF-057",
    CLAUSE,
    "步骤 {stage} 的负责人无法确定: {zh}。",
    "The owner of the step {stage} can't be found: {en}.",
)
LEFT_OUT = refusals.Kind(
    "FLR-021",
    "DESIGN 2.7, 6a",
    "不经「{zh}」({effect}) 就能到达步骤 {stage} ({law})。",
    "The step {stage} can be reached without “{en}” ({effect}; {law}).",
)
NOWHERE = refusals.Kind(
    "FLR-022",
    "DESIGN 2.7, 6a",
    "流程中没有「{zh}」({effect}; {law})。",
    "Nothing in the process does “{en}” ({effect}; {law}).",
)


UNGATED = refusals.Kind(
    "FLR-023",
    "DESIGN 2.7, 6a",
    "步骤 {stage} 的肯定结论必须先通过「{zh}」({gate}; {law})。",
    "A positive outcome of the step {stage} must pass “{en}” first ({gate}; {law}).",
)


def check(definition: Definition) -> list[Finding]:
    """Everything that the definition breaks."""
    found = floor.check(definition)
    kind = kinds.find(definition.key)
    if kind is None:
        return [*found, finding(NO_KIND, None, process=definition.key)]
    found += _owners(definition, kind)
    named = [*_names(definition, kind)]
    found += named
    if any(one.code == UNDECLARED.code for one in named):
        return found  # what isn't declared can't be followed
    found += triggers.check(definition)
    for rule in kind.floor:
        found += rule(definition)
    for effect in kind.effects:
        found += _followed(definition, effect)
    return found


def _owners(definition: Definition, kind: Kind) -> Iterator[Finding]:
    """An owner that nothing known of the subject can find, or who isn't of the role that does the step."""
    known = kinds.about(kind.subject).owned_by
    for stage in definition.stages:
        if stage.owner is None:
            continue
        if not stage.owner.by and stage.owner.named is None:
            yield finding(OWNER, stage.key, zh="没有写明依据 (by)", en="it doesn't say by what (`by`)")
        if stage.owner.role != stage.role:
            yield finding(
                OWNER, stage.key, zh="owner 的角色必须是步骤的角色", en="its role must be the role of the step"
            )
        for by in stage.owner.by:
            if by not in known:
                yield finding(
                    OWNER, stage.key, zh=f"对象没有登记「{by}」", en=f"“{by}” isn't known of what it is about"
                )


def require(definition: Definition) -> None:
    """Refuse a definition that breaks the law; asked wherever one is approved or started (DESIGN 2.7)."""
    found = _checked(definition.model_dump_json(exclude_defaults=True))
    if found:
        raise found[0].refusal()


@lru_cache(maxsize=64)
def _checked(text: str) -> tuple[Finding, ...]:
    # Started a thousand times a day, changed once a month; the life of a batch takes 10 ms to check.
    return tuple(check(Definition.model_validate_json(text)))


def _names(definition: Definition, kind: Kind) -> Iterator[Finding]:
    """Names that nobody declared, answers that an effect reads and nobody asks, signatures over nothing."""
    if definition.subject != kind.subject:
        yield finding(UNDECLARED, None, name=f"subject: {definition.subject}")
    known = {effect.name: effect for effect in kind.effects}
    records, gates = {one.name for one in kind.records}, {one.name for one in kind.gates}
    for stage in definition.stages:
        written = [*stage.does, *stage.sla.does, *(name for one in stage.outcomes for name in one.does)]
        unknown = [name for name in written if name not in known or definition.subject not in known[name].subjects]
        unknown += [stage.record] if stage.record is not None and stage.record not in records else []
        unknown += [stage.gate] if stage.gate is not None and stage.gate not in gates else []
        for name in dict.fromkeys(unknown):
            yield finding(UNDECLARED, stage.key, name=name)
        if definition.language == 1:
            continue
        if stage.signature is not None and stage.record is None:
            yield finding(NO_RECORD, stage.key)
        yield from _ungated(stage, kind)
        for name in dict.fromkeys(one for one in written if one in known):
            yield from _asked(stage, known[name])


def _ungated(stage: Stage, kind: Kind) -> Iterator[Finding]:
    """Who says yes to a record passes the gate that belongs to it."""
    if not any(one.style == "positive" for one in stage.outcomes):
        return
    for gate in kind.gates:
        if gate.record == stage.record and gate.name != stage.gate:
            yield finding(
                UNGATED, stage.key, gate=gate.name, zh=gate.title.say("zh"), en=gate.title.say("en"), law=gate.law
            )


def _asked(stage: Stage, effect: Effect) -> Iterator[Finding]:
    """What an effect reads is asked by the form of its step, and can be read as what it is."""
    fields = {field.key: field for field in stage.form}
    for read in effect.reads:
        field = fields.get(read.field)
        if field is None:
            zh, en = "表单里没有", "the form doesn't ask it"
        elif field.type not in read.types:
            zh, en = f"不能是 {field.type}", f"it can't be a {field.type}"
        elif read.required and not field.required:
            zh, en = "必须填写", "it must be required"
        else:
            continue
        yield finding(NOT_ASKED, stage.key, effect=effect.name, field=read.field, zh=zh, en=en)


def _followed(definition: Definition, effect: Effect) -> Iterator[Finding]:
    """An effect is somewhere, and on every path to what it comes before."""
    if effect.optional:
        return
    words = {
        "effect": effect.name,
        "zh": effect.title.say("zh"),
        "en": effect.title.say("en"),
        "law": effect.law or CLAUSE,
    }
    alive = reached(definition.start, edges(definition))
    if not any(stage.key in alive and _has(definition, stage, effect.name) for stage in definition.stages):
        yield finding(NOWHERE, None, **words)
        return
    for before in effect.before:
        goals = [stage.key for stage in definition.stages if _is_goal(definition, stage, before, effect.name)]
        for goal in goals:
            if any(_round(definition, effect.name, goal, given) for given in before.given):
                yield finding(LEFT_OUT, goal, **words)


def _has(definition: Definition, stage: Stage, effect: str) -> bool:
    """Whether a step does it by any of its outcomes, or at an escalation."""
    ways = (None, *(one.key for one in stage.outcomes))
    told = any(one.name == effect for one in kinds.escalated(definition, stage))
    return told or any(effect in kinds.does(definition, stage, outcome) for outcome in ways)


def _is_goal(definition: Definition, stage: Stage, before: Before, effect: str) -> bool:
    if before.result is not None:
        # an end that does it itself is no end without it
        ends = stage.kind is StageKind.END and stage.result == before.result
        return ends and effect not in kinds.does(definition, stage)
    if before.family is not None:
        kind = kinds.find(stage.process) if stage.kind is StageKind.SUBPROCESS and stage.process else None
        return kind is not None and kind.family == before.family
    if before.fact is not None:
        return stage.kind is StageKind.WAIT and stage.fact == before.fact
    return before.effect is not None and _has(definition, stage, before.effect)


def _round(definition: Definition, effect: str, goal: str, given: Mapping[str, Scalar]) -> bool:
    """Whether the goal can be reached by a path on which the effect doesn't happen."""

    def happens(edge: Edge) -> bool:
        return effect in kinds.does(definition, definition.stage(edge.source), edge.label)

    ways = possible_edges(definition, given) if given else edges(definition)
    known = {stage.key for stage in definition.stages}
    return goes_round(definition.start, [edge for edge in ways if edge.source in known], happens, [goal])
