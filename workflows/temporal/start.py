"""How the API reaches the workflows: each human act is one update (or one short workflow), answered with a receipt.

An update's id is the caller's command id and a digest of what is asked: a repeated request finds the first answer, a
corrected one is another request even under the same `Idempotency-Key` (DESIGN 2.2, 7).
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from typing import Any

from temporalio.client import (
    Client,
    WithStartWorkflowOperation,
    WorkflowExecutionStatus,
    WorkflowFailureError,
    WorkflowHandle,
    WorkflowUpdateFailedError,
    WorkflowUpdateRPCTimeoutOrCancelledError,
)
from temporalio.common import Priority, WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError, RPCStatusCode

from models.correction.messages import CorrectLink
from models.drill.messages import CheckTrace
from models.fault.messages import RetryFault
from models.hold.messages import DecideAgain, LiftHold, PlaceHold
from models.inspection.messages import RecordResults
from models.kernel import request as requests
from models.kernel.refusal import Kind, Refusal
from models.lot.rules.lot import check_number
from models.order.messages.order import CreateWorkOrder
from models.packing.messages import Packing as PackingAct
from models.person.messages import sealed
from models.process.messages.command import SHORT, ActOf
from models.process.messages.commands import ACTS, home
from models.process.messages.followers import AT_THE_DOOR, BACKGROUND, type_of
from models.process.messages.owners import HandOver
from models.process.messages.process import ActResult, CompleteTask, Notify, ProcessStart, Receipt, RunView
from models.production.messages import RecordOperation
from models.recall.messages.begin import Acknowledge, DecideLots, DrawChecks, FileReport, OpenRecall, RecordCheck
from models.recall.messages.follow_up import NameReceivers, RecordClass
from models.receipt.messages import ReceiveLot
from models.reshape.messages import Reshaping
from models.returns.messages import BookReturn, DisposeReturn
from models.shipment.messages import Ship
from models.stock.messages import Stock as StockAct
from workflows.background.outbox import OutboxDispatch
from workflows.background.trace_health import TraceHealth
from workflows.process.fault_retry import FaultRetry
from workflows.temporal.queues import QUALITY

PENDING = Kind(
    "API-202",
    "DESIGN 7.6",
    "正在记录，请稍后刷新查看结果；不要重复提交。",
    "It is being recorded; look again in a moment and don't send it twice.",
    503,
)
GONE = Kind(
    "PRC-410",
    "DESIGN 6",
    "该流程已经结束或尚未开始。",
    "This process has ended, or has not begun yet.",
)


ACT = "act"
"""The one update of every process."""
FAULT = "fault"
"""How the workflow that does a faulted act again is called: `fault/<fault>/<try>`."""

SUMMARY = 60
"""Characters of what people type that go into a summary; the server takes 400 bytes."""

PATIENCE = timedelta(seconds=20)
BIRTH, BIRTH_PAUSE = 60, 0.2
"""Tries and seconds between them while a subprocess that the record has begun is being started: a worker that was killed
in between takes that long to come back."""
UNHEARD = timedelta(seconds=8)
"""How long an update may go unanswered before it is asked for under another id."""
UNREADY_PAUSE = 0.2
"""Seconds between tries where the server took nothing: the task that would have carried it over failed, because the workflow was
just ending or its worker just leaving."""
LOST = 5
"""Tries after which a subprocess that the record has begun is not just about to be born."""
TURNS = 5
"""Tries to have one's own turn where somebody else is at work under the same number."""


@dataclass(frozen=True)
class Record:
    """What the record is asked where a workflow doesn't answer.

    `running`: the outermost running process around a workflow id; None where that one isn't running.
    `receipt`: what the act with that name and request id was answered; None where it hasn't taken effect.
    """

    running: Callable[[str], Awaitable[RunView | None]]
    receipt: Callable[[str, str], Awaitable[Receipt | None]]


