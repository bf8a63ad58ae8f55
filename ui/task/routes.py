"""One task on a page: look, claim, hand back, hand on, keep a draft, save results, complete, sign (REQ 58, 87-89).

Every refusal draws the page again with what was typed, never the password, and the status that belongs to it.
"""

import hashlib
import json
from dataclasses import replace
from uuid import UUID

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from api.frame.doors import Doors
from api.process import acts
from api.process.acts import Signing
from models.definition.document import Stage
from models.inspection import kind as inspection
from models.inspection.messages import MeasuredValue
from models.inspection.queries import sheet as queries_page_task
from models.kernel.refusal import Refusal
from models.person.rules.known_roles import role_name
from models.person.rules.roles import Permission
from models.process import task as rules
from models.process.queries import inbox as queries_tasks
from models.process.queries.views import TaskView
from models.process.store import runs, tasks
from models.release.kind import RECORD as BATCH_RECORD
from ui.frame.parts import Draft
from ui.frame.render import Page
from ui.frame.visit import REFUSING, Visit, VisitDep, typed
from ui.frame.words import frozen_names
from ui.inbox.view import in_cockpit, place_of
from ui.inspection.view import LATE_REASON, changes, inspection_page, measured_at, sheet_of
from ui.recall.cockpit import cockpit, drill_words
from ui.recall.page.recall import RecallPage
from ui.release.view import release_page
from ui.task.page import DraftState, RecordingPage, TaskPage
from ui.task.view.desk import Desk, Typed
from ui.task.view.done import done
from ui.task.view.task import find, head, task_page
from workflows.temporal.start import PENDING

router = APIRouter()
ROUTERS = (router,)
DOORS: Doors = {
    Permission.RECORD_READ: """
        GET /tasks/{task_id}
        POST /tasks/{task_id}/claim
        POST /tasks/{task_id}/complete
        POST /tasks/{task_id}/delegate
        POST /tasks/{task_id}/draft
        GET /tasks/{task_id}/record
        GET /tasks/{task_id}/recording
        POST /tasks/{task_id}/release
    """,
}
FROZEN = ("exceptions", "matrix", "open_items", "balances", "inspections", "timeline", "parents", "signatures")
"""What a release page shows of the record that is signed."""


@router.get("/tasks/{task_id}")
def show(visit: VisitDep, task_id: UUID) -> Response:
    """The task; a closed one shows what was recorded and signed."""
    visit.need(Permission.RECORD_READ)
    with visit.reading() as session:
        found = queries_tasks.one(session, visit.principal, task_id)
    if in_cockpit(found):
        return visit.go(place_of(found))
    return _page_of(visit, _build(visit, task_id))


@router.get("/tasks/{task_id}/record")
def record(visit: VisitDep, task_id: UUID) -> Response:
    """The canonical text behind the digest, byte for byte."""
    visit.need(Permission.RECORD_READ)
    with visit.reading() as session:
        found = find(visit, session, task_id)
        return Response(found.decision.canonical, media_type="application/json")


@router.post("/tasks/{task_id}/claim")
def claim(visit: VisitDep, task_id: UUID) -> Response:
    """Make it mine and open it."""
    try:
        with visit.act() as session:
            tasks.claim(session, visit.principal, task_id, source_ref=f"POST {visit.request.url.path}")
            one = queries_tasks.one(session, visit.principal, task_id)
    except REFUSING as error:
        return _refused(visit, task_id, error)
    return visit.go(place_of(one), visit.words("task.claimed"))


@router.post("/tasks/{task_id}/release")
def release(visit: VisitDep, task_id: UUID) -> Response:
    """Give it back to its role."""
    try:
        with visit.act() as session:
            tasks.release(session, visit.principal, task_id)
            one = queries_tasks.one(session, visit.principal, task_id)
    except REFUSING as error:
        return _refused(visit, task_id, error)
    role = role_name(one.role, visit.language)
    return visit.go("/inbox", visit.words("task.handed_back", role=role, what=_what(visit, one)))


@router.post("/tasks/{task_id}/delegate")
async def delegate(visit: VisitDep, task_id: UUID) -> Response:
    """Hand it to a colleague."""
    to = typed(await visit.form(), "to")

    def work() -> Response:
        try:
            with visit.act() as session:
                tasks.delegate(session, visit.principal, task_id, to)
                one = queries_tasks.one(session, visit.principal, task_id)
        except REFUSING as error:
            return _refused(visit, task_id, error)
        return visit.go("/inbox", visit.words("task.delegated", who=one.assignee, what=_what(visit, one)))

    return await run_in_threadpool(work)


@router.post("/tasks/{task_id}/draft")
async def draft(visit: VisitDep, task_id: UUID) -> Response:
    """Keep what was typed so far; what can't be kept stays in the browser, and completing will say why."""
    values = dict(Typed.of(await visit.form()).values)
    values.pop("idempotency_key", None)

    def work() -> Response:
        try:
            if len(json.dumps(values)) > rules.DRAFT_LIMIT:
                raise rules.DRAFT_LARGE(limit=rules.DRAFT_LIMIT)
            with visit.act() as session:
                tasks.save_draft(session, visit.principal, task_id, values)
        except REFUSING:
            return Response(status_code=204)
        kept = Draft(key=f"task-{task_id}", save_href=f"/tasks/{task_id}/draft", saved_at=visit.now)
        return visit.part(DraftState(draft=kept))

    return await run_in_threadpool(work)


