"""Bills of material, inspection plans, and what is missing before a plant's first batch can be made (REQUIREMENTS 28-30, 61, 112)."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Request

from api.frame.deps import EngineDep, Reader, actor, require
from api.frame.doors import API
from api.frame.paging import Cursor, Limit, Search
from api.frame.request import named
from api.register.schemas import BillLineInput, PlanInput
from models.inspection.store import plans
from models.inspection.store.plans import PlanPage, PlanView
from models.item.store import bills
from models.item.store.bills import BillLineView, BillPage
from models.kernel.store.act import act, reading
from models.person.rules.auth import Principal
from models.person.rules.roles import Permission
from models.plant.rules.first_batch import Readiness
from models.plant.store import first_batch

router = APIRouter(prefix=API, tags=["master data"])
ItemWriter = Annotated[Principal, Depends(require(Permission.ITEM_WRITE))]
PlanWriter = Annotated[Principal, Depends(require(Permission.PLAN_WRITE))]


@router.get("/bills", summary="Bills of material by product")
def list_bills(engine: EngineDep, _: Reader, limit: Limit = 50, cursor: Cursor = None, q: Search = None) -> BillPage:
    """`q` is part of the number of the product or of the component."""
    with reading(engine) as session:
        return bills.page(session, limit=limit, after=cursor, q=q)


@router.post("/bills", status_code=201, summary="One more material of a product")
def add_to_bill(
    request: Request,
    engine: EngineDep,
    principal: ItemWriter,
    body: Annotated[BillLineInput, named.body(BillLineInput)],
) -> BillLineView:
    """Orders made from now on are checked against it."""
    with act(engine, actor(request, principal)) as session:
        return bills.add(session, body.item_no, body.component_no, body.quantity, optional=body.optional)


@router.get("/inspection-plans", summary="Inspection plans by code")
def list_plans(
    engine: EngineDep,
    _: Reader,
    limit: Limit = 50,
    cursor: Cursor = None,
    q: Search = None,
    stage: Literal["incoming", "final"] | None = None,
) -> PlanPage:
    """Newest version first; `q` is part of the code, the title or the item's number."""
    with reading(engine) as session:
        return plans.page(session, limit=limit, after=cursor, q=q, stage=stage)


@router.post("/inspection-plans", status_code=201, summary="A new plan, or the next version of one")
def create_plan(
    request: Request, engine: EngineDep, principal: PlanWriter, body: Annotated[PlanInput, named.body(PlanInput)]
) -> PlanView:
    """What is inspected from now on is measured by it; the version before is superseded."""
    with act(engine, actor(request, principal, reason=body.reason)) as session:
        return plans.create(session, *body_of(body))


@router.get("/first-batch", summary="What is missing before the first batch can be made")
def first_batch_of(engine: EngineDep, _: Reader) -> Readiness:
    """Each thing with how many there are, and whether that is enough."""
    with reading(engine) as session:
        return first_batch.readiness(session)


def body_of(body: PlanInput) -> tuple[dict[str, object], list[dict[str, object]]]:
    """The plan's own facts, and what it measures."""
    facts = body.model_dump(exclude={"characteristics", "reason"})
    return facts, [one.model_dump() for one in body.characteristics]