async def ask(client: Client, command: Any, workflow_id: str | None = None, record: Record | None = None) -> Receipt:
    """Ask for an act: of the process that is named, or else of the workflow that begins with this command."""
    row = ACTS[command.act]
    size = len(command.model_dump_json().encode())
    if size > requests.COMMAND_LIMIT:
        raise requests.COMMAND_TOO_LARGE(size=size, limit=requests.COMMAND_LIMIT)
    if workflow_id is not None:
        return await _update(client, workflow_id, command, record)
    if row.number != "command_id":
        check_number(getattr(command, row.number))
    if row.of == SHORT:
        about = _about(row, command)
        return await _short(client, SHORT, command, row.workflow_id(command), f"{row.title} {about}")
    return await _begin(client, row, command)


def _about(row: ActOf, command: Any) -> str:
    """What a command is about, in a few words."""
    about = getattr(command, row.about or row.number)
    if isinstance(about, tuple):
        return ", ".join(str(one)[:20] for one in about[:3])
    return str(about)[:SUMMARY]


async def receive_lot(client: Client, command: ReceiveLot) -> Receipt:
    """A lot arrives: its workflow starts with this act."""
    return await ask(client, command)


async def create_work_order(client: Client, command: CreateWorkOrder) -> Receipt:
    """An own batch begins with its work order."""
    return await ask(client, command)


async def record_operation(
    client: Client, lot_no: str, command: RecordOperation, record: Record | None = None
) -> Receipt:
    """An operation of the batch that a work order makes."""
    return await ask(client, command, home(command.act, lot_no), record)


async def complete_task(
    client: Client, workflow_id: str, command: CompleteTask, record: Record | None = None
) -> Receipt:
    """A person completes a task of that process."""
    return await ask(client, command, workflow_id, record)


async def record_results(
    client: Client, workflow_id: str, command: RecordResults, record: Record | None = None
) -> Receipt:
    """Measured values of an inspection."""
    return await ask(client, command, workflow_id, record)


async def ship(client: Client, command: Ship) -> Receipt:
    """Goods leave."""
    return await ask(client, command)


async def open_recall(client: Client, command: OpenRecall) -> Receipt:
    """A recall or a drill begins."""
    return await ask(client, command)


async def acknowledge(client: Client, recall_no: str, command: Acknowledge, record: Record | None = None) -> Receipt:
    """A customer answers a notice."""
    return await ask(client, command, home(command.act, recall_no), record)


async def name_receivers(
    client: Client, recall_no: str, command: NameReceivers, record: Record | None = None
) -> Receipt:
    """Who passed goods on says to whom."""
    return await ask(client, command, home(command.act, recall_no), record)


async def draw_checks(client: Client, recall_no: str, command: DrawChecks, record: Record | None = None) -> Receipt:
    """Customers are drawn for effectiveness checks."""
    return await ask(client, command, home(command.act, recall_no), record)


async def record_check(client: Client, recall_no: str, command: RecordCheck, record: Record | None = None) -> Receipt:
    """A drawn customer was asked."""
    return await ask(client, command, home(command.act, recall_no), record)


async def book_for_recall(
    client: Client, command: BookReturn | DecideLots | DisposeReturn | FileReport | RecordClass
) -> Receipt:
    """Goods come back, are disposed of or decided about, or a report was filed; also after the recall has ended."""
    return await ask(client, command)


async def place_hold(client: Client, command: PlaceHold) -> Receipt:
    """Freeze lots."""
    return await ask(client, command)


async def lift_hold(client: Client, command: LiftHold) -> Receipt:
    """Lift a hold."""
    return await ask(client, command)


async def hand_over(client: Client, command: HandOver) -> Receipt:
    """A subject gets another owner."""
    return await ask(client, command)


async def decide_again(client: Client, command: DecideAgain) -> Receipt:
    """A held batch goes to a newer release decision."""
    return await ask(client, command)


async def reshape(client: Client, command: Reshaping) -> Receipt:
    """Split, merge or repack lots, or propose what to do with a part of one."""
    return await ask(client, command)


async def correct_link(client: Client, command: CorrectLink) -> Receipt:
    """Something else was consumed than was recorded."""
    return await ask(client, command)


