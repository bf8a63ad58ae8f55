"""What no draft of the approval of suppliers can edit away: quality decides by sign-offs, and two of them before anybody is approved."""

from collections.abc import Iterator

from models.definition.document import Definition, Stage, StageKind
from models.definition.findings import Finding, finding
from models.kernel.refusal import Kind
from models.process import kinds

CLAUSE = "ISO 13485 7.4.1; DESIGN 2.7"
NOT_BY_QUALITY = Kind(
    "FLR-027",
    CLAUSE,
    "步骤 {stage} 审核、批准或拒绝供应商，必须是质量签核步骤。",
    "The step {stage} reviews, approves or refuses a supplier, and must be a quality sign-off.",
)
ONE_PERSON = Kind(
    "FLR-028",
    CLAUSE,
    "步骤 {stage} 批准供应商，必须与审核步骤由不同的人完成。",
    "The step {stage} approves a supplier, and must be done by somebody else than who reviews it.",
)
REVIEW, APPROVE, REFUSE = "supplier.review", "supplier.approve", "supplier.refuse"


def check_approval(definition: Definition) -> Iterator[Finding]:
    """Everything of it that a process of approval breaks."""
    does = {stage.key: kinds.does_by_any_way(definition, stage) for stage in definition.stages}
    reviews = {key for key, names in does.items() if REVIEW in names}
    for stage in definition.stages:
        names = does[stage.key]
        if names & {REVIEW, APPROVE, REFUSE} and stage.kind is not StageKind.SIGN_OFF:
            yield finding(NOT_BY_QUALITY, stage.key)
        if APPROVE in names and not reviews <= {one for one in reviews if _apart(definition, stage, one)}:
            yield finding(ONE_PERSON, stage.key)


def _apart(definition: Definition, stage: Stage, other: str) -> bool:
    """Whether two steps are done by different people; it works both ways round."""
    return other in stage.not_same_as or stage.key in definition.stage(other).not_same_as
