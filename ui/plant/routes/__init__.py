"""Pages of the plant: its founding, its registers, names that change."""

from api.frame.doors import Door, Doors
from models.person.rules.roles import Permission
from ui.plant.routes import found, names, plant

ROUTERS = (found.router, plant.router, names.router)
DOORS: Doors = {
    Door.ANYBODY: """
        GET /found
        POST /found
    """,
    Permission.RECORD_READ: """
        GET /plant
        GET /plant/bills
        GET /plant/calibrations
        GET /plant/countries
        GET /plant/customers
        GET /plant/equipment
        GET /plant/items
        GET /plant/kinds
        GET /plant/levels
        GET /plant/places
        GET /plant/plans
        GET /plant/suppliers
        GET /plant/undecided
    """,
    Permission.ITEM_WRITE: """
        GET /plant/bills/new
        POST /plant/bills/new
        GET /plant/items/new
        POST /plant/items/new
        GET /plant/items/{number:path}/name
        POST /plant/items/{number:path}/name
    """,
    Permission.PARTNER_WRITE: """
        GET /plant/countries/new
        POST /plant/countries/new
        GET /plant/customers/new
        POST /plant/customers/new
        GET /plant/customers/{number:path}/name
        POST /plant/customers/{number:path}/name
        GET /plant/levels/new
        POST /plant/levels/new
        GET /plant/suppliers/new
        POST /plant/suppliers/new
        GET /plant/suppliers/{number:path}/name
        POST /plant/suppliers/{number:path}/name
    """,
    Permission.EQUIPMENT_WRITE: """
        GET /plant/calibrations/new
        POST /plant/calibrations/new
        GET /plant/equipment/new
        POST /plant/equipment/new
        GET /plant/equipment/{number:path}/name
        POST /plant/equipment/{number:path}/name
        GET /plant/kinds/new
        POST /plant/kinds/new
        GET /plant/places/new
        POST /plant/places/new
        GET /plant/places/{number:path}/name
        POST /plant/places/{number:path}/name
    """,
    Permission.PLAN_WRITE: """
        GET /plant/plans/new
        POST /plant/plans/new
    """,
}
