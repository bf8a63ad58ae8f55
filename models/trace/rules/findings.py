"""What a trace lacks: dangling parents, consumption without a lot, quantities that don't add up, times that run backwards.

Each finding is a sentence about one lot.  A `gap` makes the answer incomplete: some source or destination is not in it.
`balance` means that a quantity is unaccounted for, `doubt` that the record contradicts itself.  Serves requirements 13,
22, 25 and STANDARDS G 31.
"""

from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping
from datetime import datetime
from decimal import Decimal

from models.kernel.refusal import Kind, Refusal
from models.kernel.text import Text
from models.kernel.time.moments import minute
from models.kernel.units import names as unit_names
from models.resolve.rules import Hit, Match
from models.trace.rules.trace import ZERO, Balance, Finding, Found, FoundEdge, FoundLot, Linked, gone, plain

_CLAUSE = "REQ 13; ISO 13485 7.5.9"

NO_PARENTS = Kind(
    "TRC-101",
    _CLAUSE,
    "批次 {lot} 是自制品，但没有任何用料记录，来源到此中断。",
    "Lot {lot} was made here, but no material that went into it is recorded: its sources end here.",
)
NO_SUPPLIER = Kind(
    "TRC-102",
    _CLAUSE,
    "批次 {lot} 既没有供应商也没有上级批次，来源不明。",
    "Lot {lot} has neither a supplier nor a parent lot: where it came from is not known.",
)
NO_SUPPLIER_LOT = Kind(
    "TRC-103",
    _CLAUSE,
    "批次 {lot} 来自供应商 {supplier}，但没有记录供方批号。",
    "Lot {lot} came from {supplier}, but the supplier's own lot number is not recorded.",
)
CONSUMED_WITHOUT_LOT = Kind(
    "TRC-110",
    _CLAUSE,
    "批次 {lot} 已领用 {consumed} {uom_zh}，其中只有 {linked} {uom_zh} 关联到下级批次，去向不全。",
    "{consumed} {uom_en} of lot {lot} were consumed, but only {linked} {uom_en} are linked to a lot they went into.",
)
LINKED_WITHOUT_CONSUMPTION = Kind(
    "TRC-111",
    _CLAUSE,
    "批次 {lot} 关联到下级批次 {linked} {uom_zh}，但只领用了 {consumed} {uom_zh}。",
    "{linked} {uom_en} of lot {lot} are linked to other lots, but only {consumed} {uom_en} were consumed.",
)
NO_QUANTITY = Kind(
    "TRC-112",
    _CLAUSE,
    "批次 {lot} 有 {count} 条去向没有数量或单位不同，无法核对数量。",
    "{count} links out of lot {lot} have no quantity or another unit, so quantities can't be checked.",
)
IMBALANCE = Kind(
    "TRC-120",
    "REQ 25",
    "批次 {lot} 数量不平：差 {difference} {uom_zh}（入 {came}，已知去向 {known}）。",
    "Lot {lot} does not balance: {difference} {uom_en} unaccounted for (came {came}, known {known}).",
)
MORE_THAN_CAME = Kind(
    "TRC-121",
    "REQ 25",
    "批次 {lot} 数量不平：已知去向 {known} {uom_zh} 比来源 {came} {uom_zh} 多 {difference}。",
    "Lot {lot} does not balance: {known} {uom_en} are accounted for, {difference} more than the {came} {uom_en} that came.",
)
USED_BEFORE_MADE = Kind(
    "TRC-130",
    _CLAUSE,
    "批次 {lot} 的时间有矛盾：{used} 已被使用，{made} 才投料。",
    "The times of lot {lot} contradict each other: used at {used}, but made of its materials only from {made}.",
)
SHIPPED_BEFORE_MADE = Kind(
    "TRC-131",
    _CLAUSE,
    "批次 {lot} 的时间有矛盾：{shipped} 已发货，{made} 才投料。",
    "The times of lot {lot} contradict each other: shipped at {shipped}, but made of its materials only from {made}.",
)
OLDER_THAN_ITS_PART = Kind(
    "TRC-132",
    _CLAUSE,
    "批次 {lot} 的生产日期 {made} 早于其用料 {parent} 的生产日期 {part}。",
    "Lot {lot} was made on {made}, before its material {parent} was made on {part}.",
)
LOOP = Kind(
    "TRC-140",
    "REQ 22",
    "批次 {lot} 是自己的上级（循环：{loop}），请核对关联。",
    "Lot {lot} is its own ancestor (loop: {loop}); check the links.",
)
NEAR = Kind(
    "TRC-150",
    "REQ 19",
    "还有写法相近的编号没有包括在内，请决定是否也追溯：{meaning_zh} [{reference}]。",
    "A number like it is not in this answer; decide whether it is meant too: {meaning_en} [{reference}].",
)
ONLY_NEAR = Kind(
    "TRC-151",
    "REQ 19",
    "登记中没有与输入完全相同的编号，追溯的是写法相近的：{meaning_zh}；请确认是否为同一编号。",
    "The register has no such number; what is traced is only like it: {meaning_en}. Confirm that it is the one meant.",
)

