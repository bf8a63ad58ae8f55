"""What no draft of a calibration or of its assessment can edit away: signatures, a person who decides, and that it begins by itself."""

from collections.abc import Iterator

from models.calibration import rules
from models.calibration.store.calibrations import OUT
from models.definition.document import Definition, StageKind
from models.definition.findings import Finding, finding
from models.kernel.refusal import Kind
from models.process import kinds

CLAUSE = "ISO 13485 7.6; DESIGN 2.7"
UNSIGNED = Kind(
    "FLR-029",
    CLAUSE,
    "步骤 {stage} 记录校准，必须签名。",
    "The step {stage} records a calibration, and must be signed.",
)
NOT_BY_QUALITY = Kind(
    "FLR-030",
    CLAUSE,
    "步骤 {stage} 决定超差期间的测量结果或结束评估，必须是质量签核步骤。",
    "The step {stage} decides on results measured out of tolerance or ends the assessment, and must be a quality sign-off.",
)
NOT_BY_ITSELF = Kind(
    "FLR-031",
    CLAUSE,
    "校准超差必须自动开始评估：触发器 calibration.out_of_tolerance 不能缺少，也不能带条件。",
    "An assessment begins by itself: the trigger on calibration.out_of_tolerance can't be missing, nor have a condition.",
)
BY_QUALITY = ("out_of_tolerance.decide", "out_of_tolerance.close")


def check_calibration(definition: Definition) -> Iterator[Finding]:
    """Everything of it that the process of calibrations breaks."""
    for stage in definition.stages:
        if "calibration.record" in kinds.does_by_any_way(definition, stage) and stage.signature is None:
            yield finding(UNSIGNED, stage.key)


def check_assessment(definition: Definition) -> Iterator[Finding]:
    """Everything of it that an assessment breaks."""
    for stage in definition.stages:
        if (
            any(name in kinds.does_by_any_way(definition, stage) for name in BY_QUALITY)
            and stage.kind is not StageKind.SIGN_OFF
        ):
            yield finding(NOT_BY_QUALITY, stage.key)
    if not any(one.fact == OUT and one.process == rules.ASSESSMENT and one.when is None for one in definition.triggers):
        yield finding(NOT_BY_ITSELF, None)
