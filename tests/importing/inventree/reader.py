"""An InvenTree dump read a second time, by hand: plain dictionaries and a breadth-first search, nothing of our importer.

It follows `docs/how-to/import.md` and `docs/reference/import-rules.md` alone: what a lot is, what links two lots, what
left to whom.  A lot is known by the stock items in it, so that no number of ours is needed to compare.
"""

from __future__ import annotations

import gzip
import json
from collections import Counter, defaultdict
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

Fields = dict[str, Any]
Lot = frozenset[int]  # the stock items of one part, one batch, one supplier and one condition
Tally = dict[str, Decimal]  # by customer's name
Link = tuple[Lot, Lot, str, Decimal | None]  # from, into, kind, quantity when the source knows it

OK, REJECTED = 10, {55, 60, 65, 70}
CONDITIONS = ("ok", "building", "waiting", "rejected")  # the best one has the plain batch number
COMPLETED, CONSUMED = 55, 57


class Source:
    """Lots, links, shipments and gaps of the source."""

    def __init__(self, content: bytes) -> None:
        self.rows: dict[str, dict[int, Fields]] = defaultdict(dict)
        for row in json.loads(gzip.decompress(content)):
            self.rows[row["model"]][row["pk"]] = row["fields"]
        self.stock = self.rows["stock.stockitem"]
        self.batches = self._batches()
        self.lot_of: dict[int, Lot] = {pk: lot for lots in self.batches for lot in lots.values() for pk in lot}
        self.lots = set(self.lot_of.values())
        self.outputs: dict[int, set[Lot]] = defaultdict(set)
        for pk, item in self.stock.items():
            if item["build"] is not None:
                self.outputs[item["build"]].add(self.lot_of[pk])
        links = [*self._installed(), *self._allocated(), *self._consumed(), *self._split()]
        self.links: Counter[Link] = Counter(link for link in links if link[0] != link[1])
        self.down: dict[Lot, set[Lot]] = defaultdict(set)
        self.up: dict[Lot, set[Lot]] = defaultdict(set)
        for parent, child, _, _ in self.links:
            self.down[parent].add(child)
            self.up[child].add(parent)
        self.shipped, self.returned = self._customers()

    def _batches(self) -> list[dict[str, Lot]]:
        """The conditions of each batch of each supplier; stock without a supplier goes with the only one there is."""
        numbers = {pk: (item["part"], self._number(pk, item)) for pk, item in self.stock.items()}
        suppliers: dict[tuple[int, str], set[str]] = defaultdict(set)
        for pk, number in numbers.items():
            suppliers[number] |= self.suppliers(frozenset({pk}))
        found: dict[tuple[int, str, str], dict[str, set[int]]] = defaultdict(lambda: defaultdict(set))
        for pk, item in self.stock.items():
            possible = suppliers[numbers[pk]]
            own = possible if len(possible) == 1 else self.suppliers(frozenset({pk}))
            found[*numbers[pk], "".join(own)][self._condition(item)].add(pk)
        return [{name: frozenset(lots[name]) for name in CONDITIONS if name in lots} for lots in found.values()]

    def _number(self, pk: int, item: Fields) -> str:
        build = self.rows["build.build"].get(item["build"], {})
        return str(item["batch"] or build.get("batch") or build.get("reference") or f"IV-{pk}")

    @staticmethod
    def _condition(item: Fields) -> str:
        if item["is_building"]:
            return "building"
        if item["status"] == OK:
            return "ok"
        return "rejected" if item["status"] in REJECTED else "waiting"

    def _installed(self) -> Iterable[Link]:
        for pk, item in self.stock.items():
            if item["belongs_to"] is not None:
                yield self.lot_of[pk], self.lot_of[item["belongs_to"]], "install", Decimal(item["quantity"])

    def _allocated(self) -> Iterable[Link]:
        for row in self.rows["build.builditem"].values():
            build = self.rows["build.buildline"][row["build_line"]]["build"]
            into = {self.lot_of[row["install_into"]]} if row["install_into"] else self.outputs[build]
            for child in into:
                yield self.lot_of[row["stock_item"]], child, "consume", None

    def _consumed(self) -> Iterable[Link]:
        """An event names no build: the one completed last before it, the same day, whose bill has the part."""
        events = self.rows["stock.stockitemtracking"].values()
        completed = sorted(
            (event["date"], self.stock[event["item"]]["build"])
            for event in events
            if event["tracking_type"] == COMPLETED
        )
        bills: dict[int, set[int]] = defaultdict(set)  # by build: its lines also hold what the part's template takes
        for line in self.rows["build.buildline"].values():
            bills[line["build"]].add(self.rows["part.bomitem"][line["bom_item"]]["sub_part"])
        for event in events:
            if event["tracking_type"] != CONSUMED:
                continue
            part = self.stock[event["item"]]["part"]
            fitting = {part, self.rows["part.part"][part]["variant_of"]} - {None}
            builds = [
                build
                for date, build in completed
                if date[:10] == event["date"][:10] and date <= event["date"] and fitting & bills[build]
            ]
            children = self.outputs[builds[-1]] if builds else set()
            quantity = Decimal(str(event["deltas"]["removed"])) if len(children) == 1 else None
            for child in children:
                yield self.lot_of[event["item"]], child, "consume", quantity

    def _split(self) -> Iterable[Link]:
        told = set()
        for pk, item in self.stock.items():
            parent = self.lot_of.get(item["parent"])
            if parent and parent != self.lot_of[pk]:
                told.add((parent, self.lot_of[pk]))
                yield parent, self.lot_of[pk], "split", Decimal(item["quantity"])
        for lots in self.batches:
            main, *others = lots.values()
            for lot in others:
                if (main, lot) not in told:
                    finished = (self.stock[pk] for pk in lot if not self.stock[pk]["is_building"])
                    yield main, lot, "split", sum((Decimal(item["quantity"]) for item in finished), Decimal(0))

    def _customers(self) -> tuple[dict[Lot, Tally], dict[Lot, Tally]]:
        """Per lot and customer's name; a shipment without a date has not left."""
        shipped: dict[Lot, Tally] = defaultdict(lambda: defaultdict(Decimal))
        returned: dict[Lot, Tally] = defaultdict(lambda: defaultdict(Decimal))
        names = {pk: company["name"] for pk, company in self.rows["company.company"].items()}
        customer_of: dict[int, str] = {}
        for row in self.rows["order.salesorderallocation"].values():
            shipment = self.rows["order.salesordershipment"][row["shipment"]]
            if shipment["shipment_date"]:
                name = names[self.rows["order.salesorder"][shipment["order"]]["customer"]]
                customer_of[row["item"]] = name
                shipped[self.lot_of[row["item"]]][name] += Decimal(row["quantity"])
        for pk, item in self.stock.items():
            if item["customer"] is not None and pk not in customer_of:
                customer_of[pk] = names[item["customer"]]
                shipped[self.lot_of[pk]][customer_of[pk]] += Decimal(item["quantity"])
        for row in self.rows["order.returnorderlineitem"].values():
            if row["received_date"]:
                returned[self.lot_of[row["item"]]][customer_of[row["item"]]] += Decimal(row["quantity"])
        return shipped, returned

    def closure(self, start: Lot, *, forward: bool) -> set[Lot]:
        """Everything that can be reached, the start included."""
        neighbours = self.down if forward else self.up
        seen, here = {start}, [start]
        while here:
            here = list({lot for one in here for lot in neighbours.get(one, ()) if lot not in seen})
            seen.update(here)
        return seen

    def suppliers(self, lot: Lot) -> set[str]:
        """Whom the stock of a lot came from."""
        parts = (self.rows["company.supplierpart"].get(self.stock[pk]["supplier_part"]) for pk in lot)
        return {self.rows["company.company"][part["supplier"]]["name"] for part in parts if part}

    def gap(self, lot: Lot) -> str | None:
        """Why the sources of a lot can't be followed further than to it; None when they can, or needn't be."""
        if self.up.get(lot):
            return None
        item = self.stock[min(lot)]
        if self.suppliers(lot):
            return None if item["batch"] else "TRC-103"
        return "TRC-101" if self.rows["part.part"][item["part"]]["assembly"] else "TRC-102"