async def pack(client: Client, command: PackingAct) -> Receipt:
    """Goods go into a case or onto a pallet, come out, or move with it."""
    return await ask(client, command)


async def stock(client: Client, command: StockAct) -> Receipt:
    """Stock itself is dealt with: pieces get their serial numbers, goods go to another place."""
    return await ask(client, command)


async def retry_fault(client: Client, command: RetryFault, tries: int) -> Receipt:
    """Do a faulted act again; who asks for the same try twice waits for the same."""
    return await _short(
        client, FaultRetry.run, command, f"{FAULT}/{command.fault}/{tries}", f"补录 retry {command.act[:SUMMARY]}"
    )


async def ensure_outbox(client: Client) -> None:
    """Start the dispatcher; a second start is harmless."""
    await client.start_workflow(
        OutboxDispatch.run,
        id="outbox",
        task_queue=QUALITY,
        id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
        static_summary="事实分发 outbox",
        priority=Priority(priority_key=BACKGROUND),
    )


async def check_trace(client: Client, command: CheckTrace) -> None:
    """Begin a check now; one that runs is not begun twice."""
    await client.start_workflow(
        TraceHealth.run,
        args=[None, sealed(command)],
        id="trace-health/now",
        task_queue=QUALITY,
        id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
        id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
        static_summary="追溯体检 trace health check",
        priority=Priority(priority_key=BACKGROUND),
        rpc_timeout=PATIENCE,
    )


async def _begin(client: Client, row: ActOf, command: Any) -> Receipt:
    """The first act on a subject starts the workflow that follows it."""
    number = getattr(command, row.number)
    workflow_id = row.workflow_id(command)
    asked, vouched = update_id(command), sealed(command)

    def start() -> WithStartWorkflowOperation[Any, Any]:
        return WithStartWorkflowOperation(
            row.of,
            ProcessStart(workflow_id=workflow_id, lot_no=number),
            id=workflow_id,
            task_queue=QUALITY,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
            static_summary=f"{row.title} {number}",
        )

    def update(name: str) -> Awaitable[Receipt]:
        return client.execute_update_with_start_workflow(
            ACT,
            vouched,
            start_workflow_operation=start(),
            id=name,
            result_type=Receipt,
            rpc_timeout=PATIENCE,
        )

    return await _taken(update, asked)


def update_id(command: Any) -> str:
    """The same for the same command with the same content, whichever session it comes through."""
    said = command.model_dump_json(exclude={"act": True, "by": {"session_id", "seal"}})
    return f"{command.command_id}:{sha256(said.encode()).hexdigest()[:12]}"


async def _update(client: Client, workflow_id: str, command: Any, record: Record | None) -> Receipt:
    """An update, for which the process is begun again where the record has it running and the server doesn't.

    Where news comes while the act that ends a process is being done, the server has the workflow look again before the
    act's answer is written down; it finds in the record that it is over, ends, and the answer is lost.  The record has it.
    """
    handle = client.get_workflow_handle(workflow_id)
    asked, vouched = update_id(command), sealed(command)

    def update(name: str) -> Awaitable[Receipt]:
        return handle.execute_update(ACT, vouched, id=name, result_type=Receipt, rpc_timeout=PATIENCE)

    for turn in range(BIRTH):
        try:
            return await _taken(update, asked)
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise
            running = await record.running(workflow_id) if record is not None else None
            if running is None and record is not None:
                done = await record.receipt(command.act, getattr(command, "request_id", None) or command.command_id)
                if done is not None:
                    return done
            if running is None and (record is not None or await _ended(handle)):
                raise GONE() from error
        # a subprocess is first given the time to be born, and asked for again now and then
        if running is not None and (turn == 0 if running.workflow_id == workflow_id else turn % LOST == LOST - 1):
            await _begin_again(client, running)
        await asyncio.sleep(BIRTH_PAUSE)
    raise PENDING()


