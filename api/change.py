"""Changes over HTTP: asked for by whoever takes part, read by everybody (ISO 13485 7.3.9; REQUIREMENTS 45, 46)."""

from dataclasses import asdict
from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field
from starlette.requests import Request

from api.frame.deps import engine, require
from api.frame.doors import API, Doors
from api.frame.request.named import body
from api.frame.request.paths import LotNumber, NumberIn, number_in
from api.frame.request.shapes import EnglishName, KnownLot, Moment, Name, Reason, Scannable, ScannedIn
from api.process.acts import Desk
from api.process.routes.acts import out
from api.process.schemas.acts import ReceiptOut
from models.change import tables
from models.change.messages import OpenChange
from models.change.queries import case as queries
from models.change.queries import versions
from models.kernel.store.act import reading
from models.person.rules.auth import Principal
from models.person.rules.roles import Permission
from workflows.temporal import start

router = APIRouter(prefix=API, tags=["acts"])
ROUTERS = (router,)
DOORS: Doors = {
    Permission.RECORD_READ: """
        GET /api/v1/changes/{number:path}
        GET /api/v1/changes/{number:path}/batches
        GET /api/v1/lots/{lot_no:path}/versions
    """,
    Permission.CHANGE_OPEN: """
        POST /api/v1/changes
    """,
}
Opener = Annotated[Principal, Depends(require(Permission.CHANGE_OPEN))]
Reader = Annotated[Principal, Depends(require(Permission.RECORD_READ))]
ChangeNumber = Annotated[str, Depends(number_in(NumberIn("number", tables.NUMBERS)))]
FirstStep = Literal["next", "incoming", "operation", "final", "package", "release", "put_away", "leave"]
MOST_LOTS = 1000


class DoneAlreadyIn(BaseModel):
    """What of an emergency change was done before it is recorded: when, by whom (login), and why it couldn't wait."""

    happened_at: Moment
    done_by: str = Field(min_length=1, max_length=200, examples=["wang.cao"])
    what: Reason = Field(examples=["已换用备用清洗剂 C-200"])
    why: Reason = Field(examples=["清洗剂 C-100 泄漏, 在制品不能停留"])


class ForATimeIn(BaseModel):
    """Until when a temporary change is: its last day at the plant, how many batches, or whichever is first."""

    until: date | None = None
    batches: int | None = Field(default=None, le=99_999)


class OpenChangeIn(ScannedIn):
    """What is to change and why; batches that haven't come past `first_step` are paused with the approval.

    With `temporary` it holds for a time and goes back by itself; `permanent_of` is the number of the temporary change that it makes permanent.

    With `already` it is an emergency change, recorded after it was done: what ran so is locked at once.
    """

    title: Name = Field(examples=["清洗剂改用 C-200"])
    title_en: EnglishName = None
    reason: Reason = Field(examples=["旧清洗剂停产"])
    kind: str = Field(min_length=1, max_length=60, examples=["item"])
    target: Scannable = Field(max_length=200, examples=["HIP-12"])
    lot_nos: tuple[KnownLot, ...] = Field(default=(), max_length=MOST_LOTS)
    first_step: FirstStep = "next"
    first_seq: int = Field(default=0, ge=0, le=99_999)
    already: DoneAlreadyIn | None = None
    temporary: ForATimeIn | None = None
    permanent_of: str | None = Field(default=None, max_length=60, examples=["CHT-2026-0001"])


class PausedOut(BaseModel):
    """A batch that it paused: at which step, and how it goes on."""

    lot_no: str
    status: str
    step: str
    seq: int
    locked_at: datetime
    decision: Literal["old_way", "new_way", "rework", "scrap"] | None
    decided_at: datetime | None
    decided_by: str | None
    reason: str | None
    freed_at: datetime | None


class TaskOut(BaseModel):
    """What somebody does for it (`task`), or reads and understands (`training`), by a day."""

    number: int
    kind: Literal["task", "training"]
    title: str
    changes: str
    owner: str
    due: date
    done_at: datetime | None
    done_by: str | None
    task: UUID | None


class ImpactOut(BaseModel):
    """What it touches, as it was computed and kept last; its digest is what signatures name."""

    version: int
    computed_at: datetime
    digest: str
    counts: dict[str, int]
    lots: list[dict[str, Any]]
    others: list[dict[str, Any]]


