"""What people do and ask of any process over HTTP: tasks, acts, subjects, owners, facts."""

from api.frame.doors import Doors
from api.process.routes import acts, facts, owners, subjects, tasks
from models.person.rules.roles import Permission

ROUTERS = (tasks.router, subjects.router, owners.router, facts.router, acts.router)
DOORS: Doors = {
    Permission.RECORD_READ: """
        GET /api/v1/inbox/events
        GET /api/v1/owner-rules
        GET /api/v1/subjects
        GET /api/v1/subjects/{subject}
        GET /api/v1/subjects/{subject}/facts
        POST /api/v1/subjects/{subject}/owner
        GET /api/v1/subjects/{subject}/owner/record
        GET /api/v1/tasks
        GET /api/v1/tasks/counts
        GET /api/v1/tasks/{task_id}
        POST /api/v1/tasks/{task_id}/claim
        POST /api/v1/tasks/{task_id}/complete
        POST /api/v1/tasks/{task_id}/delegate
        POST /api/v1/tasks/{task_id}/draft
        GET /api/v1/tasks/{task_id}/record
        POST /api/v1/tasks/{task_id}/release
        POST /api/v1/tasks/{task_id}/results
    """,
    Permission.LOT_RECEIVE: """
        POST /api/v1/lots
    """,
    Permission.WORK_ORDER_CREATE: """
        POST /api/v1/work-orders
    """,
    Permission.OPERATION_RECORD: """
        POST /api/v1/work-orders/{number:path}/operations
    """,
    Permission.SHIPMENT_CREATE: """
        POST /api/v1/shipments
    """,
    Permission.DEFINITION_WRITE: """
        POST /api/v1/owner-rules
        POST /api/v1/owner-rules/{rule}/end
    """,
    Permission.TASK_REASSIGN: """
        POST /api/v1/tasks/{task_id}/reassign
    """,
}