@router.post("/tasks/{task_id}/complete")
async def complete(visit: VisitDep, task_id: UUID) -> Response:
    """Complete it, with a signature where the step takes one; an inspection's results are saved first."""
    form = await visit.form()
    given, save = Typed.of(form), bool(typed(form, "save"))
    if rows := typed(form, "rows"):
        return await run_in_threadpool(_rows, visit, task_id, given.changed(rows))
    password = form.get("password")
    try:
        desk = visit.desk(form)
        stage, inspecting = await run_in_threadpool(_kind, visit, task_id)
        meaning = stage.signature.meaning if stage.signature else ""
        if inspecting:
            values = await run_in_threadpool(_changes, visit, task_id, given)
            if values:
                # other values under the same key are another act: a lost answer must not swallow what was typed since
                again = replace(desk, key=_key_of(given, values))
                at, why = measured_at(given, visit.principal.zone), given[LATE_REASON] or None
                await acts.record_results(again, task_id, values, at, why)
            if values or save:
                return await run_in_threadpool(_saved, visit, task_id, len(values), save=save)
        signing = None
        if meaning and isinstance(password, str) and password:
            signing = Signing(password[:200], meaning, typed(form, "digest")[:64])
        await acts.complete(
            desk,
            task_id,
            given["outcome"][:60] or None,
            given.answers(stage, visit.principal.zone),
            given["reason"] or None,
            signing,
            seen=typed(form, "seen")[:100],
        )
    except REFUSING as error:
        return await run_in_threadpool(_refused, visit, task_id, error, given)
    return await run_in_threadpool(_done, visit, task_id)


@router.get("/tasks/{task_id}/recording")
def recording(visit: VisitDep, task_id: UUID) -> Response:
    """Asks whether the act has arrived in the record; sends nothing."""
    with visit.reading() as session:
        arrived = queries_page_task.done_by(session, task_id, visit.principal.person_id)
        if not arrived:
            here = f"/tasks/{task_id}/recording"
            return visit.page(
                RecordingPage(head=head(find(visit, session, task_id)), ask_href=here, form_href=f"/tasks/{task_id}"),
                202,
            )
    return _done(visit, task_id)


def _build(visit: Visit, task_id: UUID, given: Typed | None = None, refusal: Refusal | None = None) -> Page:
    with visit.reading() as session:
        desk = find(visit, session, task_id, given, refusal)
        return _page(desk)


def _page_of(visit: Visit, page: Page, status: int = 200) -> Response:
    """The page; a drill wears its band."""
    drill = drill_words(page) if isinstance(page, RecallPage) else ""
    if isinstance(page, TaskPage) and page.head.drill and page.head.recall:
        drill = page.head.recall.label
    return visit.page(page, status, drill=drill)


def _page(desk: Desk) -> Page:
    if in_cockpit(desk.task) and desk.task.recall_no:
        return cockpit(desk.visit, desk.session, desk.task.recall_no, desk)
    if desk.task.record == BATCH_RECORD.name:
        return frozen_names.read(desk.session, release_page(desk), *FROZEN)
    if desk.stage.kind == "inspection" or (desk.stage.signature and desk.task.record == inspection.RECORD.name):
        return inspection_page(desk, sheet_of(desk))
    return frozen_names.read(desk.session, task_page(desk), "facts")


def _rows(visit: Visit, task_id: UUID, given: Typed) -> Response:
    """The page with a row more or less in a table; nothing is done."""
    return _page_of(visit, _build(visit, task_id, given))


def _kind(visit: Visit, task_id: UUID) -> tuple[Stage, bool]:
    """The step, and whether results come in with it."""
    with visit.reading() as session:
        row = queries_tasks.row(session, task_id)
        stage = runs.load(session, row.run_id).definition.stage(row.stage)
        return stage, stage.kind == "inspection" and row.status == "open"


def _changes(visit: Visit, task_id: UUID, given: Typed) -> tuple[MeasuredValue, ...]:
    with visit.reading() as session:
        return changes(sheet_of(find(visit, session, task_id)), given)


def _key_of(given: Typed, values: tuple[MeasuredValue, ...]) -> str:
    text = "\n".join(one.model_dump_json() for one in values)
    return f"{given.key[:100]}:{hashlib.sha256(text.encode()).hexdigest()[:32]}"


def _saved(visit: Visit, task_id: UUID, n: int, *, save: bool) -> Response:
    """The sheet as it is saved now.  What was typed for the signature is asked again: it is over what is shown."""
    words = visit.words
    said = (
        words("inspection.saved" if save else "inspection.saved_first", n=n) if n else words("inspection.nothing_new")
    )
    with visit.act() as session:
        tasks.save_draft(session, visit.principal, task_id, {})
    return visit.go(f"/tasks/{task_id}", said)


def _refused(visit: Visit, task_id: UUID, error: Exception, given: Typed | None = None) -> Response:
    """The page again, with the refusal where the person stands."""
    refusal = visit.refusal(error)
    if refusal.code == PENDING.code:
        return visit.go(f"/tasks/{task_id}/recording")
    if refusal.code == rules.DONE.code and given is not None:
        me, outcome = visit.principal.person_id, given["outcome"] or None
        with visit.reading() as session:
            mine = queries_page_task.done_by(session, task_id, me, outcome, given["reason"])
        if mine:
            return _done(visit, task_id)  # the first press has done it; say what it did
    if given is not None and refusal.status < 500:
        given = given.with_fresh_key()  # a refused act did nothing, and its update answers the same refusal for ever
    try:
        page = _build(visit, task_id, given, refusal)
    except REFUSING:
        raise error from None  # not even the task can be read: the error page says why
    return _page_of(visit, page, refusal.status)


def _done(visit: Visit, task_id: UUID) -> Response:
    """Back to the inbox with what happened, what the batch is now and who goes on; in a recall to its cockpit."""
    with visit.reading() as session:
        href, said = done(visit, session, task_id)
    return visit.go(href, said)


def _what(visit: Visit, one: TaskView) -> str:
    return f"{one.stage_title.say(visit.language)} {one.lot_no}"
