"""CAPAs over HTTP: opened by people of quality, read by everybody (ISO 13485 8.5.2, 8.5.3; REQUIREMENTS 40, 42)."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field
from starlette.requests import Request

from api.frame.deps import engine, require
from api.frame.doors import Doors
from api.frame.request.named import body
from api.frame.request.paths import NumberIn, number_in
from api.frame.request.shapes import EnglishName, KnownItem, KnownSupplier, Name, ScannedIn
from api.process.acts import Desk
from api.process.routes.acts import out
from api.process.schemas.acts import ReceiptOut
from models.capa import queries, tables
from models.capa.messages import OpenCapa
from models.kernel.store.act import reading
from models.person.rules.auth import Principal
from models.person.rules.roles import Permission
from workflows.temporal import start

router = APIRouter(tags=["acts"])
ROUTERS = (router,)
DOORS: Doors = {
    Permission.RECORD_READ: """
        GET /api/v1/capas/{number:path}
    """,
    Permission.CAPA_OPEN: """
        POST /api/v1/capas
    """,
}
Opener = Annotated[Principal, Depends(require(Permission.CAPA_OPEN))]
Reader = Annotated[Principal, Depends(require(Permission.RECORD_READ))]
Number = Annotated[str, Field(min_length=1, max_length=200)]
CapaNumber = Annotated[str, Depends(number_in(NumberIn("number", tables.NUMBERS)))]
MOST_FINDINGS = 200


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


@router.post("/capas", status_code=201)
async def open_capa(request: Request, who: Opener, given: Annotated[OpenCapaIn, body(OpenCapaIn)]) -> ReceiptOut:
    """Open a CAPA; its process begins at once, and its owner is found by the plant's rules."""
    desk = Desk.of(request, who)
    command = OpenCapa(command_id=desk.command_id("open"), by=desk.by(), **given.model_dump())
    return out(await start.ask(desk.client, command))


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
            findings=[Finding(**one._mapping) for one in case.findings],  # noqa: SLF001
            rounds=[Round(**_plain(one._mapping)) for one in case.rounds],  # noqa: SLF001
        )


def _plain(row: Mapping[Any, Any]) -> dict[str, Any]:
    return {key: f"{one.normalize():f}" if isinstance(one, Decimal) else one for key, one in row.items()}
