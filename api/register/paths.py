"""Numbers of items, suppliers, customers, equipment and places in addresses, and in the filters of lists (REQ 19)."""

from collections.abc import Callable
from dataclasses import replace
from typing import Annotated

from fastapi import Depends

from api.frame.request.paths import NumberIn, asking, filter_by, number_in
from models.equipment import tables as equipment_tables
from models.identifier.rules.scanned_field import Asked
from models.item.store import items
from models.partner import tables as partner_tables
from models.place import tables as place_tables

_NAMED = {
    "items": NumberIn("item_no", items.ITEMS, asking(Asked.ITEM)),
    "suppliers": NumberIn("supplier_no", partner_tables.SUPPLIERS),
    "customers": NumberIn("customer_no", partner_tables.CUSTOMERS),
    "places": NumberIn("code", place_tables.PLACES, asking(Asked.PLACE)),
    "equipment": NumberIn("equipment_no", equipment_tables.EQUIPMENT, asking(Asked.EQUIPMENT)),
}


def named(register: str, name: str | None = None) -> Callable[..., str]:
    """Reads the number of something that has a name; pages call it as they like."""
    one = _NAMED[register]
    return number_in(replace(one, name=name or one.name))


ItemNumber = Annotated[str, Depends(named("items"))]
SupplierNumber = Annotated[str, Depends(named("suppliers"))]
CustomerNumber = Annotated[str, Depends(named("customers"))]
EquipmentNumber = Annotated[str, Depends(named("equipment"))]
PlaceCode = Annotated[str, Depends(named("places"))]
ItemFilter = Annotated[str | None, Depends(filter_by(replace(_NAMED["items"], name="item")))]
SupplierFilter = Annotated[str | None, Depends(filter_by(replace(_NAMED["suppliers"], name="supplier")))]
CustomerFilter = Annotated[str | None, Depends(filter_by(replace(_NAMED["customers"], name="customer")))]
