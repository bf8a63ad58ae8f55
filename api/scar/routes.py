"""Requests to suppliers over HTTP, and what their links take: raised by who keeps suppliers, read by everybody (REQUIREMENTS 52)."""

from datetime import date, datetime
from hashlib import sha256
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field, StringConstraints
from sqlalchemy import Engine
from starlette.requests import Request
from starlette.responses import Response
from temporalio.client import Client

from api.attachment import handed_out, received
from api.frame.deps import engine, require
from api.frame.doors import API, Doors
from api.frame.request.named import body
from api.frame.request.paths import NumberIn, number_in
from api.frame.request.shapes import KnownItem, KnownLot, KnownSupplier, Reason, ScannedIn
from api.process.acts import Desk
from api.process.routes.acts import out
from api.process.schemas.acts import ReceiptOut
from models.attachment.rules.sniff import FileType
from models.attachment.store import Arrived, Attached
from models.kernel.store.act import Actor, reading
from models.kernel.store.act import now as act_now
from models.kernel.time.moments import plant_day
from models.lot.store import lots
from models.person.rules.auth import Principal
from models.person.rules.roles import Permission
from models.process.messages.process import By, Receipt
from models.scar import queries, rules, tables
from models.scar.messages import AnswerScar, RaiseScar, WithdrawScar
from models.scar.queries import Behind
from models.scar.store import files
from workflows.temporal import start

router = APIRouter(prefix=API, tags=["acts"])
ROUTERS = (router,)
DOORS: Doors = {
    Permission.RECORD_READ: """
        GET /api/v1/scars
        GET /api/v1/scars/{number:path}
        GET /api/v1/scar-files/{file}
    """,
    Permission.SUPPLIER_ASSESS: """
        POST /api/v1/scars
        POST /api/v1/scars/{number:path}/withdraw
    """,
}
Keeper = Annotated[Principal, Depends(require(Permission.SUPPLIER_ASSESS))]
Reader = Annotated[Principal, Depends(require(Permission.RECORD_READ))]
ScarNumber = Annotated[str, Depends(number_in(NumberIn("number", tables.NUMBERS)))]
Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Words = Annotated[str, StringConstraints(strip_whitespace=True, max_length=4000)]
Ask = Literal["containment", "cause", "correction", "prevention"]
Stands = Literal["draft", "sent", "late", "lapsed", "answered", "back", "accepted", "closed", "withdrawn"]


class RaiseScarIn(ScannedIn):
    """What a supplier is asked to correct; everything that isn't left out of `asks` is a field that it must fill."""

    supplier_no: KnownSupplier
    title: Line = Field(examples=["第 P88-12 批外径超差"])
    found: Words = ""
    item_no: KnownItem | None = None
    lots: tuple[KnownLot, ...] = Field(default=(), max_length=200)
    nonconformance_no: Annotated[str, StringConstraints(max_length=80)] | None = None
    capa_no: Annotated[str, StringConstraints(max_length=80)] | None = None
    asks: tuple[Ask, ...] = ("containment", "cause", "correction", "prevention")


class WithdrawIn(BaseModel):
    """Why nothing is asked any more."""

    reason: Reason


