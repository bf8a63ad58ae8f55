"""Shipments on pages: whole or not at all, and a refusal stands at its line (REQUIREMENTS 54, 57)."""

from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.responses import Response

from api.frame.doors import Doors
from api.packing.paths import UnitFilter
from api.process.schemas.acts import ShipmentIn
from api.register.paths import CustomerFilter
from api.shipment import ShipmentNumber
from models.kernel.refusal import Refusal
from models.person.rules.auth import check_permission
from models.person.rules.roles import Permission
from models.resolve.queries import goods as scanned
from models.resolve.queries import unit_label, unit_numbers
from models.shipment.acts.ship import EMPTY
from models.shipment.messages import Ship
from models.shipment.queries import pages as shipments
from ui.frame.form.forms import Done, meant, measured, once
from ui.frame.form.lines import LOT_LINE, filled, rows
from ui.frame.visit import REFUSING, Visit, VisitDep, typed
from ui.shipment import view as views_shipments
from ui.shipment.page import NewShipmentPage
from workflows.temporal import start

router = APIRouter()
ROUTERS = (router,)
DOORS: Doors = {
    Permission.RECORD_READ: """
        GET /shipments
        GET /shipments/{number:path}
    """,
    Permission.SHIPMENT_CREATE: """
        GET /shipments/new
        POST /shipments/new
    """,
}
FIELDS = tuple(name for name in ShipmentIn.model_fields if name not in {"lines", "units"})


@router.get("/shipments")
def listed(
    visit: VisitDep,
    customer: CustomerFilter = None,
    cursor: Annotated[str, Query(max_length=2000)] = "",
) -> Response:
    """The list."""
    with visit.reading() as session:
        found = shipments.page(session, after=cursor or None, customer=customer or "")
    may = visit.may(Permission.SHIPMENT_CREATE)
    return visit.page(views_shipments.listed(found, customer or "", cursor, can_ship=may))


@router.get("/shipments/new")
def new_shipment(visit: VisitDep, unit: UnitFilter = None) -> Response:
    """The form; a case or pallet whose page was left for it stands in its first line."""
    return visit.page(_new(visit, unit=unit or ""))


@router.post("/shipments/new")
async def ship(visit: VisitDep) -> Response:
    """Ship, and go to the shipment's page."""
    form = await visit.form()

    async def act() -> Done:
        visit.need(Permission.SHIPMENT_CREATE)
        lines, units = await run_in_threadpool(_lines, visit, form)
        given = await run_in_threadpool(
            meant, visit, ShipmentIn, {**{name: typed(form, name) for name in FIELDS}, "lines": lines, "units": units}
        )
        if not given.lines and not given.units:
            raise EMPTY()
        desk = visit.desk(form)
        command = Ship(command_id=desk.command_id(f"ship:{given.shipment_no}"), by=desk.by(), **given.model_dump())
        await start.ship(desk.client, command)
        return views_shipments.href(given.shipment_no), visit.words("shipment.sent")

    try:
        return await once(visit, form, act)
    except REFUSING as error:
        refusal = visit.refusal(error)
        return visit.page(await run_in_threadpool(_new, visit, form, refusal), refusal.status)


@router.get("/shipments/{number:path}")
def shipment(visit: VisitDep, number: ShipmentNumber) -> Response:
    """One shipment."""
    with visit.reading() as session:
        return visit.page(views_shipments.page(visit.words, session, number, visit.now, visit.principal.zone))


def _lines(visit: Visit, form: FormData) -> tuple[list[dict[str, Any]], list[str]]:
    """The lines in which something was typed; a scanned label counts as the batch that it names.

    A line without a quantity may name a case or a pallet, which leaves with all that is in it.
    """
    lines = [line for _, line in filled(rows(form, "ship", LOT_LINE))]
    with visit.reading() as session:
        units = unit_numbers(session, (line.get("lot", "") for line in lines if not line.get("quantity")))
        goods = [line for line in lines if line.get("quantity") or line.get("lot", "") not in units]
        meant = scanned(session, goods)
    return [
        {**measured(line.get("quantity"), line.get("uom")), **one} for line, one in zip(goods, meant, strict=True)
    ], [
        # a label goes along whole, to be compared with what is in the unit
        line["lot"] if unit_label(line["lot"]) else units[line["lot"]]
        for line in lines
        if line not in goods
    ]


def _new(visit: Visit, form: FormData | None = None, refusal: Refusal | None = None, unit: str = "") -> NewShipmentPage:
    blocked = None
    try:
        check_permission(visit.principal, Permission.SHIPMENT_CREATE)
    except Refusal as why:
        blocked = why
    with visit.reading() as session:
        return views_shipments.new(
            visit.words,
            session,
            visit.now,
            visit.principal.zone,
            blocked=blocked,
            given=form,
            refusal=refusal,
            unit=unit,
        )
