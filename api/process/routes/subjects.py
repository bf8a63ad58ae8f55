"""Whatever a process can be about: one subject of any kind with everything that hangs on it (DESIGN 6a; REQ 87)."""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import StreamingResponse

from api.frame.deps import EngineDep, Reader
from api.frame.doors import API
from api.frame.language import language
from api.frame.paging import Cursor, Limit
from api.listing.files import CSV, Format, handed_out, wants_csv
from api.process import signed_acts
from api.process.acts import Desk
from api.process.routes.acts import out, signed_act, signing_in
from api.process.schemas.acts import HandOverIn, ReceiptOut, SignedActOut
from models.kernel.store.act import reading
from models.listing.acts.export import Wanted
from models.listing.rules import Asked
from models.process import kinds
from models.process.acts import hand_over as handing
from models.process.messages.owners import HandOver
from models.process.queries import subject as queries
from models.process.queries import subjects as queries_list
from models.process.queries.subject import SubjectDetail
from models.process.queries.subjects import SubjectList

router = APIRouter(prefix=API, tags=["subjects"])
Word = Annotated[str | None, Query(max_length=200)]
Sort = Literal["number", "-number", "title", "-title", "opened", "-opened"]


@router.get("/subjects", summary="Subjects of a kind, sorted and narrowed", response_model=SubjectList, responses=CSV)
def list_subjects(
    request: Request,
    engine: EngineDep,
    principal: Reader,
    limit: Limit = 50,
    cursor: Cursor = None,
    kind: Word = None,
    number: Annotated[str | None, Query(max_length=200, description="Somewhere in its number or name")] = None,
    owner: Word = None,
    state: Literal["late", "open", "ended", "none"] | None = None,
    opened_from: date | None = None,
    opened_until: date | None = None,
    sort: Annotated[Sort, Query(description="With a minus downwards")] = "-opened",
    fmt: Format = "json",
) -> SubjectList | StreamingResponse:
    """Of a kind, or of every kind but batches, which have a list of their own."""
    given = {"number": number, "owner": owner, "state": state, "opened_from": opened_from, "opened_until": opened_until}
    asked = Asked({key: str(value) for key, value in given.items() if value}, sort.lstrip("-"), sort.startswith("-"))
    if wants_csv(request, fmt):
        wanted = wanted_of(kind, asked, principal.zone, language(request))
        return handed_out(request, engine, principal, wanted)
    with reading(engine) as session:
        return queries_list.page(session, kind, asked, principal.zone, limit=limit, after=cursor)


@router.get("/subjects/{subject}", summary="One subject of any kind")
def read_subject(engine: EngineDep, principal: Reader, subject: UUID) -> SubjectDetail:
    """Whose it is, open tasks, runs, links, files and signatures; at most 500 of each, and `runs_total` says of how many."""
    with reading(engine) as session:
        return queries.detail(session, principal, subject)


@router.get("/subjects/{subject}/owner/record", summary="What another owner is signed on")
def owner_record(
    engine: EngineDep,
    principal: Reader,
    subject: UUID,
    to: Annotated[str, Query(max_length=100, description="A login or the id of a person")],
) -> SignedActOut:
    """Refuses what handing it over would refuse."""
    with reading(engine) as session:
        return signed_act(handing.preview(session, subject, to, principal.person_id))


@router.post("/subjects/{subject}/owner", summary="Give it another owner, signed")
async def hand_over(request: Request, principal: Reader, subject: UUID, given: HandOverIn) -> ReceiptOut:
    """Its owner does, or who reassigns tasks; what is open about it stays with whom it is."""
    desk = Desk.of(request, principal)
    command = HandOver(
        command_id=desk.command_id(f"owner:{subject}"), by=desk.by(), subject=subject, to=given.to, reason=given.reason
    )
    return out(await signed_acts.hand_over(desk, command, signing_in(given.signature)))


def wanted_of(kind: str | None, asked: Asked, zone: str, said_in: str) -> Wanted:
    """Those subjects as a file."""
    about = kinds.title(kind).say(said_in) if kind else ""
    return Wanted(listed=queries_list.LIST, asked=asked, zone=zone, language=said_in, given={"kind": kind}, about=about)
