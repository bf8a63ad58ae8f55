"""The audit trail over HTTP (21 CFR 11.10(e))."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from api.frame.deps import EngineDep, require
from api.frame.doors import API, Doors
from api.frame.paging import Cursor, Limit
from models.audit.queries import trail as queries_audit
from models.audit.queries.trail import AuditPage
from models.kernel.store.act import reading
from models.person.rules.auth import Principal
from models.person.rules.roles import Permission

router = APIRouter(prefix=API, tags=["audit"])
ROUTERS = (router,)
DOORS: Doors = {
    Permission.AUDIT_READ: """
        GET /api/v1/audit
    """,
}
Auditor = Annotated[Principal, Depends(require(Permission.AUDIT_READ))]


@router.get("/audit", summary="The audit trail of a subject, newest first")
def read_audit(
    engine: EngineDep,
    _: Auditor,
    subject: Annotated[
        str,
        Query(
            max_length=500,
            description="Any number (lot, item, customer, recall, shipment, pallet, login …), `table`, `table/key`; empty: everything",
        ),
    ] = "",
    limit: Limit = 50,
    cursor: Cursor = None,
) -> AuditPage:
    """Who changed what, when, from where and why; written by the database in the same transaction."""
    with reading(engine) as session:
        return queries_audit.page(session, subject, limit=limit, after=cursor)
