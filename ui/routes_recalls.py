"""Recalls on a page; this version has none yet, and the page says what comes and what can be done today."""

from fastapi import APIRouter
from starlette.responses import Response

from ui.pages.recalls import RecallsPage
from ui.routes_base import VisitDep

router = APIRouter()


@router.get("/recalls")
def recalls(visit: VisitDep) -> Response:
    """All recalls and drills."""
    return visit.page(RecallsPage())
