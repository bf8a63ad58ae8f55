"""The acts of people and machines over HTTP: receive, order, operate, complete, measure, ship, hold, lift (DESIGN 12)."""

import json
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from api.frame.deps import PrincipalDep, engine, require
from api.frame.doors import API
from api.frame.request.digits import DigitsRoute
from api.frame.request.named import body, body_of_order
from api.frame.request.paths import OrderNumber
from api.process import acts
from api.process.acts import Desk, Signing
from api.process.lost_workflow import record_of
from api.process.schemas import acts as shapes
from models.inspection.messages import MeasuredValue
from models.kernel.store.act import now, reading
from models.order.messages.order import CreateWorkOrder
from models.order.queries import lot_of_order
from models.person.rules.auth import Principal
from models.person.rules.roles import Permission
from models.process.acts import preview as previewing
from models.process.messages.process import Receipt
from models.process.store.signed_acts import Shown
from models.production.messages import RecordOperation
from models.production.rules import operation
from models.receipt.messages import ReceiveLot
from models.release import queries as release
from models.shipment.messages import Ship
from workflows.temporal import start

router = APIRouter(prefix=API, tags=["acts"], route_class=DigitsRoute)

Receiver = Annotated[Principal, Depends(require(Permission.LOT_RECEIVE))]
Planner = Annotated[Principal, Depends(require(Permission.WORK_ORDER_CREATE))]
Operator = Annotated[Principal, Depends(require(Permission.OPERATION_RECORD))]
Shipper = Annotated[Principal, Depends(require(Permission.SHIPMENT_CREATE))]


def out(receipt: Receipt) -> shapes.ReceiptOut:
    """The receipt without what only workflows need."""
    return shapes.ReceiptOut(act=receipt.act, at=receipt.at, data=receipt.data)


@router.post("/lots", status_code=201)
async def receive(
    request: Request, who: Receiver, given: Annotated[shapes.ReceiveIn, body(shapes.ReceiveIn)]
) -> shapes.ReceiptOut:
    """Receive a supplier's lot."""
    desk = Desk.of(request, who)
    command = ReceiveLot(command_id=desk.command_id(f"receive:{given.lot_no}"), by=desk.by(), **given.model_dump())
    return out(await start.receive_lot(desk.client, command))


@router.post("/work-orders", status_code=201)
async def create_work_order(
    request: Request, who: Planner, given: Annotated[shapes.WorkOrderIn, body(shapes.WorkOrderIn)]
) -> shapes.ReceiptOut:
    """Open a work order and the lot that it makes."""
    desk = Desk.of(request, who)
    command = CreateWorkOrder(
        command_id=desk.command_id(f"order:{given.work_order_no}"), by=desk.by(), **given.model_dump()
    )
    return out(await start.create_work_order(desk.client, command))


@router.post("/work-orders/{number:path}/operations", status_code=201)
async def record_operation(
    request: Request,
    who: Operator,
    number: OrderNumber,
    given: Annotated[shapes.OperationIn, body_of_order(shapes.OperationIn)],
) -> shapes.ReceiptOut:
    """Record an operation: consumed lots, people, equipment, parameters, environment."""
    desk = Desk.of(request, who)
    lot_no = await run_in_threadpool(lot_of_order, desk.engine, number)
    if lot_no is None:
        raise operation.UNKNOWN_ORDER(order=number[:80])
    command = RecordOperation(
        command_id=desk.command_id(f"operation:{number}:{given.seq}"),
        by=desk.by(),
        work_order_no=number,
        **given.model_dump(),
    )
    return out(await start.record_operation(desk.client, lot_no, command, record_of(desk.engine)))


@router.post("/shipments", status_code=201)
async def ship(
    request: Request, who: Shipper, given: Annotated[shapes.ShipmentIn, body(shapes.ShipmentIn)]
) -> shapes.ReceiptOut:
    """Ship to a customer, whole or not at all."""
    desk = Desk.of(request, who)
    command = Ship(command_id=desk.command_id(f"ship:{given.shipment_no}"), by=desk.by(), **given.model_dump())
    return out(await start.ship(desk.client, command))


def signed_act(shown: Shown) -> shapes.SignedActOut:
    """What is shown before an act is signed."""
    return shapes.SignedActOut(
        act=shown.act.act,
        about=shown.about,
        digest=shown.digest,
        record=json.loads(shown.canonical),
        meaning=shown.act.meaning,
        title={"zh": shown.act.zh, "en": shown.act.en},
    )


def signing_in(given: shapes.SignatureIn | None) -> Signing | None:
    """The signature that came with a request."""
    return Signing(given.password, given.meaning, given.digest) if given else None


@router.post("/tasks/{task_id}/complete")
async def complete(request: Request, who: PrincipalDep, task_id: UUID, given: shapes.CompleteIn) -> shapes.ReceiptOut:
    """Complete a task, with a signature where its stage takes one."""
    desk = Desk.of(request, who)
    signing = signing_in(given.signature)
    return out(await acts.complete(desk, task_id, given.outcome, given.form, given.reason, signing, seen=given.seen))


@router.post("/tasks/{task_id}/results")
async def results(
    request: Request, who: PrincipalDep, task_id: UUID, given: Annotated[shapes.ResultsIn, body(shapes.ResultsIn)]
) -> shapes.ReceiptOut:
    """Record measured values of an inspection."""
    desk = Desk.of(request, who)
    values = tuple(MeasuredValue(**value.model_dump()) for value in given.values)
    return out(await acts.record_results(desk, task_id, values, given.measured_at, given.late_reason))


@router.get("/tasks/{task_id}/record")
def record(request: Request, who: PrincipalDep, task_id: UUID) -> shapes.RecordOut:
    """The frozen record behind a task, its digest, and why this person can't sign it (if so)."""
    desk_by = acts.plain_by(who, "api")
    with reading(engine(request)) as session:
        found = previewing.decision(session, task_id, desk_by, now(session))
        assessment = release.assessment(found.ctx)
    parsed: dict[str, Any] | None = json.loads(found.canonical) if found.canonical else None
    return shapes.RecordOut(
        task=task_id,
        stage=found.stage.key,
        digest=found.digest,
        record=parsed,
        assessment=assessment.model_dump(mode="json") if assessment else None,
        meaning=found.stage.signature.meaning if found.stage.signature else None,
        outcomes=[one.key for one in found.stage.outcomes],
        first_signature_void=found.first_is_void,
        why_not=found.why_not.as_dict() if found.why_not else None,
    )