class ExtensionOut(BaseModel):
    """A temporary change was extended: from what to what, why, and by whose signature."""

    number: int
    from_day: date | None
    to_day: date | None
    from_batches: int | None
    to_batches: int | None
    reason: str
    asked_by: str
    approved_by: str
    approved_at: datetime


class ChangeOut(BaseModel):
    """One change with its impact, the batches that it paused, and what people do for it."""

    number: str
    subject: UUID
    status: Literal["open", "approved", "closed", "refused", "withdrawn"]
    title: str
    title_en: str | None
    reason: str
    kind: str
    target: str
    also: list[str]
    first_step: str
    first_seq: int
    opened_at: datetime
    opened_by: str
    approved_at: datetime | None
    approved_by: str | None
    verified_at: datetime | None
    verified_by: str | None
    effective_at: datetime | None
    effective_batch: str | None
    effective_by: str | None
    governed: int
    closed_at: datetime | None
    happened_at: datetime | None
    happened_by: str | None
    happened: str | None
    urgent: str | None
    decide_by: date | None
    ends_on: date | None
    ends_at: datetime | None
    most_batches: int | None
    made: int
    ended_at: datetime | None
    ended_by: Literal["day", "number", "hand"] | None
    permanent_of: str | None
    made_permanent_by: str | None
    owner: str | None
    run: UUID | None
    impact: ImpactOut | None
    undecided: int
    batches: list[PausedOut]
    tasks: list[TaskOut]
    extensions: list[ExtensionOut]


@router.post("/changes", status_code=201)
async def open_change(request: Request, who: Opener, given: Annotated[OpenChangeIn, body(OpenChangeIn)]) -> ReceiptOut:
    """Ask for a change; its process begins at once with the assessment."""
    desk = Desk.of(request, who)
    command = OpenChange(command_id=desk.command_id("open"), by=desk.by(), **given.model_dump())
    return out(await start.ask(desk.client, command))


class RanOut(BaseModel):
    """A batch by the change: under which versions of what changed it ran, and which way."""

    lot_no: str
    item_no: str
    status: str
    created_at: datetime
    versions: list[str]
    way: Literal["new", "old", "waits", "stopped"]


class RanSoOut(BaseModel):
    """All batches that ran under what the change is of, and how many which way."""

    counts: dict[str, int]
    batches: list[RanOut]


class ByOut(BaseModel):
    """A change that a batch has to do with, and which way it ran."""

    change: str
    subject: UUID
    way: Literal["new", "old", "waits", "stopped"]


class UnderOut(BaseModel):
    """What a batch ran under: the thing, its version (empty where it has none), and the changes of it."""

    kind: str
    number: str
    version: str
    changes: list[ByOut]


@router.get("/changes/{number:path}/batches", summary="Which batches ran the old way and the new way of a change")
def read_change_batches(request: Request, who: Reader, number: ChangeNumber) -> RanSoOut:
    """All of them, computed from the record, with the versions that they ran under."""
    del who
    with reading(engine(request)) as session:
        found = versions.of_change(session, number)
    return RanSoOut(counts=versions.counted(found), batches=[RanOut(**asdict(one)) for one in found])


@router.get("/lots/{lot_no:path}/versions", summary="Which versions of what a batch ran under")
def read_lot_versions(request: Request, who: Reader, lot_no: LotNumber) -> list[UnderOut]:
    """Item, plans, processes, documents, equipment, suppliers and software, each with the changes by which the batch ran the old or the new way."""
    del who
    with reading(engine(request)) as session:
        return [UnderOut(**asdict(one)) for one in versions.of_lot(session, lot_no)]


@router.get("/changes/{number:path}")
def read_change(request: Request, who: Reader, number: ChangeNumber) -> ChangeOut:
    """One change: what it touches, and which batches it paused at which step and how they go on."""
    del who
    with reading(engine(request)) as session:
        case = queries.of_number(session, number)
        head = {key: value for key, value in case.head._mapping.items() if key in ChangeOut.model_fields}  # noqa: SLF001 - SQLAlchemy's public name
        kept = case.impact
        return ChangeOut(
            **head,
            impact=None if kept is None else ImpactOut(**kept.model_dump(include=set(ImpactOut.model_fields))),
            undecided=case.undecided,
            batches=[PausedOut(**one._mapping) for one in case.batches],  # noqa: SLF001
            tasks=[TaskOut(**one._mapping) for one in case.tasks],  # noqa: SLF001
            extensions=[ExtensionOut(**one._mapping) for one in case.extensions],  # noqa: SLF001
        )
