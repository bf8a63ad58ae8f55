"""CAPAs over HTTP: opened by people of quality, read by everybody (ISO 13485 8.5.2, 8.5.3; REQUIREMENTS 40, 42)."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import Response

from api.frame.case_paper import PDF, case_paper
from api.frame.deps import engine, require
from api.frame.doors import API, Doors
from api.frame.request.named import body
from api.frame.request.paths import NumberIn, number_in
from api.frame.request.shapes import EnglishName, KnownItem, KnownLot, KnownSupplier, Name, ScannedIn, Words
from api.process.acts import Desk
from api.process.routes.acts import out
from api.process.schemas.acts import ReceiptOut
from models.capa import queries, rules, tables
from models.capa.messages import AddToScope, ConfirmSimilar, EndScope, OpenCapa
from models.capa.paper import case
from models.capa.store import scope, similar
from models.kernel.store.act import now as act_now
from models.kernel.store.act import reading
from models.person.rules.auth import Principal
from models.person.rules.roles import Permission
from workflows.temporal import start

router = APIRouter(prefix=API, tags=["acts"])
ROUTERS = (router,)
DOORS: Doors = {
    Permission.RECORD_READ: """
        GET /api/v1/capas/{number:path}
        GET /api/v1/capas/{number:path}/scope
        GET /api/v1/capas/{number:path}/pdf
    """,
    Permission.CAPA_OPEN: """
        POST /api/v1/capas
        POST /api/v1/capas/{number:path}/scope
        POST /api/v1/capas/{number:path}/scope/end
        POST /api/v1/similar
    """,
}
Opener = Annotated[Principal, Depends(require(Permission.CAPA_OPEN))]
Reader = Annotated[Principal, Depends(require(Permission.RECORD_READ))]
Number = Annotated[str, Field(min_length=1, max_length=200)]
CapaNumber = Annotated[str, Depends(number_in(NumberIn("number", tables.NUMBERS)))]
MOST_FINDINGS = 200
PAGE = 200


class OpenCapaIn(ScannedIn):
    """What is to be solved, and the nonconformances that it is for; without any it is preventive."""

    title: Name = Field(examples=["股骨柄直径连续超差"])
    title_en: EnglishName = None
    nonconformances: tuple[Number, ...] = Field(default=(), max_length=MOST_FINDINGS, examples=[["NC-R-2611-07-1"]])
    item_no: KnownItem | None = None
    supplier_no: KnownSupplier | None = None


class Finding(BaseModel):
    """A nonconformance that it is for."""

    number: str
    title: str
    title_en: str | None
    status: str
    severity: str
    cause_class: str | None
    opened_at: datetime
    lot_no: str | None
    subject: UUID


class Round(BaseModel):
    """What was planned in one round, and what was measured of it; a figure is text, so that nothing is rounded."""

    round: int
    actions: list[dict[str, Any]]
    measure: Literal["findings", "failed_share", "mean"]
    direction: Literal["at_most", "at_least"]
    limit: str
    least: int
    item_no: str | None
    supplier_no: str | None
    characteristic: str | None
    measure_on: date
    planned_by: str
    fixed_by: str | None
    fixed_at: datetime | None
    verified_at: datetime | None
    since: datetime | None
    until: datetime | None
    value: str | None
    observed: int | None
    behind: list[str] | None
    result: Literal["effective", "failed", "no_data"] | None
    measured_at: datetime | None


class AlikeOut(BaseModel):
    """A case that has something in common with it: what (the same lot, machine, shift, mode, cause, supplier or item) and of which."""

    kind: str
    number: str
    title: str
    subject: UUID
    opened_at: datetime
    reasons: list[tuple[str, str]]
    confirmed: bool

    @classmethod
    def of(cls, one: similar.Alike) -> "AlikeOut":
        """As it is proposed."""
        return cls(
            **{name: getattr(one, name) for name in cls.model_fields if name != "reasons"}, reasons=list(one.reasons)
        )


class RootOut(BaseModel):
    """A saved query: the batch, whether what was made of it or went into it is meant, and who says so; none: a finding that it is for."""

    lot_no: str
    direction: rules.Way
    reason: str
    added_by: str | None
    added_at: datetime


class RelativeOut(BaseModel):
    """A batch that it is about: below or above one of the queries; `later` since it was opened."""

    lot_no: str
    item_no: str
    item: str
    quantity: str
    uom: str
    status: str
    held: bool
    down: bool
    up: bool
    later: bool


class ScopeOut(BaseModel):
    """Which batches it is about: the saved queries, how many batches they reach, and the batches by number; `next` where there are more."""

    roots: list[RootOut]
    total: int
    later: int
    as_of: datetime | None
    items: list[RelativeOut]
    next: str | None


class AddToScopeIn(ScannedIn):
    """A batch, and whether what was made of it is meant, what went into it, or both."""

    lot_no: KnownLot
    direction: rules.Way = "forward"
    reason: Words


class EndScopeIn(ScannedIn):
    """A batch that somebody has added and that it isn't about after all."""

    lot_no: KnownLot
    reason: Words


