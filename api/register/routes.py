"""Master data: items, suppliers, customers, equipment with calibrations, places (REQUIREMENTS 1, 12, 19, 95)."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request

from api.frame.deps import EngineDep, Reader, actor, require
from api.frame.doors import API, Doors
from api.frame.paging import Cursor, Limit, Search
from api.frame.request import named
from api.register.paths import CustomerNumber, EquipmentNumber, ItemNumber, PlaceCode, SupplierNumber
from api.register.schemas import (
    CalibrationInput,
    ChainLevel,
    CustomerCountryInput,
    CustomerInput,
    CustomerLevelInput,
    EquipmentInput,
    EquipmentStatusInput,
    ImplantInput,
    ItemInput,
    Kind,
    LocationInput,
    LocationKindInput,
    SupplierInput,
    SupplierItemInput,
    SupplierStatusInput,
)
from models.equipment.store import equipment
from models.equipment.store.equipment import EquipmentDetail, EquipmentPage, LocationPage, LocationView
from models.item.store import items
from models.item.store.items import ItemPage, ItemView
from models.kernel.store.act import act, reading
from models.partner import store as partners
from models.partner.rules import given
from models.partner.store import CustomerPage, CustomerView, SupplierPage, SupplierView
from models.person.rules.auth import Principal
from models.person.rules.roles import Permission
from models.place.rules import PlaceKind

router = APIRouter(prefix=API, tags=["master data"])
ROUTERS = (router,)
DOORS: Doors = {
    Permission.RECORD_READ: """
        GET /api/v1/customers
        GET /api/v1/customers/{customer_no:path}
        GET /api/v1/equipment
        GET /api/v1/equipment/{equipment_no:path}
        GET /api/v1/items
        GET /api/v1/items/{item_no:path}
        GET /api/v1/locations
        GET /api/v1/suppliers
        GET /api/v1/suppliers/{supplier_no:path}
    """,
    Permission.ITEM_WRITE: """
        POST /api/v1/items
        POST /api/v1/items/{item_no:path}/implantable
    """,
    Permission.PARTNER_WRITE: """
        POST /api/v1/customers
        POST /api/v1/customers/{customer_no:path}/country
        POST /api/v1/customers/{customer_no:path}/level
        POST /api/v1/suppliers
        POST /api/v1/suppliers/{supplier_no:path}/items
        POST /api/v1/suppliers/{supplier_no:path}/status
    """,
    Permission.EQUIPMENT_WRITE: """
        POST /api/v1/equipment
        POST /api/v1/equipment/{equipment_no:path}/calibrations
        POST /api/v1/equipment/{equipment_no:path}/status
        POST /api/v1/locations
        POST /api/v1/locations/{code:path}/kind
    """,
}
ItemWriter = Annotated[Principal, Depends(require(Permission.ITEM_WRITE))]
PartnerWriter = Annotated[Principal, Depends(require(Permission.PARTNER_WRITE))]
EquipmentWriter = Annotated[Principal, Depends(require(Permission.EQUIPMENT_WRITE))]


@router.get("/items", summary="Items by number")
def list_items(
    engine: EngineDep,
    _: Reader,
    limit: Limit = 50,
    cursor: Cursor = None,
    q: Search = None,
    kind: Kind | None = None,
    undecided: bool = False,
) -> ItemPage:
    """`q` is part of the number, the name, the catalogue number or a device identifier; `undecided`: nobody has said whether it is an implant."""
    with reading(engine) as session:
        return items.page(session, limit=limit, after=cursor, q=q, kind=kind, undecided=undecided)


@router.post("/items", status_code=201, summary="A new item")
def create_item(request: Request, engine: EngineDep, principal: ItemWriter, body: ItemInput) -> ItemView:
    """With its device identifiers; check digits are checked, and no identifier is used twice."""
    facts = body.model_dump(exclude={"identifiers"})
    with act(engine, actor(request, principal)) as session:
        return items.create(session, facts, [one.model_dump() for one in body.identifiers])


@router.post("/items/{item_no:path}/implantable", summary="Decide whether it is an implant")
def decide_implantable(
    request: Request, engine: EngineDep, principal: ItemWriter, item_no: ItemNumber, body: ImplantInput
) -> ItemView:
    """Where the register that an item came from says nothing, a person does, with a reason."""
    with act(engine, actor(request, principal, reason=body.reason)) as session:
        return items.decide_implantable(session, item_no, implantable=body.implantable)


@router.get("/items/{item_no:path}", summary="One item")
def read_item(engine: EngineDep, _: Reader, item_no: ItemNumber) -> ItemView:
    """With its device identifiers."""
    with reading(engine) as session:
        return items.one(session, item_no)


@router.get("/suppliers", summary="Suppliers by number")
def list_suppliers(
    engine: EngineDep,
    _: Reader,
    limit: Limit = 50,
    cursor: Cursor = None,
    q: Search = None,
    status: Annotated[str | None, Query(max_length=20)] = None,
) -> SupplierPage:
    """`q` is part of the number or the name."""
    with reading(engine) as session:
        return partners.suppliers(session, limit=limit, after=cursor, q=q, status=status)


@router.post("/suppliers", status_code=201, summary="A new supplier")
def create_supplier(request: Request, engine: EngineDep, principal: PartnerWriter, body: SupplierInput) -> SupplierView:
    """Approved unless said otherwise."""
    with act(engine, actor(request, principal)) as session:
        return partners.create_supplier(session, body.model_dump())


@router.post("/suppliers/{supplier_no:path}/status", summary="Approve, restrict or block a supplier")
def supplier_status(
    request: Request,
    engine: EngineDep,
    principal: PartnerWriter,
    supplier_no: SupplierNumber,
    body: SupplierStatusInput,
) -> SupplierView:
    """A blocked supplier delivers nothing more."""
    with act(engine, actor(request, principal, reason=body.reason)) as session:
        return partners.set_supplier_status(session, supplier_no, body.status)


@router.post("/suppliers/{supplier_no:path}/items", status_code=201, summary="What a supplier calls our item")
def supplier_item(
    request: Request,
    engine: EngineDep,
    principal: PartnerWriter,
    supplier_no: SupplierNumber,
    body: Annotated[SupplierItemInput, named.body(SupplierItemInput)],
) -> SupplierView:
    """So that their number finds our item."""
    with act(engine, actor(request, principal)) as session:
        return partners.name_item(session, supplier_no, body.item_no, body.supplier_item_no, body.description)


@router.get("/suppliers/{supplier_no:path}", summary="One supplier")
def read_supplier(engine: EngineDep, _: Reader, supplier_no: SupplierNumber) -> SupplierView:
    """With its standing."""
    with reading(engine) as session:
        return partners.supplier(session, supplier_no)


@router.get("/customers", summary="Customers by number")
def list_customers(
    engine: EngineDep,
    _: Reader,
    limit: Limit = 50,
    cursor: Cursor = None,
    q: Search = None,
    level: ChainLevel | None = None,
    country: Annotated[str | None, Query(pattern="^([A-Z]{2}|unknown)$")] = None,
) -> CustomerPage:
    """`q` is part of the number or the name; `level=unknown` are those whose place in the chain nobody has said.

    `country=unknown` are those of whom nobody has said whose market they are.
    """
    with reading(engine) as session:
        return partners.customers(session, limit=limit, after=cursor, q=q, level=level, country=country)


@router.post("/customers", status_code=201, summary="A new customer")
def create_customer(request: Request, engine: EngineDep, principal: PartnerWriter, body: CustomerInput) -> CustomerView:
    """With whom to call in a recall."""
    with act(engine, actor(request, principal)) as session:
        return partners.create_customer(session, body.model_dump() | {"level": given(body.level)})


@router.post("/customers/{customer_no:path}/level", summary="Say where a customer stands in the distribution chain")
def customer_level(
    request: Request, engine: EngineDep, principal: PartnerWriter, customer_no: CustomerNumber, body: CustomerLevelInput
) -> CustomerView:
    """The notices of a recall go down to its depth by it; who was told stays told."""
    with act(engine, actor(request, principal, reason=body.reason)) as session:
        return partners.set_level(session, customer_no, given(body.level))


@router.post("/customers/{customer_no:path}/country", summary="Say in which country a customer is")
def customer_country(
    request: Request,
    engine: EngineDep,
    principal: PartnerWriter,
    customer_no: CustomerNumber,
    body: CustomerCountryInput,
) -> CustomerView:
    """An open recall that reaches another market by it gets that market's legal clocks within minutes."""
    with act(engine, actor(request, principal, reason=body.reason)) as session:
        return partners.set_country(session, customer_no, body.country)


