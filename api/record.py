"""The rest of the record as it is read: work orders, shipments, process definitions, the audit trail."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query

from api.frame.deps import EngineDep, Reader, require
from api.frame.doors import Doors
from api.frame.paging import Cursor, Limit
from api.frame.request.paths import CustomerFilter, ItemFilter, OrderNumber, ShipmentNumber
from models.audit.queries import trail as queries_audit
from models.audit.queries.trail import AuditPage
from models.definition import queries as queries_definitions
from models.definition.queries import DefinitionDetail, DefinitionList
from models.kernel.store.act import reading
from models.person.rules.auth import Principal
from models.person.rules.roles import Permission
from models.production.queries import orders as queries_production
from models.production.queries.orders import WorkOrderDetail, WorkOrderPage
from models.shipment.queries import shipments as queries_shipments
from models.shipment.queries.shipments import ShipmentDetail, ShipmentPage

router = APIRouter()
ROUTERS = (router,)
DOORS: Doors = {
    Permission.RECORD_READ: """
        GET /api/v1/definitions
        GET /api/v1/definitions/{key}/versions/{version}
        GET /api/v1/shipments
        GET /api/v1/shipments/{number:path}
        GET /api/v1/work-orders
        GET /api/v1/work-orders/{number:path}
    """,
    Permission.AUDIT_READ: """
        GET /api/v1/audit
    """,
}
Auditor = Annotated[Principal, Depends(require(Permission.AUDIT_READ))]


@router.get("/work-orders", tags=["production"], summary="Work orders, newest first")
def list_work_orders(
    engine: EngineDep,
    _: Reader,
    limit: Limit = 50,
    cursor: Cursor = None,
    status: Literal["open", "finished", "cancelled"] | None = None,
    item: ItemFilter = None,
) -> WorkOrderPage:
    """With how many of their operations are recorded."""
    with reading(engine) as session:
        return queries_production.page(session, limit=limit, after=cursor, status=status, item=item)


@router.get("/work-orders/{number:path}", tags=["production"], summary="One order with its operations")
def read_work_order(engine: EngineDep, _: Reader, number: OrderNumber) -> WorkOrderDetail:
    """As they were done: man, machine, material, method, environment."""
    with reading(engine) as session:
        return queries_production.detail(session, number)


@router.get("/shipments", tags=["shipments"], summary="Shipments, newest first")
def list_shipments(
    engine: EngineDep,
    _: Reader,
    limit: Limit = 50,
    cursor: Cursor = None,
    status: Literal["planned", "shipped", "arrived", "cancelled"] | None = None,
    customer: CustomerFilter = None,
) -> ShipmentPage:
    """With how many batches each carries."""
    with reading(engine) as session:
        return queries_shipments.page(session, limit=limit, after=cursor, status=status, customer=customer)


@router.get("/shipments/{number:path}", tags=["shipments"], summary="One shipment with its lines")
def read_shipment(engine: EngineDep, _: Reader, number: ShipmentNumber) -> ShipmentDetail:
    """How much of which batch, and how much came back."""
    with reading(engine) as session:
        return queries_shipments.detail(session, number)


@router.get("/definitions", tags=["definitions"], summary="Every version of every process")
def list_definitions(engine: EngineDep, _: Reader) -> DefinitionList:
    """With how many runs are on each now."""
    with reading(engine) as session:
        return queries_definitions.everything(session)


@router.get("/definitions/{key}/versions/{version}", tags=["definitions"], summary="One version, whole")
def read_definition(engine: EngineDep, _: Reader, key: str, version: int) -> DefinitionDetail:
    """Verified against its digest; `canonical` is the text that was signed."""
    with reading(engine) as session:
        return queries_definitions.one(session, key, version)


@router.get("/audit", tags=["audit"], summary="The audit trail of a subject, newest first")
def read_audit(
    engine: EngineDep,
    _: Auditor,
    subject: Annotated[
        str,
        Query(
            max_length=500,
            description="Any number (lot, item, customer, recall, shipment, pallet, login …), `table`, `table/key`; empty: everything",
        ),
    ] = "",
    limit: Limit = 50,
    cursor: Cursor = None,
) -> AuditPage:
    """Who changed what, when, from where and why; written by the database in the same transaction."""
    with reading(engine) as session:
        return queries_audit.page(session, subject, limit=limit, after=cursor)
