"""Faults of acts and undelivered facts over HTTP: look, retry, leave (DESIGN 6a)."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends
from starlette.requests import Request

from api.fault import acts as operating
from api.fault.schemas import ClockMoveInput, ClockOut
from api.frame.deps import EngineDep, require
from api.frame.doors import API, Doors
from api.person.schemas.people import ReasonInput
from api.process.acts import Desk
from api.process.schemas import acts as shapes
from models.clock.store import moved_clock
from models.fault import queries as queries_faults
from models.fault.queries import OperationView
from models.kernel.store.act import now, reading
from models.person.rules.auth import Principal
from models.person.rules.roles import Permission

router = APIRouter(prefix=API, tags=["operating"])
ROUTERS = (router,)
DOORS: Doors = {
    Permission.FAULT_SETTLE: """
        GET /api/v1/faults
        POST /api/v1/faults/{fault}/dismiss
        POST /api/v1/faults/{fault}/retry
        GET /api/v1/test-clock
        POST /api/v1/test-clock
        POST /api/v1/undelivered/{fact}/dismiss
        POST /api/v1/undelivered/{fact}/retry
    """,
}

Operator = Annotated[Principal, Depends(require(Permission.FAULT_SETTLE))]


@router.get("/faults", summary="What waits for an operator")
def read_faults(engine: EngineDep, _: Operator) -> OperationView:
    """Acts that ended in a fault, and facts that the engine couldn't be told."""
    with reading(engine) as session:
        return queries_faults.operation(session)


@router.post("/faults/{fault}/retry", summary="Have the act done again")
async def retry(request: Request, who: Operator, fault: UUID) -> shapes.ReceiptOut:
    """In the name of who asked for it; the rules are asked again, so it may be refused."""
    done = await operating.retry(Desk.of(request, who), fault)
    return shapes.ReceiptOut(act=done.act, at=done.at, data=done.data)


@router.post("/faults/{fault}/dismiss", status_code=204, summary="Leave it, with a reason")
def dismiss(request: Request, who: Operator, fault: UUID, given: ReasonInput) -> None:
    """What was asked for was done otherwise, or isn't wanted any more."""
    operating.dismiss(Desk.of(request, who), fault, given.reason)


@router.post("/undelivered/{fact}/retry", status_code=204, summary="Have a fact tried again")
def deliver_again(request: Request, who: Operator, fact: UUID) -> None:
    """At once; after as many failures as before it stands here again."""
    operating.deliver_again(Desk.of(request, who), fact)


@router.post("/undelivered/{fact}/dismiss", status_code=204, summary="Leave a fact undelivered, with a reason")
def leave_undelivered(request: Request, who: Operator, fact: UUID, given: ReasonInput) -> None:
    """The record has it all the same; only who waited for news isn't told."""
    operating.leave_undelivered(Desk.of(request, who), fact, given.reason)


@router.get("/test-clock", summary="The record's time, and whether this is a test home")
def read_clock(engine: EngineDep, _: Operator) -> ClockOut:
    """Where the clock is, and where it is on its way to."""
    with reading(engine) as session:
        seen = moved_clock.read(session)
        return ClockOut.of(seen) if seen is not None else ClockOut(test=False, now=now(session), target=None)


@router.post("/test-clock", status_code=202, summary="Move a test home's clock forward")
def move_clock(engine: EngineDep, who: Operator, given: ClockMoveInput) -> ClockOut:
    """It goes from one due moment to the next, and everything is done that is due on the way; refused in every other home."""
    return ClockOut.of(operating.move_clock(engine, who, given.to, given.reason))
