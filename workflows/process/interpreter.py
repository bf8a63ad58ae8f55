"""What all processes on a lot share: a definition drives them, people move them by updates, the clock escalates.

The record decides: each update is one activity, one transaction, and its receipt tells the workflow where the run
stands.  The workflow adds what only it can: it waits for months, escalates on time and starts what comes next.
"""

import asyncio
from datetime import datetime, timedelta
from typing import Any

from temporalio import workflow
from temporalio.common import Priority
from temporalio.exceptions import (
    ActivityError,
    ApplicationError,
    ChildWorkflowError,
    FailureError,
    WorkflowAlreadyStartedError,
    is_cancelled_exception,
)

with workflow.unsafe.imports_passed_through():
    from models.definition.document import Definition, digest
    from models.inspection.messages import RecordResults
    from models.kernel.refusal import Refusal
    from models.process import engine as process
    from models.process import task as tasks
    from models.process.messages.commands import Command, takes
    from models.process.messages.followers import AT_THE_DOOR, BACKGROUND, type_of
    from models.process.messages.process import (
        CancelRun,
        CompleteTask,
        Escalate,
        LoadRun,
        Notify,
        ProcessResult,
        ProcessStart,
        Receipt,
        RunView,
    )
    from models.process.messages.timer import RunAutomatic, Timer
    from workflows.process import timers
    from workflows.process.searched import Searched
    from workflows.temporal.queues import AT_ONCE, ONCE, RETRY, SILENT, START_TO_CLOSE

MAX_RECEIPTS = 50
"""Receipts kept for commands sent twice; older ones are found in the record (`applied`)."""
LOOK_AGAIN = timedelta(minutes=10)
"""How often a process looks after a subprocess that it didn't start itself."""
LONG = "a-long-history-wakes-its-run"
READS = "one-of-many-reads-its-definition"
PASSING = "slow-acts-let-others-pass"
SUMMARY = 60
"""Characters of a summary: the server fails the whole workflow task where it is longer than 400 bytes."""


def no(refusal: Refusal) -> ApplicationError:
    """A refusal as an update failure: the caller gets the whole answer, the workflow goes on."""
    return ApplicationError(str(refusal), refusal.as_dict(), type="Refusal", non_retryable=True)


async def perform(
    name: str, command: Any, result: type[Any] | None = Receipt, *, summary: str | None = None, first: int = AT_THE_DOOR
) -> Any:
    """Run the activity of an act; what it refuses becomes the failure of the update, whole.

    The act is done inside the workflow task that brought it (a local activity): accepted, recorded and answered in one
    round trip to the server.  When it can't be done at once, a regular activity tries until the record can be reached,
    and is seen waiting in the Temporal UI; what goes wrong for another reason ends as a refusal that names a fault
    (`activities.transaction.bounded`).  Both may take effect only once (`activities.transaction.once`).
    """
    done = await _at_once(name, command, result, summary)
    return await _patiently(name, command, result, summary, first) if done is None else done


async def _at_once(name: str, command: Any, result: type[Any] | None, summary: str | None) -> Any | None:
    """The answer of the first try; None where there is none yet."""
    try:
        return await workflow.execute_local_activity(
            name,
            command,
            result_type=result,
            start_to_close_timeout=AT_ONCE,
            retry_policy=ONCE,
            summary=summary and summary[:SUMMARY],
        )
    except FailureError as error:
        if is_cancelled_exception(error):
            raise
        refusal = _refusal(error)
    if refusal is not None:
        raise refusal
    return None


async def _patiently(
    name: str, command: Any, result: type[Any] | None, summary: str | None, first: int = AT_THE_DOOR
) -> Any:
    """The answer of the tries that follow; of those that wait for a worker, a person's act goes before news."""
    try:
        return await workflow.execute_activity(
            name,
            command,
            result_type=result,
            start_to_close_timeout=START_TO_CLOSE,
            heartbeat_timeout=SILENT,
            retry_policy=RETRY,
            summary=summary and summary[:SUMMARY],
            priority=Priority(priority_key=first),
        )
    except ActivityError as error:
        refusal = _refusal(error)
        if refusal is None:
            raise
    raise refusal


def _refusal(error: FailureError) -> ApplicationError | None:
    """What the activity refused; a local one fails with its own error, a regular one with an `ActivityError` around it."""
    cause = error.cause if isinstance(error, ActivityError) else error
    if isinstance(cause, ApplicationError) and cause.type == "Refusal":
        return ApplicationError(cause.message, *cause.details, type="Refusal", non_retryable=True)
    return None


