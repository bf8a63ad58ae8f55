"""From the facts of a trace to its answer: distances, balances, customers, order, findings.

Pure: the store brings `Found`, this module measures and sorts, `trace_findings` judges.  Serves requirements 11, 12, 25.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from operator import itemgetter
from typing import Any

from models.resolve.rules import Hit
from models.trace.rules.evidence import SILENCE, Issue, collected, evidence, gaps
from models.trace.rules.findings import findings, numbers
from models.trace.rules.trace import (
    ZERO,
    Answer,
    Balance,
    CustomerLot,
    Delivery,
    Direction,
    Edge,
    Found,
    FoundEdge,
    FoundLine,
    FoundLot,
    FoundStock,
    InHouse,
    Linked,
    Node,
    gone,
)


def answer(
    identifier: str,
    resolved: Collection[Hit],
    direction: Direction,
    as_of: datetime | None,
    found: Found,
    beside: Collection[Hit] = (),
) -> Answer:
    """Measure, balance, sort and judge what was found; `beside` is what a like number leads to."""
    above = _distances(found.start, found.up, upwards=True)
    below = _distances(found.start, found.down, upwards=False)
    lots = {lot.id: lot for lot in found.lots}
    lines = [line for line in found.lines if line.lot in below]
    balances = _balances(found)
    nodes = sorted(_nodes(found, above, below, balances), key=lambda node: (node.depth, node.lot_no))
    evidence_gaps = gaps((node.lot_no, node.evidence) for node in nodes)
    edges = [_edge(edge, lots) for edge in found.edges()]
    customers = _customers(lines, lots)
    in_house = [_in_house(row, lots[row.lot]) for row in found.stock if row.quantity]
    lacking = [
        *findings(found, frozenset(above if direction.backward else ()), balances),
        *numbers(resolved, beside),
    ]
    return Answer(
        identifier=identifier,
        resolved=tuple(resolved),
        direction=direction,
        as_of=as_of,
        complete=not any(each.severity == "gap" for each in lacking),
        balanced=not any(each.severity == "balance" for each in lacking),
        counts={
            "nodes": len(nodes),
            "edges": len(edges),
            "sources": sum(1 for node in nodes if node.ancestor and node.supplier),
            "customers": len({row.customer_no for row in customers}),
            "shipments": len({line.shipment_no for line in lines}),
            "locations": len({row.location for row in in_house}),
            "held": sum(1 for node in nodes if node.held),
            "findings": len(lacking),
            "evidence_gaps": sum(one.lots for one in evidence_gaps),
            "open_issues": len(found.issues),
        },
        nodes=tuple(nodes),
        edges=tuple(sorted(edges, key=_edge_order)),
        customers=customers,
        stock=tuple(sorted(in_house, key=lambda row: (row.lot_no, row.location))),
        findings=tuple(sorted(lacking, key=lambda each: (each.severity != "gap", each.code, each.lot_no, each.en))),
        evidence_gaps=evidence_gaps,
    )


def _distances(start: Collection[int], edges: Iterable[FoundEdge], *, upwards: bool) -> dict[int, int]:
    """Steps from the start to each lot, by breadth-first search; a loop ends where it meets itself."""
    neighbours: dict[int, list[int]] = defaultdict(list)
    for edge in edges:
        neighbours[edge.child if upwards else edge.parent].append(edge.parent if upwards else edge.child)
    distance = dict.fromkeys(start, 0)
    here, level = list(start), 0
    while here:
        level += 1
        beyond = []
        for lot in here:
            for other in neighbours.get(lot, ()):
                if other not in distance:
                    distance[other] = level
                    beyond.append(other)
        here = beyond
    return distance


def _nodes(
    found: Found, above: Mapping[int, int], below: Mapping[int, int], balances: Mapping[int, Balance]
) -> Iterator[Node]:
    work = collected(found.work)
    issues: dict[int, list[Issue]] = defaultdict(list)
    for one in found.issues:
        issues[one.lot].append(Issue(one.kind, one.number, one.title))
    for lot in found.lots:
        up, down = above.get(lot.id), below.get(lot.id)
        yield Node(
            lot_no=lot.lot_no,
            item_no=lot.item_no,
            item=lot.item,
            kind=lot.kind,
            status=lot.status,
            held=lot.held,
            quantity=lot.quantity,
            uom=lot.uom,
            depth=down if down is not None and (up is None or down <= up) else -(up or 0),
            ancestor=up is not None,
            descendant=down is not None,
            supplier=lot.supplier,
            supplier_lot_no=lot.supplier_lot_no,
            manufactured_on=lot.manufactured_on,
            expires_on=lot.expires_on,
            origin=lot.origin,
            balance=balances[lot.id],
            evidence=evidence(lot.kind, lot.supplier, lot.supplier_lot_no, work.get(lot.id, SILENCE)),
            issues=tuple(issues.get(lot.id, ())),
            item_en=lot.item_en,
            supplier_en=lot.supplier_en,
        )


def _edge(edge: FoundEdge, lots: Mapping[int, FoundLot]) -> Edge:
    return Edge(
        parent=lots[edge.parent].lot_no,
        child=lots[edge.child].lot_no,
        kind=edge.kind,
        quantity=edge.quantity,
        uom=edge.uom,
        at=edge.at,
        operation=edge.operation,
        work_order_no=edge.work_order_no,
        source=edge.source,
    )


def _edge_order(edge: Edge) -> tuple[Any, ...]:
    return (edge.parent, edge.child, edge.at, edge.kind, edge.quantity or ZERO, edge.operation or "", edge.source)


def _customers(lines: Iterable[FoundLine], lots: Mapping[int, FoundLot]) -> tuple[CustomerLot, ...]:
    together: dict[tuple[str, str], list[FoundLine]] = defaultdict(list)
    for line in lines:
        if gone(line):
            together[line.customer_no, lots[line.lot].lot_no].append(line)
    return tuple(_customer(together[key], lots) for key in sorted(together))


def _customer(group: list[FoundLine], lots: Mapping[int, FoundLot]) -> CustomerLot:
    first, lot = group[0], lots[group[0].lot]
    shipped = returned = in_transit = ZERO
    if len(group) > 1:
        group.sort(key=lambda line: (line.shipment_no, line.serial_no or "", line.quantity))
    for line in group:
        shipped += line.quantity
        returned += line.returned
        if line.arrived_at is None:
            in_transit += line.quantity - line.returned
    return CustomerLot(
        customer_no=first.customer_no,
        customer=first.customer,
        contact=first.contact,
        email=first.email,
        phone=first.phone,
        lot_no=lot.lot_no,
        item_no=lot.item_no,
        uom=lot.uom,
        shipped=shipped,
        returned=returned,
        outstanding=shipped - returned,
        in_transit=in_transit,
        shipments=tuple(Delivery._make(delivered(line)) for line in group),
        customer_en=first.customer_en,
    )


delivered = itemgetter(slice(FoundLine._fields.index("shipment_no"), None))
"""A line from its shipment on is a delivery: both name the same columns in the same order, and a test says so."""


def _in_house(row: FoundStock, lot: FoundLot) -> InHouse:
    return InHouse(
        lot.lot_no,
        lot.item_no,
        row.location,
        row.location_name,
        row.quantity,
        lot.uom,
        lot.held,
        row.units,
        row.location_name_en,
    )


def _balances(found: Found) -> dict[int, Balance]:
    shipped: dict[int, Decimal] = defaultdict(lambda: ZERO)
    returned: dict[int, Decimal] = defaultdict(lambda: ZERO)
    stock: dict[int, Decimal] = defaultdict(lambda: ZERO)
    for line in found.lines:
        if gone(line):
            shipped[line.lot] += line.quantity
            returned[line.lot] += line.returned
    for row in found.stock:
        stock[row.lot] += row.quantity
    return {
        lot.id: _balance(
            lot,
            found.moved.get(lot.id, {}),
            found.linked.get(lot.id, Linked()),
            shipped[lot.id],
            returned[lot.id],
            stock[lot.id],
        )
        for lot in found.lots
    }


def _balance(
    lot: FoundLot, moved: Mapping[str, Decimal], linked: Linked, shipped: Decimal, returned: Decimal, stock: Decimal
) -> Balance:
    """Movements say what came and was used; the shipping papers, not the movements, say what left.

    A migrated lot may have no movements: then its quantity is what came, and its links are what was used, but for what
    has been reshaped here since: that has both.
    """
    received = moved.get("receive", ZERO) + moved.get("produce", ZERO)
    if lot.origin == "migrated" and not received:
        received = lot.quantity
    linked_before = max(linked.quantity - moved.get("reshape-out", ZERO), ZERO) if lot.origin == "migrated" else ZERO
    consumed = moved.get("consume", ZERO) or linked_before
    adjusted = moved.get("adjust in", ZERO) - moved.get("adjust out", ZERO)
    scrapped, sampled = moved.get("scrap", ZERO), moved.get("sample", ZERO)
    came, went = moved.get("reshape-in", ZERO), moved.get("reshape-out", ZERO)
    difference = received + adjusted + returned + came - went - consumed - scrapped - sampled - shipped - stock
    return Balance(received, adjusted, consumed, scrapped, sampled, shipped, returned, stock, difference, came, went)
