"""Numbers in a source: a whole label in a cell is the number that it holds, or its row is left out (REQ 19).

Every importer hands its records over at one place (`Intake.record`), and a test walks all columns that hold a number.
"""

from models.identifier.rules import scanned_field as scanned
from models.identifier.rules.scanned_field import Asked

NUMBERS: dict[str, dict[str, Asked]] = {
    "equipment": {"equipment_no": Asked.EQUIPMENT},
    "item": {"item_no": Asked.ITEM, "catalogue_no": Asked.NUMBER},
    "item_identifier": {"code": Asked.ITEM, "contains_code": Asked.ITEM},
    "location": {"code": Asked.NUMBER},
    "lot": {"lot_no": Asked.LOT, "supplier_lot_no": Asked.LOT},
    "operation_run": {"load_no": Asked.NUMBER},
    "serial_unit": {"serial_no": Asked.SERIAL},
    "shipment": {"shipment_no": Asked.SHIPMENT, "order_no": Asked.ORDER, "tracking_no": Asked.TRACKING},
    "supplier": {"supplier_no": Asked.NUMBER},
    "customer": {"customer_no": Asked.NUMBER},
    "supplier_item": {"supplier_item_no": Asked.NUMBER},
    "work_order": {"work_order_no": Asked.NUMBER},
}
"""What a label in a column of a record is asked for."""


def number_in(cell: str, asked: Asked) -> str:
    """The number in a cell: itself where it is no label; ID-030 or ID-031 for a label without it or one that reads doubtfully."""
    return cell if scanned.seen(cell) is None else scanned.number(cell, asked)
