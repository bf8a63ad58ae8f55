"""Recalls over HTTP: beginning, scope, notices, and what follows."""

from api.frame.doors import Doors
from api.recall.routes import follow_up, recalls
from models.person.rules.roles import Permission

ROUTERS = (recalls.router, follow_up.router)
DOORS: Doors = {
    Permission.RECORD_READ: """
        GET /api/v1/recalls
        GET /api/v1/recalls/{recall_no:path}
        GET /api/v1/recalls/{recall_no:path}/checks
        GET /api/v1/recalls/{recall_no:path}/classes
        GET /api/v1/recalls/{recall_no:path}/decisions
        GET /api/v1/recalls/{recall_no:path}/deliveries
        GET /api/v1/recalls/{recall_no:path}/funnel
        GET /api/v1/recalls/{recall_no:path}/notices
        GET /api/v1/recalls/{recall_no:path}/pack
        GET /api/v1/recalls/{recall_no:path}/preview
        GET /api/v1/recalls/{recall_no:path}/pulls
        GET /api/v1/recalls/{recall_no:path}/reconciliation
        GET /api/v1/recalls/{recall_no:path}/reports
        GET /api/v1/recalls/{recall_no:path}/reports/{kind}
        GET /api/v1/recalls/{recall_no:path}/returns
        GET /api/v1/recalls/{recall_no:path}/scope
    """,
    Permission.RECALL_RUN: """
        POST /api/v1/recalls
        POST /api/v1/recalls/{recall_no:path}/checks
        POST /api/v1/recalls/{recall_no:path}/checks/{check_id}
        POST /api/v1/recalls/{recall_no:path}/classes
        POST /api/v1/recalls/{recall_no:path}/notices/{notice_id}/answer
        POST /api/v1/recalls/{recall_no:path}/notices/{notice_id}/posted
        POST /api/v1/recalls/{recall_no:path}/notices/{notice_id}/receivers
        POST /api/v1/recalls/{recall_no:path}/reports
    """,
    Permission.RETURN_BOOK: """
        POST /api/v1/recalls/{recall_no:path}/returns
    """,
    Permission.RETURN_DISPOSE: """
        POST /api/v1/recalls/{recall_no:path}/decisions
        POST /api/v1/recalls/{recall_no:path}/decisions/scrap
        POST /api/v1/returns/{returned}/dispositions
        GET /api/v1/returns/{returned}/scrap
    """,
}
