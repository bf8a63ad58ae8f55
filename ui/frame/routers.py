"""All routers of pages.  A new noun adds its line here."""

from fastapi import APIRouter

from ui.attachment import routes as attachment
from ui.audit import routes as routes_audit
from ui.correction import routes as routes_links
from ui.definition import routes as routes_definitions
from ui.drill import routes as routes_drills
from ui.exposure import routes as routes_exposure
from ui.fact import routes as facts
from ui.fault import routes as routes_operation
from ui.frame.form import options as routes_options
from ui.health import routes as routes_trace_health
from ui.inbox import routes as routes_inbox
from ui.listing import routes as listing
from ui.lot import routes as routes_lots
from ui.nonconformance import routes as routes_quality
from ui.notice import routes as routes_notice
from ui.packing import routes as routes_packing
from ui.person.routes import accounts as routes_accounts
from ui.person.routes import login as routes_login
from ui.person.routes import people as routes_people
from ui.person.routes import roles as routes_roles
from ui.plant.routes import found as routes_found
from ui.plant.routes import names as routes_names
from ui.plant.routes import plant as routes_plant
from ui.production import routes as routes_production
from ui.recall.routes import follow_up as routes_recall_follow
from ui.recall.routes import recalls as routes_recalls
from ui.receipt import routes as routes_receive
from ui.reshape import routes as routes_reshape
from ui.resolve import routes as routes_search
from ui.run import routes as run
from ui.shipment import routes as routes_shipments
from ui.subject import owner_routes as owners
from ui.subject import routes as subject
from ui.task import routes as routes_task
from ui.trace import routes as routes_trace


def routers() -> list[APIRouter]:
    """The routers of the pages, in the order in which their addresses are tried."""
    return [
        routes_found.router,
        attachment.router,
        routes_login.router,
        routes_inbox.router,
        routes_task.router,
        routes_options.router,
        run.router,
        subject.router,
        owners.router,
        listing.router,
        facts.router,
        routes_definitions.router,
        routes_search.router,
        routes_trace.router,
        routes_exposure.router,
        routes_trace_health.router,
        routes_accounts.router,  # before the people, so that nobody is called `new`
        routes_people.router,
        routes_roles.router,
        routes_plant.router,
        routes_names.router,
        routes_operation.router,
        routes_quality.router,
        routes_drills.router,
        routes_recalls.router,
        routes_recall_follow.router,
        routes_notice.router,
        routes_recalls.closing,
        routes_production.router,
        routes_shipments.router,
        routes_packing.router,
        routes_receive.router,
        routes_audit.router,
        routes_reshape.router,
        routes_links.router,
        routes_lots.router,
    ]
