"""InvenTree's orders: what was shipped and returned as shipments; purchase orders stay with the lots they brought.

An order for which nothing was received or shipped has nothing to trace and stays in the system that handles orders.
"""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from typing import Any

from models.importing.rules.codes import NO_SHIPMENT, OPEN_ORDER, RETURN_NOT_RECEIVED, TIME_INVERSION
from models.importing.rules.inventree.dump import PREFIX, Dump, Fields
from models.importing.rules.reading import SourceRow, date_of, instant_of, needed, quantity_of, words_of


def read(dump: Dump) -> None:
    """Shipments with lines and returns; purchase orders as facts of lots."""
    reader = OrderReader(dump)
    dump.each("sales_order", reader.sales_order)
    dump.each("sales_order_line", reader.sales_order_line)
    dump.each("sales_order_shipment", reader.shipment)
    dump.each("sales_order_allocation", reader.allocation)
    dump.each("stock_item", reader.at_customer)
    dump.each("return_order", reader.return_order)
    dump.each("return_order_line", reader.return_line)
    dump.each("purchase_order", reader.purchase_order)
    dump.each("purchase_order_line", reader.purchase_order_line)


class OrderReader:
    """Knows which orders had an effect on stock."""

    def __init__(self, dump: Dump) -> None:
        self.dump = dump
        self.intake = dump.intake
        self.shipments: dict[Any, list[Any]] = defaultdict(list)
        for pk, shipment in dump.objects["sales_order_shipment"].items():
            self.shipments[shipment.get("order")].append(pk)
        self.received: dict[Any, list[Any]] = defaultdict(list)
        for pk, item in dump.objects["stock_item"].items():
            if item.get("purchase_order") is not None and pk in dump.lot_of:
                self.received[item["purchase_order"]].append(pk)
        items = dump.objects["stock_item"]
        # backwards: the first one stays
        self.received_as = {
            (order, items[pk].get("supplier_part")): pk for order, got in self.received.items() for pk in reversed(got)
        }
        self.lines: dict[Any, str] = {}  # shipment line by stock item
        self.orders_of_returns = {line.get("order") for line in dump.objects["return_order_line"].values()}

    def sales_order(self, row: SourceRow, pk: Any, fields: Fields) -> None:
        """A sales order lives in its shipments."""
        self.dump.get("company", fields.get("customer"))
        if not self.shipments[pk]:
            raise OPEN_ORDER()
        self.intake.merge(row, f"shipment:{self.shipments[pk][0]}")

    def sales_order_line(self, row: SourceRow, _pk: Any, fields: Fields) -> None:
        """A line that was shipped lives in the shipment's lines."""
        self.dump.get("part", fields.get("part"))
        if quantity_of(fields, "shipped") == 0 or not self.shipments[fields.get("order")]:
            raise OPEN_ORDER()
        self.intake.merge(row, f"shipment:{self.shipments[fields['order']][0]}")

    def shipment(self, row: SourceRow, pk: Any, fields: Fields) -> None:
        """A shipment; without a date it is only planned."""
        order = self.dump.objects["sales_order"].get(fields.get("order"))
        if order is None:
            order = self.dump.get("sales_order", fields.get("order"))
        reference = needed(order, "reference")
        shipped, arrived = instant_of(fields, "shipment_date"), instant_of(fields, "delivery_date")
        ordered = date_of(order, "creation_date")
        if shipped and ordered and shipped[:10] < ordered:
            self.intake.flag(row, TIME_INVERSION(later=f"shipment {shipped[:10]}", earlier=f"order {ordered}"))
        ref = self.intake.record(
            "shipment",
            f"shipment:{pk}",
            row,
            {
                "shipment_no": f"{reference}-{words_of(fields, 'reference') or pk}",
                "order_no": reference,
                "tracking_no": words_of(fields, "tracking_number"),
                "status": "arrived" if arrived else "shipped" if shipped else "planned",
                "shipped_at": shipped,
                "arrived_at": arrived,
                "origin": "migrated",
                "extra": {"invoice_no": words_of(fields, "invoice_number"), "source_key": pk},
            },
            {"customer_id": f"customer:{order.get('customer')}"},
        )
        self.intake.take(row, ref)

    def allocation(self, row: SourceRow, pk: Any, fields: Fields) -> None:
        """Which lot, or which unit, went with a shipment."""
        self.dump.get("sales_order_shipment", fields.get("shipment"))
        item = fields.get("item")
        ref = self._line(
            row, f"shipment_line:{pk}", f"shipment:{fields['shipment']}", item, quantity_of(fields, "quantity")
        )
        self.intake.take(row, ref)

    def _line(self, row: SourceRow, ref: str, shipment: str, item: Any, quantity: Decimal) -> str:
        draft = self.dump.lot(item)
        self.lines[item] = ref
        values = {"quantity": quantity, "returned": Decimal(0)}
        refs = {"shipment_id": shipment, "lot_id": draft.ref, "serial_unit_id": self.dump.serial_of.get(item)}
        return self.intake.record("shipment_line", ref, row, values, refs)

    def at_customer(self, row: SourceRow, pk: Any, item: Fields) -> None:
        """Goods at a customer without an allocation still left the house: a shipment is written for them."""
        customer = item.get("customer")
        quantity = quantity_of(item, "quantity")
        if customer is None or pk in self.lines or quantity == 0:
            return
        number = f"{PREFIX}-OUT-{pk}"
        self.intake.flag(row, NO_SHIPMENT(shipment_no=number))
        values = {
            "shipment_no": number,
            "order_no": None,
            "tracking_no": None,
            "status": "shipped",
            "shipped_at": self.dump.since(pk),
            "arrived_at": None,
            "origin": "migrated",
            "extra": {"source_key": pk},
        }
        shipment = self.intake.record("shipment", f"out:{pk}", row, values, {"customer_id": f"customer:{customer}"})
        self._line(row, f"out_line:{pk}", shipment, pk, quantity)

    def return_order(self, row: SourceRow, pk: Any, fields: Fields) -> None:
        """A return lives in the shipment lines that it returns."""
        self.dump.get("company", fields.get("customer"))
        if pk not in self.orders_of_returns:
            raise OPEN_ORDER()
        self.intake.merge(row)

    def return_line(self, row: SourceRow, pk: Any, fields: Fields) -> None:
        """Goods that came back count as returned on their shipment line; an announced return is only a fact."""
        order = self.dump.get("return_order", fields.get("order"))
        item = fields.get("item")
        draft = self.dump.lot(item)
        received = instant_of(fields, "received_date")
        line = self.lines.get(item)
        if received and line:
            values = self.intake.records[line].values
            values["returned"] = min(values["quantity"], values["returned"] + quantity_of(fields, "quantity"))
        elif not received:
            self.intake.flag(row, RETURN_NOT_RECEIVED())
        ref = self.intake.record(
            "lot_fact",
            f"return:{pk}",
            row,
            {
                "fact": "legacy.returned" if received else "legacy.return_announced",
                "at": received or instant_of(order, "creation_date") or self.dump.since(item),
                "data": {"order": order.get("reference"), "notes": fields.get("notes"), "stock_item": item},
            },
            {"lot_id": draft.ref},
        )
        self.intake.take(row, ref)

    def purchase_order(self, row: SourceRow, pk: Any, fields: Fields) -> None:
        """A purchase order is a fact of each lot that came with it."""
        self.dump.get("company", fields.get("supplier"))
        if not self.received[pk]:
            raise OPEN_ORDER()
        for item in self.received[pk]:
            data = {"order": fields.get("reference"), "supplier_reference": words_of(fields, "supplier_reference")}
            self.intake.record(
                "lot_fact",
                f"purchase:{pk}:{item}",
                row,
                {"fact": "legacy.purchased", "at": self.dump.since(item), "data": data | {"stock_item": item}},
                {"lot_id": self.dump.lot_of[item].ref},
            )
        self.intake.take(row, f"purchase:{pk}:{self.received[pk][0]}")

    def purchase_order_line(self, row: SourceRow, _pk: Any, fields: Fields) -> None:
        """A line lives in the lots that were received for it."""
        got = self.received[fields.get("order")]
        if quantity_of(fields, "received") == 0 or not got:
            raise OPEN_ORDER()
        match = self.received_as.get((fields["order"], fields.get("part")), got[0])
        self.intake.merge(row, self.dump.lot_of[match].ref)
