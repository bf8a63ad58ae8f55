"""Whether one stage is whole: the parts its kind needs and no others, sensible fields and deadlines (DEF-020 to DEF-023)."""

import itertools
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import timedelta

from models.definition.document import Stage, StageKind, fields
from models.definition.findings import Finding, finding
from models.definition.lint.fields import lint_form
from models.kernel.refusal import Kind

CLAUSE = "DESIGN 8"
DEADLINE = Kind(
    "DEF-021", CLAUSE, "步骤 {stage} 的期限不合理: {zh}。", "The deadlines of the step {stage} make no sense: {en}."
)
ODD_DEADLINE = Kind(
    "DEF-022",
    CLAUSE,
    "步骤 {stage} 的期限请再看一眼: {zh}。",
    "Please look again at the deadlines of the step {stage}: {en}.",
)
PARTS = Kind("DEF-023", CLAUSE, "步骤 {stage} ({kind}) {zh}。", "The step {stage} ({kind}) {en}.")
UNTIL = Kind(
    "DEF-033", CLAUSE, "步骤 {stage} 的等待不合理: {zh}。", "The wait of the step {stage} makes no sense: {en}."
)
FOR_EACH = Kind(
    "DEF-034",
    CLAUSE,
    "步骤 {stage} 的逐项进行不合理: {zh}。",
    "What the step {stage} does for each of many makes no sense: {en}.",
)
SAME_KEY = Kind(
    "DEF-030", CLAUSE, "步骤 {stage} 里「{key}」用了不止一次。", "In the step {stage}, “{key}” is used more than once."
)

K = StageKind
_HUMAN = {"role", "owner", "form", "sla", "not_same_as", "rounds", "signature", "record", "gate", "does"}
NEEDS: dict[StageKind, set[str]] = {
    K.TASK: {"role"},
    K.INSPECTION: {"role", "outcomes"},
    K.SIGN_OFF: {"role", "outcomes"},
    K.ACTION: {"does", "next"},
    K.WAIT: {"next"},
    K.DECISION: {"branches", "next"},
    K.SUBPROCESS: {"process"},
    K.PARALLEL: {"tracks"},
    K.END: {"result"},
}
TAKES: dict[StageKind, set[str]] = {
    K.TASK: _HUMAN | {"outcomes", "next"},
    K.INSPECTION: _HUMAN | {"outcomes"},
    K.SIGN_OFF: _HUMAN | {"outcomes"},
    K.ACTION: {"next", "does", "sla"},
    K.WAIT: {"fact", "until", "next", "sla"},
    K.DECISION: {"branches", "next"},
    K.SUBPROCESS: {"process", "results", "for_each", "next", "sla"},
    K.PARALLEL: {"tracks"},
    K.END: {"result", "does"},
}
PARTS_OF_A_STAGE = (
    "role", "owner", "not_same_as", "rounds", "form", "outcomes", "signature", "record", "gate", "does", "sla", "next", "fact",
    "until", "for_each", "action", "branches", "process", "results", "tracks", "result",
)  # fmt: skip


def lint_stage(stage: Stage) -> Iterator[Finding]:
    """Everything that is wrong within the stage."""
    yield from _parts(stage)
    yield from lint_form(stage)
    yield from _same_keys(stage)
    yield from _deadlines(stage)
    if stage.kind is K.WAIT:
        yield from _until(stage)
    if stage.kind is K.SUBPROCESS:
        yield from _for_each(stage)


def _until(stage: Stage) -> Iterator[Finding]:
    def wrong(zh: str, en: str) -> Finding:
        return finding(UNTIL, stage.key, zh=zh, en=en)

    until = stage.until
    if until is None:
        if stage.fact is None:
            yield wrong("没有写明等到什么时候, 或等什么事实 (fact)", "it names neither a time nor a `fact` to wait for")
        return
    if until.after is None and until.date is None:
        yield wrong("until 没有写明时间", "`until` names no time")
    if until.after is not None and until.after <= timedelta(0):
        yield wrong("时间必须大于零", "the time must be above zero")
    if until.date is None and until.offset:
        yield wrong("有 offset 却没有 date", "it has an `offset`, but no `date`")
    if until.elapsed is not None and stage.fact is None:
        yield wrong(
            "没有 fact 时, 到期就去 next, 不能再写 elapsed",
            "without a `fact` the time leads to `next`; `elapsed` is one too many",
        )


