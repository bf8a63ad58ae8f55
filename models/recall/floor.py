"""Floor rules of a recall: FLR-017 to FLR-019 (21 CFR 7.41, 7.46, 7.49, 7.55; 医疗器械召回管理办法; ISO 13485 8.3.3).

The scope is signed by two different people before anybody is told, also when it was expanded; what is recalled is held
and its customers are told before the recall is closed; and closing is signed.  Holding waits for nobody: the opening
holds what is in scope, reversibly, and the signatures confirm it.  The database refuses the
first too (migrations/sql/recall.sql).
"""

from collections.abc import Iterator
from itertools import combinations

from models.definition.document import Definition, StageKind
from models.definition.findings import Finding, finding
from models.definition.floor import apart, ends
from models.definition.graph import Edge, edges, goes_round, leaves, reached
from models.kernel.refusal import Kind
from models.process import kinds

UNSIGNED = Kind(
    "FLR-017",
    "21 CFR 7.41, 7.46; 医疗器械召回管理办法; ISO 13485 8.3.3",
    "步骤 {stage} 之前, 召回范围必须由两个不同的人签名 (两步互相写明「不得同一人」), 扩大范围之后也一样。",
    "Before the step {stage} two different people must sign the scope, in two steps that are declared not the same person, and again after it was expanded.",
)
LEFT_OUT = Kind(
    "FLR-018",
    "21 CFR 7.49; 医疗器械召回管理办法 (通知); ISO 13485 8.3.3",
    "召回不经步骤「{lacking}」就能到达关闭 (步骤 {stage})。",
    "A recall can reach its closing (step {stage}) without the step “{lacking}”.",
)
CLOSED_UNSIGNED = Kind(
    "FLR-019",
    "21 CFR 7.55; 医疗器械召回管理办法 (总结评估)",
    "关闭召回 (步骤 {stage}) 必须由签核步骤的肯定结论得出。",
    "Closing a recall (step {stage}) must come from the positive outcome of a sign-off.",
)

HOLD, NOTIFY, WIDEN = "recall.hold_scope", "recall.notify", "recall.widen_scope"
"""The effects that the rules go by; their declarations are in `models.recall.kind`."""


def _ways_of(definition: Definition, effect: str) -> list[Edge]:
    """The ways out of steps by which an effect happens."""
    return [
        edge
        for edge in edges(definition)
        if effect in kinds.does(definition, definition.stage(edge.source), edge.label)
    ]


def check_recall(definition: Definition) -> Iterator[Finding]:
    """What a definition of a recall breaks."""
    ways = edges(definition)
    signing = [stage for stage in definition.stages if stage.kind is StageKind.SIGN_OFF and stage.signature is not None]
    closed = ends(definition, "closed")
    starts = {definition.start, *(edge.target for edge in _ways_of(definition, WIDEN))}
    for goal in dict.fromkeys(edge.source for edge in _ways_of(definition, NOTIFY)):
        for start in sorted(starts & (reached(definition.start, ways))):
            always = [
                stage for stage in signing if not goes_round(start, ways, leaves(stage.key, consenting=True), [goal])
            ]
            if not any(apart(one, other) for one, other in combinations(always, 2)):
                yield finding(UNSIGNED, goal)
                break
    for goal in closed:
        for effect in (HOLD, NOTIFY):
            does = set(_ways_of(definition, effect))
            if goes_round(definition.start, ways, does.__contains__, [goal]):
                yield finding(LEFT_OUT, goal, lacking=effect)
        last = [edge for edge in ways if edge.target == goal]
        if any(edge.source not in {stage.key for stage in signing} or not edge.positive for edge in last):
            yield finding(CLOSED_UNSIGNED, goal)
