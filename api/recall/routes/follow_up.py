"""What follows a recall's notices over HTTP: effectiveness checks, returns, reports (REQUIREMENTS 75, 79, 82)."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query
from starlette.requests import Request
from starlette.responses import Response

from api.frame.deps import EngineDep, Reader, require
from api.frame.doors import API
from api.frame.request.named import body
from api.process.acts import Desk
from api.process.routes.acts import out, signed_act, signing_in
from api.process.schemas.acts import Quantity, ReceiptOut, SignedActOut
from api.recall import follow_up as following
from api.recall import reports as reporting
from api.recall.paths import RecallNumber
from api.recall.schemas import CheckIn, ClassIn, DecisionIn, DispositionIn, DrawIn, FilingIn, ReturnIn, ScrapLotsIn
from models.kernel.store.act import reading
from models.person.rules.auth import Principal
from models.person.rules.roles import Permission
from models.recall.acts import decide as deciding
from models.recall.queries import returned as recall_returned
from models.recall.queries.returned import ReturnRow
from models.recall.rules.markets import MarketClass
from models.recall.store import checks as recall_checks
from models.recall.store import decisions as recall_decisions
from models.recall.store import funnel as recall_funnel
from models.recall.store import markets as recall_markets
from models.recall.store import recalls
from models.recall.store import report as recall_report
from models.recall.store.checks import Checks
from models.recall.store.decisions import Decision
from models.recall.store.report import FiledReport
from models.returns import acts as returning

router = APIRouter(prefix=API, tags=["recalls"])

Runner = Annotated[Principal, Depends(require(Permission.RECALL_RUN))]
Booker = Annotated[Principal, Depends(require(Permission.RETURN_BOOK))]
Disposer = Annotated[Principal, Depends(require(Permission.RETURN_DISPOSE))]


@router.get("/recalls/{recall_no:path}/checks")
def checks(engine: EngineDep, _: Reader, recall_no: RecallNumber) -> Checks:
    """The draws with their seeds, the drawn customers with every try to reach them, and how it stands."""
    with reading(engine) as session:
        return recall_checks.view(session, recalls.get(session, recall_no).id)


@router.post("/recalls/{recall_no:path}/checks", status_code=201)
async def draw_checks(request: Request, who: Runner, recall_no: RecallNumber, given: DrawIn) -> ReceiptOut:
    """Choose the level where the approval didn't; the customers are drawn at once, and once only."""
    return out(await following.draw(Desk.of(request, who), recall_no, given))


@router.post("/recalls/{recall_no:path}/checks/{check_id}", status_code=201)
async def record_check(
    request: Request, who: Runner, recall_no: RecallNumber, check_id: UUID, given: CheckIn
) -> ReceiptOut:
    """Record one try to reach a drawn customer; the last answer counts, earlier ones stay."""
    return out(await following.check(Desk.of(request, who), recall_no, check_id, given))


@router.get("/recalls/{recall_no:path}/returns")
def returns(engine: EngineDep, _: Reader, recall_no: RecallNumber) -> Sequence[ReturnRow]:
    """What came back, and what became of it."""
    with reading(engine) as session:
        return recall_returned.view(session, recalls.get(session, recall_no).id)


@router.post("/recalls/{recall_no:path}/returns", status_code=201)
async def book_return(
    request: Request, who: Booker, recall_no: RecallNumber, given: Annotated[ReturnIn, body(ReturnIn)]
) -> ReceiptOut:
    """Book goods of one customer back, whole or not at all; also after the recall was closed."""
    return out(await following.book(Desk.of(request, who), recall_no, given))


@router.post("/returns/{returned}/dispositions", status_code=201)
async def dispose(request: Request, who: Disposer, returned: UUID, given: DispositionIn) -> ReceiptOut:
    """Scrap, rework or put back to stock what came back, or a part of it."""
    return out(await following.dispose(Desk.of(request, who), returned, given, signing_in(given.signature)))


@router.get("/returns/{returned}/scrap")
def scrap_record(engine: EngineDep, _: Disposer, returned: UUID, quantity: Quantity) -> SignedActOut:
    """What scrapping so much of this return is signed on."""
    with reading(engine) as session:
        return signed_act(returning.preview(session, returned, quantity))


@router.get("/recalls/{recall_no:path}/decisions")
def decisions(engine: EngineDep, _: Reader, recall_no: RecallNumber) -> Sequence[Decision]:
    """What becomes of the batches in house, the last decision of each."""
    with reading(engine) as session:
        return recall_decisions.latest(session, recalls.get(session, recall_no).id)


