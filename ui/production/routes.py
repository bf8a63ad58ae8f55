"""Production on pages: open a work order, record its operations one after another (REQUIREMENTS 58-60)."""

import re
from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.responses import Response

from api.frame.doors import Doors
from api.frame.request.paths import LikeOrder, OrderNumber
from api.process.lost_workflow import record_of
from api.process.schemas.acts import OperationIn, WorkOrderIn
from models.kernel.refusal import Refusal
from models.kernel.typed import number
from models.lot.store import open_holds
from models.order.messages.order import CreateWorkOrder
from models.person.rules.auth import check_permission
from models.person.rules.roles import Permission
from models.production.messages import RecordOperation
from models.production.queries import pages as production
from models.production.rules import operation
from models.resolve.queries import goods
from ui.frame.form.forms import Done, meant, measured, once
from ui.frame.form.lines import LOT_LINE, filled, moment, rows
from ui.frame.visit import REFUSING, Visit, VisitDep, all_typed, typed
from ui.production import operation_form as views_operation
from ui.production import view as views_orders
from ui.production.operation_form import VALUE
from ui.production.page import NewWorkOrderPage, WorkOrderPage
from ui.production.view import NAMED, STEP, href
from workflows.temporal import start

router = APIRouter()
ROUTERS = (router,)
DOORS: Doors = {
    Permission.RECORD_READ: """
        GET /work-orders
        GET /work-orders/{number:path}
    """,
    Permission.WORK_ORDER_CREATE: """
        GET /work-orders/new
        POST /work-orders/new
    """,
    Permission.OPERATION_RECORD: """
        POST /work-orders/{number:path}/operations
    """,
}
ORDER = tuple(name for name in WorkOrderIn.model_fields if name != "steps")
PLAIN = ("location", "load", "document", "document_version", "produced", "scrapped", "late_reason", "label_reason")
SEVERAL = re.compile(r"[\s,，、;；]+")


@router.get("/work-orders")
def orders(visit: VisitDep, cursor: Annotated[str, Query(max_length=2000)] = "") -> Response:
    """The list."""
    with visit.reading() as session:
        found = production.page(session, after=cursor or None)
    may = visit.may(Permission.WORK_ORDER_CREATE)
    return visit.page(views_orders.orders(found, visit.now, visit.principal.zone, cursor, can_create=may))


@router.get("/work-orders/new")
def new_order(visit: VisitDep, like: LikeOrder = None) -> Response:
    """The form; `like` fills it from an earlier order."""
    return visit.page(_new(visit, like=like or ""))


@router.post("/work-orders/new")
async def create(visit: VisitDep) -> Response:
    """Open the order; or, when more rows were asked for, the same form with more rows."""
    form = await visit.form()
    if typed(form, "more"):
        return visit.page(await run_in_threadpool(_new, visit, form, None, "", more=True))

    async def act() -> Done:
        visit.need(Permission.WORK_ORDER_CREATE)
        values: dict[str, Any] = {name: typed(form, name) for name in ORDER}
        values |= {"opened_at": moment(typed(form, "opened_at"), visit.principal.zone), "steps": _steps(form)}
        given = await run_in_threadpool(meant, visit, WorkOrderIn, values)
        desk = visit.desk(form)
        command = CreateWorkOrder(
            command_id=desk.command_id(f"order:{given.work_order_no}"), by=desk.by(), **given.model_dump()
        )
        await start.create_work_order(desk.client, command)
        return href(given.work_order_no), visit.words("order.opened")

    try:
        return await once(visit, form, act)
    except REFUSING as error:
        refusal = visit.refusal(error)
        return visit.page(await run_in_threadpool(_new, visit, form, refusal), refusal.status)


@router.post("/work-orders/{number:path}/operations")
async def record(visit: VisitDep, number: OrderNumber) -> Response:
    """Record the operation whose turn it is."""
    form = await visit.form()

    async def act() -> Done:
        visit.need(Permission.OPERATION_RECORD)
        lot_no, values = await run_in_threadpool(_operation, visit, form, number)
        given = await run_in_threadpool(meant, visit, OperationIn, values, lot_no)
        desk = visit.desk(form)
        command = RecordOperation(
            command_id=desk.command_id(f"operation:{number}:{given.seq}"),
            by=desk.by(),
            work_order_no=number,
            **given.model_dump(),
        )
        receipt = await start.record_operation(desk.client, lot_no, command, record_of(desk.engine))
        done = visit.words("order.finished") if receipt.data.get("finished") else ""
        return href(number), done or visit.words("order.recorded", seq=given.seq)

    try:
        return await once(visit, form, act)
    except REFUSING as error:
        refusal = visit.refusal(error)
        return visit.page(await run_in_threadpool(_order, visit, number, form, refusal), refusal.status)


