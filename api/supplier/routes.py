"""The list of approved suppliers over HTTP: assessments asked for by who keeps suppliers, read by everybody (ISO 13485 7.4.1; REQUIREMENTS 49)."""

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field, StringConstraints
from starlette.requests import Request

from api.frame.deps import engine, require
from api.frame.doors import API, Doors
from api.frame.request.named import body
from api.frame.request.paths import NumberIn, number_in
from api.frame.request.shapes import KnownItem, KnownSupplier, Reason, ScannedIn
from api.process.acts import Desk
from api.process.routes.acts import out
from api.process.schemas.acts import ReceiptOut
from api.supplier import scores
from models.kernel.store.act import now as act_now
from models.kernel.store.act import reading
from models.person.rules.auth import Principal
from models.person.rules.roles import Permission
from models.supplier import tables
from models.supplier.messages import AssessSupplier
from models.supplier.queries import approvals as queries
from workflows.temporal import start

router = APIRouter(prefix=API, tags=["acts"])
ROUTERS = (router, scores.router)
DOORS: Doors = {
    Permission.RECORD_READ: """
        GET /api/v1/supplier-approvals
        GET /api/v1/supplier-approvals/{number:path}
        GET /api/v1/supplier-records
        GET /api/v1/supplier-scores
        GET /api/v1/supplier-scores/{supplier_no:path}
    """,
    Permission.SUPPLIER_ASSESS: """
        POST /api/v1/supplier-approvals
    """,
}
Keeper = Annotated[Principal, Depends(require(Permission.SUPPLIER_ASSESS))]
Reader = Annotated[Principal, Depends(require(Permission.RECORD_READ))]
ApprovalNumber = Annotated[str, Depends(number_in(NumberIn("number", tables.NUMBERS)))]
Revision = Annotated[str, StringConstraints(strip_whitespace=True, max_length=40)]
State = Literal["requested", "approved", "expiring", "expired", "refused"]
Finding = Literal[
    "approved", "uncontrolled", "unnamed", "unlisted", "revision", "undecided", "refused", "expired", "certificate",
    "used_up", "condition",
]  # fmt: skip


class AssessSupplierIn(ScannedIn):
    """A supplier is to be assessed for an item; without a revision for all of them."""

    supplier_no: KnownSupplier
    item_no: KnownItem
    revision: Revision = ""
    reason: Reason = Field(examples=["新供应商"])


class ApprovalOut(BaseModel):
    """An entry of the list: who may deliver what, until when and on which condition; `stands` is how it is today at the plant."""

    number: str
    subject: UUID
    stands: State
    status: Literal["requested", "approved", "refused"]
    origin: Literal["native", "carried_over", "migrated"]
    supplier_no: str
    supplier: str
    item_no: str
    item: str
    revision: str
    reason: str
    round: int
    round_at: datetime
    asked_by: str | None
    condition: Literal["none", "certificate", "lots", "other"]
    most_lots: int | None
    condition_text: str | None
    expires_on: date | None
    reassess_on: date | None
    approved_at: datetime | None
    approved_by: str | None
    refused_at: datetime | None
    opened_at: datetime
    owner: str | None
    run: UUID | None


class ApprovalsOut(BaseModel):
    """The list by number, how many stand how, and where the rest begins."""

    items: list[ApprovalOut]
    counts: dict[State, int]
    next: str | None


class LotOut(BaseModel):
    """A lot that was judged by it when it was received, or that its signature let go of later (`let_go`)."""

    lot_no: str
    finding: Finding
    revision: str
    certificate_no: str | None
    judged_at: datetime
    held: bool
    let_go: bool


class EntryOut(ApprovalOut):
    """One entry with the newest lots that came under it, and how many came, were kept apart, and failed their inspection."""

    lots: int
    kept_apart: int
    failed: int
    newest: list[LotOut]


def _told(row: Any) -> dict[str, Any]:
    return {key: value for key, value in row._mapping.items() if key in ApprovalOut.model_fields}  # noqa: SLF001 - SQLAlchemy's public name


@router.post("/supplier-approvals", status_code=201)
async def assess_supplier(
    request: Request, who: Keeper, given: Annotated[AssessSupplierIn, body(AssessSupplierIn)]
) -> ReceiptOut:
    """Ask for an assessment, the first or another one; its process begins at once."""
    desk = Desk.of(request, who)
    command = AssessSupplier(command_id=desk.command_id("assess"), by=desk.by(), **given.model_dump())
    return out(await start.ask(desk.client, command))


@router.get("/supplier-approvals")
def list_approvals(
    request: Request,
    who: Reader,
    q: Annotated[str | None, Query(max_length=200)] = None,
    state: State | None = None,
    after: Annotated[str | None, Query(max_length=200)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> ApprovalsOut:
    """Who may deliver what: by number, narrowed by what numbers and names contain and by how they stand."""
    del who
    with reading(engine(request)) as session:
        found = queries.page(session, act_now(session), q=q or None, state=state, after=after, n=limit)
        items = [ApprovalOut(**_told(one)) for one in found.items]
        return ApprovalsOut(items=items, counts=dict(found.counts), next=found.next)


@router.get("/supplier-approvals/{number:path}")
def read_approval(request: Request, who: Reader, number: ApprovalNumber) -> EntryOut:
    """One entry with its terms and the lots behind it."""
    del who
    with reading(engine(request)) as session:
        entry = queries.of_number(session, number, act_now(session))
        newest = [
            LotOut(**{key: value for key, value in one._mapping.items() if key in LotOut.model_fields})  # noqa: SLF001
            for one in entry.receipts
        ]
        return EntryOut(**_told(entry.head), **entry.counted._mapping, newest=newest)  # noqa: SLF001
