"""Quality on a page: everything that waits for a decision or is not as it should be."""

from fastapi import APIRouter
from starlette.responses import Response

from models.person.rules.roles import Permission
from ui.frame.visit import VisitDep
from ui.nonconformance import view as views_quality

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
