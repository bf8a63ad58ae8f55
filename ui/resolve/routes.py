"""The search box: whatever is typed or scanned, on every page (REQUIREMENTS 19, 95)."""

from dataclasses import replace

from fastapi import APIRouter
from starlette.responses import Response

from api.frame.doors import Doors
from models.kernel.refusal import Refusal
from models.label.store import looked_at as labels_read
from models.person.rules.roles import Permission
from models.resolve import rules
from models.resolve.queries import findings_in_english, states
from models.resolve.store import begins_with as beginnings
from models.resolve.store import resolve
from ui.frame.visit import VisitDep
from ui.resolve import view as views_search

router = APIRouter()
ROUTERS = (router,)
DOORS: Doors = {
    Permission.RECORD_READ: """
        GET /search
    """,
}


@router.get("/search")
def search(visit: VisitDep, text: str = "") -> Response:
    """One exact meaning opens at once; several are listed, and where there is none, what begins with the text or is named so.

    A text that nothing has says what was understood of it and what to try.
    """
    found: rules.Resolution | None = None
    refusal: Refusal | None = None
    begun = beginnings.Beginnings()
    known = {}
    english: dict[str, str] = {}
    with visit.reading() as session:
        try:
            found = resolve.look(session, text)
            found = replace(found, contradictions=labels_read.contradictions(session, found))
        except Refusal as error:
            refusal = error
        else:
            only = views_search.opens(found)
            if only is not None:
                return visit.go(views_search.href(only))
            if views_search.unsure(found):
                begun = beginnings.find(session, found.scan.text if found.scan.kind == "text" else text)
                if len(begun.found) == 1 and not found.hits:
                    return visit.go(views_search.href_of(begun.found[0]))
            lots = [hit.key for hit in found.hits if hit.kind is rules.HitKind.LOT]
            lots += [one.key for one in begun.found if one.kind == rules.HitKind.LOT]
            known = states(session, lots)
            findings = [hit.key for hit in found.hits if hit.kind is rules.HitKind.NONCONFORMANCE]
            findings += [one.key for one in begun.found if one.kind == rules.HitKind.NONCONFORMANCE]
            english = findings_in_english(session, findings)
            if not found.hits and not begun.found:
                refusal = rules.unknown(found.text, found.scan)
    page = views_search.page(
        visit.words, text.strip(), found, refusal, known, visit.now, visit.principal.zone, begun=begun, english=english
    )
    return visit.page(page, refusal.status if refusal else 200)