@router.get("/customers/{customer_no:path}", summary="One customer")
def read_customer(engine: EngineDep, _: Reader, customer_no: CustomerNumber) -> CustomerView:
    """With whom to call."""
    with reading(engine) as session:
        return partners.customer(session, customer_no)


@router.get("/equipment", summary="Machines and gauges by number")
def list_equipment(
    engine: EngineDep,
    _: Reader,
    limit: Limit = 50,
    cursor: Cursor = None,
    q: Search = None,
    kind: Annotated[str | None, Query(max_length=200)] = None,
) -> EquipmentPage:
    """With the newest calibration and whether work may be done with it now."""
    with reading(engine) as session:
        return equipment.page(session, limit=limit, after=cursor, q=q, kind=kind)


@router.post("/equipment", status_code=201, summary="A new machine or gauge")
def create_equipment(
    request: Request,
    engine: EngineDep,
    principal: EquipmentWriter,
    body: Annotated[EquipmentInput, named.body(EquipmentInput)],
) -> EquipmentDetail:
    """It can't be used before its first calibration, where it needs one."""
    with act(engine, actor(request, principal)) as session:
        return equipment.create(session, body.model_dump(exclude={"location"}), body.location)


@router.post("/equipment/{equipment_no:path}/calibrations", status_code=201, summary="Write down a calibration")
def calibrate(
    request: Request,
    engine: EngineDep,
    principal: EquipmentWriter,
    equipment_no: EquipmentNumber,
    body: CalibrationInput,
) -> EquipmentDetail:
    """The newest one counts; a failed one takes the equipment out of use."""
    with act(engine, actor(request, principal)) as session:
        return equipment.calibrate(session, equipment_no, **body.model_dump())