SEVERITY: dict[str, str] = {
    **dict.fromkeys((kind.code for kind in (NO_PARENTS, NO_SUPPLIER, NO_SUPPLIER_LOT, CONSUMED_WITHOUT_LOT)), "gap"),
    **dict.fromkeys((kind.code for kind in (LINKED_WITHOUT_CONSUMPTION, IMBALANCE, MORE_THAN_CAME)), "balance"),
    **dict.fromkeys((kind.code for kind in (NO_QUANTITY, USED_BEFORE_MADE, SHIPPED_BEFORE_MADE)), "doubt"),
    **dict.fromkeys((kind.code for kind in (NEAR, ONLY_NEAR)), "gap"),
    **dict.fromkeys((kind.code for kind in (OLDER_THAN_ITS_PART, LOOP)), "doubt"),
}
"""How bad each finding is; `trace_health` scores by it."""

NOT_MATERIAL = frozenset({"processed-in-load"})  # lots share a load, nothing goes from one into the other
SAME_GOODS = frozenset({"split", "merge"})  # the same goods under another number
GOES_BACK = frozenset({"rework", "install", "repack"})  # kinds that lead back to a lot lawfully


def linked_by(lots: Iterable[FoundLot], edges: Iterable[FoundEdge], of: Container[int]) -> dict[int, Linked]:
    """The sum of the links out of each lot among `of`, when `edges` holds all of them."""
    uoms = {lot.id: lot.uom for lot in lots}
    sums: dict[int, Decimal] = {}
    others: dict[int, int] = {}
    for edge in edges:
        lot = edge.parent
        if edge.kind in NOT_MATERIAL or lot == edge.child or lot not in of:
            continue
        if edge.quantity is None or edge.uom != uoms[lot]:
            others[lot] = others.get(lot, 0) + 1
        else:
            sums[lot] = sums.get(lot, ZERO) + edge.quantity
    return {lot: Linked(sums.get(lot, ZERO), others.get(lot, 0)) for lot in sorted({*sums, *others})}


def findings(found: Found, ancestors: frozenset[int], balances: Mapping[int, Balance]) -> list[Finding]:
    """Everything that the answer lacks.  `ancestors` are the lots whose sources were asked for."""
    lots = {lot.id: lot for lot in found.lots}
    edges = found.edges()
    return [
        *_sources(lots, found.up, ancestors),
        *_destinations(lots, found.linked, balances),
        *_quantities(lots, balances),
        *_times(lots, edges, found),
        *_loops(lots, edges),
    ]


def numbers(followed: Iterable[Hit], beside: Iterable[Hit]) -> Iterator[Finding]:
    """Numbers on which somebody has to decide before the answer is whole: what is only like the one that was asked for."""
    for kind, hits in ((ONLY_NEAR, [hit for hit in followed if hit.match is Match.NEAR]), (NEAR, beside)):
        for hit in hits:
            yield _say(kind, hit.number, meaning_zh=hit.zh, meaning_en=hit.en, reference=hit.reference)


def said_of(kind: Kind, lot: str, facts: Mapping[str, object]) -> Refusal:
    """The finding in both languages, its unit as people say it; the facts keep the unit's code (`uom`)."""
    zh, en = unit_names.called(str(facts["uom"])) if "uom" in facts else ("", "")
    return kind(lot=lot, **facts, uom_zh=zh, uom_en=en)


def _say(kind: Kind, lot: str, **facts: object) -> Finding:
    said = said_of(kind, lot, facts)
    return Finding(kind.code, SEVERITY[kind.code], lot, said.zh, said.en)


def _sources(lots: Mapping[int, FoundLot], up: Iterable[FoundEdge], ancestors: frozenset[int]) -> Iterator[Finding]:
    """A chain must end at a supplier's own lot."""
    with_parents = {edge.child for edge in up if edge.kind not in NOT_MATERIAL and edge.child != edge.parent}
    for lot_id in sorted(ancestors - with_parents):
        lot = lots[lot_id]
        if lot.supplier is not None:
            if lot.supplier_lot_no is None:
                yield _say(NO_SUPPLIER_LOT, lot.lot_no, supplier=lot.supplier)
        elif lot.kind in {"raw", "component"}:
            yield _say(NO_SUPPLIER, lot.lot_no)
        else:
            yield _say(NO_PARENTS, lot.lot_no)


def _destinations(
    lots: Mapping[int, FoundLot], linked: Mapping[int, Linked], balances: Mapping[int, Balance]
) -> Iterator[Finding]:
    """What was consumed must have gone into a known lot."""
    for lot_id, lot in lots.items():
        # what was split off is linked like what was consumed
        out, consumed = linked.get(lot_id, Linked()), balances[lot_id].consumed + balances[lot_id].reshaped_out
        facts = {"consumed": plain(consumed), "linked": plain(out.quantity), "uom": lot.uom}
        if out.other:
            yield _say(NO_QUANTITY, lot.lot_no, count=out.other)
        elif consumed > out.quantity:
            yield _say(CONSUMED_WITHOUT_LOT, lot.lot_no, **facts)
        elif consumed < out.quantity and lot.origin == "native":
            yield _say(LINKED_WITHOUT_CONSUMPTION, lot.lot_no, **facts)


