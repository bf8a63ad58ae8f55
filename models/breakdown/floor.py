"""What no draft of a breakdown can edit away: a signature of somebody of quality, who didn't repair it, takes equipment back into use."""

from collections.abc import Iterator

from models.definition.document import Definition, StageKind
from models.definition.findings import Finding, finding
from models.kernel.refusal import Kind
from models.process import kinds

CLAUSE = "ISO 13485 6.3; 21 CFR 820.70(g); DESIGN 2.7"
NOT_BY_QUALITY = Kind(
    "FLR-060",
    CLAUSE,
    "步骤 {stage} 使设备恢复使用，必须是质量签核步骤。",
    "The step {stage} takes equipment back into use, and must be a quality sign-off.",
)
ONE_PERSON = Kind(
    "FLR-061",
    CLAUSE,
    "步骤 {stage} 使设备恢复使用，必须与维修步骤由不同的人完成。",
    "The step {stage} takes equipment back into use, and must be done by somebody else than the repair.",
)


def check_breakdown(definition: Definition) -> Iterator[Finding]:
    """Everything of it that the process of a breakdown breaks."""
    does = {stage.key: kinds.does_by_any_way(definition, stage) for stage in definition.stages}
    repairs = {key for key, names in does.items() if "breakdown.repair" in names}
    for stage in definition.stages:
        if not {"breakdown.back", "breakdown.retire"} & set(does[stage.key]):
            continue
        if stage.kind is not StageKind.SIGN_OFF:
            yield finding(NOT_BY_QUALITY, stage.key)
        if not all(one in stage.not_same_as or stage.key in definition.stage(one).not_same_as for one in repairs):
            yield finding(ONE_PERSON, stage.key)
