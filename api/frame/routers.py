"""All routers, in the order of the OpenAPI page.  A new noun adds its line here."""

from fastapi import APIRouter

from api import attachment
from api import exposure as routes_exposure
from api import health as routes_trace_health
from api import lot as routes_lots
from api import nonconformance as routes_nonconformance
from api import readiness as routes_health
from api import record as routes_records
from api import trace as routes_trace
from api.correction import routes as routes_links
from api.fault import routes as routes_operation
from api.listing import views as routes_views
from api.packing import routes as routes_packing
from api.person.routes import auth as routes_auth
from api.person.routes import me as routes_me
from api.person.routes import people as routes_people
from api.person.routes import roles as routes_roles
from api.plant.routes import found as routes_found
from api.plant.routes import names as routes_names
from api.plant.routes import plans as routes_plans
from api.process.routes import acts as routes_acts
from api.process.routes import facts as routes_facts
from api.process.routes import owners, subjects
from api.process.routes import tasks as routes_tasks
from api.recall.routes import follow_up as routes_recall_follow
from api.recall.routes import recalls as routes_recalls
from api.register import routes as routes_master
from api.reshape import routes as routes_reshape
from api.stock import routes as routes_stock


def routers() -> list[APIRouter]:
    """The routers of the API."""
    return [
        routes_health.router,
        routes_auth.router,
        routes_me.router,
        routes_found.router,
        routes_people.router,
        routes_roles.router,
        routes_operation.router,
        routes_tasks.router,
        subjects.router,
        owners.router,
        routes_views.router,
        routes_facts.router,
        routes_master.router,
        routes_names.router,
        attachment.router,
        routes_plans.router,
        routes_links.router,
        routes_stock.router,  # before the lots, whose number may contain a slash
        routes_lots.router,
        routes_acts.router,
        routes_reshape.router,
        routes_packing.router,
        routes_records.router,
        routes_trace.router,
        routes_exposure.router,
        routes_trace_health.router,
        routes_nonconformance.router,
        routes_recalls.router,
        routes_recall_follow.router,
        routes_recalls.closing,
    ]
