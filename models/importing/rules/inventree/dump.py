"""The dump by kind and key, and what the readers of its parts find out for each other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from models.identifier.rules.scanned_field import Asked
from models.importing.rules.codes import DANGLING, LABEL_READ
from models.importing.rules.numbers import number_in
from models.importing.rules.reading import Intake, SourceRow, instant_of, words_of
from models.kernel.refusal import Refusal

SOURCE = "inventree"
PREFIX = "IV"  # of numbers that we make because the source has none
UNKNOWN_TIME = "1970-01-01T00:00:00+00:00"

KINDS = {
    "auth.user": "user",
    "build.build": "build",
    "build.builditem": "build_item",
    "build.buildline": "build_line",
    "company.company": "company",
    "company.manufacturerpart": "manufacturer_part",
    "company.supplierpart": "supplier_part",
    "order.purchaseorder": "purchase_order",
    "order.purchaseorderlineitem": "purchase_order_line",
    "order.returnorder": "return_order",
    "order.returnorderlineitem": "return_order_line",
    "order.salesorder": "sales_order",
    "order.salesorderallocation": "sales_order_allocation",
    "order.salesorderlineitem": "sales_order_line",
    "order.salesordershipment": "sales_order_shipment",
    "part.bomitem": "bom_item",
    "part.bomitemsubstitute": "bom_item_substitute",
    "part.part": "part",
    "part.partcategory": "part_category",
    "part.parttesttemplate": "part_test_template",
    "stock.stockitem": "stock_item",
    "stock.stockitemtestresult": "stock_item_test_result",
    "stock.stockitemtracking": "stock_item_tracking",
    "stock.stocklocation": "stock_location",
}

Fields = dict[str, Any]
Handler = Callable[[SourceRow, Any, Fields], None]


@dataclass(slots=True)
class LotDraft:
    """A lot under construction: the stock items of one part, batch, supplier and condition."""

    ref: str
    lot_no: str
    part: Any
    condition: str
    uom: str
    row: SourceRow
    values: dict[str, Any]
    refs: dict[str, str | None]
    quantity: Decimal = Decimal(0)  # everything that ever was
    used: Decimal = Decimal(0)  # of it: installed, consumed, split off
    items: list[Any] = field(default_factory=list)


CODES = {
    "build": {"batch": Asked.LOT, "reference": Asked.NUMBER},
    "manufacturer_part": {"MPN": Asked.NUMBER},
    "part": {"IPN": Asked.ITEM},
    "purchase_order": {"reference": Asked.ORDER, "supplier_reference": Asked.ORDER},
    "return_order": {"reference": Asked.ORDER},
    "sales_order": {"reference": Asked.ORDER},
    "sales_order_shipment": {
        "reference": Asked.SHIPMENT,
        "tracking_number": Asked.TRACKING,
        "invoice_number": Asked.NUMBER,
    },
    "stock_item": {"batch": Asked.LOT, "serial": Asked.SERIAL},
    "supplier_part": {"SKU": Asked.NUMBER},
}
"""The cells that hold a number which people scan: read before anything is put together from them."""


class Dump:
    """Objects by kind and primary key, with the drafts that several readers share."""

    def __init__(self, intake: Intake) -> None:
        self.intake = intake
        self.objects: dict[str, dict[Any, Fields]] = {kind: {} for kind in KINDS.values()}
        self.rows: dict[tuple[str, Any], SourceRow] = {}
        self.pks: dict[tuple[str, str], Any] = {}
        self.lots: list[LotDraft] = []
        self.lot_of: dict[Any, LotDraft] = {}  # by stock item
        self.serial_of: dict[Any, str] = {}  # reference of the serial unit, by stock item
        self.events: dict[Any, list[tuple[Any, Fields]]] = {}  # tracking by stock item, in order
        self._since: dict[Any, str] = {}
        self._outputs: dict[Any, list[tuple[Any, Fields]]] | None = None

    def add(self, row: SourceRow, pk: Any, fields: Fields) -> None:
        """Keep an object for the readers; a label in a cell is its number, and what can't be read rejects its row."""
        try:
            fields = self._read(row, fields)
        except Refusal as refusal:
            self.intake.reject(row, refusal)
        self.objects[row.kind][pk] = fields
        self.rows[row.kind, pk] = row
        self.pks[row.id] = pk
        if row.kind == "stock_item_tracking" and row.outcome != "rejected":
            self.events.setdefault(fields.get("item"), []).append((pk, fields))

    def _read(self, row: SourceRow, fields: Fields) -> Fields:
        if row.kind == "stock_item_tracking":
            instant_of(fields, "date")
        for name, asked in CODES.get(row.kind, {}).items():
            cell = words_of(fields, name)
            if cell is not None and (number := number_in(cell, asked)) != cell:
                self.intake.flag(row, LABEL_READ(field=name, cell=cell[:80], number=number))
                fields = fields | {name: number}
        return fields

    def since(self, stock_item: Any) -> str:
        """When the source first speaks of a stock item; its last change when it has no history."""
        if stock_item not in self._since:
            self._since[stock_item] = self._first_of(stock_item)
        return self._since[stock_item]

    def _first_of(self, stock_item: Any) -> str:
        for _pk, event in self.events.get(stock_item, []):
            moment = instant_of(event, "date")
            if moment:
                return moment
        return instant_of(self.objects["stock_item"][stock_item], "updated") or UNKNOWN_TIME

    def each(self, kind: str, handle: Handler) -> None:
        """Hand every object of a kind that is not rejected to `handle`; a refusal rejects its row."""
        for pk, fields in self.objects[kind].items():
            row = self.rows[kind, pk]
            if row.outcome == "rejected":
                continue
            try:
                handle(row, pk, fields)
            except Refusal as refusal:
                self.intake.reject(row, refusal)

    def get(self, kind: str, pk: Any) -> Fields:
        """An object that a row points at; refuses when it is missing or was rejected."""
        found = self.objects[kind].get(pk) if isinstance(pk, int | str) else None
        if found is None or self.rows[kind, pk].outcome == "rejected":
            raise DANGLING(what=f"{kind} {pk}")
        return found

    def maybe(self, kind: str, pk: Any) -> Fields | None:
        """Like `get`, but None when the row points at nothing."""
        return None if pk is None else self.get(kind, pk)

    def lot(self, stock_item: Any) -> LotDraft:
        """The lot of a stock item."""
        self.get("stock_item", stock_item)
        return self.lot_of[stock_item]

    def outputs(self, build: Any) -> Sequence[tuple[Any, Fields]]:
        """The stock items that a build made; asked once all lots are named."""
        if self._outputs is None:
            self._outputs = {}
            for pk, item in self.objects["stock_item"].items():
                if pk in self.lot_of and isinstance(item.get("build"), int | str):
                    self._outputs.setdefault(item["build"], []).append((pk, item))
        return self._outputs.get(build, ())
