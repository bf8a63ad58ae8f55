"""The item that is meant by a number or by a label that was scanned."""

from sqlmodel import Session

from models.item.store import items
from models.item.tables import Item
from models.kernel.refusal import Kind

UNKNOWN_ITEM = Kind("ITM-001", "DESIGN 2.5", "找不到物料「{item}」。", "There is no item “{item}”.", 404)


def item(session: Session, item_no: str) -> Item:
    """The item with that number, or with the identifier on the label that was scanned."""
    row = items.meant(session, item_no)
    if row is None:
        raise UNKNOWN_ITEM(item=item_no[:80])
    return row
