"""Splitting, merging, repacking and partial disposition from a batch's page (REQUIREMENTS 6, 7).

A refusal stands in the form that it is about, with everything as it was typed.
"""

from collections.abc import Awaitable, Callable
from typing import Any

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.responses import Response

from api.frame.doors import Doors
from api.frame.request.paths import LotNumber
from api.frame.request.shapes import labels_of
from api.process.acts import Desk
from api.reshape import schemas as shapes
from api.stock.schemas import MoveIn, SerialsIn
from models.kernel.messages import LotLabels
from models.person.rules.roles import Permission
from models.reshape.messages import MergeLots, NewLot, ProposeDisposition, RepackLot, SplitLot
from models.resolve.queries import lot_numbers
from models.stock.messages import MoveStock, RegisterSerials
from ui.frame.form.forms import Done, meant, once, read
from ui.frame.form.lines import filled, rows
from ui.frame.parts import lot_href
from ui.frame.visit import REFUSING, Visit, VisitDep, typed
from ui.lot.routes import lot_page_of
from ui.lot.view.lot import Refused
from ui.reshape.view import COLUMNS, LABELS, PART
from workflows.temporal import start

router = APIRouter()
ROUTERS = (router,)
DOORS: Doors = {
    Permission.LOT_RESHAPE: """
        POST /lots/{lot_no:path}/merge
        POST /lots/{lot_no:path}/repack
        POST /lots/{lot_no:path}/split
    """,
    Permission.LOT_DISPOSE: """
        POST /lots/{lot_no:path}/disposition
    """,
    Permission.STOCK_MOVE: """
        POST /lots/{lot_no:path}/move
    """,
    Permission.SERIAL_REGISTER: """
        POST /lots/{lot_no:path}/serials
    """,
}
Do = Callable[[Visit, FormData, str, Desk], Awaitable[str]]


@router.post("/lots/{lot_no:path}/split")
async def split(visit: VisitDep, lot_no: LotNumber) -> Response:
    """Split."""
    return await _do(visit, lot_no, "split", Permission.LOT_RESHAPE, _split)


@router.post("/lots/{lot_no:path}/merge")
async def merge(visit: VisitDep, lot_no: LotNumber) -> Response:
    """Merge; the new batch's page follows."""
    return await _do(visit, lot_no, "merge", Permission.LOT_RESHAPE, _merge)


@router.post("/lots/{lot_no:path}/repack")
async def repack(visit: VisitDep, lot_no: LotNumber) -> Response:
    """Repack; the new batch's page follows."""
    return await _do(visit, lot_no, "repack", Permission.LOT_RESHAPE, _repack)


@router.post("/lots/{lot_no:path}/disposition")
async def disposition(visit: VisitDep, lot_no: LotNumber) -> Response:
    """Propose to reject a part."""
    return await _do(visit, lot_no, "disposition", Permission.LOT_DISPOSE, _propose)


@router.post("/lots/{lot_no:path}/serials")
async def register(visit: VisitDep, lot_no: LotNumber) -> Response:
    """Give pieces their serial numbers."""
    return await _do(visit, lot_no, "serials", Permission.SERIAL_REGISTER, _register)


@router.post("/lots/{lot_no:path}/move")
async def move(visit: VisitDep, lot_no: LotNumber) -> Response:
    """Bring goods to another place."""
    return await _do(visit, lot_no, "move", Permission.STOCK_MOVE, _move)


async def _move(visit: Visit, form: FormData, lot_no: str, desk: Desk) -> str:
    values = {key: value for key, value in _values(form, "move", "to", "quantity", "reason").items() if value}
    source = typed(form, "move_source")
    values |= {"part": source.removeprefix(PART)} if source.startswith(PART) else {"from": source}
    given = await run_in_threadpool(meant, visit, MoveIn, {**values, "lot_no": lot_no})
    await start.stock(desk.client, MoveStock(**_who(desk, "move", lot_no), **given.model_dump(by_alias=False)))
    return lot_no


