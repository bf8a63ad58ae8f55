"""The page of any subject, and its trail (REQUIREMENTS 87-89, 103)."""

from dataclasses import replace
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from sqlmodel import Session
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from api.frame.deps import zone_of
from api.frame.doors import Doors
from api.listing.files import handed_out
from api.process import signed_acts
from api.process.routes.subjects import wanted_of
from api.process.schemas.acts import HandOverIn
from models.audit.queries import trail
from models.audit.queries.words import meanings, stage_titles_of
from models.kernel.refusal import Refusal
from models.listing.acts import views
from models.person.rules.roles import Permission
from models.process.acts import hand_over as handing
from models.process.messages.owners import HandOver
from models.process.queries import subject as queries
from models.process.queries import subjects as queries_list
from models.process.queries.subjects import LIST, SubjectList
from models.process.sign.signed_act import HAND_OVER
from ui.audit.view import Said
from ui.frame.first_rows import Folding
from ui.frame.form.forms import Done, once, read, signing_of
from ui.frame.listing import asked_of, href_of, with_views
from ui.frame.visit import REFUSING, Visit, VisitDep, typed
from ui.frame.words import frozen_names
from ui.subject import list as list_view
from ui.subject import owner as owner_view
from ui.subject import owner_routes, view
from ui.subject.page import HandOverPage
from ui.subject.shown import of

router = APIRouter()
ROUTERS = (router, owner_routes.router)
DOORS: Doors = {
    Permission.RECORD_READ: """
        GET /owner-rules
        GET /subjects
        GET /subjects.csv
        GET /subjects/{key}
        GET /subjects/{key}/owner
        POST /subjects/{key}/owner
        GET /subjects/{key}/owner/record
    """,
    Permission.DEFINITION_WRITE: """
        POST /owner-rules
        POST /owner-rules/{rule}/end
    """,
    Permission.AUDIT_READ: """
        GET /subjects/{key}/audit
    """,
}
Word = Annotated[str, Query(max_length=200)]


@router.get("/subjects", name="subjects")
def subjects(visit: VisitDep, kind: Word = "", cursor: Annotated[str, Query(max_length=2000)] = "") -> Response:
    """Subjects of a kind, sorted and narrowed as the address says; batches have a list of their own."""
    visit.need(Permission.RECORD_READ)
    if kind == "lot":
        return visit.go("/lots")
    asked = asked_of(visit.request.query_params)
    refusal: Refusal | None = None
    found = SubjectList(items=(), next=None)
    opened = visit.request.query_params.get("view", "")[:40]
    with visit.reading() as session:
        kept = views.of_list(session, visit.principal, LIST.key)
        preset = next((one for one in kept if one.preset), None)
        if preset is not None and not visit.request.query_params:
            return visit.go(href_of(LIST, preset))
        kinds = queries_list.kinds_there(session)
        try:
            found = queries_list.page(session, kind or None, asked, visit.principal.zone, after=cursor or None)
        except Refusal as error:
            refusal = error
    page = list_view.page(visit.words, found, kinds, kind, asked, cursor, refusal)
    page = replace(page, list=with_views(visit.words, page.list, LIST, {"kind": kind or None}, asked, kept, opened))
    return visit.page(page, refusal.status if refusal else 200)


@router.get("/subjects.csv", name="subjects_file")
def subjects_file(visit: VisitDep, kind: Word = "") -> Response:
    """The whole list as a file, in the order and with the filters of the page."""
    visit.need(Permission.RECORD_READ)
    wanted = wanted_of(kind or None, asked_of(visit.request.query_params), visit.principal.zone, visit.language)
    return handed_out(visit.request, visit.engine, visit.principal, wanted)


