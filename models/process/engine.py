"""The engine: what a definition says happens next.

Pure (DESIGN 2.3): a state, what somebody did and the time go in; the next state and the stages that now need something
from outside come out.  The transaction that completes a task, the validator, the dry run and the tests ask these same
functions.  Decisions, parallel groups and ends are walked through here; people's steps, subprocesses, waits and actions
are handed out as `opened`.

A wait is answered by a fact that becomes true while it is open.  Whoever opens a wait whose fact is true already calls
`fact` at once, in the same transaction: the record knows, the engine doesn't remember old news, because a loop
must wait for the second time that work is finished, not find the first one.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from models.definition.condition import Scalar, holds
from models.definition.document import Definition, Stage, StageKind, digest
from models.definition.words import GROUPS
from models.kernel.refusal import Kind
from models.process.form.form import FieldProblem, read_form, validate_form
from models.process.many import for_each as process_many
from models.process.state import Deadline, OpenStage, RunState, Step
from models.process.time.moments import UNIVERSAL, SiteTime, deadlines, moments, until

__all__ = [
    "Deadline", "FieldProblem", "OpenStage", "RunState", "SiteTime", "Step", "check_people", "child_result", "complete", "deadlines",
    "done", "elapse", "excluded", "fact", "moments", "raised", "read_form", "spread", "start", "until", "validate_form",
]  # fmt: skip

CLAUSE = "DESIGN 8; 21 CFR 11.10(f)"
NOT_OPEN = Kind(
    "PRC-001",
    CLAUSE,
    "步骤「{zh}」现在没有打开, 可能已由他人完成。",
    "The step “{en}” is not open; somebody may have completed it already.",
)
NO_COMMAND = Kind(
    "PRC-032",
    "DESIGN 2.2, 2.5",
    "这不是该流程的操作，未作任何记录。",
    "This is no command of this process; nothing was recorded.",
    422,
)
NOT_ITS_ACT = Kind(
    "PRC-033",
    "DESIGN 2.2, 2.5",
    "该流程没有「{act}」这项操作，未作任何记录。",
    "This process takes no act “{act}”; nothing was recorded.",
    422,
)
NO_OUTCOME = Kind(
    "PRC-002",
    CLAUSE,
    "步骤「{zh}」没有「{outcome}」这个结论, 可选: {known}。",
    "The step “{en}” has no outcome “{outcome}”; it knows: {known}.",
    422,
)
REASON = Kind("PRC-003", "21 CFR 11.10(e); DESIGN 8", "选择「{zh}」时必须写明理由。", "“{en}” needs a reason.", 422)
SAME_PERSON = Kind(
    "PRC-005",
    "ISO 13485 8.2.6; 医疗器械生产质量管理规范; DESIGN 2.7",
    "「{zh}」不能由完成「{other_zh}」的同一个人来做。",
    "“{en}” must be done by somebody other than the person of “{other_en}”.",
    403,
)
NOBODY = Kind(
    "PRC-006", "21 CFR 11.10(d)", "步骤「{zh}」没有记录执行人。", "No person is named for the step “{en}”.", 422
)
ONE_SIGNER = Kind("PRC-007", "21 CFR 11.100(a)", "「{zh}」只能由一个人签名。", "Exactly one person signs “{en}”.", 422)
OVER = Kind("PRC-008", CLAUSE, "该流程已经结束, 结果: {result}。", "This process has ended with the result {result}.")
NO_RESULT = Kind(
    "PRC-009",
    CLAUSE,
    "步骤「{zh}」不知道子流程结果「{result}」该怎么走。",
    "The step “{en}” doesn't know where the result “{result}” leads.",
    422,
)
NO_WAY = Kind(
    "PRC-011",
    CLAUSE,
    "流程定义在「{stage}」处走不下去, 请通知流程负责人。",
    "The definition leads nowhere at “{stage}”; please tell the process owner.",
    422,
)
OTHER_DEFINITION = Kind(
    "PRC-012",
    "DESIGN 8",
    "流程定义「{key}」与开始时的版本不一致。",
    "“{key}” is not the version this process started with.",
)

EARLY = Kind(
    "PRC-013",
    CLAUSE,
    "步骤「{zh}」等待的时间还没有到。",
    "The time that “{en}” waits for has not come yet.",
)
NO_ITEM = Kind(
    "PRC-014",
    CLAUSE,
    "步骤「{zh}」没有在等「{item}」。",
    "“{en}” is not waiting for “{item}”.",
)


def start(definition: Definition, facts: Mapping[str, Scalar], now: datetime) -> Step:
    """Begin a run at its start."""
    state = RunState(definition=digest(definition), facts=dict(facts))
    return _enter(definition, state, [(definition.start, ())], now)


def complete(
    definition: Definition,
    state: RunState,
    stage_key: str,
    outcome: str | None,
    form: Mapping[str, Any],
    performer_ids: Sequence[str],
    now: datetime,
    groups: Mapping[str, Collection[str]] | None = None,
) -> Step:
    """A person's step is done.

    `groups` says who belongs to each group of `GROUPS` for this subject, read in the same transaction.  A stage that
    excludes a group can't be completed without that knowledge: leaving it out is a programming error, not a "no".
    """
    here = _opened(definition, state, stage_key)
    stage = definition.stage(stage_key)
    if not stage.kind.human:
        raise NOT_OPEN(**_names(stage))
    chosen = stage.outcome(outcome)
    if chosen is None and (stage.outcomes or outcome not in {None, "done"}):
        known = ", ".join(one.key for one in stage.outcomes) or "done"
        raise NO_OUTCOME(outcome=str(outcome)[:60], known=known, **_names(stage))
    if chosen is not None and chosen.reason_required and not str(form.get("reason") or "").strip():
        raise REASON(zh=chosen.title.say("zh"), en=chosen.title.say("en"))
    answers = validate_form(stage, form, chosen, state.facts)
    people = tuple(dict.fromkeys(performer_ids))
    check_people(definition, state, stage, people, groups)
    state = state.model_copy(
        update={
            "performers": {**state.performers, stage_key: people},
            "everyone": {**state.everyone, stage_key: tuple(dict.fromkeys((*state.who(stage_key, "all"), *people)))},
            "outcomes": {**state.outcomes, stage_key: chosen.key if chosen else "done"},
            "forms": {**state.forms, stage_key: answers},
        }
    )
    return _leave(definition, state, [here], chosen.next if chosen else stage.next, now)


def fact(
    definition: Definition,
    state: RunState,
    fact_name: str,
    now: datetime,
    values: Mapping[str, Scalar] | None = None,
) -> Step:
    """A fact became true; every wait for it goes on.  `values` are facts that are known from now on with it."""
    _check_run(definition, state)
    state = state.model_copy(update={"facts": {**state.facts, fact_name: True, **(values or {})}})
    waits = [
        one
        for one in state.open
        if definition.stage(one.key).kind is StageKind.WAIT and definition.stage(one.key).fact == fact_name
    ]
    step = Step(state=state)
    opened: list[Stage] = []
    for one in waits:
        if one in step.state.open:
            step = _leave(
                definition, _told(definition, step.state, one, "fact"), [one], definition.stage(one.key).next, now
            )
            opened += step.opened
    return step.model_copy(update={"opened": tuple(opened)})


def elapse(
    definition: Definition,
    state: RunState,
    stage_key: str,
    now: datetime,
    *,
    opened_at: datetime | None = None,
    site: SiteTime = UNIVERSAL,
) -> Step:
    """The time that a wait was given is over.  `opened_at` names the round: the clock of an earlier one moves nothing."""
    here = _opened(definition, state, stage_key)
    stage = definition.stage(stage_key)
    moment = until(stage, here.opened_at, state, site)
    if moment is None or (opened_at is not None and here.opened_at > opened_at):
        raise NOT_OPEN(**_names(stage))
    if moment.at > now:
        raise EARLY(**_names(stage))
    target = (stage.until.elapsed if stage.until else None) or stage.next
    return _leave(definition, _told(definition, state, here, "elapsed"), [here], target, now)


def raised(definition: Definition, state: RunState, stage_key: str, level: int) -> RunState:
    """Somebody was told that an open stage is late."""
    here = _opened(definition, state, stage_key)
    told = here.model_copy(update={"level": max(level, here.level)})
    return state.model_copy(update={"open": tuple(told if one is here else one for one in state.open)})


def spread(
    definition: Definition,
    state: RunState,
    stage_key: str,
    items: Sequence[str],
    now: datetime,
    results: Collection[str] = (),
) -> Step:
    """A stage that goes through many knows its items (the same one twice is one); with none it goes on at once.

    Whoever opens such a stage calls this in the same transaction.  `results` are those that its process can end with.
    """
    here = _opened(definition, state, stage_key)
    stage = definition.stage(stage_key)
    if stage.for_each is None or stage.kind is not StageKind.SUBPROCESS:
        raise NOT_OPEN(**_names(stage))
    state = process_many.begun(state, stage, items, results)
    if not process_many.complete(state, stage):
        return Step(state=state)
    return _leave(definition, state, [here], stage.next, now)


def child_result(
    definition: Definition, state: RunState, stage_key: str, result: str, now: datetime, *, item: str | None = None
) -> Step:
    """The subprocess of a stage, or of an `item` of it, ended with `result`."""
    here = _opened(definition, state, stage_key)
    stage = definition.stage(stage_key)
    if stage.kind is not StageKind.SUBPROCESS:
        raise NOT_OPEN(**_names(stage))
    if stage.for_each is not None:
        if item is None or not process_many.waits_for(state, stage, item):
            raise NO_ITEM(item=str(item)[:60], **_names(stage))
        state = process_many.ended(state, stage, item, result)
        if not process_many.complete(state, stage):
            return Step(state=state)
        return _leave(definition, state, [here], stage.next, now)
    if result not in stage.results:
        raise NO_RESULT(result=result, **_names(stage))
    state = state.model_copy(update={"outcomes": {**state.outcomes, stage_key: result}})
    return _leave(definition, state, [here], stage.results[result], now)


def done(
    definition: Definition,
    state: RunState,
    stage_key: str,
    now: datetime,
    known: Mapping[str, Scalar] | None = None,
) -> Step:
    """An automatic action was carried out; `known` are facts that the run has from it, from now on."""
    here = _opened(definition, state, stage_key)
    stage = definition.stage(stage_key)
    if stage.kind is not StageKind.ACTION:
        raise NOT_OPEN(**_names(stage))
    state = state.model_copy(
        update={"outcomes": {**state.outcomes, stage_key: "done"}, "facts": {**state.facts, **(known or {})}}
    )
    return _leave(definition, state, [here], stage.next, now)


def _names(stage: Stage) -> dict[str, str]:
    return {"zh": stage.title.say("zh"), "en": stage.title.say("en")}


def _check_run(definition: Definition, state: RunState) -> None:
    if state.definition != digest(definition):
        raise OTHER_DEFINITION(key=definition.key)
    if state.result is not None:
        raise OVER(result=state.result)


def _opened(definition: Definition, state: RunState, stage_key: str) -> OpenStage:
    _check_run(definition, state)
    here = next((one for one in state.open if one.key == stage_key), None)
    if here is None:
        known = definition.find(stage_key)
        raise NOT_OPEN(**(_names(known) if known else {"zh": stage_key[:60], "en": stage_key[:60]}))
    return here


def check_people(
    definition: Definition,
    state: RunState,
    stage: Stage,
    people: tuple[str, ...],
    groups: Mapping[str, Collection[str]] | None,
) -> None:
    """Refuse people whom the stage excludes: who did another stage of it, who inspected or made the lot."""
    if not people:
        raise NOBODY(**_names(stage))
    if stage.signature is not None and len(people) != 1:
        raise ONE_SIGNER(**_names(stage))
    for group in (name for name in stage.not_same_as if "." in name):
        if not set(people).isdisjoint((groups or {})[group]):
            zh, en = GROUPS.get(group, (group, group))
            raise SAME_PERSON(other_zh=zh, other_en=en, **_names(stage))
    for other, earlier in excluded(definition, state, stage):
        if not set(people).isdisjoint(earlier):
            names = _names(other)
            raise SAME_PERSON(other_zh=names["zh"], other_en=names["en"], **_names(stage))


def excluded(definition: Definition, state: RunState, stage: Stage) -> Iterator[tuple[Stage, tuple[str, ...]]]:
    """The stages that other people must do, each with who did it: in its last round, or in any where one of the two says so."""
    for other in definition.stages:
        # Both ways round: in parallel tracks, and in loops, the stage that declares it may come first.
        declaring = [
            one
            for one, named in ((stage, other), (other, stage))
            if one.key != named.key and named.key in one.not_same_as
        ]
        if declaring:
            yield other, state.who(other.key, "all" if any(one.rounds == "all" for one in declaring) else "last")


def _told(definition: Definition, state: RunState, wait: OpenStage, how: str) -> RunState:
    """Remember what ended a wait for which time and facts race."""
    if definition.stage(wait.key).until is None:
        return state
    return state.model_copy(update={"outcomes": {**state.outcomes, wait.key: how}})


def _leave(
    definition: Definition, state: RunState, left: Sequence[OpenStage], target: str | None, now: datetime
) -> Step:
    remaining = tuple(one for one in state.open if one not in left)
    if target is None:
        raise NO_WAY(stage=left[0].key)
    return _enter(definition, state.model_copy(update={"open": remaining}), [(target, left[0].tracks)], now)


def _enter(definition: Definition, state: RunState, queue: list[tuple[str, tuple[str, ...]]], now: datetime) -> Step:
    """Walk on from each (stage, tracks) until everything waits for something outside or an end is reached."""
    opened: list[Stage] = []
    steps = 0
    while queue:
        key, tracks = queue.pop(0)
        steps += 1
        stage = definition.find(key)
        if stage is None or steps > 2 * len(definition.stages) + 2:
            raise NO_WAY(stage=key)
        if tracks and _join(definition, tracks[-1]) == key:
            state, goes_on = _arrive(definition, state, tracks[-1])
            if not goes_on:
                continue
            tracks = tracks[:-1]
            if tracks and _join(definition, tracks[-1]) == key:
                queue.insert(0, (key, tracks))
                continue
        match stage.kind:
            case StageKind.END:
                ended = stage.result or stage.key
                # The end of the run closes what other tracks still had open.
                return Step(
                    state=state.model_copy(update={"open": (), "arrived": (), "result": ended}), ended=ended, end=key
                )
            case StageKind.DECISION:
                queue.insert(0, (_decide(stage, state), tracks))
            case StageKind.PARALLEL:
                if stage.tracks is None:
                    raise NO_WAY(stage=key)
                queue[0:0] = [(first, (*tracks, f"{key}:{first}")) for first in stage.tracks.start]
            case _ if not state.is_open(key):
                here = OpenStage(key=key, opened_at=now, tracks=tracks)
                state = state.model_copy(update={"open": (*state.open, here)})
                opened.append(stage)
    if not state.open:
        raise NO_WAY(stage=definition.key)
    return Step(state=state, opened=tuple(opened))


def _decide(stage: Stage, state: RunState) -> str:
    for branch in stage.branches:
        if holds(branch.when, state.facts, state.forms):
            return branch.next
    if stage.next is None:
        raise NO_WAY(stage=stage.key)
    return stage.next


def _join(definition: Definition, track: str) -> str | None:
    tracks = definition.stage(track.partition(":")[0]).tracks
    return tracks.join if tracks else None


def _arrive(definition: Definition, state: RunState, track: str) -> tuple[RunState, bool]:
    """A track reached its join; whether it was the last one."""
    parallel = track.partition(":")[0]
    tracks = definition.stage(parallel).tracks
    arrived = {*state.arrived, track}
    wanted = {f"{parallel}:{first}" for first in tracks.start} if tracks else set()
    complete_now = wanted <= arrived
    rest = arrived - wanted if complete_now else arrived
    return state.model_copy(update={"arrived": tuple(sorted(rest))}), complete_now