def _quantities(lots: Mapping[int, FoundLot], balances: Mapping[int, Balance]) -> Iterator[Finding]:
    """What came is what was used, left, was thrown away, or lies here."""
    for lot_id, lot in lots.items():
        balance = balances[lot_id]
        if not balance.difference:
            continue
        came = balance.received + balance.adjusted + balance.returned + balance.reshaped_in
        facts = {
            "difference": plain(abs(balance.difference)),
            "came": plain(came),
            "known": plain(came - balance.difference),
            "uom": lot.uom,
        }
        yield _say(IMBALANCE if balance.difference > 0 else MORE_THAN_CAME, lot.lot_no, **facts)


def _older(made: str | None, part: str | None) -> bool:
    """Whether the one was surely made before the other; dates as printed, of which a month may be any day of it."""
    if not made or not part:
        return False
    known = min(len(made), len(part))
    return made[:known] < part[:known]


def _times(lots: Mapping[int, FoundLot], edges: Iterable[FoundEdge], found: Found) -> Iterator[Finding]:
    """Nothing is used or shipped before anything went into it."""
    made: dict[int, datetime] = {}
    used: dict[int, datetime] = {}
    for edge in edges:
        if edge.kind in NOT_MATERIAL or edge.kind in GOES_BACK:
            continue
        made[edge.child] = min(edge.at, made.get(edge.child, edge.at))
        used[edge.parent] = min(edge.at, used.get(edge.parent, edge.at))
        if edge.kind in SAME_GOODS:
            continue  # as old as the oldest lot that it was merged from
        child, parent = lots[edge.child], lots[edge.parent]
        if _older(child.manufactured_on, parent.manufactured_on):
            yield _say(
                OLDER_THAN_ITS_PART,
                child.lot_no,
                made=child.manufactured_on,
                parent=parent.lot_no,
                part=parent.manufactured_on,
            )
    for lot_id, at in made.items():
        first = used.get(lot_id)
        if first is not None and first < at:
            yield _say(
                USED_BEFORE_MADE, lots[lot_id].lot_no, used=minute(first, found.zone), made=minute(at, found.zone)
            )
    left: dict[int, datetime] = {}
    for line in found.lines:
        if gone(line) and line.shipped_at is not None:
            left[line.lot] = min(line.shipped_at, left.get(line.lot, line.shipped_at))
    for lot_id, at in left.items():
        if lot_id in made and at < made[lot_id]:
            yield _say(
                SHIPPED_BEFORE_MADE,
                lots[lot_id].lot_no,
                shipped=minute(at, found.zone),
                made=minute(made[lot_id], found.zone),
            )


def _loops(lots: Mapping[int, FoundLot], edges: Iterable[FoundEdge]) -> Iterator[Finding]:
    """A lot that is its own ancestor, unless rework, repacking or installation led back to it."""
    children: dict[int, list[int]] = defaultdict(list)
    for edge in edges:
        if edge.kind not in GOES_BACK and edge.kind not in NOT_MATERIAL and edge.parent != edge.child:
            children[edge.parent].append(edge.child)
    for loop in components(children):
        first, shown = loop_words(lots[lot].lot_no for lot in loop)
        yield _say(LOOP, first, loop=shown)


def loop_words(lot_nos: Iterable[str]) -> Text:
    """The lot that a loop is told of, and the loop as it is shown."""
    names = sorted(lot_nos)
    return Text(names[0], " → ".join(names[:6]) + (f" … ({len(names)})" if len(names) > 6 else ""))


def components(children: Mapping[int, list[int]]) -> Iterator[list[int]]:
    """Strongly connected components of more than one lot (Tarjan 1972), without recursion: chains may be long."""
    index: dict[int, int] = {}
    low: dict[int, int] = {}
    stack: list[int] = []
    on_stack: set[int] = set()
    for root in children:
        if root in index:
            continue
        work = [(root, iter(children[root]))]
        index[root] = low[root] = len(index)
        stack.append(root)
        on_stack.add(root)
        while work:
            lot, rest = work[-1]
            for child in rest:
                if child not in index:
                    index[child] = low[child] = len(index)
                    stack.append(child)
                    on_stack.add(child)
                    work.append((child, iter(children.get(child, ()))))
                    break
                if child in on_stack:
                    low[lot] = min(low[lot], index[child])
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[lot])
                if low[lot] == index[lot]:
                    component = _pop(stack, on_stack, lot)
                    if len(component) > 1:
                        yield component


def _pop(stack: list[int], on_stack: set[int], until: int) -> list[int]:
    component = []
    while True:
        lot = stack.pop()
        on_stack.discard(lot)
        component.append(lot)
        if lot == until:
            return component
