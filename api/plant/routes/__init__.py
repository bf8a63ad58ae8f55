"""Plants over HTTP: the founding, plans and bills, names that change."""

from api.frame.doors import Door, Doors
from api.plant.routes import found, names, plans
from models.person.rules.roles import Permission

ROUTERS = (found.router, names.router, plans.router)
DOORS: Doors = {
    Door.ANYBODY: """
        GET /api/v1/found
        POST /api/v1/found
    """,
    Permission.RECORD_READ: """
        GET /api/v1/bills
        GET /api/v1/first-batch
        GET /api/v1/inspection-plans
    """,
    Permission.ITEM_WRITE: """
        POST /api/v1/bills
        POST /api/v1/items/{item_no:path}/name
    """,
    Permission.PARTNER_WRITE: """
        POST /api/v1/customers/{customer_no:path}/name
        POST /api/v1/suppliers/{supplier_no:path}/name
    """,
    Permission.EQUIPMENT_WRITE: """
        POST /api/v1/equipment/{equipment_no:path}/name
        POST /api/v1/locations/{code:path}/name
    """,
    Permission.PLAN_WRITE: """
        POST /api/v1/inspection-plans
    """,
}
