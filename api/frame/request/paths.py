"""Numbers in an address, read as in a field: however they are typed, and a scan is the number that it holds (REQ 19).

Every number of something in the plant that stands in an address of the API or of a page is read here, and a test walks all
routes.  What the register has exactly as it stands keeps its address, a whole label of before too.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Annotated

from fastapi import Depends, Path, Query
from starlette.requests import HTTPConnection

from api.frame.deps import engine
from models.equipment import tables as equipment_tables
from models.identifier.rules import scanned_field as scanned
from models.identifier.rules.scanned_field import Asked
from models.item.store import items
from models.kernel.messages import LotLabels, UnitLabels
from models.kernel.store.act import reading
from models.lot import tables as lot_tables
from models.nonconformance import tables as nonconformance_tables
from models.order import tables as order_tables
from models.packing import rules as packing
from models.packing import tables as packing_tables
from models.partner import tables as partner_tables
from models.place import tables as place_tables
from models.recall.tables import recall as recall_tables
from models.register.rules import Register
from models.register.store import numbers
from models.shipment import tables as shipment_tables


@dataclass(frozen=True)
class InPath:
    """What an address names; `labels` is what was scanned of it, to be compared by the act."""

    number: str
    labels: tuple[str, ...] = ()

    @property
    def scanned(self) -> tuple[LotLabels, ...]:
        """Of a batch, as it goes into a command."""
        return (LotLabels(lot_no=self.number, labels=self.labels),) if self.labels else ()

    @property
    def unit_labels(self) -> tuple[UnitLabels, ...]:
        """Of a case or pallet, likewise."""
        return (UnitLabels(unit_no=self.number, labels=self.labels),) if self.labels else ()


@dataclass(frozen=True)
class NumberIn:
    """Reads the number that stands in an address under `name`: a dependency of every route that has one.

    ID-001 to -003 refuse what nobody could look for, ID-030 and -031 a label without such a number, TRC-003 what several rows
    fold to.  What nobody knows is handed on as it was read: the route says so.
    """

    name: str
    register: Register
    read: Callable[[str], str] = field(default=lambda typed: scanned.number(typed, Asked.NUMBER))

    def meant(self, connection: HTTPConnection, typed: str) -> InPath:
        """What is meant by it."""
        with reading(engine(connection)) as session:
            if numbers.exists(session, self.register, typed):
                return InPath(typed)
            if self.register is items.ITEMS and (item := numbers.meant(session, self.register, typed)):
                return InPath(item)
            number = self.read(typed)
            known = numbers.meant(session, self.register, number)
        return InPath(known or number, (typed,) if scanned.seen(typed) is not None else ())


def _named(one: NumberIn) -> Callable[..., InPath]:
    def read(connection: HTTPConnection, typed: Annotated[str, Path(alias=one.name)]) -> InPath:
        return one.meant(connection, typed)

    read.__dict__["number_in"] = one  # for the test that walks all routes
    return read


def _only(read: Callable[..., InPath]) -> Callable[..., str]:
    def number(named: Annotated[InPath, Depends(read)]) -> str:
        return named.number

    return number


def _filter(one: NumberIn) -> Callable[..., str | None]:
    """The same of a list's filter: what nobody knows finds nothing."""

    def read(
        connection: HTTPConnection, typed: Annotated[str | None, Query(alias=one.name, max_length=500)] = None
    ) -> str | None:
        return one.meant(connection, typed).number if typed and typed.strip() else typed

    read.__dict__["number_in"] = one
    return read


def _asking(asked: Asked) -> Callable[[str], str]:
    return lambda typed: scanned.number(typed, asked)


_LOT = _named(NumberIn("lot_no", lot_tables.LOTS, _asking(Asked.LOT)))
_UNIT = NumberIn("unit_no", packing_tables.UNITS, packing.read_number)
_SHIPMENT = NumberIn("number", shipment_tables.SHIPMENTS, _asking(Asked.SHIPMENT))

LotPath = Annotated[InPath, Depends(_LOT)]
"""A batch with its labels."""
LotNumber = Annotated[str, Depends(_only(_LOT))]
"""Its number alone, where nothing is done to it."""
_NAMED = {
    "items": NumberIn("item_no", items.ITEMS, _asking(Asked.ITEM)),
    "suppliers": NumberIn("supplier_no", partner_tables.SUPPLIERS),
    "customers": NumberIn("customer_no", partner_tables.CUSTOMERS),
    "places": NumberIn("code", place_tables.PLACES, _asking(Asked.PLACE)),
    "equipment": NumberIn("equipment_no", equipment_tables.EQUIPMENT, _asking(Asked.EQUIPMENT)),
}


def named(register: str, name: str | None = None) -> Callable[..., str]:
    """Reads the number of something that has a name; pages call it as they like."""
    one = _NAMED[register]
    return _only(_named(replace(one, name=name or one.name)))


ItemNumber = Annotated[str, Depends(named("items"))]
SupplierNumber = Annotated[str, Depends(named("suppliers"))]
CustomerNumber = Annotated[str, Depends(named("customers"))]
EquipmentNumber = Annotated[str, Depends(named("equipment"))]
PlaceCode = Annotated[str, Depends(named("places"))]
_UNIT_NO = _named(_UNIT)
UnitPath = Annotated[InPath, Depends(_UNIT_NO)]
"""A case or pallet with its labels."""
UnitNumber = Annotated[str, Depends(_only(_UNIT_NO))]
RecallNumber = Annotated[str, Depends(_only(_named(NumberIn("recall_no", recall_tables.RECALLS))))]
OrderNumber = Annotated[str, Depends(_only(_named(NumberIn("number", order_tables.ORDERS))))]
NonconformanceNumber = Annotated[str, Depends(_only(_named(NumberIn("number", nonconformance_tables.NUMBERS))))]
ShipmentNumber = Annotated[str, Depends(_only(_named(_SHIPMENT)))]
_PAGE_UNIT = _named(replace(_UNIT, name="number"))
PageUnit = Annotated[str, Depends(_only(_PAGE_UNIT))]
PageUnitPath = Annotated[InPath, Depends(_PAGE_UNIT)]
PageRecall = Annotated[str, Depends(_only(_named(NumberIn("number", recall_tables.RECALLS))))]
"""As addresses of pages call them."""
ItemFilter = Annotated[str | None, Depends(_filter(NumberIn("item", items.ITEMS, _asking(Asked.ITEM))))]
SupplierFilter = Annotated[str | None, Depends(_filter(NumberIn("supplier", partner_tables.SUPPLIERS)))]
CustomerFilter = Annotated[str | None, Depends(_filter(NumberIn("customer", partner_tables.CUSTOMERS)))]
LotFilter = Annotated[str | None, Depends(_filter(NumberIn("lot", lot_tables.LOTS, _asking(Asked.LOT))))]
UnitFilter = Annotated[str | None, Depends(_filter(replace(_UNIT, name="unit")))]
LikeOrder = Annotated[str | None, Depends(_filter(NumberIn("like", order_tables.ORDERS)))]
"""Of lists, and of forms that begin with something."""