async def _register(_: Visit, form: FormData, lot_no: str, desk: Desk) -> str:
    numbers = typed(form, "serials_numbers").split()
    given = read(SerialsIn, {"serials": numbers, "label_reason": typed(form, "label_reason")})
    command = RegisterSerials(**_who(desk, "serials", lot_no), lot_no=lot_no, **given.model_dump())
    await start.stock(desk.client, command)
    return lot_no


async def _split(visit: Visit, form: FormData, lot_no: str, desk: Desk) -> str:
    parts: list[dict[str, Any]] = [
        {**line, "serials": line.get("serials", "").split()} for _, line in filled(rows(form, "part", COLUMNS))
    ]
    given = await run_in_threadpool(
        meant, visit, shapes.SplitIn, {"parts": parts, "reason": typed(form, "split_reason")}, lot_no
    )
    await start.reshape(desk.client, SplitLot(**_who(desk, "split", lot_no), lot_no=lot_no, **given.model_dump()))
    return lot_no


async def _merge(visit: Visit, form: FormData, lot_no: str, desk: Desk) -> str:
    """A scanned label counts as the batch that it names."""
    lines = [line.strip() for line in typed(form, "merge_others").splitlines() if line.strip()]
    meaning = await run_in_threadpool(_meaning, visit, lines)
    values = _values(form, "merge", "into", "reason")
    values["others"] = [meaning.get(line, line) for line in lines]
    values["scanned"] = [{"lot_no": meaning.get(line, line), "labels": [line]} for line in labels_of(lines)]
    given = await run_in_threadpool(
        meant, visit, shapes.MergeIn, {**values, "label_reason": typed(form, "label_reason")}
    )
    command = MergeLots(
        **_who(desk, "merge", lot_no),
        lot_nos=(lot_no, *given.others),
        scanned=tuple(LotLabels(**one.model_dump()) for one in given.scanned),
        **given.model_dump(exclude={"others", "scanned"}),
    )
    await start.reshape(desk.client, command)
    return given.into


async def _repack(visit: Visit, form: FormData, lot_no: str, desk: Desk) -> str:
    names = ("quantity", "into", "new_quantity", "new_uom", "location", "reason", *LABELS)
    values = {**_values(form, "repack", *names), "serials": typed(form, "repack_serials").split()}
    given = await run_in_threadpool(meant, visit, shapes.RepackIn, values, lot_no)
    await start.reshape(desk.client, RepackLot(**_who(desk, "repack", lot_no), lot_no=lot_no, **given.model_dump()))
    return given.into


async def _propose(visit: Visit, form: FormData, lot_no: str, desk: Desk) -> str:
    part = {key: value for key, value in _values(form, "disposition", "lot_no", "quantity").items() if value}
    rejected = {**part, "serials": typed(form, "disposition_serials").split()}
    values = {"rejected": rejected, "reason": typed(form, "disposition_reason")}
    given = await run_in_threadpool(meant, visit, shapes.DispositionIn, values, lot_no)
    command = ProposeDisposition(
        **_who(desk, "disposition", lot_no),
        lot_no=lot_no,
        rejected=NewLot(**given.rejected.model_dump()),
        reason=given.reason,
    )
    await start.reshape(desk.client, command)
    return lot_no


def _values(form: FormData, act: str, *names: str) -> dict[str, Any]:
    return {name: typed(form, f"{act}_{name}") for name in names}


def _who(desk: Desk, act: str, lot_no: str) -> dict[str, Any]:
    return {"command_id": desk.command_id(f"{act}:{lot_no[:80]}"), "by": desk.by()}


def _meaning(visit: Visit, lines: list[str]) -> dict[str, str]:
    with visit.reading() as session:
        return lot_numbers(session, lines)


async def _do(visit: Visit, lot_no: str, act: str, permission: Permission, do: Do) -> Response:
    form = await visit.form()

    async def acting() -> Done:
        visit.need(permission)
        there = await do(visit, form, lot_no, visit.desk(form))
        return lot_href(there), visit.words(f"reshape.{act}_done")

    try:
        return await once(visit, form, acting)
    except REFUSING as error:
        refusal = visit.refusal(error)
        refused = Refused(refusal=refusal, where=act, typed="", form=form)
        return visit.page(await run_in_threadpool(lot_page_of, visit, lot_no, refused), refusal.status)