class AnswerIn(BaseModel):
    """What a supplier answers."""

    name: Line
    containment: Words = ""
    cause: Words = ""
    correction: Words = ""
    prevention: Words = ""
    done_on: date | None = None
    files: tuple[Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")], ...] = Field(default=(), max_length=rules.MOST_FILES)


class ScarOut(BaseModel):
    """A request and how it stands; the round and its days are those of the newest link."""

    number: str
    subject: UUID
    stands: Stands
    title: str
    found: str
    asks: list[Ask]
    supplier_no: str
    supplier: str
    item_no: str | None
    item: str | None
    opened_at: datetime
    opened_by: str
    ended_at: datetime | None
    end_reason: str | None
    round: int | None
    answer_by: date | None
    expires_at: datetime | None
    answered_at: datetime | None
    run: UUID | None


class ScarsOut(BaseModel):
    """Requests, the newest first, how many are open, and where the rest begins."""

    items: list[ScarOut]
    open: int
    total: int
    next: int | None


class ScarFileOut(BaseModel):
    """A file that an answer names."""

    number: UUID
    name: str
    digest: str
    size: int


class RoundOut(BaseModel):
    """One time that it was sent, and what came of it."""

    round: int
    note: str
    answer_by: date
    sent_at: datetime
    expires_at: datetime
    answered_at: datetime | None
    name: str | None
    address: str | None
    containment: str | None
    cause: str | None
    correction: str | None
    prevention: str | None
    done_on: date | None
    files: list[ScarFileOut]
    verdict: Literal["accepted", "back"] | None
    reason: str | None


class ScarDetailOut(ScarOut):
    """One request with all of its rounds and what it is about."""

    rounds: list[RoundOut]
    lots: list[str]
    nonconformances: list[str]
    capas: list[str]


def _told(row: Any, shape: type[BaseModel]) -> dict[str, Any]:
    return {key: value for key, value in row._mapping.items() if key in shape.model_fields}  # noqa: SLF001 - SQLAlchemy's public name


@router.post("/scars", status_code=201)
async def raise_scar(request: Request, who: Keeper, given: Annotated[RaiseScarIn, body(RaiseScarIn)]) -> ReceiptOut:
    """Put it on record; sending it is the first task of its process."""
    desk = Desk.of(request, who)
    command = RaiseScar(command_id=desk.command_id("raise"), by=desk.by(), **given.model_dump())
    return out(await start.ask(desk.client, command))


@router.get("/scars")
def list_scars(
    request: Request,
    who: Reader,
    q: Annotated[str | None, Query(max_length=200)] = None,
    after: Annotated[int | None, Query(ge=1, lt=1 << 62)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    *,
    only_open: bool = False,
) -> ScarsOut:
    """The newest first, narrowed by what numbers, titles and names contain."""
    del who
    with reading(engine(request)) as session:
        today = plant_day(act_now(session), lots.site_zone(session))
        asked: dict[str, Any] = {"q": q or None, "only_open": only_open}
        found = queries.page(session, today, after=after, n=limit, **asked)
        items = [ScarOut(**_told(one, ScarOut)) for one in found.items]
        return ScarsOut(items=items, open=found.open, total=found.total, next=found.next)


@router.get("/scar-files/{file}", response_class=Response)
def read_file(request: Request, who: Reader, file: UUID) -> Response:
    """A file that a supplier sent, byte for byte, as a file and never as a page."""
    del who
    return given_out(engine(request), file)


@router.post("/scars/{number:path}/withdraw")
async def withdraw_scar(request: Request, who: Keeper, number: ScarNumber, given: WithdrawIn) -> ReceiptOut:
    """Its link is dead at once, and its process ends."""
    desk = Desk.of(request, who)
    given_id = desk.command_id(f"withdraw:{number}")
    command = WithdrawScar(command_id=given_id, by=desk.by(), number=number, reason=given.reason)
    return out(await start.ask(desk.client, command))


@router.get("/scars/{number:path}")
def read_scar(request: Request, who: Reader, number: ScarNumber) -> ScarDetailOut:
    """One request with its rounds, answers and files."""
    del who
    with reading(engine(request)) as session:
        found = queries.of_number(session, number, plant_day(act_now(session), lots.site_zone(session)))
        rounds = [
            RoundOut(**{**_told(one, RoundOut), "files": [_file(found.files[digest]) for digest in one.files]})
            for one in found.rounds
        ]
        about: dict[str, list[str]] = {}
        for role, other in found.tied:
            about.setdefault(role, []).append(other)
        return ScarDetailOut(
            **_told(found.head, ScarOut),
            rounds=rounds,
            lots=about.get("lot", []),
            nonconformances=about.get("cause", []),
            capas=about.get("capa", []),
        )


def _file(one: Attached) -> ScarFileOut:
    return ScarFileOut(number=one.number, name=one.name, digest=one.digest, size=one.size)


def given_out(of: Engine, number: UUID) -> Response:
    """A file that came through a link, to be saved."""
    with reading(of) as session:
        wanted = files.one(session, number)
    return handed_out(of, wanted)


def behind(of: Engine, secret: bytes, token: str) -> Behind:
    """What a link leads to; SCR-020 where we never made it."""
    round_id = rules.read(secret, token)
    with reading(of) as session:
        return queries.behind(session, round_id)


def address_of(request: Request) -> str:
    """Where a request came from, as the server sees it."""
    return request.client.host if request.client else ""


async def answer(client: Client, seen: Behind, token: str, given: AnswerIn, address: str) -> Receipt:
    """The supplier answers through the link; the audit trail names the supplier.

    The same answer sent again is the same command, and finds its receipt; another one is refused.
    """
    said = sha256(given.model_dump_json().encode()).hexdigest()[:16]
    name = given.name.strip()
    by = By(person_id=0, name=name, actor_id=f"supplier:{seen.supplier_no}", source="link").holding(token)
    command = AnswerScar(
        command_id=f"scar:{seen.round_id}:{said}", by=by, round=seen.round_id, address=address, **given.model_dump()
    )
    return await start.ask(client, command)


async def file_through(request: Request, of: Engine, seen: Behind, name: str) -> Attached:
    """Keep the body of the request as a file of that round, if its link is in force: asked before anything is read."""
    with reading(of) as session:
        at = act_now(session)
    rules.check_door(seen.door, at)
    actor = Actor(actor_id=f"supplier:{seen.supplier_no}", name=seen.supplier[0], source="link")
    address = address_of(request)

    def keep(arrived: Arrived, called: str, kind: FileType) -> Attached:
        return files.take(of, actor, seen.round_id, arrived, called, kind, address, at)

    return await received(request, keep, name=name)