def _for_each(stage: Stage) -> Iterator[Finding]:
    def wrong(zh: str, en: str) -> Finding:
        return finding(FOR_EACH, stage.key, zh=zh, en=en)

    each = stage.for_each
    if each is None:
        if not stage.results:
            yield finding(PARTS, stage.key, kind=stage.kind, zh="缺少 results", en="lacks `results`")
        if stage.next is not None:
            yield finding(
                PARTS,
                stage.key,
                kind=stage.kind,
                zh="下一步写在 results 里, 不能再写 next",
                en="its `results` say where to go; `next` is one too many",
            )
        return
    if stage.next is None:
        yield wrong("没有写明下一步 (next)", "it doesn't say where to go `next`")
    if stage.results:
        yield wrong(
            "下一步是 next, 各结果的数目由条件读取, 不能再写 results",
            "it goes on to `next`, and conditions read how often each result came; `results` is one too many",
        )
    if (each.links is None) == (each.rows is None):
        yield wrong("links 和 rows 要写一个, 且只写一个", "it goes through `links` or through `rows`, one of them")


def _parts(stage: Stage) -> Iterator[Finding]:
    has = {name for name in PARTS_OF_A_STAGE if getattr(stage, name) != Stage.model_fields[name].default}
    if stage.kind is K.TASK and not has & {"outcomes", "next"}:
        yield finding(PARTS, stage.key, kind=stage.kind, zh="没有写明下一步", en="doesn't say where to go next")
    if stage.kind is K.TASK and has >= {"outcomes", "next"}:
        yield finding(
            PARTS,
            stage.key,
            kind=stage.kind,
            zh="有结论时下一步写在结论里, 不能再写 next",
            en="has outcomes, which say where to go; `next` is one too many",
        )
    if stage.rounds == "all" and not stage.not_same_as:
        yield finding(
            PARTS,
            stage.key,
            kind=stage.kind,
            zh="有 rounds 却没有 not_same_as",
            en="has `rounds`, but no `not_same_as`",
        )
    for name in PARTS_OF_A_STAGE:
        if name in NEEDS[stage.kind] - has:
            yield finding(PARTS, stage.key, kind=stage.kind, zh=f"缺少 {name}", en=f"lacks `{name}`")
        if name in has - TAKES[stage.kind]:
            yield finding(PARTS, stage.key, kind=stage.kind, zh=f"不能有 {name}", en=f"can't have `{name}`")


def _same_keys(stage: Stage) -> Iterator[Finding]:
    groups: list[Iterable[str]] = [
        (field.key for field in stage.form),
        (outcome.key for outcome in stage.outcomes),
        *((choice.key for choice in field.choices) for field in fields(stage)),
        *((column.key for column in field.columns) for field in stage.form),
        stage.not_same_as,
    ]
    for group in groups:
        for key, times in Counter(group).items():
            if times > 1:
                yield finding(SAME_KEY, stage.key, key=key)


def _deadlines(stage: Stage) -> Iterator[Finding]:
    sla = stage.sla
    times = [one.after for one in sla.escalations]
    dues = [due for due in (sla.pick_up, sla.complete) if due is not None and sla.by is None]

    def wrong(zh: str, en: str) -> Finding:
        return finding(DEADLINE, stage.key, zh=zh, en=en)

    if sla.by is not None and sla.complete is not None:
        yield wrong("by 已写明到期日, 不能再写 complete", "`by` says when it is due; `complete` is one too many")
    if any(time < timedelta(0) if sla.by else time <= timedelta(0) for time in (*times, *dues)):
        yield wrong("时间必须大于零", "every time must be above zero")
    if sla.pick_up is not None and sla.complete is not None and sla.pick_up > sla.complete:
        yield wrong("认领期限晚于完成期限", "it is to be picked up later than it is to be complete")
    if any(later <= earlier for earlier, later in itertools.pairwise(times)):
        yield wrong("升级提醒要一次比一次晚", "each escalation must come later than the one before")
    if times and not dues and sla.by is None:
        yield wrong("有升级提醒却没有期限", "it escalates but is never due")
    if times and dues:
        if min(times) < min(dues):
            yield finding(
                ODD_DEADLINE, stage.key, "warning", zh="还没到期就升级提醒", en="it escalates before anything is late"
            )
        if min(times) > 2 * max(dues):
            yield finding(
                ODD_DEADLINE, stage.key, "warning", zh="逾期很久才升级提醒", en="it escalates long after it was due"
            )
