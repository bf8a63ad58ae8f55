"""The links into a batch on a page, and correcting one of them (REQUIREMENTS 13, 21)."""

from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.responses import Response

from api.correction.schemas import CorrectLinkIn
from api.frame.doors import Doors
from api.frame.request.paths import LotNumber
from api.frame.request.shapes import labels_of
from models.correction.messages import CorrectLink
from models.correction.rules import NO_REASON
from models.person.rules.roles import Permission
from models.resolve.queries import lot_numbers
from ui.correction import view as views_links
from ui.correction.page import LinksPage
from ui.frame.form.forms import Done, meant, once
from ui.frame.form.lines import filled, rows
from ui.frame.parts import lot_href
from ui.frame.visit import REFUSING, Visit, VisitDep, typed
from workflows.temporal import start

router = APIRouter()
ROUTERS = (router,)
DOORS: Doors = {
    Permission.RECORD_READ: """
        GET /lots/{lot_no:path}/links
    """,
    Permission.LOT_LINK_CORRECT: """
        POST /lots/{lot_no:path}/links
    """,
}


@router.get("/lots/{lot_no:path}/links")
def links_page(
    visit: VisitDep,
    lot_no: LotNumber,
    q: Annotated[str, Query(max_length=500)] = "",
    correct: Annotated[str, Query(max_length=20)] = "",
) -> Response:
    """The links, and the form of the one that was chosen."""
    return visit.page(_page(visit, lot_no, q=q.strip(), chosen=_number(correct)))


@router.post("/lots/{lot_no:path}/links")
async def correct_link(visit: VisitDep, lot_no: LotNumber) -> Response:
    """Correct one link; a refusal stands in the form, with everything typed."""
    form = await visit.form()
    chosen = _number(typed(form, "link"))

    async def act() -> Done:
        visit.need(Permission.LOT_LINK_CORRECT)
        if not typed(form, "reason"):
            raise NO_REASON()
        lines = await run_in_threadpool(_lines, visit, form)
        given = await run_in_threadpool(
            meant,
            visit,
            CorrectLinkIn,
            {name: typed(form, name) for name in ("wrong", "reason", "label_reason")} | {"link": chosen, "lots": lines},
            lot_no,
        )
        desk = visit.desk(form)
        command = CorrectLink(
            command_id=desk.command_id(f"correct:{lot_no[:80]}"), by=desk.by(), lot_no=lot_no, **given.model_dump()
        )
        done = await start.correct_link(desk.client, command)
        held = ", ".join(done.data.get("held", ()))
        said = visit.words("link.done_held", lots=held) if held else visit.words("link.done")
        return f"{lot_href(lot_no)}/links", said

    try:
        return await once(visit, form, act)
    except REFUSING as error:
        refusal = visit.refusal(error)
        page = await run_in_threadpool(_page, visit, lot_no, chosen=chosen, given=form, refusal=refusal)
        return visit.page(page, refusal.status)


def _number(text: str) -> int | None:
    """The link's number; anything else chooses none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


def _lines(visit: Visit, form: FormData) -> list[dict[str, Any]]:
    """The lines in which something was typed; a scanned label counts as the batch that it names."""
    lines = [line for _, line in filled(rows(form, "used", views_links.COLUMNS))]
    with visit.reading() as session:
        meaning = lot_numbers(session, (line.get("lot", "") for line in lines))
    return [
        {
            "lot_no": meaning.get(line.get("lot", ""), ""),
            "quantity": line.get("quantity"),
            "location": line.get("location"),
            "labels": list(labels_of([line.get("lot")])),
        }
        for line in lines
    ]


def _page(visit: Visit, lot_no: str, **more: Any) -> LinksPage:
    with visit.reading() as session:
        return views_links.page(visit.words, session, visit.principal, lot_no, **more)
