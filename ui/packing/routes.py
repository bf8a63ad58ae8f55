"""Cases and pallets on pages: packing and taking out with a scanner, moving; a refusal stands in its form (REQ 56)."""

from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.responses import Response

from api.frame.doors import Doors
from api.frame.request.paths import InPath
from api.packing.paths import PageUnit, PageUnitPath
from api.packing.schemas import MoveIn, PackIn, UnpackIn
from models.kernel.messages import UnitLabels
from models.kernel.refusal import Refusal
from models.kernel.store import act as acts
from models.lot.store import lots
from models.packing import queries as queries_packing
from models.packing import tables as packing_tables
from models.packing.messages import MoveUnit, Packing, PackUnit, UnpackUnit
from models.packing.rules import NOTHING, read_number
from models.person.rules.auth import check_permission
from models.person.rules.roles import Permission
from models.register.store import numbers
from models.resolve.queries import things
from models.trace.rules.as_of import moment
from ui.frame.form.forms import Done, meant, once
from ui.frame.form.lines import filled, rows
from ui.frame.parts import unit_href
from ui.frame.visit import REFUSING, Visit, VisitDep, typed
from ui.packing import view as views_packing
from ui.packing.page import FormKey, PackPage, UnitPage
from workflows.temporal import start

router = APIRouter()
ROUTERS = (router,)
DOORS: Doors = {
    Permission.RECORD_READ: """
        GET /units
        GET /units/{number:path}
    """,
    Permission.STOCK_MOVE: """
        POST /units/{number:path}/move
    """,
    Permission.UNIT_PACK: """
        GET /units/new
        POST /units/new
        POST /units/{number:path}/empty
        POST /units/{number:path}/pack
        POST /units/{number:path}/unpack
    """,
}


@router.get("/units")
def listed(
    visit: VisitDep,
    q: Annotated[str, Query(max_length=500)] = "",
    cursor: Annotated[str, Query(max_length=2000)] = "",
) -> Response:
    """The list."""
    with visit.reading() as session:
        found, following = queries_packing.page(session, q=q.strip(), after=cursor or None)
    may = visit.may(Permission.UNIT_PACK)
    return visit.page(views_packing.listed(visit.words, found, following, q.strip(), cursor, can_pack=may))


@router.get("/units/new")
def new_unit(visit: VisitDep) -> Response:
    """The form of a unit that begins."""
    return visit.page(_new(visit))


@router.post("/units/new")
async def begin(visit: VisitDep) -> Response:
    """Pack a unit by the number on its label, and go to its page."""
    form = await visit.form()

    async def act() -> Done:
        visit.need(Permission.UNIT_PACK)
        number = await run_in_threadpool(_number, visit, typed(form, "unit_no"))
        values = {name: typed(form, name) for name in ("unit_kind", "location", "label_reason")}
        given = await run_in_threadpool(
            meant, visit, PackIn, values | {"contents": await run_in_threadpool(_things, visit, form)}
        )
        desk = visit.desk(form)
        command = PackUnit(
            command_id=desk.command_id(f"pack:{number}"),
            by=desk.by(),
            unit_no=number,
            unit_labels=(UnitLabels(unit_no=number, labels=(typed(form, "unit_no"),)),),
            **given.model_dump(),
        )
        done = await start.pack(desk.client, command)
        return unit_href(done.data["unit_no"]), visit.words("packing.done_pack")

    try:
        return await once(visit, form, act)
    except REFUSING as error:
        refusal = visit.refusal(error)
        return visit.page(await run_in_threadpool(_new, visit, form, refusal), refusal.status)


@router.get("/units/{number:path}")
def unit(visit: VisitDep, number: PageUnit, as_of: Annotated[str, Query(max_length=40)] = "") -> Response:
    """One unit, now or as it was known then."""
    refusal = None
    with visit.reading() as session:
        at = None
        try:
            at = moment(as_of, lots.site_zone(session), acts.now(session)) if as_of.strip() else None
        except Refusal as error:
            refusal = error
        found = queries_packing.read(session, number, at)
        page = views_packing.page(
            visit.words, session, visit.principal, found, refusal=refusal, as_of_typed=as_of.strip()
        )
    return visit.page(page, refusal.status if refusal else 200)


