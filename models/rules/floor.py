"""Numbered floor rules: what no process definition can edit away (DESIGN 2.7, requirement 83).

`check` is asked in the editor, at approval, when a process starts and in the dry run.  Four families of rules:
release (whatever can end "released": FLR-001 to FLR-006), signatures in any process (FLR-007 to FLR-009), the life of a
batch (FLR-010 to FLR-013, in `floor_lifecycle`), recalls (FLR-017 to FLR-019, in `floor_recall`).  `check_change`
compares a draft with the version in force: a step locked by law stays (FLR-014).
"""

from collections.abc import Iterator
from functools import lru_cache
from itertools import combinations

from models.rules.definition import Definition, Stage, StageKind
from models.rules.definition_findings import Finding, finding
from models.rules.definition_graph import edges, goes_round, leads_to, leaves, reached
from models.rules.floor_family import PERFORMERS, RELEASED, is_inspection, is_lifecycle, is_recall, is_release
from models.rules.floor_lifecycle import check_lifecycle
from models.rules.floor_recall import check_recall
from models.rules.refusals import Kind
from models.rules.roles import PERMISSIONS, QUALITY_ROLES, Permission, Role

RELEASE_LAW = "ISO 13485 8.2.6; 医疗器械生产质量管理规范 (产品放行); DESIGN 2.7"
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
RELEASE_ELSEWHERE = Kind(
    "FLR-006",
    RELEASE_LAW,
    "只有放行流程可以以「released」结束, 步骤 {stage} 不可以。",
    "Only a release process may end with the result “released”; the step {stage} may not.",
)
NO_SIGNATURE = Kind(
    "FLR-007",
    "21 CFR 11.50; ISO 13485 4.2.5",
    "步骤 {stage} 必须有电子签名。",
    "The step {stage} must carry an electronic signature.",
)
NOT_QUALITY = Kind(
    "FLR-008",
    "ISO 13485 5.5.1; STANDARDS D 102",
    "质量签核步骤 {stage} 不能交给角色「{role}」。",
    "The quality sign-off {stage} can't be given to the role “{role}”.",
)
INSPECTOR_DECIDES = Kind(
    "FLR-009",
    "ISO 13485 8.2.6, 8.3.1; DESIGN 2.7",
    "签核步骤 {stage} 必须与检验步骤 {other} 写明「不得同一人」。",
    "The sign-off {stage} must be declared not the same person as the inspection {other}.",
)
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
NO_REASON = Kind(
    "FLR-016",
    "21 CFR 11.10(e); ISO 13485 4.2.5",
    "签核步骤 {stage} 的结论「{outcome}」必须要求理由。",
    "The outcome “{outcome}” of the sign-off {stage} must ask for a reason.",
)
LOCKED = Kind(
    "FLR-014",
    "DESIGN 2.7",
    "步骤 {stage} 由法规锁定 ({law}), 不能删除或减弱: {what}。",
    "The step {stage} is locked by law ({law}); it can't be removed or weakened: {what}.",
)


def check(definition: Definition) -> list[Finding]:
    """Every floor rule that the definition breaks, in the order of its stages."""
    found = [*_release(definition), *_signatures(definition)]
    if is_inspection(definition.key):
        found += _inspection(definition)
    if is_lifecycle(definition.key):
        found += check_lifecycle(definition)
    if is_recall(definition.key):
        found += check_recall(definition)
    return found


def require(definition: Definition) -> None:
    """Refuse a definition that breaks the floor; asked wherever one is approved or started (DESIGN 2.7)."""
    found = _checked(definition.model_dump_json(exclude_defaults=True))
    if found:
        raise found[0].refusal()


@lru_cache(maxsize=64)
def _checked(text: str) -> tuple[Finding, ...]:
    # Started a thousand times a day, changed once a month; the life of a batch takes 10 ms to check.
    return tuple(check(Definition.model_validate_json(text)))


def release_signers(definition: Definition) -> frozenset[str]:
    """The signing steps whose consent lies on every way to "released"."""
    ways = edges(definition)
    goals = _ends(definition, RELEASED)
    return frozenset(
        stage.key
        for stage in definition.stages
        if stage.kind is StageKind.SIGN_OFF
        and stage.signature is not None
        and goals
        and not goes_round(definition.start, ways, leaves(stage.key, consenting=True), goals)
    )


