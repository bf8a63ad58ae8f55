"""Floor rules of an inspection: FLR-015 and FLR-020 (ISO 13485 7.4.3, 8.2.6, 8.3.2)."""

from collections.abc import Iterator

from models.definition.document import Definition, StageKind
from models.definition.findings import Finding, finding
from models.definition.floor import ends
from models.definition.graph import edges, goes_round, leaves
from models.kernel.refusal import Kind

NO_INSPECTION = Kind(
    "FLR-015",
    "ISO 13485 7.4.3, 8.2.6",
    "检验流程的「合格」(步骤 {stage}) 只能由检验步骤的肯定结论得出。",
    "“Accepted” (step {stage}) of an inspection process can only come from the positive outcome of an inspection step.",
)
RETEST = Kind(
    "FLR-020",
    "ISO 13485 8.2.6, 8.3.2",
    "检验步骤 {stage} 不合格后，必须经过签核步骤才能再次检验。",
    "After the inspection step {stage} has failed, only a sign-off may lead to another inspection.",
)


def check_inspection(definition: Definition) -> Iterator[Finding]:
    """What an inspection process breaks."""
    inspections = {stage.key for stage in definition.stages if stage.kind is StageKind.INSPECTION}
    goals = ends(definition, "accepted")
    ways = edges(definition)
    for goal in goals:
        if goes_round(definition.start, ways, leaves(*sorted(inspections), consenting=True), [goal]):
            yield finding(NO_INSPECTION, goal)
    signed = leaves(*sorted(stage.key for stage in definition.stages if stage.kind is StageKind.SIGN_OFF))
    for key in sorted(inspections):
        failed = [edge.target for edge in ways if edge.source == key and not edge.positive]
        if any(goes_round(target, ways, signed, inspections) for target in failed):
            yield finding(RETEST, key)
