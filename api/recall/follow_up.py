"""What people do about a recall after its notices, between the request and the workflow (DESIGN 2.2, 12).

Routes and pages both come through here, so a form and an API call are refused in the same words.
"""

from uuid import UUID

from sqlmodel import Session
from starlette.concurrency import run_in_threadpool

from api.process.acts import Desk, Signing, earlier
from api.process.lost_workflow import record_of
from api.process.signed_acts import signed
from api.recall.schemas import CheckIn, ClassIn, DecisionIn, DispositionIn, DrawIn, FilingIn, ReturnIn
from models.kernel.refusal import Refusal
from models.kernel.store.act import reading
from models.process.messages.process import Receipt
from models.process.store.signed_acts import Shown
from models.recall.acts import decide as deciding
from models.recall.acts.decide import SCRAP_LOTS
from models.recall.messages.begin import DecideLots, DrawChecks, FileReport, RecordCheck
from models.recall.messages.follow_up import RecordClass
from models.recall.rules import recall as rules
from models.recall.store import recalls
from models.returns import acts as returning
from models.returns.acts import SCRAP
from models.returns.messages import BookReturn, DisposeReturn, ReturnedLine
from workflows.temporal import start


async def draw(desk: Desk, recall_no: str, given: DrawIn) -> Receipt:
    """Choose how many customers are asked."""
    await run_in_threadpool(_known, desk, recall_no)
    command = DrawChecks(
        command_id=desk.command_id(f"draw:{recall_no}"), by=desk.by(), recall_no=recall_no, **given.model_dump()
    )
    return await _running(desk, "draw_checks", command)


async def check(desk: Desk, recall_no: str, check_id: UUID, given: CheckIn) -> Receipt:
    """Record a try to reach a drawn customer."""
    await run_in_threadpool(_known, desk, recall_no)
    command = RecordCheck(
        command_id=desk.command_id(f"check:{check_id}"),
        by=desk.by(),
        recall_no=recall_no,
        check=check_id,
        **given.model_dump(),
    )
    return await _running(desk, "record_check", command)


async def book(desk: Desk, recall_no: str, given: ReturnIn) -> Receipt:
    """Book goods back."""
    await run_in_threadpool(_known, desk, recall_no)
    lines = tuple(ReturnedLine(**line.model_dump()) for line in given.lines)
    command = BookReturn(
        command_id=desk.command_id(f"return:{recall_no}"),
        by=desk.by(),
        recall_no=recall_no,
        lines=lines,
        **given.model_dump(exclude={"lines"}),
    )
    return await start.book_for_recall(desk.client, command)


async def dispose(desk: Desk, returned: UUID, given: DispositionIn, signing: Signing | None = None) -> Receipt:
    """Decide about returned goods; scrapping them is signed."""
    command = DisposeReturn(
        command_id=desk.command_id(f"dispose:{returned}"),
        by=desk.by(),
        returned=returned,
        **given.model_dump(exclude={"signature"}),
    )
    if command.kind == "scrap":

        def show(session: Session) -> Shown:
            return returning.preview(session, returned, command.quantity)

        return await signed(desk, SCRAP, returned, command, f"dispose:{returned}", signing, show)
    return await start.book_for_recall(desk.client, command)


async def decide(desk: Desk, recall_no: str, given: DecisionIn, signing: Signing | None = None) -> Receipt:
    """Decide about batches in house; scrapping them is signed."""
    await run_in_threadpool(_known, desk, recall_no)
    command = DecideLots(
        command_id=desk.command_id(f"decide:{recall_no}"),
        by=desk.by(),
        recall_no=recall_no,
        lots=tuple(given.lots),
        **given.model_dump(exclude={"lots", "signature"}),
    )
    if command.kind == "scrap":

        def show(session: Session) -> Shown:
            return deciding.preview(session, recall_no, command.lots)

        return await signed(desk, SCRAP_LOTS, recall_no, command, f"decide:{recall_no}", signing, show)
    return await start.book_for_recall(desk.client, command)


async def file(desk: Desk, recall_no: str, given: FilingIn) -> Receipt:
    """Keep that a report was filed."""
    await run_in_threadpool(_known, desk, recall_no)
    command = FileReport(
        command_id=desk.command_id(f"file:{recall_no}"), by=desk.by(), recall_no=recall_no, **given.model_dump()
    )
    return await start.book_for_recall(desk.client, command)


async def classify(desk: Desk, recall_no: str, given: ClassIn) -> Receipt:
    """Keep how an agency classified it."""
    await run_in_threadpool(_known, desk, recall_no)
    command = RecordClass(
        command_id=desk.command_id(f"class:{recall_no}"), by=desk.by(), recall_no=recall_no, **given.model_dump()
    )
    return await start.book_for_recall(desk.client, command)


async def _running(desk: Desk, name: str, command: DrawChecks | RecordCheck) -> Receipt:
    """An act of a recall that is under way; of one that is over, the sentence says so."""
    known = await run_in_threadpool(earlier, desk, name, command.command_id)
    if known is not None:
        return known
    record = record_of(desk.engine)
    try:
        if isinstance(command, DrawChecks):
            return await start.draw_checks(desk.client, command.recall_no, command, record)
        return await start.record_check(desk.client, command.recall_no, command, record)
    except Refusal as refusal:
        if refusal.code == start.GONE.code:
            raise rules.CLOSED(recall=command.recall_no) from None
        raise


def _known(desk: Desk, recall_no: str) -> None:
    with reading(desk.engine) as session:
        recalls.get(session, recall_no)
