"""A small InvenTree company as its dump: one product of two parts, built, shipped, partly returned."""

from __future__ import annotations

import json
from typing import Any

STOCK_ITEM: dict[str, Any] = {
    "part": 1,
    "location": 1,
    "quantity": "10.00000",
    "batch": "B-1",
    "serial": None,
    "status": 10,
    "parent": None,
    "belongs_to": None,
    "customer": None,
    "build": None,
    "consumed_by": None,
    "is_building": False,
    "purchase_order": None,
    "sales_order": None,
    "supplier_part": None,
    "expiry_date": None,
    "updated": "2024-01-02T00:00:00Z",
}


def row(model: str, pk: Any, **fields: Any) -> dict[str, Any]:
    return {"model": model, "pk": pk, "fields": fields}


def item(pk: Any, **fields: Any) -> dict[str, Any]:
    return row("stock.stockitem", pk, **(STOCK_ITEM | fields))


def event(pk: Any, stock_item: Any, tracking_type: int, date: str, **deltas: Any) -> dict[str, Any]:
    fields = {"item": stock_item, "tracking_type": tracking_type, "date": date, "deltas": deltas, "notes": ""}
    return row("stock.stockitemtracking", pk, **fields)


def part(pk: Any, name: str, **fields: Any) -> dict[str, Any]:
    return row("part.part", pk, name=name, **fields)


def company() -> list[dict[str, Any]]:
    """Batch B-1 of screws went into board order BO1, whose output is installed in device 7-1, which was shipped."""
    return [
        row("company.company", 1, name="Screw Ltd", is_supplier=True),
        row("company.company", 2, name="Hospital", is_customer=True),
        row("stock.stocklocation", 1, name="Store", pathstring="Store"),
        part(1, "Screw"),
        part(2, "Board", assembly=True),
        part(3, "Device", assembly=True, salable=True, trackable=True, IPN="DEV"),
        row("company.supplierpart", 1, part=1, supplier=1, SKU="SCR-9"),
        row("part.bomitem", 1, part=2, sub_part=1, quantity="4"),
        row("build.build", 1, reference="BO1", part=2, quantity=5, completed=5, status=40, creation_date="2024-01-03"),
        item(1, supplier_part=1),
        item(2, part=2, batch="", build=1, quantity="5", location=1),
        item(3, part=3, batch="D-1", serial="7-1", quantity="1", location=None, customer=2, sales_order=1),
        item(4, part=2, batch="", build=1, quantity="1", location=None, belongs_to=3),
        item(5, quantity="2", status=65, parent=1),
        event(1, 2, 55, "2024-01-05T10:00:00Z", status=10),
        event(2, 1, 57, "2024-01-05T10:00:30Z", removed=24.0, quantity=10.0),
        row("order.salesorder", 1, reference="SO1", customer=2, creation_date="2024-02-01"),
        row("order.salesordershipment", 1, order=1, reference="1", shipment_date="2024-02-02", tracking_number="T-1"),
        row("order.salesorderallocation", 1, shipment=1, item=3, quantity="1"),
    ]


def dump(rows: list[dict[str, Any]]) -> bytes:
    return json.dumps(rows).encode()