@router.get("/work-orders/{number:path}")
def order(visit: VisitDep, number: OrderNumber) -> Response:
    """One order."""
    return visit.page(_order(visit, number))


def _steps(form: FormData) -> list[dict[str, Any]]:
    """Rows with a name; the number alone is only a suggestion."""
    typed_rows = [row for row in rows(form, "step", STEP) if any(row[key] for key in NAMED)]
    steps: list[dict[str, Any]] = []
    for row in typed_rows:
        step: dict[str, Any] = {key: value for key, value in row.items() if value and key != "environment"}
        # one language is enough to begin with, and the number says which step it is
        step.setdefault("title_zh", step.get("title_en", ""))
        step.setdefault("title_en", step.get("title_zh", ""))
        step.setdefault("code", step.get("seq", ""))
        steps.append({**step, "environment": bool(row["environment"])})
    return steps


def _operation(visit: Visit, form: FormData, number: str) -> tuple[str, dict[str, Any]]:
    """The batch that the order makes, and the request that the form means."""
    zone = visit.principal.zone
    lines = [line for _, line in filled(rows(form, "consume", LOT_LINE))]
    with visit.reading() as session:
        found = production.read(session, number)
        meant = goods(session, lines)
    step = found.next_step
    if found.order.lot_no is None:
        raise operation.UNKNOWN_ORDER(order=number[:80])
    if found.order.status != "open" or step is None:
        raise operation.CLOSED_ORDER(order=number)
    values: dict[str, Any] = {name: typed(form, name) for name in PLAIN}
    values |= {name: moment(typed(form, name), zone) for name in ("started_at", "finished_at")}
    values["seq"] = step.seq
    values["people"] = _several(form, "people")
    values["equipment"] = _several(form, "equipment")
    values["consumes"] = [
        {**measured(line.get("quantity"), line.get("uom")), **one} for line, one in zip(lines, meant, strict=True)
    ]
    values["parameters"] = [_parameter(line) for _, line in filled(rows(form, "parameter", VALUE)) if "value" in line]
    values["environment"] = [
        {"quantity": line.pop("name", ""), "unit": line.pop("unit", "–"), **line}
        for _, line in filled(rows(form, "environment", VALUE))
        if "value" in line
    ]
    return str(found.order.lot_no), values


def _parameter(line: dict[str, str]) -> dict[str, Any]:
    """A value that is no number is kept as text: “合格”, “程序 P7”."""
    value = line.pop("value", "")
    return {**line, "value": value} if number(value) is not None else {**line, "text": value}


def _several(form: FormData, name: str) -> list[str]:
    """Ticked boxes, or numbers typed one after another."""
    return [one for value in all_typed(form, name) for one in SEVERAL.split(value) if one]


def _new(
    visit: Visit, form: FormData | None = None, refusal: Refusal | None = None, like: str = "", *, more: bool = False
) -> NewWorkOrderPage:
    with visit.reading() as session:
        return views_orders.new(
            visit.words,
            session,
            blocked=_blocked(visit, Permission.WORK_ORDER_CREATE),
            given=form,
            refusal=refusal,
            like=production.read(session, like) if like else None,
            more=more,
        )


def _order(visit: Visit, number: str, form: FormData | None = None, refusal: Refusal | None = None) -> WorkOrderPage:
    zone = visit.principal.zone
    with visit.reading() as session:
        found = production.read(session, number)
        open_ = open_holds.open_on(session, found.order.lot_no) if found.order.lot_no else ()
        may = visit.may(Permission.WORK_ORDER_CREATE)
        page = views_orders.page(visit.words, found, visit.now, zone, open_, copy=may)
        if not visit.may(Permission.OPERATION_RECORD):
            return page
        return views_operation.with_form(
            visit.words, session, page, found, visit.now, zone, given=form, refusal=refusal
        )


def _blocked(visit: Visit, permission: Permission) -> Refusal | None:
    """Why the form can't be sent, said before anything is typed."""
    try:
        check_permission(visit.principal, permission)
    except Refusal as why:
        return why
    return None
