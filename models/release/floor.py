"""Floor rules of a release: FLR-001 to FLR-005 (ISO 13485 8.2.6; DESIGN 2.7)."""

from collections.abc import Iterator
from itertools import combinations

from models.definition.document import Definition, Stage, StageKind
from models.definition.family import PERFORMERS, RELEASED
from models.definition.findings import Finding, finding
from models.definition.floor import RELEASE_LAW, apart, ends
from models.definition.graph import edges, goes_round, leaves, reached
from models.kernel.refusal import Kind
from models.person.rules.known_roles import known
from models.person.rules.roles import Permission

TWO_PEOPLE = Kind(
    "FLR-001",
    RELEASE_LAW,
    "通往「放行」(步骤 {stage}) 的每条路都必须有两个不同的人签名, 且两步互相写明「不得同一人」。",
    "Every way to “released” (step {stage}) needs the signatures of two different people, in two steps that are declared not the same person.",
)
CONSENT = Kind(
    "FLR-002",
    RELEASE_LAW,
    "签名步骤 {stage} 的否定或中性结论也能通往「放行」; 只有肯定结论可以。",
    "A neutral or negative outcome of the signing step {stage} can lead to “released”; only a positive one may.",
)
PERFORMER = Kind(
    "FLR-003",
    RELEASE_LAW,
    "放行签名步骤 {stage} 必须排除本批的生产人员和检验人员: not_same_as 缺少 {missing}。",
    "The release signature {stage} must exclude those who made and inspected the batch: not_same_as lacks {missing}.",
)
RELEASE_ROLE = Kind(
    "FLR-004",
    "ISO 13485 5.5.1, 8.2.6; STANDARDS D 102",
    "放行签名步骤 {stage} 的角色「{role}」没有放行权限。",
    "The role “{role}” of the release signature {stage} has no permission to release.",
)
NO_RELEASE = Kind(
    "FLR-005",
    RELEASE_LAW,
    "放行流程必须有以「released」结束的步骤。",
    "A release process must have an end with the result “released”.",
)


def release_signers(definition: Definition) -> frozenset[str]:
    """The signing steps whose consent lies on every way to "released"."""
    ways = edges(definition)
    goals = ends(definition, RELEASED)
    return frozenset(
        stage.key
        for stage in definition.stages
        if stage.kind is StageKind.SIGN_OFF
        and stage.signature is not None
        and goals
        and not goes_round(definition.start, ways, leaves(stage.key, consenting=True), goals)
    )


def check_release(definition: Definition) -> Iterator[Finding]:
    """What a release process breaks."""
    goals = ends(definition, RELEASED)
    if not goals:
        yield finding(NO_RELEASE, None)
    ways = edges(definition)
    if not goals or reached(definition.start, ways).isdisjoint(goals):
        return
    signers = release_signers(definition)
    stages = [stage for stage in definition.stages if stage.key in signers]
    if not any(apart(one, other) for one, other in combinations(stages, 2)):
        yield finding(TWO_PEOPLE, goals[0])
    for stage in definition.stages:
        if stage.signature is None or stage.kind is not StageKind.SIGN_OFF:
            continue
        if stage.key in signers:
            yield from _release_signer(definition, stage)
        elif not goes_round(definition.start, ways, leaves(stage.key), goals):
            yield finding(CONSENT, stage.key)


def _release_signer(definition: Definition, stage: Stage) -> Iterator[Finding]:
    inspections = {one.key for one in definition.stages if one.kind is StageKind.INSPECTION}
    missing = sorted((PERFORMERS | inspections) - {stage.key} - set(stage.not_same_as))
    if missing:
        yield finding(PERFORMER, stage.key, missing=", ".join(missing))
    if stage.role not in {role.key for role in known().holders(Permission.RELEASE_SIGN)}:
        yield finding(RELEASE_ROLE, stage.key, role=stage.role or "–")
