"""Recalls and drills over HTTP: open, read, scope, notices (DESIGN 12; REQUIREMENTS 74-82).

Its steps are tasks: they are completed through `/tasks/{id}/complete` like every other.
"""

import json
from collections.abc import Sequence
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from starlette.requests import Request

from api.frame.deps import EngineDep, PrincipalDep, Reader, actor, require
from api.frame.doors import API
from api.process.acts import Desk
from api.process.routes.acts import out
from api.process.schemas.acts import ReceiptOut
from api.recall import begin as recalling
from api.recall.paths import RecallNumber
from api.recall.schemas import AnswerIn, PreviewOut, RecallIn, ReceiversIn
from models.kernel.store.act import act, now, reading
from models.notice.store import deliveries
from models.notice.store.deliveries import DeliveryRow
from models.person.rules.auth import Principal
from models.person.rules.roles import Permission
from models.pull import store as pulls
from models.pull.store import PullRow
from models.recall.queries import recalls as queries_recalls
from models.recall.queries.views import NoticeRow, RecallPage, RecallView
from models.recall.rules import recall as rules
from models.recall.store import preview as recall_preview
from models.recall.store import recalls, sending

router = APIRouter(prefix=API, tags=["recalls"])

Runner = Annotated[Principal, Depends(require(Permission.RECALL_RUN))]


@router.post("/recalls", status_code=201)
async def open_recall(request: Request, who: Runner, given: RecallIn) -> ReceiptOut:
    """Open a recall or a drill: its scope is computed at once, two people sign it."""
    desk = Desk.of(request, who)
    opened = await recalling.open_recall(
        desk,
        given.mode,
        given.identifiers,
        given.title,
        given.reason,
        given.cause,
        notice=given.notice,
        questions_seen=given.questions_seen,
    )
    return out(opened)


@router.get("/recalls")
def list_recalls(
    engine: EngineDep,
    _: Reader,
    mode: Literal["recall", "drill"] | None = None,
    status: Literal["open", "closed", "withdrawn"] | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    cursor: str | None = None,
) -> RecallPage:
    """Recalls and drills, newest first."""
    with reading(engine) as session:
        return queries_recalls.page(session, limit=limit, after=cursor, mode=mode, status=status)


@router.get("/recalls/{recall_no:path}/scope")
def scope(engine: EngineDep, _: Reader, recall_no: RecallNumber, version: int | None = None) -> dict[str, Any]:
    """A version of the scope (the newest), whole, as it is signed; with its digest."""
    with reading(engine) as session:
        versions = recalls.scopes(session, recalls.get(session, recall_no).id)
        chosen = next((one for one in versions if one.version == version), None) if version else versions[-1]
        if chosen is None:
            raise rules.UNKNOWN(recall=f"{recall_no} v{version}")
        record: dict[str, Any] = json.loads(recalls.text_of(session, chosen))
        signed = chosen.signed_at.isoformat() if chosen.signed_at else None
        return {**record, "digest": chosen.digest, "signed_at": signed}


@router.get("/recalls/{recall_no:path}/notices")
def notices(engine: EngineDep, _: Reader, recall_no: RecallNumber) -> Sequence[NoticeRow]:
    """Who was told what, and what came back."""
    with reading(engine) as session:
        return queries_recalls.notices(session, recalls.get(session, recall_no).id)


@router.get("/recalls/{recall_no:path}/preview")
def preview(engine: EngineDep, _: Reader, recall_no: RecallNumber) -> PreviewOut:
    """What holding everything and telling the customers would do now; its digests go back as `seen` with the step."""
    with reading(engine) as session:
        recall = recalls.get(session, recall_no)
        scope = recalls.newest_scope(session, recall.id)
        return PreviewOut(
            hold_all=recall_preview.holding(session, recall, scope),
            notify=recall_preview.telling(session, recall, scope),
        )


@router.get("/recalls/{recall_no:path}/pulls")
def errands(engine: EngineDep, _: Reader, recall_no: RecallNumber) -> Sequence[PullRow]:
    """Where held goods are promised, on the line or off the shelves, who goes there and what was found."""
    with reading(engine) as session:
        return pulls.of_recall(session, recalls.get(session, recall_no).id)


@router.get("/recalls/{recall_no:path}/deliveries")
def sendings(engine: EngineDep, _: Reader, recall_no: RecallNumber) -> Sequence[DeliveryRow]:
    """How every notice and reminder went out: by mail, on paper, or why it waits."""
    with reading(engine) as session:
        found = deliveries.of_recall(session, recalls.get(session, recall_no).id)
    return [one for rows in found.values() for one in rows]


@router.post("/recalls/{recall_no:path}/notices/{notice_id}/answer", status_code=201)
async def answer(
    request: Request, who: Runner, recall_no: RecallNumber, notice_id: UUID, given: AnswerIn
) -> ReceiptOut:
    """Write down what the customer said by telephone or on paper; once, as through their own link."""
    return out(await recalling.answer_for(Desk.of(request, who), recall_no, notice_id, given))


@router.post("/recalls/{recall_no:path}/notices/{notice_id}/receivers", status_code=201)
async def name_receivers(
    request: Request, who: Runner, recall_no: RecallNumber, notice_id: UUID, given: ReceiversIn
) -> ReceiptOut:
    """Write down to whom a customer passed goods on, after their answer; each of them gets a notice of their own."""
    return out(await recalling.receivers_for(Desk.of(request, who), recall_no, notice_id, given))


@router.post("/recalls/{recall_no:path}/notices/{notice_id}/posted", status_code=204)
def posted(request: Request, engine: EngineDep, who: Runner, recall_no: RecallNumber, notice_id: UUID) -> None:
    """Somebody has printed and posted the notice."""
    with act(engine, actor(request, who)) as session:
        recalls.get(session, recall_no)
        sending.posted(session, notice_id, who.person_id, now(session))


@router.get("/recalls/{recall_no:path}")
def one_recall(engine: EngineDep, _: Reader, principal: PrincipalDep, recall_no: RecallNumber) -> RecallView:
    """A recall with everything around it."""
    with reading(engine) as session:
        return queries_recalls.view(session, principal, recall_no)