async def _begin_again(client: Client, run: RunView) -> None:
    """Begin the workflow that follows a run where none does; one that does is told to look at the record again.

    The server decides which of the two: two people who find it missing begin it once.
    """
    await client.start_workflow(
        type_of(run),
        ProcessStart(workflow_id=run.workflow_id, lot_no=run.lot_no, run=run),
        id=run.workflow_id,
        task_queue=QUALITY,
        id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
        id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
        start_signal="changed",
        start_signal_args=[Notify(fact="process.begun_again")],
        static_summary=f"{run.lot_no} · {run.title or run.definition_key}",
    )


async def _ended(handle: WorkflowHandle[Any, Any]) -> bool:
    """Whether there was such a workflow; one that never was may be about to begin."""
    try:
        description = await handle.describe()
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise
        return False
    return description.status is not WorkflowExecutionStatus.RUNNING


async def _short(client: Client, run: Any, command: Any, workflow_id: str, summary: str) -> Receipt:
    """One short workflow.

    Who finds another command at work under the same number waits for it, then has their own turn: nobody gets the
    receipt of somebody else's act.
    """
    try:
        async with asyncio.timeout(PATIENCE.total_seconds()):
            for _ in range(TURNS):
                result: ActResult = await client.execute_workflow(
                    run,
                    sealed(command),
                    id=workflow_id,
                    task_queue=QUALITY,
                    id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
                    id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
                    result_type=ActResult,
                    static_summary=summary,
                    priority=Priority(priority_key=AT_THE_DOOR),
                    execution_timeout=timedelta(hours=1),
                )
                if result.command_id == command.command_id:
                    return _receipt(result)
    except TimeoutError:
        raise PENDING() from None
    except WorkflowFailureError as error:
        raise _refusal(error.cause) or error from error
    raise PENDING()


def _receipt(result: ActResult) -> Receipt:
    if result.refusal is not None:
        raise Refusal.from_dict(result.refusal)
    if result.receipt is None:
        raise PENDING()
    return result.receipt


async def _taken(update: Callable[[str], Awaitable[Receipt]], asked: str) -> Receipt:
    """The answer to an update that the server took; it is asked for again while it took nothing, under its own id.

    A server that is killed while it hands an update to a worker can go on holding its id without anybody at work on it: whoever asks
    under that id would wait for ever, so what isn't answered in a while is asked under another.  Should both come through, the process
    does one after the other, and the second gets the first one's receipt.  All tries together have the patience of one.
    """
    clock = asyncio.get_running_loop().time
    until, name, number = clock() + PATIENCE.total_seconds(), asked, 1
    while (left := until - clock()) > 0:
        try:
            receipt = await _answer(update(name), min(left, UNHEARD.total_seconds()))
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND and number > 1:
                return await _unheard(update, asked, number, error)
            if error.status is not RPCStatusCode.FAILED_PRECONDITION:
                raise
            await asyncio.sleep(UNREADY_PAUSE)
            continue
        if receipt is not None:
            return receipt
        number += 1
        name = f"{asked}~{number}"
    raise PENDING()


async def _unheard(update: Callable[[str], Awaitable[Receipt]], asked: str, number: int, gone: RPCError) -> Receipt:
    """What an earlier try did that nobody heard of, where the process has ended since, perhaps by it; raises `gone` where none did anything."""
    for earlier in (asked, *(f"{asked}~{one}" for one in range(2, number))):
        try:
            receipt = await _answer(update(earlier), UNHEARD.total_seconds())
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise
            continue
        if receipt is not None:
            return receipt
    raise gone


async def _answer(update: Awaitable[Receipt], seconds: float) -> Receipt | None:
    """The receipt of an update, or the refusal that came instead; None where neither came in that time.

    Bounded as a whole: the client repeats its long poll until the update is accepted, and `rpc_timeout` bounds one poll.
    """
    try:
        async with asyncio.timeout(seconds):
            return await update
    except WorkflowUpdateFailedError as error:
        raise _refusal(error.cause) or error from error
    except (WorkflowUpdateRPCTimeoutOrCancelledError, TimeoutError):
        return None


def _refusal(cause: BaseException | None) -> Refusal | None:
    if isinstance(cause, ApplicationError) and cause.type == "Refusal" and cause.details:
        return Refusal.from_dict(cause.details[0])
    return None
