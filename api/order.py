"""Work orders as they are read over HTTP."""

from typing import Literal

from fastapi import APIRouter

from api.frame.deps import EngineDep, Reader
from api.frame.doors import API, Doors
from api.frame.paging import Cursor, Limit
from api.frame.request.paths import OrderNumber
from api.register.paths import ItemFilter
from models.kernel.store.act import reading
from models.person.rules.roles import Permission
from models.production.queries import orders as queries_production
from models.production.queries.orders import WorkOrderDetail, WorkOrderPage

router = APIRouter(prefix=API, tags=["production"])
ROUTERS = (router,)
DOORS: Doors = {
    Permission.RECORD_READ: """
        GET /api/v1/work-orders
        GET /api/v1/work-orders/{number:path}
    """,
}


@router.get("/work-orders", summary="Work orders, newest first")
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


@router.get("/work-orders/{number:path}", summary="One order with its operations")
def read_work_order(engine: EngineDep, _: Reader, number: OrderNumber) -> WorkOrderDetail:
    """As they were done: man, machine, material, method, environment."""
    with reading(engine) as session:
        return queries_production.detail(session, number)