@router.post("/units/{number:path}/pack")
async def pack(visit: VisitDep, number: PageUnitPath) -> Response:
    """Put more in."""
    return await _change(visit, number, "pack")


@router.post("/units/{number:path}/unpack")
async def unpack(visit: VisitDep, number: PageUnitPath) -> Response:
    """Take out what was scanned."""
    return await _change(visit, number, "unpack")


@router.post("/units/{number:path}/empty")
async def empty(visit: VisitDep, number: PageUnitPath) -> Response:
    """Take everything out."""
    return await _change(visit, number, "empty")


@router.post("/units/{number:path}/move")
async def move(visit: VisitDep, number: PageUnitPath) -> Response:
    """Move it to another location."""
    return await _change(visit, number, "move")


async def _change(visit: Visit, unit_no: InPath, key: FormKey) -> Response:
    """What was scanned of the unit is compared with what is in it, as through the API."""
    form, number = await visit.form(), unit_no.number

    async def act() -> Done:
        visit.need(Permission.STOCK_MOVE if key == "move" else Permission.UNIT_PACK)
        desk = visit.desk(form)
        asked = await run_in_threadpool(_asked, visit, form, key)
        more: dict[str, Any] = {
            "command_id": desk.command_id(f"{key}:{number[:80]}"),
            "by": desk.by(),
            "unit_no": number,
        }
        more["unit_labels"] = unit_no.unit_labels
        command: Packing
        match key:
            case "pack":
                command = PackUnit(**more, **asked.model_dump())
            case "move":
                command = MoveUnit(**more, **asked.model_dump())
            case _:
                command = UnpackUnit(**more, **asked.model_dump())
        await start.pack(desk.client, command)
        said = {"pack": "packing.done_pack", "move": "packing.done_move"}.get(key, "packing.done_unpack")
        return unit_href(number), visit.words(said)

    try:
        return await once(visit, form, act)
    except REFUSING as error:
        refusal = visit.refusal(error)
        return visit.page(await run_in_threadpool(_page, visit, number, key, form, refusal), refusal.status)


def _number(visit: Visit, scanned: str) -> str:
    """The unit that is meant, where there is one by now; else the number of a new one."""
    number = read_number(scanned)
    with visit.reading() as session:
        return numbers.meant(session, packing_tables.UNITS, number) or number


def _asked(visit: Visit, form: FormData, key: FormKey) -> BaseModel:
    if key == "move":
        return meant(visit, MoveIn, {"location": typed(form, "location"), "label_reason": typed(form, "label_reason")})
    if key == "empty":
        return meant(visit, UnpackIn, {"reason": typed(form, "reason")})
    contents = _things(visit, form)
    if not contents:  # without lines, everything would come out
        raise NOTHING()
    return meant(
        visit,
        PackIn if key == "pack" else UnpackIn,
        {"contents": contents, "label_reason": typed(form, "label_reason")},
    )


def _things(visit: Visit, form: FormData) -> list[dict[str, Any]]:
    """What was scanned in each line: a batch with its quantity, a serial unit, or a smaller unit."""
    lines = [line for _, line in filled(rows(form, "thing", views_packing.COLUMNS))]
    with visit.reading() as session:
        return things(session, [(line.get("what", ""), line.get("quantity", "")) for line in lines])


def _new(visit: Visit, form: FormData | None = None, refusal: Refusal | None = None) -> PackPage:
    blocked = None
    try:
        check_permission(visit.principal, Permission.UNIT_PACK)
    except Refusal as why:
        blocked = why
    with visit.reading() as session:
        return views_packing.new(visit.words, session, blocked=blocked, given=form, refusal=refusal)


def _page(visit: Visit, number: str, key: FormKey, form: FormData, refusal: Refusal) -> UnitPage:
    with visit.reading() as session:
        found = queries_packing.read(session, number)
        return views_packing.page(visit.words, session, visit.principal, found, where=key, given=form, refusal=refusal)
