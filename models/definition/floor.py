"""Numbered floor rules: what no process definition can edit away (DESIGN 2.7, requirement 83).

Here are those that hold for every process: who may sign (FLR-006 to FLR-009, FLR-016).  Those of a family are declared by its
kind, and asked together with these by `models.process.lawful`, in the editor, at approval, when a process starts and in the dry
run.  `check_change` compares a draft with the version in force: a step locked by law stays (FLR-014), whatever it is called.
"""

from collections.abc import Iterator

from models.definition.document import Definition, Stage, StageKind
from models.definition.family import RELEASED, is_release
from models.definition.findings import Finding, finding
from models.definition.graph import edges, leads_to
from models.kernel.refusal import Kind
from models.person.rules.known_roles import known

RELEASE_LAW = "ISO 13485 8.2.6; 医疗器械生产质量管理规范 (产品放行); DESIGN 2.7"
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
    """What the definition breaks of the rules that hold for every process; those of its family are its kind's."""
    elsewhere = () if is_release(definition.key) else ends(definition, RELEASED)
    return [*(finding(RELEASE_ELSEWHERE, goal) for goal in elsewhere), *_signatures(definition)]


def ends(definition: Definition, result: str) -> list[str]:
    """The ends with that result."""
    return [stage.key for stage in definition.stages if stage.kind is StageKind.END and stage.result == result]


def apart(one: Stage, other: Stage) -> bool:
    """Whether two steps are declared not the same person, either way round."""
    return one.key in other.not_same_as or other.key in one.not_same_as


def _signatures(definition: Definition) -> Iterator[Finding]:
    ways = edges(definition)
    for stage in definition.stages:
        if stage.kind in {StageKind.SIGN_OFF, StageKind.INSPECTION} and stage.signature is None:
            yield finding(NO_SIGNATURE, stage.key)
        if stage.kind is not StageKind.SIGN_OFF:
            continue
        if stage.role not in {one.key for one in known() if one.quality}:
            yield finding(NOT_QUALITY, stage.key, role=stage.role or "–")
        for outcome in stage.outcomes:
            if outcome.style != "positive" and not outcome.reason_required:
                yield finding(NO_REASON, stage.key, outcome=outcome.key)
        before = leads_to([stage.key], ways)
        for other in definition.stages:
            if other.kind is StageKind.INSPECTION and other.key in before and not apart(stage, other):
                yield finding(INSPECTOR_DECIDES, stage.key, other=other.key)


def check_change(effective: Definition, draft: Definition) -> list[Finding]:
    """What a draft takes away from the steps that are locked by law in the version in force."""
    found, names = [], _renamed(effective, draft)
    for old in effective.stages:
        if old.law is None:
            continue
        what = _weakened(old, draft.find(names.get(old.key, old.key)), names)
        if what:
            found.append(finding(LOCKED, old.key, law=old.law, what=", ".join(what)))
    return found


def _renamed(effective: Definition, draft: Definition) -> dict[str, str]:
    """Steps that are there under another key: of the same kind and law, doing the same by the same outcomes."""
    fresh = [stage for stage in draft.stages if effective.find(stage.key) is None]
    names: dict[str, str] = {}
    for old in effective.stages:
        if draft.find(old.key) is not None:
            continue
        alike = [one for one in fresh if one.key not in names.values() and _nature(one) == _nature(old)]
        if alike:
            names[old.key] = alike[0].key
    return names


def _nature(stage: Stage) -> tuple[object, ...]:
    outcomes = tuple((one.key, one.style, one.does) for one in stage.outcomes)
    return (stage.kind, stage.law, stage.process, stage.does, stage.record, stage.gate, stage.title, outcomes)


def _weakened(old: Stage, new: Stage | None, names: dict[str, str]) -> list[str]:
    if new is None:
        return ["stage"]
    names_of = ("kind", "law", "process", "signature", "role", "record", "gate", "until", "for_each")
    lost = [name for name in names_of if _lost(_again(old, names), new, name)]
    lost += ["rounds"] if old.rounds == "all" and new.rounds != "all" else []
    if {names.get(one, one) for one in old.not_same_as} - set(new.not_same_as):
        lost.append("not_same_as")
    if set(old.does) - set(new.does):
        lost.append("does")
    for outcome in old.outcomes:
        kept = new.outcome(outcome.key)
        lost += [f"{outcome.key}.does"] if kept is not None and set(outcome.does) - set(kept.does) else []
    required = {outcome.key for outcome in old.outcomes if outcome.reason_required}
    lost += ["reason"] if any(one.key in required and not one.reason_required for one in new.outcomes) else []
    fields = {field.key for field in new.form if field.required}
    lost += [f"form.{field.key}" for field in old.form if field.required and field.key not in fields]
    return lost


def _again(old: Stage, names: dict[str, str]) -> Stage:
    """The step as it stood, naming other steps as the draft calls them."""

    def called(answer: str | None) -> str | None:
        stage, _, field = (answer or "").partition(".")
        return f"{names.get(stage, stage)}.{field}" if answer else None

    until = old.until and old.until.model_copy(
        update={"date": called(old.until.date), "elapsed": names.get(old.until.elapsed or "", old.until.elapsed)}
    )
    each = old.for_each and old.for_each.model_copy(update={"rows": called(old.for_each.rows)})
    return old.model_copy(update={"until": until, "for_each": each})


def _lost(old: Stage, new: Stage, name: str) -> bool:
    before, after = getattr(old, name), getattr(new, name)
    if name == "signature":
        return before is not None and (after is None or after.meaning != before.meaning)
    if name == "role":
        # another role is the process owner's choice; FLR-004 and FLR-008 bound it
        return before is not None and after is None
    if name in {"record", "gate"}:
        return before is not None and before != after
    return bool(before != after)
