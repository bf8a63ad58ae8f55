"""Whether the waits and triggers of a definition can be carried out: refused in the editor, not when their day comes (DESIGN 8)."""

from collections.abc import Iterator, Mapping

from models.definition.condition import Compare, Operator, compares
from models.definition.document import Definition, FieldType, Trigger
from models.definition.findings import Finding, finding
from models.kernel.refusal import Kind
from models.kernel.text import Text
from models.process import kinds
from models.process.kind import FactKind
from models.process.subject import SubjectKind

CLAUSE = "DESIGN 6, 8"
NO_FACT = Kind(
    "DEF-054",
    CLAUSE,
    "{stage} 等的事实「{fact}」没有人会说出来。",
    "{stage} names the fact “{fact}”, which nobody ever tells.",
)
NO_VALUE = Kind(
    "DEF-055",
    CLAUSE,
    "{stage} 的条件读取「{value}」: {zh}。",
    "The condition of {stage} reads “{value}”: {en}.",
)
NO_SUBJECT = Kind(
    "DEF-056",
    CLAUSE,
    "{stage} 不能开始流程「{process}」: {zh}。",
    "{stage} can't begin the process “{process}”: {en}.",
)
JOINS = Kind(
    "DEF-058",
    CLAUSE,
    "{stage} 只并入进行中的「{process}」, 不开始流程: {zh}。",
    "{stage} only joins a “{process}” that is under way and begins none: {en}.",
)
NEVER = Kind(
    "DEF-059",
    CLAUSE,
    "步骤 {stage} 等的事实「{fact}」永远不会来: {zh}。",
    "The step {stage} waits for the fact “{fact}”, which never comes: {en}.",
)
NO_OWNER = Kind(
    "DEF-060",
    CLAUSE,
    "{stage} 的负责人无法确定: {zh}。",
    "The owner at {stage} can't be found: {en}.",
)
UNTOLD = Text("没有人会说出它", "nobody ever tells it")
NOT_ABOUT = Text("它从不关于{zh}", "it is never about a {en}")
NOT_SAID = Text("这个事实不带这个值", "the fact doesn't come with it")
NUMBERS = (FieldType.INTEGER, FieldType.DECIMAL)
ORDERED = (*NUMBERS, FieldType.DATE)


def check(definition: Definition) -> Iterator[Finding]:
    """Everything about its waits and triggers that can't be carried out."""
    told = {one.name: one for one in kinds.facts()}
    yield from _waits(definition, told)
    for number, trigger in enumerate(definition.triggers):
        place = f"triggers[{number}]"
        fact = told.get(trigger.fact)
        if fact is None:
            yield finding(NO_FACT, place, fact=trigger.fact)
            continue
        yield from _reads(place, trigger, fact)
        yield from _about(place, trigger, fact)
        yield from _owner(definition, place, trigger)
        yield from _joins(place, trigger)


def _waits(definition: Definition, told: Mapping[str, FactKind]) -> Iterator[Finding]:
    """A wait is for something that is told about what the process is about."""
    for stage in definition.stages:
        if stage.fact is None:
            continue
        fact = told.get(stage.fact)
        if fact is None:
            yield finding(NEVER, stage.key, fact=stage.fact, zh=UNTOLD.zh, en=UNTOLD.en)
        elif definition.subject not in fact.subjects:
            about = kinds.about(definition.subject).title
            wrong = NOT_ABOUT.filled(zh=about.say("zh"), en=about.say("en"))
            yield finding(NEVER, stage.key, fact=stage.fact, zh=wrong.zh, en=wrong.en)