@router.post("/equipment/{equipment_no:path}/status", summary="Take into service or out of it")
def equipment_status(
    request: Request,
    engine: EngineDep,
    principal: EquipmentWriter,
    equipment_no: EquipmentNumber,
    body: EquipmentStatusInput,
) -> EquipmentDetail:
    """With the reason."""
    with act(engine, actor(request, principal, reason=body.reason)) as session:
        return equipment.set_status(session, equipment_no, body.status)


@router.get("/equipment/{equipment_no:path}", summary="One machine or gauge with its calibrations")
def read_equipment(engine: EngineDep, _: Reader, equipment_no: EquipmentNumber) -> EquipmentDetail:
    """Newest calibration first."""
    with reading(engine) as session:
        return equipment.detail(session, equipment_no)


@router.get("/locations", summary="Places by code")
def list_locations(
    engine: EngineDep,
    _: Reader,
    limit: Limit = 50,
    cursor: Cursor = None,
    q: Search = None,
    kind: PlaceKind | None = None,
) -> LocationPage:
    """`q` is part of the code or the name; `kind=undecided` are the places whose kind waits for a decision."""
    with reading(engine) as session:
        return equipment.locations(session, limit=limit, after=cursor, q=q, kind=kind)


@router.post("/locations/{code:path}/kind", summary="Decide what a place is for")
def decide_location(
    request: Request, engine: EngineDep, principal: EquipmentWriter, code: PlaceCode, body: LocationKindInput
) -> LocationView:
    """From now on only goods that fit are brought there; what lies there stays until it is moved."""
    with act(engine, actor(request, principal, reason=body.reason)) as session:
        return equipment.decide_kind(session, code, body.kind)


@router.post("/locations", status_code=201, summary="A new place")
def create_location(
    request: Request,
    engine: EngineDep,
    principal: EquipmentWriter,
    body: Annotated[LocationInput, named.body(LocationInput)],
) -> LocationView:
    """Perhaps within another."""
    facts = body.model_dump(exclude={"parent", "site"})
    with act(engine, actor(request, principal)) as session:
        return equipment.create_location(session, facts, body.parent, body.site)
