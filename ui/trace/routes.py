"""Trace on a page: all levels backward or forward, now or as it was known on a day (REQUIREMENTS 11-13, 21)."""

import re
from dataclasses import replace
from urllib.parse import urlencode

from fastapi import APIRouter
from starlette.responses import Response

from api.frame.doors import Doors
from models.kernel.refusal import Refusal
from models.label.store import looked_at as labels_read
from models.person.rules.roles import Permission
from models.resolve.rules import Hit
from models.resolve.store import resolve
from models.trace.rules.trace import Direction as Way
from models.trace.store import trace
from ui.frame.first_rows import FIRST
from ui.frame.visit import Visit, VisitDep
from ui.frame.words import frozen_names
from ui.trace import view as views_trace
from ui.trace.page import DIRECTIONS, Direction

router = APIRouter()
ROUTERS = (router,)
DOORS: Doors = {
    Permission.RECORD_READ: """
        GET /trace
        GET /trace/{identifier:path}
    """,
}
FROZEN = ("rows", "picture", "evidence_gaps", "gaps", "doubts", "imbalances")
"""What a page shows out of the answer, which has a digest and names everything as the plant does."""


@router.get("/trace")
def trace_text(visit: VisitDep, text: str = "", direction: str = "forward", as_of: str = "") -> Response:
    """One field; with a text the answer."""
    if not text.strip():
        return visit.page(views_trace.start(visit.words, "", _way(direction)))
    return _answer(visit, text.strip(), _way(direction), as_of)


@router.get("/trace/{identifier:path}")
def trace_page(
    visit: VisitDep,
    identifier: str,
    direction: str = "both",
    as_of: str = "",
    level: str = "",
    item: str = "",
    show: str = "",
    whole: bool = False,
) -> Response:
    """The answer to an address that can be kept and sent on.

    `level` and `item` choose rows of its table, `show` the table that is shown beyond its first rows.  A large answer
    begins with its first lots and asks for the `whole` by itself.
    """
    only = views_trace.Only(int(level), item) if re.fullmatch(r"[+-]?[0-9]{1,6}", level) else views_trace.EVERYTHING
    begins = not (whole or show or only.level is not None)
    return _answer(visit, identifier, _way(direction, "both"), as_of, only, show, begins=begins)


def _answer(
    visit: Visit,
    asked: str,
    direction: Direction,
    as_of: str,
    only: views_trace.Only = views_trace.EVERYTHING,
    show: str = "",
    *,
    begins: bool = True,
) -> Response:
    zone, at = visit.principal.zone, as_of.strip()
    with visit.reading() as session:
        try:
            question = trace.asked(session, asked, Way(direction), at or None)
        except Refusal as refusal:
            hits: tuple[Hit, ...] = ()
            if refusal.status == 409 or refusal.code == "TRC-004":
                hits = resolve.look(session, asked).hits
            return visit.page(views_trace.start(visit.words, asked, direction, refusal, hits), refusal.status)
        if begins and (reach := trace.reach(session, question)) >= views_trace.LARGE:
            # what they were like at an earlier moment is in the whole answer only
            rows = trace.first(session, question, FIRST) if question.as_of is None else ()
            return visit.page(views_trace.begun(visit.words, question, asked, reach, rows, visit.now, zone, at))
        answer = trace.answer(session, question)
        page = views_trace.page(visit.words, answer, asked, visit.now, zone, at, only, show)
        page = replace(frozen_names.read(session, page, *FROZEN), differs=labels_read.of_text(session, asked))
    if visit.may(Permission.RECALL_RUN):
        page = replace(page, recall_href=f"/recalls/new?{urlencode({'identifier': asked})}")
    return visit.page(page)


def _way(asked: str, otherwise: Direction = "forward") -> Direction:
    return next((one for one in DIRECTIONS if one == asked), otherwise)
