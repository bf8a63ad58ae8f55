"""An assessment of what was measured out of tolerance, decided in place; and a calibration that is asked for (ISO 13485 7.6)."""

from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.responses import Response

from api.calibration import AssessmentNumber
from api.frame.case_paper import case_paper
from api.frame.doors import Doors
from api.process import acts
from api.process.acts import Signing
from api.register.paths import EquipmentNumber
from models.calibration import paper, queries, rules
from models.calibration.messages import AskCalibration
from models.calibration.store import assessments
from models.calibration.tables import OutOfTolerance
from models.kernel.refusal import Refusal
from models.person.rules.roles import Permission
from ui.calibration import view
from ui.calibration.page import AssessmentPage
from ui.frame.form.forms import Done, once
from ui.frame.visit import REFUSING, Visit, VisitDep, typed
from workflows.temporal import start

router = APIRouter()
ROUTERS = (router,)
DOORS: Doors = {
    Permission.RECORD_READ: """
        GET /out-of-tolerance/{number:path}
        GET /out-of-tolerance/{number:path}/pdf
        POST /out-of-tolerance/{number:path}/decide
    """,
    Permission.EQUIPMENT_WRITE: """
        GET /equipment/{equipment_no:path}/calibrate
        POST /equipment/{equipment_no:path}/calibrate
    """,
}
Asked = Annotated[str, Query(max_length=200)]


@router.get("/out-of-tolerance/{number:path}/pdf")
def on_paper(visit: VisitDep, number: AssessmentNumber) -> Response:
    """The assessment and all that was decided on paper."""
    visit.need(Permission.RECORD_READ)
    return case_paper(visit.engine, number, paper.assessment)


@router.get("/out-of-tolerance/{number:path}")
def assessment(
    visit: VisitDep,
    number: AssessmentNumber,
    after: Annotated[int, Query(ge=0, le=10_000_000)] = 0,
    show: Asked = "",
) -> Response:
    """What was found, and each result with its decision."""
    with visit.reading() as session:
        return visit.page(view.page(visit, session, number, after=after, show=show))


@router.post("/out-of-tolerance/{number:path}/decide")
async def decide(visit: VisitDep, number: AssessmentNumber) -> Response:
    """Decide on what was chosen, by a signature; with `preview` it is said what that would do, and nothing is done."""
    form = await visit.form()

    def again(refusal: Refusal | None = None) -> AssessmentPage:
        with visit.reading() as session:
            return view.page(visit, session, number, form=form, refusal=refusal)

    try:
        if form.get("preview"):
            return visit.page(await run_in_threadpool(again))
        return visit.go(view.href(number), await _decided(visit, number, form))
    except REFUSING as error:
        refusal = visit.refusal(error)
        if form.get("preview"):
            form = FormData([(key, value) for key, value in form.multi_items() if key != "preview"])
        return visit.page(await run_in_threadpool(again, refusal), refusal.status)


async def _decided(visit: Visit, number: str, form: FormData) -> str:
    """Signed as its task is signed; answers what to say."""
    said = view.given(form)

    def now() -> Any:
        with visit.reading() as session:
            head = queries.of_number(session, number).head
            found = view.deciding(session, head.subject_key)
            if found is None:
                raise rules.OVER(number=head.number)
            kept = assessments.kept(session, session.get_one(OutOfTolerance, head.id))
            return found, len(view.fates_of(head.number, kept, said))

    (task, stage, outcome), n = await run_in_threadpool(now)
    password = form.get("password")
    signing = None
    if isinstance(password, str) and password and stage.signature is not None:
        signing = Signing(password[:200], stage.signature.meaning, typed(form, "digest")[:64])
    await acts.complete(visit.desk(form), task, outcome, said, typed(form, "reason") or None, signing)
    return visit.words("calibration.decided", n=n)


@router.get("/equipment/{equipment_no:path}/calibrate")
def ask_page(visit: VisitDep, equipment_no: EquipmentNumber) -> Response:
    """Which instrument it is, before its calibration is asked for."""
    return visit.page(view.asking(visit, equipment_no))


@router.post("/equipment/{equipment_no:path}/calibrate")
async def ask(visit: VisitDep, equipment_no: EquipmentNumber) -> Response:
    """Bring its calibration into the inbox, and go to its page."""
    form = await visit.form()

    async def act() -> Done:
        visit.need(Permission.EQUIPMENT_WRITE)
        desk = visit.desk(form)
        command = AskCalibration(command_id=desk.command_id("ask"), by=desk.by(), equipment_no=equipment_no)
        done = (await start.ask(desk.client, command)).data
        return f"/subjects/{done['subject']}", visit.words("calibration.asked", number=done["equipment"])

    try:
        return await once(visit, form, act)
    except REFUSING as error:
        refusal = visit.refusal(error)
        return visit.page(await run_in_threadpool(view.asking, visit, equipment_no, refusal), refusal.status)