@router.get("/subjects/{key}", name="subject")
def subject(visit: VisitDep, key: UUID) -> Response:
    """What it is, what is to be done, and everything that hangs on it."""
    visit.need(Permission.RECORD_READ)
    with visit.reading() as session:
        detail = queries.detail(session, visit.principal, key)
        panel = of(detail.head.kind).panel
        may = handing.may(session, detail.head.owner_key, visit.principal.person_id)
        known = view.Known(
            detail, panel(visit.words, session, detail.head.key, visit.may) if panel else None, may_hand_over=may
        )
        if visit.may(Permission.AUDIT_READ):
            found = trail.of_subject(session, detail.head.key, detail.head.number, limit=view.NEWEST)
            known = replace(known, trail=found, said=_said(visit, session, detail.head.key, found))
        page = view.page(visit.words, known, Folding.of(str(visit.request.url)))
        return visit.page(frozen_names.read(session, page, "audit", "signatures"))


@router.get("/subjects/{key}/audit", name="subject_audit")
def audit(visit: VisitDep, key: UUID, cursor: Annotated[str, Query(max_length=2000)] = "") -> Response:
    """Every change of it and of its runs, tasks and signatures, newest first."""
    visit.need(Permission.AUDIT_READ)
    with visit.reading() as session:
        head = queries.head(session, key)
        found = trail.of_subject(session, head.key, head.number, after=cursor or None)
        page = view.audit_page(visit.words, head, found, _said(visit, session, head.key, found), cursor)
        return visit.page(frozen_names.read(session, page, "rows"))


@router.get("/subjects/{key}/owner", name="subject_owner")
def owner_page(visit: VisitDep, key: UUID, to: Annotated[str, Query(max_length=100)] = "") -> Response:
    """Whom it is to go to, then what is signed."""
    visit.need(Permission.RECORD_READ)
    page = _owner(visit, key, to.strip())
    return visit.page(page, page.refusal.status if page.refusal else 200)


@router.get("/subjects/{key}/owner/record", name="subject_owner_record")
def owner_record(visit: VisitDep, key: UUID, to: Annotated[str, Query(max_length=100)] = "") -> Response:
    """The canonical text that another owner is signed on, byte for byte."""
    visit.need(Permission.RECORD_READ)
    with visit.reading() as session:
        shown = handing.preview(session, key, to, visit.principal.person_id)
        return Response(shown.canonical, media_type="application/json")


@router.post("/subjects/{key}/owner", name="subject_hand_over")
async def hand_over(visit: VisitDep, key: UUID) -> Response:
    """Sign it over."""
    form = await visit.form()
    to = typed(form, "to")[:100]

    async def act() -> Done:
        visit.need(Permission.RECORD_READ)
        if not typed(form, "reason"):
            raise handing.NO_REASON()
        given = read(HandOverIn, {"to": to, "reason": typed(form, "reason")})
        desk = visit.desk(form)
        command = HandOver(
            command_id=desk.command_id(f"owner:{key}"), by=desk.by(), subject=key, to=given.to, reason=given.reason
        )
        done = await signed_acts.hand_over(desk, command, signing_of(form, HAND_OVER))
        said = visit.words("subject.handed_over", number=done.data["number"], who=done.data["owner"])
        return f"/subjects/{key}", said

    try:
        return await once(visit, form, act)
    except REFUSING as error:
        refusal = visit.refusal(error)
        page = await run_in_threadpool(_owner, visit, key, to, typed(form, "reason"), refusal)
        return visit.page(page, refusal.status)


def _owner(visit: Visit, key: UUID, to: str, reason: str = "", refusal: Refusal | None = None) -> HandOverPage:
    """The page, with what can be signed, or why it can't."""
    shown = None
    with visit.reading() as session:
        head = queries.head(session, key)
        names = handing.colleagues(session, key)
        if to:
            try:
                shown = handing.preview(session, key, to, visit.principal.person_id)
            except Refusal as error:
                refusal = refusal or error
    return owner_view.page(visit.words, head, owner_view.Asked(names, to, reason, shown, refusal))


def _said(visit: Visit, session: Session, key: int, found: trail.AuditPage) -> Said:
    return Said(
        names=meanings(session, found.items), titles=stage_titles_of(session, key), zone=zone_of(visit.principal)
    )
