"""What no draft of a change process can edit away: signatures per area, an approval of quality, and somebody who decides on each paused batch."""

from collections.abc import Iterator

from models.definition.document import Definition, StageKind
from models.definition.findings import Finding, finding
from models.kernel.refusal import Kind
from models.process import kinds

CLAUSE = "ISO 13485 7.3.9; DESIGN 2.7"
UNSIGNED = Kind(
    "FLR-024",
    CLAUSE,
    "步骤 {stage} 是部门意见，必须签名。",
    "The step {stage} is what an area says, and must be signed.",
)
NOT_BY_QUALITY = Kind(
    "FLR-025",
    CLAUSE,
    "步骤 {stage} 批准、决定或结束变更，必须是质量签核步骤。",
    "The step {stage} approves, decides or ends a change, and must be a quality sign-off.",
)
NOBODY_DECIDES = Kind(
    "FLR-026",
    CLAUSE,
    "没有步骤决定暂停的批次怎样继续：批准后这些批次将一直暂停。",
    "No step decides how paused batches go on: after the approval they would stay paused.",
)
NO_VERIFIER = Kind(
    "FLR-035",
    CLAUSE,
    "步骤 {stage} 验证实施结果，必须是质量签核步骤。",
    "The step {stage} verifies what was implemented, and must be a quality sign-off.",
)
NO_START = Kind(
    "FLR-037",
    CLAUSE,
    "没有质量签核步骤批准变更生效。",
    "No sign-off of quality lets the change take effect.",
)
NOT_SIGNED = Kind(
    "FLR-036",
    "ISO 13485 6.2; 7.3.9; DESIGN 2.7",
    "步骤 {stage} 完成任务或培训，必须签名。",
    "The step {stage} completes a task or a training, and must be signed.",
)
NO_END = Kind(
    "FLR-048",
    CLAUSE,
    "没有步骤等到临时变更结束：生效后将一直有效。",
    "No step waits until the temporary change has ended: once in effect it would stay so.",
)
BY_QUALITY = (
    "change.approve",
    "change.approve_emergency",
    "change.refuse_emergency",
    "change.decide",
    "change.close",
    "change.refuse",
    "change.withdraw",
)


def check_change(definition: Definition) -> Iterator[Finding]:
    """Everything of it that a change process breaks."""
    decides = False
    for stage in definition.stages:
        does = kinds.does_by_any_way(definition, stage)
        decides = decides or "change.decide" in does
        if "change.review" in does and stage.signature is None:
            yield finding(UNSIGNED, stage.key)
        if "change.verify" in does and stage.kind is not StageKind.SIGN_OFF:
            yield finding(NO_VERIFIER, stage.key)
        if any(name in does for name in BY_QUALITY) and stage.kind is not StageKind.SIGN_OFF:
            yield finding(NOT_BY_QUALITY, stage.key)
    if not any(
        kinds.does_by_any_way(definition, one) & {"change.take_effect", "change.take_effect_at_once"}
        and one.kind is StageKind.SIGN_OFF
        for one in definition.stages
    ):
        yield finding(NO_START, None)
    if not decides:
        yield finding(NOBODY_DECIDES, None)


def check_temporary(definition: Definition) -> Iterator[Finding]:
    """The same of a temporary change, which ends before it is closed."""
    yield from check_change(definition)
    if not any(one.kind is StageKind.WAIT and one.fact == "change.ended" for one in definition.stages):
        yield finding(NO_END, None)


def check_ending(definition: Definition) -> Iterator[Finding]:
    """An extension or a stop that quality doesn't sign."""
    for stage in definition.stages:
        does = kinds.does_by_any_way(definition, stage)
        if does & {"change.extend", "change.stop"} and stage.kind is not StageKind.SIGN_OFF:
            yield finding(NOT_BY_QUALITY, stage.key)


def check_emergency(definition: Definition) -> Iterator[Finding]:
    """Everything that a process of emergency changes breaks: what ran so is approved by quality, or decided on."""
    decides = False
    for stage in definition.stages:
        does = kinds.does_by_any_way(definition, stage)
        decides = decides or "change.decide" in does
        if any(name in does for name in (*BY_QUALITY, "change.verify")) and stage.kind is not StageKind.SIGN_OFF:
            yield finding(NO_VERIFIER if "change.verify" in does else NOT_BY_QUALITY, stage.key)
    if not decides:
        yield finding(NOBODY_DECIDES, None)


def check_work(definition: Definition) -> Iterator[Finding]:
    """A task or a training that nobody signs."""
    for stage in definition.stages:
        if (
            kinds.does_by_any_way(definition, stage) & {"change.task_done", "change.trained"}
            and stage.signature is None
        ):
            yield finding(NOT_SIGNED, stage.key)
