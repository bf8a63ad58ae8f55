"""Shipments as they are read over HTTP."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends

from api.frame.deps import EngineDep, Reader
from api.frame.doors import API, Doors
from api.frame.paging import Cursor, Limit
from api.frame.request.paths import NumberIn, asking, number_in
from api.register.paths import CustomerFilter
from models.identifier.rules.scanned_field import Asked
from models.kernel.store.act import reading
from models.person.rules.roles import Permission
from models.shipment import tables
from models.shipment.queries import shipments as queries_shipments
from models.shipment.queries.shipments import ShipmentDetail, ShipmentPage

router = APIRouter(prefix=API, tags=["shipments"])
ROUTERS = (router,)
DOORS: Doors = {
    Permission.RECORD_READ: """
        GET /api/v1/shipments
        GET /api/v1/shipments/{number:path}
    """,
}
ShipmentNumber = Annotated[str, Depends(number_in(NumberIn("number", tables.SHIPMENTS, asking(Asked.SHIPMENT))))]


@router.get("/shipments", summary="Shipments, newest first")
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


@router.get("/shipments/{number:path}", summary="One shipment with its lines")
def read_shipment(engine: EngineDep, _: Reader, number: ShipmentNumber) -> ShipmentDetail:
    """How much of which batch, and how much came back."""
    with reading(engine) as session:
        return queries_shipments.detail(session, number)
