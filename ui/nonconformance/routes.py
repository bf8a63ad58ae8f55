"""Quality on a page: everything that waits for a decision or is not as it should be."""

from fastapi import APIRouter
from starlette.responses import Response

from models.rules.roles import Permission
from ui import views_quality
from ui.routes_base import VisitDep

router = APIRouter()


@router.get("/quality")
def quality(visit: VisitDep) -> Response:
    """Open releases and inspections, nonconformances, holds, failed inspections."""
    with visit.reading() as session:
        return visit.page(
            views_quality.page(
                visit.words, session, visit.now, visit.principal.zone, can_recall=visit.may(Permission.RECALL_RUN)
            )
        )
