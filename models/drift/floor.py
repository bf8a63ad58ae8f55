"""What no draft of limits or of an alert can edit away: a second person of quality signs, and an alert begins by itself."""

from collections.abc import Iterator

from models.definition.document import Definition, StageKind
from models.definition.findings import Finding, finding
from models.drift.rules import asking
from models.kernel.refusal import Kind
from models.process import kinds

CLAUSE = "ISO 13485 7.4.1, 8.4; DESIGN 2.7"
NOT_BY_QUALITY = Kind(
    "FLR-044",
    CLAUSE,
    "步骤 {stage} 批准控制限或结束预警，必须是质量签核步骤。",
    "The step {stage} freezes limits or closes an alert, and must be a quality sign-off.",
)
ONE_PERSON = Kind(
    "FLR-045",
    CLAUSE,
    "步骤 {stage} 签名批准，必须与提议或评估的步骤由不同的人完成。",
    "The step {stage} signs what another step says, and must be done by somebody else than that.",
)
NOT_BY_ITSELF = Kind(
    "FLR-046",
    CLAUSE,
    "来货波动必须自动预警：触发器 supplier.drift 不能缺少，也不能带条件。",
    "An alert begins by itself: the trigger on supplier.drift can't be missing, nor have a condition.",
)
DRIFT = "supplier.drift"


def check_limits(definition: Definition) -> Iterator[Finding]:
    """Everything of it that the process of limits breaks."""
    yield from _second(definition, "drift.propose", "drift.freeze")


def check_alert(definition: Definition) -> Iterator[Finding]:
    """Everything of it that an alert breaks."""
    yield from _second(definition, "drift.assess", "drift.close")
    if not any(one.fact == DRIFT and one.process == asking.ALERT and one.when is None for one in definition.triggers):
        yield finding(NOT_BY_ITSELF, None)


def _second(definition: Definition, said: str, signed: str) -> Iterator[Finding]:
    does = {stage.key: kinds.does_by_any_way(definition, stage) for stage in definition.stages}
    for stage in definition.stages:
        if signed not in does[stage.key]:
            continue
        if stage.kind is not StageKind.SIGN_OFF:
            yield finding(NOT_BY_QUALITY, stage.key)
        others = {key for key, names in does.items() if said in names}
        if not all(one in stage.not_same_as or stage.key in definition.stage(one).not_same_as for one in others):
            yield finding(ONE_PERSON, stage.key)