@router.post("/recalls/{recall_no:path}/decisions", status_code=201)
async def decide(
    request: Request, who: Disposer, recall_no: RecallNumber, given: Annotated[DecisionIn, body(DecisionIn)]
) -> ReceiptOut:
    """Decide what becomes of batches in house; a recall doesn't close before each of them has a decision."""
    return out(await following.decide(Desk.of(request, who), recall_no, given, signing_in(given.signature)))


@router.post("/recalls/{recall_no:path}/decisions/scrap")
def scrap_lots_record(
    engine: EngineDep, _: Disposer, recall_no: RecallNumber, given: Annotated[ScrapLotsIn, body(ScrapLotsIn)]
) -> SignedActOut:
    """What scrapping these batches is signed on; decides nothing."""
    with reading(engine) as session:
        return signed_act(deciding.preview(session, recall_no, given.lots))


@router.get("/recalls/{recall_no:path}/classes")
def classes(engine: EngineDep, _: Reader, recall_no: RecallNumber) -> Sequence[MarketClass]:
    """The class in each market that the scope reaches: the firm's, its proposal, an agency's; none in the European Union."""
    with reading(engine) as session:
        return recall_markets.of(session, recalls.get(session, recall_no))


@router.post("/recalls/{recall_no:path}/classes", status_code=201)
async def classify(request: Request, who: Runner, recall_no: RecallNumber, given: ClassIn) -> ReceiptOut:
    """Record the letter by which an agency classified it; the proposal stays in the record."""
    return out(await following.classify(Desk.of(request, who), recall_no, given))


@router.post("/recalls/{recall_no:path}/reports", status_code=201)
async def file_report(request: Request, who: Runner, recall_no: RecallNumber, given: FilingIn) -> ReceiptOut:
    """Keep that a report was filed: its legal clocks are met, the next one runs."""
    return out(await following.file(Desk.of(request, who), recall_no, given))


@router.get("/recalls/{recall_no:path}/reconciliation")
def reconciliation(engine: EngineDep, _: Reader, recall_no: RecallNumber) -> dict[str, Any]:
    """Per customer and batch: shipped, returned, used, outstanding, disposed; the sums, and where answers and books differ."""
    with reading(engine) as session:
        recall = recalls.get(session, recall_no)
        return recall_funnel.reconciliation(session, recall, recalls.newest_scope(session, recall.id)).as_dict()


@router.get("/recalls/{recall_no:path}/funnel")
def funnel(engine: EngineDep, _: Reader, recall_no: RecallNumber) -> dict[str, Any]:
    """Where every unit of the scope is, by unit of measure: each in exactly one place; how many customers were told."""
    with reading(engine) as session:
        recall = recalls.get(session, recall_no)
        return recall_funnel.of(session, recall, recalls.newest_scope(session, recall.id)).as_dict()


@router.get("/recalls/{recall_no:path}/reports")
def filed_reports(engine: EngineDep, _: Reader, recall_no: RecallNumber) -> Sequence[FiledReport]:
    """What was filed with authorities."""
    with reading(engine) as session:
        return recall_report.filed(session, recalls.get(session, recall_no).id)


@router.get("/recalls/{recall_no:path}/reports/{kind}", response_class=Response)
async def report(
    request: Request,
    engine: EngineDep,
    _: Reader,
    recall_no: RecallNumber,
    kind: Annotated[str, Path(description="`status` (21 CFR 7.53) or `termination` (7.55).")],
    fmt: Annotated[
        Literal["json", "csv", "pdf"], Query(alias="format", description="One record, one digest; CSV holds its lines.")
    ] = "json",
    estimated_on: Annotated[
        str | None, Query(description="When the recall is expected to be over; the last filed estimate unless given.")
    ] = None,
) -> Response:
    """A report as things stand now, whole, with its digest."""
    return await reporting.in_turn(request.app, reporting.report, engine, recall_no, kind, fmt, estimated_on)


@router.get("/recalls/{recall_no:path}/pack", response_class=Response)
async def pack(request: Request, engine: EngineDep, _: Reader, recall_no: RecallNumber) -> Response:
    """Everything that an authority asks, as one ZIP: papers, JSON, tables, and the SHA-256 of each in `digests.txt`."""
    return await reporting.in_turn(request.app, reporting.pack, engine, recall_no)