class Process:
    """State and handlers of a process workflow; `BatchLifecycle`, `Inspection` and `Release` are its kinds."""

    def __init__(self, start: ProcessStart) -> None:
        """Begin empty (the first update begins the run) or on a run that the record has begun."""
        self._start = start
        self._run: RunView | None = start.run
        self._definition: Definition | None = None
        self._receipts: dict[str, Receipt] = dict(start.receipts)
        self._lock = asyncio.Lock()
        self._children: dict[str, asyncio.Task[None]] = {}
        self._automatic: dict[tuple[str, str], asyncio.Task[None]] = {}
        self._fired: set[tuple[str, str, int]] = set()
        self._refused_at_birth = False
        self._stale = False
        self._searched = Searched()
        self._changes = 0
        self._early = timedelta(0)
        if start.run is not None:
            self._freeze(start.run)

    # People ----------------------------------------------------------------------------------------------------------

    @workflow.update
    async def act(self, command: Command) -> Receipt:
        """Whatever a person asks of this process; the table of commands says for which workflows it is."""
        return await self._do(command.root)

    @act.validator
    def check_act(self, command: Command) -> None:
        """Turned away before the history remembers it: what is no command, is another process's, or breaks a pure rule."""
        if not isinstance(command, Command):
            raise no(process.NO_COMMAND())
        asked = command.root
        if not takes(workflow.info().workflow_type, asked.act, process=True):
            raise no(process.NOT_ITS_ACT(act=asked.act))
        if isinstance(asked, CompleteTask):
            self.check_complete(asked)
        elif isinstance(asked, RecordResults):
            self.check_results(asked)

    @workflow.update
    async def complete(self, command: CompleteTask) -> Receipt:
        """`act` of before: a person completes a task of this process."""
        return await self._do(command)

    @complete.validator
    def check_complete(self, command: CompleteTask) -> None:
        """The pure rule that needs no record: does the stage exist, is the outcome one of its, is the form right."""
        if self._definition is None:
            return
        stage = self._definition.find(command.stage)
        if stage is None or not stage.kind.human:
            raise no(process.NOT_OPEN(zh=command.stage[:60], en=command.stage[:60]))
        chosen = stage.outcome(command.outcome)
        if command.outcome is not None and stage.outcomes and chosen is None:
            known = ", ".join(one.key for one in stage.outcomes)
            titles = {"zh": stage.title.say("zh"), "en": stage.title.say("en")}
            raise no(process.NO_OUTCOME(outcome=command.outcome[:60], known=known, **titles))
        form = {**command.form, **({"reason": command.reason} if command.reason else {})}
        if chosen is not None and chosen.reason_required and not str(form.get("reason") or "").strip():
            raise no(process.REASON(zh=chosen.title.say("zh"), en=chosen.title.say("en")))
        try:
            process.validate_form(stage, form, chosen, self._run.state.facts if self._run else None)
        except Refusal as refusal:
            raise no(refusal) from refusal

    @workflow.update
    async def record_results(self, command: RecordResults) -> Receipt:
        """`act` of before: an inspector records measured values."""
        return await self._do(command)

    @record_results.validator
    def check_results(self, command: RecordResults) -> None:
        """A process without an inspection takes no measured values."""
        del command
        if self._definition is not None and not any(one.kind == "inspection" for one in self._definition.stages):
            raise no(tasks.NO_INSPECTION())

    @workflow.signal
    def changed(self, news: Notify) -> None:
        """The record moved this run on elsewhere: look at it again."""
        del news
        self._stale = True

    @workflow.query
    def run_view(self) -> RunView | None:
        """Where the run stands, as this workflow knows it."""
        return self._run

    # The life of the process -----------------------------------------------------------------------------------------

    async def drive(self) -> ProcessResult:
        """Wait for people, facts, children and the clock until the process has its result.

        A workflow that is cancelled from outside ends where the record has ended its run, and goes on where it hasn't.
        """
        while True:
            try:
                await self._read_definition()
                await self._follow()
                break
            except BaseException as error:
                if not is_cancelled_exception(error) or not await self._goes_on():
                    raise
        if self._run is None:
            return ProcessResult(result=None)
        return ProcessResult(result=self._run.state.result, parent=self._run.parent)

    async def _read_definition(self) -> None:
        """One of many begins without the text of its definition, which would be as many times in its parent's answer."""
        if self._run is None or self._definition is not None or not workflow.patched(READS):
            return
        view = await self._by_itself("load_run", LoadRun(run_id=self._run.run_id), RunView)
        if view is not None:
            self._freeze(view)
            self._run = self._run.model_copy(update={"definition": view.definition})
            self._adopt(view)

    async def _follow(self) -> None:
        while not self._resting:
            self._start_children()
            self._start_automatic()
            self._searched.tell(self._run, self._now())
            await self._wait()
            if self._stale:
                await self._reload()
            self._continue_when_long()
        self._searched.tell(self._run, self._now())

    async def _goes_on(self) -> bool:
        """Whether the record has the process at work, though somebody cancelled its workflow."""
        if self._run is None:
            return False
        command = CancelRun(run_id=self._run.run_id, reason="cancelled")
        # shielded: the cancellation of the workflow must not cancel the question
        done = await asyncio.shield(asyncio.create_task(self._by_itself("cancel_run", command)))
        if done is None or not done.data.get("goes_on"):
            return False
        self._adopt(done.run)
        return True

    async def _do(self, command: Any) -> Receipt:
        """One act of a person: the word in the command is the name of the activity."""
        what = getattr(command, "stage", None) or getattr(command, "seq", None)
        summary = f"{command.by.name} · {what or command.act}"
        return await self._act(command.act, command.command_id, command, summary=summary)

    async def _act(self, name: str, command_id: str, command: Any, *, summary: str | None = None) -> Receipt:
        """One act at a time; the same command again gets its first receipt.

        An act that can't be done at once lets the others pass: the record decides between them, answers may come out of
        order (`_adopt`), and the same command sent again meanwhile waits in the record for the first one's receipt.
        """
        try:
            async with self._lock:
                known = self._receipts.get(command_id)
                if known is not None:
                    return known
                receipt: Receipt | None = await _at_once(name, command, Receipt, summary)
                if receipt is None and not workflow.patched(PASSING):
                    receipt = await _patiently(name, command, Receipt, summary)
            if receipt is None:
                receipt = await _patiently(name, command, Receipt, summary)
        except ApplicationError:
            self._refused_at_birth = self._run is None
            raise
        finally:
            self._wake_when_long()
        return self._keep(command_id, receipt)

    def _wake_when_long(self) -> None:
        """Wake the run where the history is as long as the server wants it.

        An answer that moves no run (a customer's acknowledgement, a refusal) wakes nobody, and two thousand of them are
        all that the server takes of one history: whoever notices wakes the run, which begins a new one when all are answered.
        """
        if workflow.info().is_continue_as_new_suggested() and workflow.patched(LONG):
            self._changes += 1

    def _keep(self, command_id: str, receipt: Receipt) -> Receipt:
        """Remember the receipt, without the run, for a command that is sent twice, and go on from where the run stands."""
        while len(self._receipts) >= MAX_RECEIPTS:
            self._receipts.pop(next(iter(self._receipts)))
        short = receipt.model_copy(update={"run": None})
        self._receipts[command_id] = short
        if receipt.run is not None:
            self._adopt(receipt.run)
        return short

    async def _by_itself(
        self, name: str, command: Any, result: type[Any] = Receipt, *, summary: str | None = None
    ) -> Any:
        """What nobody asked for, bounded like an act; where it fails, the record has its fault and the process goes on.

        None then.  A process that failed would take its subprocesses, its clock and its people's tasks with it.
        """
        try:
            return await perform(name, command, result, summary=summary, first=BACKGROUND)
        except FailureError as error:
            if is_cancelled_exception(error):
                raise
            workflow.logger.warning("%s of %s: %s", name, self._start.workflow_id, error)
            return None

    @property
    def _over(self) -> bool:
        return self._refused_at_birth if self._run is None else self._run.over

    @property
    def _duties(self) -> bool:
        """Whether legal deadlines outlive the process: the report that ends a recall is due after it has closed."""
        timer = self._next_timer()
        return timer is not None and timer.deadline is not None

    @property
    def _resting(self) -> bool:
        """Over, and nobody is at work any more: a refused first act may be followed by one that begins the run."""
        return self._over and not self._duties and workflow.all_handlers_finished() and not self._at_work

    def _adopt(self, view: RunView) -> None:
        """Take the newer view of this run; answers of parallel acts may arrive out of order."""
        if self._run is None:
            self._freeze(view)
        elif view.run_id != self._run.run_id or view.version <= self._run.version:
            if view.moved > self._run.moved:  # a test home's clock went on, and nothing else
                self._run = self._run.model_copy(update={"moved": view.moved})
                self._changes += 1
            return
        known = self._run or view
        self._run = view.model_copy(update={"definition": known.definition, "moved": max(known.moved, view.moved)})
        self._changes += 1
        self._describe()

    def _freeze(self, view: RunView) -> None:
        """Keep the definition this run is bound to; a text that doesn't match its digest stops the workflow loudly."""
        if view.definition is None:
            return
        definition = Definition.model_validate_json(view.definition)
        if digest(definition) != view.definition_digest:
            message = f"definition {view.definition_key} does not match its digest"
            raise RuntimeError(message)
        self._definition = definition

    def _describe(self) -> None:
        if self._run is None or self._definition is None:
            return
        titles = ", ".join(self._definition.stage(one.key).title.say("zh") for one in self._run.state.open)
        workflow.set_current_details(
            f"**{self._run.lot_no}** · {self._definition.title.say('zh')} · {titles or self._run.state.result}"
        )

    def _next_timer(self) -> Timer | None:
        """The next moment that has not fired; an act may have closed its stage meanwhile."""
        return None if self._run is None else timers.next_of(self._run.timers, self._fired)

    def _now(self) -> datetime:
        """The record's time as this workflow knows it: the engine's, and in a test home by how much it was moved."""
        return workflow.now() + (self._run.moved if self._run is not None else timedelta(0))

    async def _wait(self) -> None:
        seen = self._changes
        moments = self._run.timers if self._run is not None else ()
        timer, wait = timers.asked_for(moments, self._fired, self._now(), self._early)
        try:
            await workflow.wait_condition(
                lambda: self._resting or self._stale or self._changes != seen,
                timeout=wait,
                timeout_summary=timers.summary(timer) if timer else None,
            )
        except TimeoutError:
            if timer is not None:
                await self._escalate(timer)

    async def _escalate(self, timer: Timer) -> None:
        """Tell the record that a moment has come; where its clock says otherwise, ask again when it will be."""
        if self._run is None:
            return
        command = Escalate(
            run_id=self._run.run_id,
            stage=timer.stage,
            level=timer.level,
            to_role=timer.to_role,
            deadline=timer.deadline,
            kind=timer.kind,
            opened_at=timer.opened_at,
        )
        done = await self._by_itself("escalate", command, summary=timers.summary(timer))
        early = 0.0 if done is None else float(done.data.get("early") or 0)
        self._early = min(timedelta(seconds=early), timers.ASKED_AGAIN)
        if not early:
            self._fired.add(timers.name(timer))
        if done is not None and done.run is not None:
            self._adopt(done.run)

    async def _reload(self) -> None:
        self._stale = False
        if self._run is not None:
            view = await self._by_itself("load_run", LoadRun(run_id=self._run.run_id), RunView)
            if view is not None:
                self._adopt(view)

    def _start_automatic(self) -> None:
        """Have each automatic stage carried out, once for each time that it is opened; a fault leaves it to an operator."""
        for command in self._run.automatic if self._run is not None else ():
            name = (command.stage, command.opened_at.isoformat())
            if name not in self._automatic:
                self._automatic[name] = asyncio.create_task(self._carry_out(command))

    async def _carry_out(self, command: RunAutomatic) -> None:
        done = await self._by_itself("run_automatic", command, summary=command.stage)
        if done is not None and done.run is not None:
            self._adopt(done.run)
        self._changes += 1

    @property
    def _at_work(self) -> bool:
        """Whether an automatic stage is being carried out."""
        return any(not one.done() for one in self._automatic.values())

    def _start_children(self) -> None:
        if self._run is None:
            return
        for child in self._run.children:
            if child.workflow_id not in self._children:
                start = ProcessStart(workflow_id=child.workflow_id, lot_no=child.run.lot_no, run=child.run)
                self._children[child.workflow_id] = asyncio.create_task(self._child(child.run, start))

    async def _child(self, run: RunView, start: ProcessStart) -> None:
        """Run a subprocess; its closing act has already moved this run on in the record."""
        try:
            result = await workflow.execute_child_workflow(
                type_of(run),
                start,
                id=start.workflow_id,
                result_type=ProcessResult,
                parent_close_policy=workflow.ParentClosePolicy.REQUEST_CANCEL,
                static_summary=f"{start.lot_no} · {run.title or run.definition_key}",
            )
        except ChildWorkflowError:
            # cancelled or terminated from outside: the record knows what became of it, and what runs instead
            del self._children[start.workflow_id]
            self._stale = True
            return
        except WorkflowAlreadyStartedError:
            # it lived on while this history was lost and begun anew; its end moves the record, which is looked at again
            await workflow.sleep(LOOK_AGAIN)
            del self._children[start.workflow_id]
            self._stale = True
            return
        if result.parent is not None:
            self._adopt(result.parent)
        del self._children[start.workflow_id]

    def _continue_when_long(self) -> None:
        """Begin a new history at a stage boundary: no child under way, no handler at work, state carried whole."""
        if (self._over and not self._duties) or self._children or not workflow.info().is_continue_as_new_suggested():
            return
        if self._stale or self._at_work or not workflow.all_handlers_finished():
            return
        workflow.continue_as_new(self._start.model_copy(update={"run": self._run, "receipts": self._receipts}))
