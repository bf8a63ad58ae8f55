"""All routers of pages.  A new noun adds its line here."""

from fastapi import APIRouter

from ui import (
    routes_accounts,
    routes_audit,
    routes_definitions,
    routes_drills,
    routes_exposure,
    routes_found,
    routes_inbox,
    routes_links,
    routes_login,
    routes_lots,
    routes_names,
    routes_notice,
    routes_operation,
    routes_options,
    routes_packing,
    routes_people,
    routes_plant,
    routes_production,
    routes_quality,
    routes_recall_follow,
    routes_recalls,
    routes_receive,
    routes_reshape,
    routes_search,
    routes_shipments,
    routes_task,
    routes_trace,
    routes_trace_health,
)
from ui.attachment import routes as attachment
from ui.run import routes as run


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
        routes_definitions.router,
        routes_search.router,
        routes_trace.router,
        routes_exposure.router,
        routes_trace_health.router,
        routes_accounts.router,  # before the people, so that nobody is called `new`
        routes_people.router,
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
