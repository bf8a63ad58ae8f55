"""Pages of recalls: begun, followed up, closed."""

from api.frame.doors import Doors
from models.person.rules.roles import Permission
from ui.recall.routes import follow_up, recalls

ROUTERS = (recalls.router, follow_up.router)
DOORS: Doors = {
    Permission.RECORD_READ: """
        GET /recalls
        GET /recalls/{number:path}
        GET /recalls/{number:path}/customers.csv
        GET /recalls/{number:path}/pack.zip
        GET /recalls/{number:path}/pulls.csv
        GET /recalls/{number:path}/reports/{kind}.{form}
        GET /recalls/{number:path}/scope.{kind}
    """,
    Permission.RECALL_RUN: """
        GET /recalls/new
        POST /recalls/new
        GET /recalls/new/recording
        GET /recalls/{number:path}/checks/new
        POST /recalls/{number:path}/checks/new
        GET /recalls/{number:path}/checks/{check}
        POST /recalls/{number:path}/checks/{check}
        GET /recalls/{number:path}/classes/new
        POST /recalls/{number:path}/classes/new
        GET /recalls/{number:path}/notices/{notice}/answer
        POST /recalls/{number:path}/notices/{notice}/answer
        GET /recalls/{number:path}/notices/{notice}/receivers
        POST /recalls/{number:path}/notices/{notice}/receivers
        GET /recalls/{number:path}/reports/new
        POST /recalls/{number:path}/reports/new
    """,
    Permission.RETURN_BOOK: """
        GET /recalls/{number:path}/returns/new
        POST /recalls/{number:path}/returns/new
    """,
    Permission.RETURN_DISPOSE: """
        GET /recalls/{number:path}/decisions/new
        POST /recalls/{number:path}/decisions/new
        GET /recalls/{number:path}/returns/{returned}
        POST /recalls/{number:path}/returns/{returned}
    """,
}
