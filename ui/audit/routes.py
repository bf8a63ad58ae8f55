"""The audit trail of a batch on a page (REQUIREMENTS 103; 21 CFR 11.10(e))."""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from api.frame.deps import zone_of
from api.frame.doors import Doors
from api.frame.request.paths import LotNumber
from models.audit.queries import trail as queries_audit
from models.audit.queries.words import meanings, stage_titles
from models.lot.queries import list as queries_lots
from models.person.rules.roles import Permission
from ui.audit import view as views_audit
from ui.frame.parts import LotRef
from ui.frame.visit import VisitDep
from ui.frame.words import frozen_names
from ui.lot.mark import lot_mark

router = APIRouter()
ROUTERS = (router,)
DOORS: Doors = {
    Permission.AUDIT_READ: """
        GET /lots/{lot_no:path}/audit
    """,
}


@router.get("/lots/{lot_no:path}/audit")
def audit(visit: VisitDep, lot_no: LotNumber, cursor: Annotated[str, Query(max_length=2000)] = "") -> Response:
    """Every change of the batch and of what hangs on it, newest first."""
    visit.need(Permission.AUDIT_READ)
    with visit.reading() as session:
        _, lot = queries_lots.one(session, lot_no)
        found = queries_audit.page(session, lot_no, after=cursor or None)
        said = views_audit.Said(
            names=meanings(session, found.items),
            titles=stage_titles(session, lot_no),
            zone=zone_of(visit.principal),
        )
        head = LotRef(lot_no=lot.lot_no, mark=lot_mark(lot.status, held=lot.held, expired=lot.expired), item=lot.item)
        page = views_audit.page(visit.words, found, head, said, cursor)
        return visit.page(frozen_names.read(session, page, "rows"))
