"""Scores of suppliers on pages: the list, one supplier with what each area has lost, and the records behind every figure (REQUIREMENTS 51)."""

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Query
from sqlmodel import Session
from starlette.responses import Response

from api.listing.files import handed_out
from api.register.paths import ItemFilter, SupplierFilter, SupplierNumber
from api.supplier.scores import wanted_records, wanted_scores
from models.kernel.refusal import Refusal
from models.listing.rules import Asked
from models.partner import store as partners
from models.person.rules.roles import Permission
from models.supplier.queries import records, scores, severities
from ui.frame.listing import asked_of
from ui.frame.visit import VisitDep
from ui.listing import plain
from ui.supplier import scored

router = APIRouter()
Cursor = Annotated[str, Query(max_length=2000)]


@router.get("/supplier-scores")
def list_of_scores(visit: VisitDep, cursor: Cursor = "") -> Response:
    """Who has delivered how, the worst first."""
    visit.need(Permission.RECORD_READ)
    refused: Refusal | None = None
    asked = plain.wanted(visit)
    try:
        asked, _ = scores.filled(asked, visit.now, visit.principal.zone)
    except Refusal as error:
        refused = error

    def find(session: Session, narrowed: Asked) -> plain.Found:
        if refused is not None:
            raise refused
        found = scores.page(session, narrowed, visit.principal.zone, after=cursor or None)
        return found.items, found.next

    row = partial(scored.row, visit.words, asked.filters)
    made = plain.page(visit, scores.LIST, find, row, cursor, dict(asked.filters))
    return visit.go(made) if isinstance(made, str) else visit.page(made, made.refusal.status if made.refusal else 200)


@router.get("/supplier-scores.csv")
def file_of_scores(visit: VisitDep) -> Response:
    """The whole list as a file, in the order and with the filters of the page."""
    visit.need(Permission.RECORD_READ)
    asked, _ = scores.filled(asked_of(visit.request.query_params), visit.now, visit.principal.zone)
    wanted = wanted_scores(asked, visit.principal.zone, visit.language)
    return handed_out(visit.request, visit.engine, visit.principal, wanted)


@router.get("/supplier-scores/{supplier_no:path}")
def one_supplier(visit: VisitDep, supplier_no: SupplierNumber) -> Response:
    """One supplier: the score, what each area has lost and by which records, and the same by item."""
    visit.need(Permission.RECORD_READ)
    zone, refused = visit.principal.zone, None
    try:
        _, when = scores.filled(asked_of(visit.request.query_params), visit.now, zone)
    except Refusal as error:
        refused = error
        _, when = scores.filled(Asked(), visit.now, zone)
    with visit.reading() as session:
        who = partners.supplier(session, supplier_no)
        total = scores.of_supplier(session, who.supplier_no, when, zone)
        items = scores.of_items(session, who.supplier_no, when, zone)
        name = visit.words.name(who.name, who.name_en)
        sampled = severities.of_supplier(session, who.supplier_no)
        made = scored.page(visit.words, who.supplier_no, name, when, total, items, refused, sampled)
    return visit.page(made, refused.status if refused else 200)


@router.get("/supplier-records")
def list_of_records(
    visit: VisitDep, cursor: Cursor = "", supplier: SupplierFilter = None, item: ItemFilter = None
) -> Response:
    """What counts in the scores, sorted and narrowed as the address says."""
    visit.need(Permission.RECORD_READ)

    def find(session: Session, asked: Asked) -> plain.Found:
        found = records.page(session, asked, visit.principal.zone, after=cursor or None)
        return found.items, found.next

    row = partial(scored.record, visit.words)
    made = plain.page(visit, records.LIST, find, row, cursor, {"supplier": supplier, "item": item})
    return visit.go(made) if isinstance(made, str) else visit.page(made, made.refusal.status if made.refusal else 200)


@router.get("/supplier-records.csv")
def file_of_records(visit: VisitDep, supplier: SupplierFilter = None, item: ItemFilter = None) -> Response:
    """The whole list as a file, in the order and with the filters of the page."""
    visit.need(Permission.RECORD_READ)
    asked = plain.wanted(visit, {"supplier": supplier, "item": item})
    wanted = wanted_records(asked, visit.principal.zone, visit.language)
    return handed_out(visit.request, visit.engine, visit.principal, wanted)
