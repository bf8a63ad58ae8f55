"""What an inspection plan must say before anything is measured by it, whoever writes it (REQUIREMENTS 28-30; ISO 13485 8.2.6).

An item, or every item of a kind, has one effective plan at a stage.  A plan with the code of an earlier one is its next version.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from models.identifier.rules.identity import identity_key
from models.kernel.refusal import Kind
from models.kernel.text import Text

_CLAUSE = "ISO 13485 7.1, 8.2.6; 21 CFR 820.80"
TARGET = Kind(
    "INP-001",
    _CLAUSE,
    "检验计划要么针对一个物料，要么针对一类物料；请只填一项。",
    "A plan is either for one item or for one kind of items; give exactly one of the two.",
    422,
)
NOTHING = Kind(
    "INP-002", _CLAUSE, "检验计划至少要有一项检验特性。", "A plan measures at least one characteristic.", 422
)
TWICE = Kind("INP-003", _CLAUSE, "检验特性「{zh}」写了两次。", "The characteristic “{en}” is there twice.", 422)
LIMITLESS = Kind(
    "INP-004",
    _CLAUSE,
    "计量特性「{zh}」要有单位和至少一个限值，否则无法判定。",
    "“{en}” is measured: it needs a unit and at least one limit, else there is no verdict.",
    422,
)
CROSSED = Kind(
    "INP-005",
    _CLAUSE,
    "检验特性「{zh}」的下限高于上限。",
    "The lower limit of “{en}” is above its upper limit.",
    422,
)
LIMITED = Kind(
    "INP-006",
    _CLAUSE,
    "计数特性「{zh}」只判合格与否，没有单位和限值。",
    "“{en}” is only good or not: it has no unit and no limits.",
    422,
)
ALL_BAD = Kind(
    "INP-007",
    "GB/T 2828.1; " + _CLAUSE,
    "检验特性「{zh}」的允许不合格数必须小于样本数。",
    "“{en}” accepts as many bad samples as it takes; it must be fewer.",
    422,
)
STAGE = Kind(
    "INP-008",
    _CLAUSE,
    "「{kind_zh}」没有「{stage_zh}」：进料检验针对原料和部件，成品检验针对自己生产的物料。",
    "There is no {stage_en} for {kind_en}: incoming is for raw materials and components, final for what is made here.",
    422,
)
OTHER_PLAN = Kind(
    "INP-009",
    _CLAUSE,
    "{target} 在「{stage_zh}」阶段已有生效的检验计划 {code}；请用同一编号建立它的下一版。",
    "Plan {code} is effective for {target} at {stage_en}; use the same code to make its next version.",
)
OTHER_TARGET = Kind(
    "INP-010",
    _CLAUSE,
    "检验计划 {code} 属于 {target} 的「{stage_zh}」，不能改为其他物料或阶段；请另取编号。",
    "Plan {code} is the one of {target} at {stage_en} and can't become another item's or stage's; choose another code.",
)

STAGES: dict[str, Text] = {
    "incoming": Text("进料检验", "incoming inspection"),
    "final": Text("成品检验", "final inspection"),
}
KINDS: dict[str, Text] = {
    "raw": Text("原料", "raw materials"),
    "component": Text("部件", "components"),
    "in_process": Text("在制品", "in-process items"),
    "finished": Text("成品", "finished products"),
    "packaged": Text("包装品", "packaged products"),
}
FITS: dict[str, frozenset[str]] = {
    "incoming": frozenset({"raw", "component"}),
    "final": frozenset({"component", "in_process", "finished", "packaged"}),
}
"""What is received, and what is made: a component may be either."""


SHIPPED = {
    ("incoming", "raw"): Text("原材料进货检验", "Incoming inspection of materials"),
    ("incoming", "component"): Text("外购件进货检验", "Incoming inspection of bought parts"),
    ("final", "in_process"): Text("半成品检验", "Inspection of sub-assemblies"),
    ("final", "finished"): Text("成品检验", "Final inspection of products"),
    ("final", "packaged"): Text("包装成品检验", "Final inspection of packed products"),
}
"""What the plans of a new plant are called, by stage and kind of item; its owner makes the next versions."""


@dataclass(frozen=True)
class Measure:
    """One characteristic as it is planned."""

    name_zh: str
    name_en: str
    kind: str
    unit: str | None = None
    lower: Decimal | None = None
    upper: Decimal | None = None
    sample_size: int = 1
    accept: int = 0


@dataclass(frozen=True)
class Known:
    """A plan that exists: the newest of its code, or the effective one of a target and stage."""

    code: str
    stage: str
    target: str


def check_target(stage: str, kind: str) -> None:
    """Refuse a stage that nothing of that kind passes."""
    if kind not in FITS[stage]:
        raise STAGE(
            kind_zh=KINDS[kind][0], kind_en=KINDS[kind][1], stage_zh=STAGES[stage][0], stage_en=STAGES[stage][1]
        )


def check_measures(measures: Iterable[Measure]) -> None:
    """Refuse what could never give a verdict."""
    seen: set[str] = set()
    for one in measures:
        said = {"zh": one.name_zh, "en": one.name_en}
        names = {identity_key(one.name_zh), identity_key(one.name_en)}
        if seen & names:
            raise TWICE(**said)
        seen |= names
        if one.kind == "attribute" and (one.unit or one.lower is not None or one.upper is not None):
            raise LIMITED(**said)
        if one.kind == "variable" and (not one.unit or (one.lower is None and one.upper is None)):
            raise LIMITLESS(**said)
        if one.lower is not None and one.upper is not None and one.lower > one.upper:
            raise CROSSED(**said)
        if one.accept >= one.sample_size:
            raise ALL_BAD(**said)
    if not seen:
        raise NOTHING()


def check_version(code: str, stage: str, target: str, same_code: Known | None, effective: Known | None) -> None:
    """Refuse a second plan beside an effective one, and a next version that is about something else."""
    words = {"stage_zh": STAGES[stage][0], "stage_en": STAGES[stage][1]}
    if same_code is not None and (same_code.stage, same_code.target) != (stage, target):
        about = {"stage_zh": STAGES[same_code.stage][0], "stage_en": STAGES[same_code.stage][1]}
        raise OTHER_TARGET(code=same_code.code, target=same_code.target, **about)
    if effective is not None and effective.code != code:
        raise OTHER_PLAN(code=effective.code, target=target, **words)
