"""The picture of a trace: which lots it draws and what it draws together, so that no picture is too large to read.

Up to `AT_ONCE` lots each is a node.  Beyond, lots of one item at one level are one node with their count; beyond that,
one level is one node.  Nothing is left out: the counts of what is drawn together add up to the whole (DESIGN 9).
"""

import json
from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal
from urllib.parse import urlencode

from models.trace.rules.trace import Answer, CustomerLot, Edge, Node
from ui.frame.i18n import Words
from ui.frame.parts import lot_href
from ui.lot.mark import lot_mark

AT_ONCE = 80
"""Nodes that still can be read on a tablet."""
CUSTOMERS = 12
"""Customers that are drawn one by one; more are one node."""
Fold = Literal["lot", "item", "level"]


@dataclass(frozen=True, slots=True)
class Picture:
    """What the page draws: nodes and links as the script takes them, and how far lots are drawn together."""

    nodes: tuple[dict[str, Any], ...]
    edges: tuple[dict[str, Any], ...]
    fold: Fold

    @property
    def data(self) -> str:
        """As JSON for the page."""
        return json.dumps({"nodes": self.nodes, "edges": self.edges, "fold": self.fold != "lot"}, ensure_ascii=False)


def picture(words: Words, answer: Answer, here: str) -> Picture:
    """The picture of an answer; `here` is the page's address, to which a node drawn together leads with its rows."""
    fold, key = _fold(answer.nodes)
    together: dict[Hashable, list[Node]] = defaultdict(list)
    of: dict[str, Hashable] = {}
    for node in answer.nodes:
        of[node.lot_no] = key(node)
        together[of[node.lot_no]].append(node)
    names = {group: f"n{place}" for place, group in enumerate(together)}
    where = {lot_no: names[group] for lot_no, group in of.items()}
    drawn = [_drawn(words, names[group], nodes, fold, here) for group, nodes in together.items()]
    customers, shipped = _customers(words, answer.customers, where)
    return Picture(nodes=(*drawn, *customers), edges=(*_links(words, answer.edges, where), *shipped), fold=fold)


def _fold(nodes: Iterable[Node]) -> tuple[Fold, Any]:
    nodes = tuple(nodes)
    if len(nodes) <= AT_ONCE:
        return "lot", lambda node: node.lot_no
    if len({(node.depth, node.item_no) for node in nodes}) <= AT_ONCE:
        return "item", lambda node: (node.depth, node.item_no)
    return "level", lambda node: node.depth


def _drawn(words: Words, name: str, nodes: list[Node], fold: Fold, here: str) -> dict[str, Any]:
    first = nodes[0]
    held = sum(1 for node in nodes if node.held)
    if fold == "lot":
        tone = lot_mark(first.status or "received", held=first.held)
        return {
            "id": name,
            "label": f"{tone.shape} {first.lot_no}\n{_short(words.name(first.item, first.item_en))}",
            "tone": tone.tone,
            "start": first.depth == 0,
            "href": lot_href(first.lot_no),
        }
    what = (
        _short(words.name(first.item, first.item_en))
        if fold == "item"
        else words("trace.level_n", level=f"{first.depth:+d}")
    )
    count = words("trace.title_lots", n=f"{len(nodes):,}" if len(nodes) > 1 else 1)
    frozen = f"\n■ {words('trace.held_n', held=held)}" if held else ""
    chosen = {"level": first.depth, **({"item": first.item_no} if fold == "item" else {})}
    return {
        "id": name,
        "label": f"{what}\n{count}{frozen}",
        "tone": "hold" if held else "wait",
        "start": first.depth == 0,
        "href": f"{here}{'&' if '?' in here else '?'}{urlencode(chosen)}#lots",
    }


def _links(words: Words, edges: Iterable[Edge], where: Mapping[str, str]) -> list[dict[str, Any]]:
    """Links between what is drawn; with one unit among them the sum, else how many they are."""
    sums: dict[tuple[str, str], dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    counts: dict[tuple[str, str], int] = defaultdict(int)
    kinds: dict[tuple[str, str], set[str]] = defaultdict(set)
    for edge in edges:
        pair = where[edge.parent], where[edge.child]
        if pair[0] == pair[1]:  # drawn together
            continue
        sums[pair][edge.uom] += edge.quantity or 0
        counts[pair] += 1
        kinds[pair].add(edge.kind)
    return [
        {
            "source": source,
            "target": target,
            "label": _quantity(words, sums[source, target], counts[source, target]),
            "kind": next(iter(kinds[source, target])) if len(kinds[source, target]) == 1 else "several",
        }
        for source, target in counts
    ]


def _quantity(words: Words, sums: Mapping[str, Decimal], count: int) -> str:
    if len(sums) == 1:
        ((uom, quantity),) = sums.items()
        if quantity:
            return f"{quantity.normalize():,f} {words.known(f'unit.{uom}', uom)}"
    return f"× {count}"


def _customers(
    words: Words, rows: Iterable[CustomerLot], where: Mapping[str, str]
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Who got what: one by one while they are few."""
    rows = tuple(rows)
    known = dict.fromkeys(row.customer_no for row in rows)
    if not known:
        return [], []
    few = len(known) <= CUSTOMERS
    ids = {number: f"c{place}" if few else "c" for place, number in enumerate(known)}
    labels = (
        {ids[row.customer_no]: row.customer for row in rows} if few else {"c": words("trace.customers_n", n=len(known))}
    )
    sums: dict[tuple[str, str], dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for row in rows:
        sums[where[row.lot_no], ids[row.customer_no]][row.uom] += row.shipped
    nodes = [
        {"id": name, "label": _short(label), "tone": "customer", "start": False, "href": "#customers"}
        for name, label in labels.items()
    ]
    edges = [
        {"source": lot, "target": customer, "label": _quantity(words, total, len(total)), "kind": "ship"}
        for (lot, customer), total in sums.items()
    ]
    return nodes, edges


def _short(text: str) -> str:
    return text if len(text) <= 18 else f"{text[:17]}…"
