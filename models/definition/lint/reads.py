"""Whether a condition reads only what was asked before (DEF-019), of fields that exist and values that fit (DEF-032, DEF-035)."""

from collections.abc import Callable, Iterator

from models.definition.condition import compares
from models.definition.document import Compare, Definition, Field, FieldType, Stage, StageKind
from models.definition.findings import Finding, finding
from models.definition.graph import edges, goes_round, leaves, reached
from models.definition.lint.fields import unfit
from models.kernel.refusal import Kind

CLAUSE = "DESIGN 8"
TOO_EARLY = Kind(
    "DEF-019",
    CLAUSE,
    "步骤 {stage} 读取「{field}」, 但有一条路到这里时还没有填写它。",
    "The step {stage} reads “{field}”, but there is a way here on which it has not been asked.",
)
NO_FIELD = Kind(
    "DEF-032",
    CLAUSE,
    "步骤 {stage} 的条件不成立: 「{field}」{zh}。",
    "The condition of the step {stage} can't work: “{field}” {en}.",
)

UNREADABLE = Kind(
    "DEF-035",
    CLAUSE,
    "步骤 {stage} 读取「{field}」, 但它{zh}。",
    "The step {stage} reads “{field}”, which {en}.",
)


def lint_reads(definition: Definition) -> Iterator[Finding]:
    """What the conditions, the waits and the lists of the definition read that they can't."""
    ways = edges(definition)
    alive = reached(definition.start, ways)
    for stage in definition.stages:

        def early(asked: str, stage: Stage = stage) -> bool:
            """Whether there is a way to the stage on which that one has not been answered."""
            return stage.key in alive and goes_round(definition.start, ways, leaves(asked), [stage.key])

        yield from _lists(definition, stage, early)
        yield from _branches(definition, stage, early)
    for number, trigger in enumerate(definition.triggers):
        for compare in compares(trigger.when) if trigger.when is not None else ():
            if compare.field is not None:
                yield finding(
                    NO_FIELD,
                    f"triggers[{number}]",
                    field=compare.field,
                    zh="在触发器里读不到",
                    en="can't be read by a trigger",
                )


def _lists(definition: Definition, stage: Stage, early: Callable[[str], bool]) -> Iterator[Finding]:
    for answer, problem in _answers(definition, stage):
        if problem is not None:
            yield finding(UNREADABLE, stage.key, field=answer, zh=problem[0], en=problem[1])
        elif early(answer.partition(".")[0]):
            yield finding(TOO_EARLY, stage.key, field=answer)


def _branches(definition: Definition, stage: Stage, early: Callable[[str], bool]) -> Iterator[Finding]:
    for branch in stage.branches:
        for compare in compares(branch.when):
            if compare.field is None:
                continue
            problem = _problem(definition, compare)
            if problem is not None:
                yield finding(NO_FIELD, stage.key, field=compare.field, zh=problem[0], en=problem[1])
            elif early(compare.field.partition(".")[0]):
                yield finding(TOO_EARLY, stage.key, field=compare.field)


def _answers(definition: Definition, stage: Stage) -> Iterator[tuple[str, tuple[str, str] | None]]:
    """The answers that a wait's day and a list's rows are read from, and what is wrong with each."""
    wanted = [
        (
            _own(stage.until.date) if stage.until else None,
            {FieldType.DATE, FieldType.INSTANT},
            ("不是日期", "is no date"),
        ),
        (stage.for_each.rows if stage.for_each else None, {FieldType.TABLE}, ("不是表格", "is no table")),
        (_own(stage.sla.by), {FieldType.DATE, FieldType.INSTANT}, ("不是日期", "is no date")),
        (_own(stage.owner.named) if stage.owner else None, {FieldType.PERSON}, ("不是人员", "is no person")),
    ]
    for answer, types, other in wanted:
        if answer is None:
            continue
        key, _, name = answer.partition(".")
        field = _field(definition.find(key), name)
        if field is None:
            yield answer, ("不存在", "doesn't exist")
        elif field.type not in types:
            yield answer, other
        elif field.type is not FieldType.TABLE and not field.required:
            yield answer, ("可以不填", "may be left empty")
        else:
            yield answer, None


def _own(answer: str | None) -> str | None:
    """The answer, where it is one of this process; what `item` has stands in the process that goes through many, or an effect gives it."""
    return None if answer is None or answer.startswith("item.") else answer


def _problem(definition: Definition, compare: Compare) -> tuple[str, str] | None:
    stage_key, _, field_key = str(compare.field).partition(".")
    stage = definition.find(stage_key)
    field = _field(stage, field_key)
    if field is None:
        return "不存在", "doesn't exist"
    return unfit(field, compare)


def _field(stage: Stage | None, key: str) -> Field | None:
    if stage is None or stage.kind is StageKind.END:
        return None
    return next((field for field in stage.form if field.key == key), None)