class SimilarIn(BaseModel):
    """Two cases, findings or CAPAs, that somebody has looked at and found alike."""

    number: Number
    like: Number
    because: str = Field(default="", max_length=400)


class CapaOut(BaseModel):
    """One CAPA; `extensions` is how often an action was given more time."""

    number: str
    subject: UUID
    status: Literal["open", "closed", "withdrawn"]
    title: str
    title_en: str | None
    source: str
    item_no: str | None
    supplier_no: str | None
    opened_at: datetime
    opened_by: str | None
    owner: str | None
    closed_at: datetime | None
    run: UUID | None
    extensions: int
    findings: list[Finding]
    rounds: list[Round]
    similar: list[AlikeOut]
    batches: int


@router.post("/capas", status_code=201)
async def open_capa(request: Request, who: Opener, given: Annotated[OpenCapaIn, body(OpenCapaIn)]) -> ReceiptOut:
    """Open a CAPA; its process begins at once, and its owner is found by the plant's rules."""
    desk = Desk.of(request, who)
    command = OpenCapa(command_id=desk.command_id("open"), by=desk.by(), **given.model_dump())
    return out(await start.ask(desk.client, command))


@router.get("/capas/{number:path}/scope")
def read_scope(
    request: Request, who: Reader, number: CapaNumber, after: Annotated[str | None, Query(max_length=100)] = None
) -> ScopeOut:
    """Which batches it is about, a page of them at a time; whatever is made of them later joins by itself."""
    del who
    with reading(engine(request)) as session:
        case = queries.of_number(session, number)
        rows = scope.relatives(session, case.scope, case.head.opened_at, after=after, limit=PAGE + 1)
        return ScopeOut(
            roots=[RootOut(**{name: getattr(one, name) for name in RootOut.model_fields}) for one in case.scope.roots],
            total=case.scope.total,
            later=case.scope.later,
            as_of=case.scope.as_of,
            items=[RelativeOut(**_plain(one._mapping)) for one in rows[:PAGE]],  # noqa: SLF001
            next=rows[PAGE - 1].lot_no if len(rows) > PAGE else None,
        )


@router.post("/capas/{number:path}/scope", status_code=201)
async def add_to_scope(
    request: Request, who: Opener, number: CapaNumber, given: Annotated[AddToScopeIn, body(AddToScopeIn)]
) -> ReceiptOut:
    """Say that it is about a batch and its relatives."""
    desk = Desk.of(request, who)
    command = AddToScope(command_id=desk.command_id("scope"), by=desk.by(), number=number, **given.model_dump())
    return out(await start.ask(desk.client, command))


@router.post("/capas/{number:path}/scope/end", status_code=201)
async def end_scope(
    request: Request, who: Opener, number: CapaNumber, given: Annotated[EndScopeIn, body(EndScopeIn)]
) -> ReceiptOut:
    """Take out a batch that somebody has added."""
    desk = Desk.of(request, who)
    command = EndScope(command_id=desk.command_id("scope-end"), by=desk.by(), number=number, **given.model_dump())
    return out(await start.ask(desk.client, command))


@router.post("/similar", status_code=201)
async def confirm_similar(request: Request, who: Opener, given: Annotated[SimilarIn, body(SimilarIn)]) -> ReceiptOut:
    """Say that two cases are alike; what is proposed stands with each of them."""
    desk = Desk.of(request, who)
    command = ConfirmSimilar(command_id=desk.command_id("similar"), by=desk.by(), **given.model_dump())
    return out(await start.ask(desk.client, command))


@router.get("/capas/{number:path}/pdf", response_class=Response, responses=PDF)
def read_paper(request: Request, who: Reader, number: CapaNumber) -> Response:
    """The whole case on paper, with the same as JSON attached."""
    del who
    return case_paper(engine(request), number, case)


@router.get("/capas/{number:path}")
def read_capa(request: Request, who: Reader, number: CapaNumber) -> CapaOut:
    """One CAPA with every round: what was planned, what was fixed when, and what was measured."""
    del who
    with reading(engine(request)) as session:
        case = queries.of_number(session, number)
        head = {key: value for key, value in case.head._mapping.items() if key in CapaOut.model_fields}  # noqa: SLF001 - SQLAlchemy's public name
        return CapaOut(
            **head,
            extensions=case.extensions,
            batches=case.scope.total,
            similar=[AlikeOut.of(one) for one in similar.proposed(session, case.head.subject_key, act_now(session))],
            findings=[Finding(**one._mapping) for one in case.findings],  # noqa: SLF001
            rounds=[Round(**_plain(one._mapping)) for one in case.rounds],  # noqa: SLF001
        )


def _plain(row: Mapping[Any, Any]) -> dict[str, Any]:
    return {key: f"{one.normalize():f}" if isinstance(one, Decimal) else one for key, one in row.items()}
