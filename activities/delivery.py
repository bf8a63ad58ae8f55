"""Delivers facts from the outbox to the workflows that must know: at least once, without losing any (REQUIREMENTS 92).

Signals are harmless twice (a workflow only looks at the record again), so is starting what has begun and cancelling what
has ended; so a row is marked after its delivery.  No transaction is open while the engine is talked to; one row that can't
be delivered stands aside and tries again later, the others go on.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Engine, Row
from temporalio import activity
from temporalio.client import Client
from temporalio.common import Priority, WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from activities.context import Context
from models.kernel import delivery as rules
from models.kernel.mail.message import SendNotice
from models.kernel.store import outbox
from models.kernel.store.act import Actor, act, reading
from models.notice.rules import mail as notice_mail
from models.person.rules import account_mail
from models.person.store import account_mails
from models.process.messages.followers import BACKGROUND, NOTICE_MAIL, QUALITY, type_of
from models.process.messages.process import Notify, ProcessStart, RunView
from models.process.store import runs

TURN = timedelta(minutes=10)
PAUSE = timedelta(milliseconds=300)
BREATH = timedelta(milliseconds=500)
"""Between two helpings of news.  Each makes a workflow look at the record; ten in half a second leave the people's queue
free for their acts, where all at once (a recall holds tens of thousands of batches) would stand before them."""
NEWS = 10
TAKEN = 100
ABOUT = {account_mail.KIND: "账号 account"}
ONE = timedelta(seconds=10)
"""How long one delivery may take; the engine that takes longer is as good as away."""
SHORT = timedelta(seconds=3)
"""How long the engine may take to say that it is there."""
DISPATCHER = Actor(actor_id="service:outbox", name="Batchwright", source="worker")

log = logging.getLogger("batchwright.outbox")


@dataclass(frozen=True)
class Errand:
    """Rows that one message delivers; `news` where it only makes a workflow look at the record."""

    rows: tuple[Row[Any], ...]
    news: bool = False


def _errands(rows: Sequence[Row[Any]]) -> list[Errand]:
    """What has an effect of its own, then what nobody has to be told, then the news, once for each workflow."""
    alone = [Errand((row,)) for row in rows if row.fact in rules.FIRST]
    nobody = tuple(row for row in rows if row.fact not in rules.FIRST and row.workflow_id is None)
    news: dict[str, list[Row[Any]]] = {}
    for row in rows:
        if row.fact not in rules.FIRST and row.workflow_id is not None:
            news.setdefault(row.workflow_id, []).append(row)
    told = [Errand(tuple(those), news=True) for those in news.values()]
    return [*alone, *([Errand(nobody)] if nobody else []), *told]


def _again(row: Row[Any]) -> int:
    """The number of the row that an operator has handed on again; 0 where the mail was never given up."""
    return int(row.id) if row.payload.get("again") else 0


class Delivery:
    """Bound to the database and the Temporal client of the worker."""

    def __init__(self, engine: Engine, client: Client) -> None:
        """Keep what delivery needs."""
        self._engine = engine
        self._client = client

    @activity.defn
    async def deliver(self) -> None:
        """Deliver for a while; the heartbeat lets another worker take over within seconds."""
        end = asyncio.get_running_loop().time() + TURN.total_seconds()
        while asyncio.get_running_loop().time() < end:
            activity.heartbeat()
            if await self.deliver_once() == 0:
                await asyncio.sleep(PAUSE.total_seconds())

    async def deliver_once(self) -> int:
        """Deliver what is due; answers how many rows were delivered or found to be nobody's business.

        Every transaction is a thread's, so that a slow database never stops the loop that all workflows of this worker
        share; what goes to the engine is sent from the loop, between two transactions.
        """
        done, rows = await asyncio.to_thread(self._take)
        errands, news = _errands(rows), 0
        for place, errand in enumerate(errands):
            if errand.news:
                if news and news % NEWS == 0:
                    await asyncio.sleep(BREATH.total_seconds())
                news += 1
            if activity.in_activity():
                activity.heartbeat()
            delivered = await self._try(errand)
            if delivered is None:
                left = [row.id for one in errands[place:] for row in one.rows]
                await self._write(
                    lambda session, left=left: outbox.put_back(session, left, "the engine doesn't answer")
                )
                break
            done += len(errand.rows) * delivered
        return done

    def _take(self) -> tuple[int, Sequence[Row[Any]]]:
        with act(self._engine, DISPATCHER) as session:
            return outbox.pass_over(session), outbox.take(session, TAKEN)

    async def _try(self, errand: "Errand") -> bool | None:
        """Deliver, and write down what became of it: whether it arrived; None where the engine is away and all must wait."""
        ids = [row.id for row in errand.rows]
        try:
            async with asyncio.timeout(ONE.total_seconds()):
                await self._deliver(errand)
        except Exception as error:  # noqa: BLE001 - whatever is wrong with one row must not stop the others
            if isinstance(error, RPCError | TimeoutError) and not await self._engine_answers():
                return None
            said, attempts = f"{type(error).__name__}: {error}", max(row.attempts for row in errand.rows) + 1
            log.warning("outbox rows %s: %s", ids, said)
            await self._write(lambda session: outbox.failed(session, ids, attempts, said))
            return False
        await self._write(lambda session: outbox.delivered(session, ids))
        return True

    async def _engine_answers(self) -> bool:
        """Whether the trouble is the row's own."""
        try:
            # its own limit covers the answer, not the connection that has to be made first
            async with asyncio.timeout(SHORT.total_seconds()):
                return await self._client.service_client.check_health(timeout=SHORT)
        except (RPCError, RuntimeError, TimeoutError):
            return False

    async def _write(self, what: Callable[..., None]) -> None:
        def write() -> None:
            with act(self._engine, DISPATCHER) as session:
                what(session)

        await asyncio.to_thread(write)

    async def _deliver(self, errand: "Errand") -> None:
        """What the fact asks for; nothing where nobody has to know."""
        row = errand.rows[-1]
        match row.fact:
            case "process.begun" if row.status == "running":
                run = await asyncio.to_thread(self._view, row.run_id)
                start = ProcessStart(workflow_id=run.workflow_id, lot_no=run.lot_no, run=run)
                await self._begin(run, start)
            case notice_mail.FACT:
                await self._send(SendNotice(notice=row.payload["notice"], kind=row.payload["kind"], again=_again(row)))
            case account_mails.FACT:
                await self._send(SendNotice(notice=row.payload["mail"], kind=account_mail.KIND, again=_again(row)))
            case "process.cancelled" if row.status == "cancelled":
                await self._cancel(row.workflow_id)
            case fact if errand.news:
                await self._tell(row.workflow_id, fact)

    def _view(self, run_id: int) -> RunView:
        with reading(self._engine) as session:
            return runs.view(session, runs.load(session, run_id), text=True)

    async def _begin(self, run: RunView, start: ProcessStart) -> None:
        """Start the workflow that follows a run; the server decides which of two starts is the first."""
        await self._client.start_workflow(
            type_of(run),
            start,
            id=start.workflow_id,
            task_queue=QUALITY,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
            static_summary=f"{start.lot_no} · {run.title or run.definition_key}",
        )

    async def _send(self, command: SendNotice) -> None:
        """Start the workflow that sends a notice: one for each notice and kind, and one for each time an operator asks."""
        again = f"/{command.again}" if command.again else ""
        with suppress(WorkflowAlreadyStartedError):
            await self._client.start_workflow(
                NOTICE_MAIL,
                command,
                id=f"notice/{command.notice}/{command.kind}{again}",
                task_queue=QUALITY,
                id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
                id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
                static_summary=f"{ABOUT.get(command.kind, notice_mail.ABOUT)} · {command.kind}",
                priority=Priority(priority_key=BACKGROUND),
            )

    async def _cancel(self, workflow_id: str) -> None:
        """The record has ended it.  The server takes one request to cancel, which somebody may have spent: so it is told as well."""
        try:
            await self._client.get_workflow_handle(workflow_id).cancel()
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise
        await self._tell(workflow_id, "process.cancelled")

    async def _tell(self, workflow_id: str, fact: str) -> None:
        try:
            await self._client.get_workflow_handle(workflow_id).signal("changed", Notify(fact=fact))
        except RPCError as error:
            # a batch whose workflow has ended needs no news
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise


def activities_of(context: Context) -> list[Callable[..., Any]]:
    """Bound to what the worker has."""
    return [Delivery(context.engine, context.client).deliver]
