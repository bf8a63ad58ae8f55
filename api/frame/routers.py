"""All routers, in the order of the OpenAPI page.  A new noun adds its line here."""

from fastapi import APIRouter

from api import (
    attachment,
    routes_acts,
    routes_auth,
    routes_exposure,
    routes_found,
    routes_health,
    routes_links,
    routes_lots,
    routes_master,
    routes_me,
    routes_names,
    routes_operation,
    routes_packing,
    routes_people,
    routes_plans,
    routes_recall_follow,
    routes_recalls,
    routes_records,
    routes_reshape,
    routes_stock,
    routes_tasks,
    routes_trace,
    routes_trace_health,
)


def routers() -> list[APIRouter]:
    """The routers of the API."""
    return [
        routes_health.router,
        routes_auth.router,
        routes_me.router,
        routes_found.router,
        routes_people.router,
        routes_operation.router,
        routes_tasks.router,
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
        routes_recalls.router,
        routes_recall_follow.router,
        routes_recalls.closing,
    ]
