"""Floor rules of a batch's life: FLR-010 to FLR-013 (ISO 13485 7.4.3, 8.2.6; DESIGN 2.7).

The rules are asked for each kind and each status that a batch can have at the start, because "every way" differs: bought
material goes through incoming inspection, own batches through final inspection and release, and what was released
before may go straight to stock.
"""

from collections.abc import Callable, Iterator

from models.definition.document import Definition, StageKind
from models.definition.family import RELEASED, is_incoming, is_inspection, is_release
from models.definition.findings import Finding, finding
from models.definition.graph import Edge, edges, goes_round, leads_to, possible_edges
from models.kernel.refusal import Kind

LAW = "ISO 13485 8.2.6; 医疗器械生产质量管理规范 (产品放行); DESIGN 2.7"
UNRELEASED = Kind(
    "FLR-010",
    LAW,
    "类型「{kind}」、状态「{status}」的批次不经放行就能到达步骤 {stage} (入库、出库或关闭)。",
    "A batch of kind “{kind}” and status “{status}” can reach the step {stage} (stock, shipment or closing) without being released.",
)
UNINSPECTED_MATERIAL = Kind(
    "FLR-011",
    "ISO 13485 7.4.3; 医疗器械生产质量管理规范 (采购)",
    "外购物料「{kind}」、状态「{status}」不经进料检验合格就能到达步骤 {stage}。",
    "Bought material of kind “{kind}” and status “{status}” can reach the step {stage} without passing incoming inspection.",
)
UNINSPECTED_PRODUCT = Kind(
    "FLR-012",
    "ISO 13485 8.2.6; 医疗器械生产质量管理规范 (质量控制)",
    "类型「{kind}」、状态「{status}」的批次不经成品检验合格就能到达放行 (步骤 {stage})。",
    "A batch of kind “{kind}” and status “{status}” can reach release (step {stage}) without passing an inspection.",
)
REJECTED = Kind(
    "FLR-013",
    "ISO 13485 8.3; 医疗器械生产质量管理规范 (不合格品控制)",
    "已拒收的批次 (类型「{kind}」) 能到达步骤 {stage}。",
    "A rejected batch (kind “{kind}”) can reach the step {stage}.",
)

ANY_OTHER = "?"
"""Stands for a value nobody thought of, and for a fact that is missing: the strict rules hold for it."""
BOUGHT = ("raw", "component")
MADE = ("in_process", "finished", "packaged", ANY_OTHER)
OPEN = ("received", "in_process", "finished", "inspected", "packed", ANY_OTHER)
"""Statuses of a batch that is not disposed of yet."""
INSPECTED = ("inspected", "packed")
UNPACKED = tuple(
    {"lot.kind": kind, "lot.status": status}
    for kind in MADE
    if kind != "in_process"
    for status in OPEN
    if status != "packed"
)
"""What is known of own batches that are still to be packed; a semi-finished one isn't packed here."""
NOT_DISPOSED = tuple({"lot.kind": kind, "lot.status": status} for kind in (*BOUGHT, *MADE) for status in OPEN)
"""What is known of batches that are not in stock yet."""
GOOD_ENDS = frozenset({"closed", "shipped", "warehoused"})


def check_lifecycle(definition: Definition) -> list[Finding]:
    """What a definition of a batch's life breaks, each rule and stage once."""
    seen: dict[tuple[str, str | None], Finding] = {}
    for one in _check(definition):
        seen.setdefault((one.code, one.stage), one)
    return list(seen.values())


def _check(definition: Definition) -> Iterator[Finding]:
    releases = [
        stage.key for stage in definition.stages if stage.kind is StageKind.SUBPROCESS and is_release(stage.process)
    ]
    released = _gate(definition, is_release, RELEASED)
    inspected = _gate(definition, is_inspection, "accepted")
    incoming = _gate(definition, is_incoming, "accepted")
    stock = _stock(definition, lambda edge: released(edge) or incoming(edge))

    for kind in (*BOUGHT, *MADE):
        for status in (*OPEN, "rejected"):
            ways = possible_edges(definition, {"lot.kind": kind, "lot.status": status})
            for goal in stock:
                if kind in BOUGHT:
                    rule, passes = UNINSPECTED_MATERIAL, lambda edge: incoming(edge) or released(edge)
                else:
                    rule, passes = UNRELEASED, released
                if status == "rejected":
                    rule, passes = REJECTED, lambda _: False
                if goes_round(definition.start, ways, passes, [goal]):
                    yield finding(rule, goal, kind=kind, status=status)
            for goal in releases if kind in MADE and status in OPEN and status not in INSPECTED else ():
                if goes_round(definition.start, ways, inspected, [goal]):
                    yield finding(UNINSPECTED_PRODUCT, goal, kind=kind, status=status)


def _stock(definition: Definition, gate: Callable[[Edge], bool]) -> list[str]:
    """Where a batch counts as good stock: the wait until it is used up, the good ends, and the warehouse's own steps.

    A warehouse step that leads nowhere good without release or incoming inspection (a quarantine store, a scrap cage) is no stock.
    """
    good = [
        stage.key
        for stage in definition.stages
        if (stage.kind is StageKind.WAIT and stage.fact in {"lot.depleted", "lot.shipped"})
        or (stage.kind is StageKind.END and stage.result in GOOD_ENDS)
    ]
    ungated = leads_to(good, (edge for edge in edges(definition) if not gate(edge)))
    ours = [stage.key for stage in definition.stages if stage.role == "warehouse" and stage.key in ungated]
    return [*good, *ours]


def _gate(definition: Definition, family: Callable[[str | None], bool], result: str) -> Callable[[Edge], bool]:
    """The way out of a subprocess of that family by that result."""
    keys = {stage.key for stage in definition.stages if stage.kind is StageKind.SUBPROCESS and family(stage.process)}
    return lambda edge: edge.source in keys and edge.label == result
