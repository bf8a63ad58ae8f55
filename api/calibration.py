"""Calibrations that are asked for, and assessments of what was measured out of tolerance, over HTTP (ISO 13485 7.6; REQUIREMENTS 64, 65)."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response

from api.frame.case_paper import PDF, case_paper
from api.frame.deps import engine, require
from api.frame.doors import API, Doors
from api.frame.request.paths import NumberIn, number_in
from api.process.acts import Desk
from api.process.routes.acts import out
from api.process.schemas.acts import ReceiptOut
from api.register.paths import EquipmentNumber
from models.calibration import queries, tables
from models.calibration.messages import AskCalibration
from models.calibration.paper import assessment
from models.kernel.store.act import reading
from models.person.rules.auth import Principal
from models.person.rules.roles import Permission
from workflows.temporal import start

router = APIRouter(prefix=API, tags=["acts"])
ROUTERS = (router,)
DOORS: Doors = {
    Permission.RECORD_READ: """
        GET /api/v1/out-of-tolerance/{number:path}
        GET /api/v1/out-of-tolerance/{number:path}/pdf
        GET /api/v1/out-of-tolerance/{number:path}/results
    """,
    Permission.EQUIPMENT_WRITE: """
        POST /api/v1/equipment/{equipment_no:path}/calibrations/ask
    """,
}
Writer = Annotated[Principal, Depends(require(Permission.EQUIPMENT_WRITE))]
Reader = Annotated[Principal, Depends(require(Permission.RECORD_READ))]
AssessmentNumber = Annotated[str, Depends(number_in(NumberIn("number", tables.NUMBERS)))]
PAGE = 200


class ResultOut(BaseModel):
    """A result that was measured meanwhile, or an operation that was worked, as it stood, and what was decided of it.

    Of an operation `characteristic` is the step, `sample_no` which time it was done, `value` what was recorded with it, `began_at` to
    `measured_at` the time of the work.
    """

    seq: int
    lot_no: str
    kind: Literal["result", "operation"]
    inspection_no: str | None
    work_order_no: str | None
    characteristic: str
    characteristic_en: str | None
    sample_no: int
    value: str | None
    unit: str | None
    passed: bool | None
    began_at: datetime | None
    measured_at: datetime
    equipment_no: str
    decision: Literal["no_effect", "reinspect", "nonconformance"] | None
    decided_at: datetime | None
    decided_by: str | None
    reason: str | None
    nonconformance: str | None


class ResultPage(BaseModel):
    """Results by number; `next` where there are more."""

    items: list[ResultOut]
    next: int | None


class AssessmentOut(BaseModel):
    """What an instrument measured out of tolerance: the instruments with the times in doubt, batches with what was made of them, and customers.

    All of it is as the record had it when the assessment was opened; `digest` covers it.  `decided` counts the results by decision.
    """

    number: str
    subject: UUID
    status: Literal["open", "closed"]
    title: str
    title_en: str
    equipment_no: str
    performed_at: datetime
    as_found: Literal["within", "out"]
    opened_at: datetime
    closed_at: datetime | None
    owner: str | None
    run: UUID | None
    instruments: list[dict[str, Any]]
    lots: list[dict[str, Any]]
    customers: list[dict[str, Any]]
    counts: dict[str, int]
    digest: str
    undecided: int
    decided: dict[str, int]


@router.post("/equipment/{equipment_no:path}/calibrations/ask", status_code=201)
async def ask_calibration(request: Request, who: Writer, equipment_no: EquipmentNumber) -> ReceiptOut:
    """Bring its calibration into the inbox now; from then on it comes back before it is due."""
    desk = Desk.of(request, who)
    command = AskCalibration(command_id=desk.command_id("ask"), by=desk.by(), equipment_no=equipment_no)
    return out(await start.ask(desk.client, command))


@router.get("/out-of-tolerance/{number:path}/results")
def read_results(
    request: Request,
    who: Reader,
    number: AssessmentNumber,
    after: Annotated[int, Query(ge=0, le=10_000_000)] = 0,
    undecided: bool = False,
) -> ResultPage:
    """Its results, a page of them at a time; `undecided` leaves out what somebody has decided on."""
    del who
    with reading(engine(request)) as session:
        head = queries.of_number(session, number).head
        rows = queries.results(session, head.id, after=after, limit=PAGE + 1, open_only=undecided)
        return ResultPage(
            items=[ResultOut(**one._mapping) for one in rows[:PAGE]],  # noqa: SLF001 - SQLAlchemy's public name
            next=rows[PAGE - 1].seq if len(rows) > PAGE else None,
        )


@router.get("/out-of-tolerance/{number:path}/pdf", response_class=Response, responses=PDF)
def read_assessment_pdf(request: Request, who: Reader, number: AssessmentNumber) -> Response:
    """The assessment on paper: what was found, each decision, every step and signature; the record as JSON is attached."""
    del who
    return case_paper(engine(request), number, assessment)


@router.get("/out-of-tolerance/{number:path}")
def read_assessment(request: Request, who: Reader, number: AssessmentNumber) -> AssessmentOut:
    """One assessment: what was found when it was opened, and how far it is decided."""
    del who
    with reading(engine(request)) as session:
        found = queries.of_number(session, number)
        head = {key: value for key, value in found.head._mapping.items() if key in AssessmentOut.model_fields}  # noqa: SLF001
        return AssessmentOut(**head, decided={one.decision: one.n for one in found.decided})