def _ends(definition: Definition, result: str) -> list[str]:
    return [stage.key for stage in definition.stages if stage.kind is StageKind.END and stage.result == result]


def _apart(one: Stage, other: Stage) -> bool:
    return one.key in other.not_same_as or other.key in one.not_same_as


def _release(definition: Definition) -> Iterator[Finding]:
    goals = _ends(definition, RELEASED)
    if not is_release(definition.key):
        yield from (finding(RELEASE_ELSEWHERE, goal) for goal in goals)
    elif not goals:
        yield finding(NO_RELEASE, None)
    ways = edges(definition)
    if not goals or reached(definition.start, ways).isdisjoint(goals):
        return
    signers = release_signers(definition)
    stages = [stage for stage in definition.stages if stage.key in signers]
    if not any(_apart(one, other) for one, other in combinations(stages, 2)):
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
    if stage.role not in {role for role in Role if Permission.RELEASE_SIGN in PERMISSIONS[role]}:
        yield finding(RELEASE_ROLE, stage.key, role=stage.role or "–")


def _signatures(definition: Definition) -> Iterator[Finding]:
    ways = edges(definition)
    for stage in definition.stages:
        if stage.kind in {StageKind.SIGN_OFF, StageKind.INSPECTION} and stage.signature is None:
            yield finding(NO_SIGNATURE, stage.key)
        if stage.kind is not StageKind.SIGN_OFF:
            continue
        if stage.role not in QUALITY_ROLES:
            yield finding(NOT_QUALITY, stage.key, role=stage.role or "–")
        for outcome in stage.outcomes:
            if outcome.style != "positive" and not outcome.reason_required:
                yield finding(NO_REASON, stage.key, outcome=outcome.key)
        before = leads_to([stage.key], ways)
        for other in definition.stages:
            if other.kind is StageKind.INSPECTION and other.key in before and not _apart(stage, other):
                yield finding(INSPECTOR_DECIDES, stage.key, other=other.key)


def _inspection(definition: Definition) -> Iterator[Finding]:
    inspections = {stage.key for stage in definition.stages if stage.kind is StageKind.INSPECTION}
    goals = _ends(definition, "accepted")
    ways = edges(definition)
    for goal in goals:
        if goes_round(definition.start, ways, leaves(*sorted(inspections), consenting=True), [goal]):
            yield finding(NO_INSPECTION, goal)
    signed = leaves(*sorted(stage.key for stage in definition.stages if stage.kind is StageKind.SIGN_OFF))
    for key in sorted(inspections):
        failed = [edge.target for edge in ways if edge.source == key and not edge.positive]
        if any(goes_round(target, ways, signed, inspections) for target in failed):
            yield finding(RETEST, key)


def check_change(effective: Definition, draft: Definition) -> list[Finding]:
    """What a draft takes away from the steps that are locked by law in the version in force."""
    found = []
    for old in effective.stages:
        if old.law is None:
            continue
        new = draft.find(old.key)
        what = _weakened(old, new)
        if what:
            found.append(finding(LOCKED, old.key, law=old.law, what=", ".join(what)))
    return found


def _weakened(old: Stage, new: Stage | None) -> list[str]:
    if new is None:
        return ["stage"]
    lost = [
        name for name in ("kind", "law", "process", "signature", "role", "until", "for_each") if _lost(old, new, name)
    ]
    lost += ["rounds"] if old.rounds == "all" and new.rounds != "all" else []
    if set(old.not_same_as) - set(new.not_same_as):
        lost.append("not_same_as")
    required = {outcome.key for outcome in old.outcomes if outcome.reason_required}
    lost += ["reason"] if any(one.key in required and not one.reason_required for one in new.outcomes) else []
    fields = {field.key for field in new.form if field.required}
    lost += [f"form.{field.key}" for field in old.form if field.required and field.key not in fields]
    return lost


def _lost(old: Stage, new: Stage, name: str) -> bool:
    before, after = getattr(old, name), getattr(new, name)
    if name == "signature":
        return before is not None and (after is None or after.meaning != before.meaning)
    if name == "role":
        return after is None  # another role is the process owner's choice; FLR-004 and FLR-008 bound it
    return bool(before != after)