def _owner(definition: Definition, place: str, trigger: Trigger) -> Iterator[Finding]:
    """The owner of what a trigger begins is found by what is known of its subject; where that is seen here, it does one of its steps."""
    kind = kinds.find(trigger.process)
    if trigger.owner is None or kind is None:
        return
    known = kinds.about(kind.subject).owned_by
    if not trigger.owner.by or trigger.owner.named is not None:
        yield finding(NO_OWNER, place, zh="没有写明依据 (by)", en="it doesn't say by what (`by`)")
    for by in trigger.owner.by:
        if by not in known:
            yield finding(NO_OWNER, place, zh=f"对象没有登记「{by}」", en=f"“{by}” isn't known of what it is about")
    if trigger.process == definition.key and trigger.owner.role not in {stage.role for stage in definition.stages}:
        yield finding(NO_OWNER, place, zh="流程中没有该角色的步骤", en="no step of the process is of that role")


def _joins(place: str, trigger: Trigger) -> Iterator[Finding]:
    """What begins nothing merges already, and gives nobody a first step."""
    if trigger.joins and trigger.merge:
        yield finding(JOINS, place, process=trigger.process, zh="不用再写 merge", en="`merge` is one too many")
    if trigger.joins and trigger.owner is not None:
        yield finding(
            JOINS, place, process=trigger.process, zh="没有可交给负责人的步骤", en="it has no first step for an `owner`"
        )


def _reads(place: str, trigger: Trigger, fact: FactKind) -> Iterator[Finding]:
    """A condition reads what the fact is told with, or what is known of everything that it can be about."""
    known = [set(kinds.about(key).known) for key in fact.subjects]
    for one in compares(trigger.when) if trigger.when is not None else ():
        if one.fact is None:
            continue
        _, own, name = one.fact.partition(f"{fact.name}.")
        if own and name in fact.values:
            problem = _unfit(fact.values[name], one)
        else:
            problem = None if one.fact == fact.name or all(one.fact in every for every in known) else NOT_SAID
        if problem is not None:
            yield finding(NO_VALUE, place, value=one.fact, zh=problem.zh, en=problem.en)


def _unfit(kept: FieldType, compare: Compare) -> Text | None:
    """Why a value of that type can't be compared so."""
    literals = compare.value if isinstance(compare.value, tuple) else (compare.value,)
    if compare.op not in {Operator.EQ, Operator.NE, Operator.IN} and kept not in ORDERED:
        return Text("它没有大小之分", "it is neither more nor less than anything")
    if any(isinstance(one, bool) != (kept is FieldType.BOOLEAN) for one in literals):
        return Text("它不是这种值", "it is no such value")
    if kept in NUMBERS and any(not _number(one) for one in literals):
        return Text("它是数字", "it is a number")
    return None


def _number(value: object) -> bool:
    return isinstance(value, int) or (isinstance(value, str) and value.replace(".", "", 1).lstrip("-").isdecimal())


def _about(place: str, trigger: Trigger, fact: FactKind) -> Iterator[Finding]:
    """The run is about what the fact is about, or about a thing that is made for it and linked to that."""
    kind = kinds.find(trigger.process)
    if kind is None:
        return  # a process that nobody knows is DEF-024
    wrong = _unmade(trigger, [key == kind.subject for key in fact.subjects], kinds.about(kind.subject))
    if wrong is not None:
        yield finding(NO_SUBJECT, place, process=trigger.process, zh=wrong.zh, en=wrong.en)


def _unmade(trigger: Trigger, own: list[bool], about: SubjectKind) -> Text | None:
    """Why the run would have nothing to be about; `own` says of each kind of thing that the fact can be about whether it is that."""
    if any(own) and not all(own):
        return Text("该事实可关于不同的对象", "the fact can be about several kinds of things")
    if all(own):
        same = Text("对象相同, 不用写 link", "it is about the same thing; `link` is one too many")
        return same if trigger.link is not None else None
    if about.make is None and not trigger.joins:
        return Text(f"触发器不能建立{about.title.say('zh')}", f"a trigger can't make a {about.title.say('en')}")
    return (
        None
        if trigger.link is not None
        else Text("没有写明关联身份 (link)", "it doesn't say as what the two are linked (link)")
    )
