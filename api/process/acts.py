"""What people do, between the request and the workflow: rules first, then the password, then one update.

Routes and pages both come through here, so a form and an API call are refused in the same words (DESIGN 7).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ParamSpec, TypeVar
from uuid import UUID, uuid4

from sqlalchemy import Engine, text
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from temporalio.client import Client

from api.frame.deps import engine as engine_of
from api.frame.deps import temporal
from api.process.lost_workflow import record_of, told
from models.inspection.messages import MeasuredValue, RecordResults
from models.kernel.refusal import Refusal
from models.kernel.store.act import act, now, reading
from models.person.rules.auth import Principal, StandIn
from models.person.store import passwords
from models.person.store.people import actor_of
from models.person.tables import Person
from models.process import task as task_rules
from models.process.acts import complete as completing
from models.process.acts import preview as previewing
from models.process.messages.process import By, CompleteTask, Receipt
from models.process.sign import sign as rules
from models.process.store import applied, runs
from models.process.store import task_lock as tasks_lock
from models.process.store.signing import digest, of_run
from models.process.tables.process import HumanTask
from models.process.tables.signature import SigningAttempt
from workflows.temporal import start

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True)
class Signing:
    """What a person gives to sign: the proof, the meaning they read and the digest of what they saw."""

    password: str
    meaning: str
    digest: str


@dataclass(frozen=True)
class Desk:
    """Where a person works: the database, Temporal, who they are and through which door they came."""

    engine: Engine
    client: Client
    principal: Principal
    source: str
    key: str | None = None

    @classmethod
    def of(cls, request: Request, principal: Principal, *, source: str = "api") -> "Desk":
        """The desk of a request."""
        key = getattr(request.state, "idempotency_key", None)
        return cls(engine_of(request), temporal(request), principal, source, key)

    def by(self, absent: StandIn | None = None) -> By:
        """The person, as it goes into the act."""
        return plain_by(self.principal, self.source, absent)

    def command_id(self, subject: str) -> str:
        """The id of this act: the same for a repeated request with the same `Idempotency-Key`."""
        return f"{subject}:{self.principal.person_id}:{self.key or uuid4()}"


def plain_by(principal: Principal, source: str, absent: StandIn | None = None) -> By:
    """A person, perhaps in somebody's stead, as acts name them."""
    by = By(
        person_id=principal.person_id,
        name=principal.name,
        actor_id=principal.public_id,
        source=source,
        on_behalf_of=absent.person_id if absent else None,
        on_behalf_of_name=absent.name if absent else None,
    )
    return by.through(principal.session_id, principal.csrf)


async def complete(
    desk: Desk,
    task_id: UUID,
    outcome: str | None,
    form: Mapping[str, Any],
    reason: str | None,
    signing: Signing | None,
    seen: str | None = None,
) -> Receipt:
    """Complete a task; sign it where its stage asks for a signature.  `seen`: what it was said to do, by its digest."""
    begun = await unless_earlier(
        desk, "complete_task", desk.command_id(str(task_id)), _prepare, desk, task_id, outcome, form, reason, signing
    )
    if isinstance(begun, Receipt):
        return begun
    command, workflow_id = begun
    command = command.model_copy(update={"seen": seen or None})
    try:
        return await start.complete_task(desk.client, workflow_id, command, record_of(desk.engine))
    except Refusal as raised:
        if raised.code == start.PENDING.code:
            raise  # the act is under way and holds its task: nothing has ended that could be written down
        # asked for twice because nobody answered, it may have taken effect at first and ended the process
        done = await run_in_threadpool(receipt, desk, "complete_task", command.request_id or command.command_id)
        if done is not None:
            return done
        refusal = await run_in_threadpool(told, desk.engine, task_id, raised) or raised
        if signing is not None and command.attempt_id is not None:
            # a refused update leaves no trace in Temporal, so the attempt's end is written here
            await run_in_threadpool(_attempt, desk, command, signing, refusal.code)
        raise refusal from None


async def record_results(
    desk: Desk,
    task_id: UUID,
    values: tuple[MeasuredValue, ...],
    measured_at: datetime | None = None,
    late_reason: str | None = None,
) -> Receipt:
    """Measured values of an inspection, some or all; `measured_at` where they were measured before."""
    command_id = desk.command_id(f"results:{task_id}")
    begun = await unless_earlier(desk, "record_results", command_id, _who, desk, task_id)
    if isinstance(begun, Receipt):
        return begun
    by, workflow_id = begun
    command = RecordResults(
        command_id=command_id,
        task_id=task_id,
        by=by,
        values=values,
        measured_at=measured_at,
        late_reason=late_reason,
    )
    try:
        return await start.record_results(desk.client, workflow_id, command, record_of(desk.engine))
    except Refusal as raised:
        done = await run_in_threadpool(receipt, desk, "record_results", command_id)
        if done is not None:
            return done
        raise (await run_in_threadpool(told, desk.engine, task_id, raised) or raised) from None


async def unless_earlier(
    desk: Desk, activity: str, request_id: str, prepare: Callable[P, T], *given: P.args, **more: P.kwargs
) -> T | Receipt:
    """What is prepared for a request, or the receipt of the same request that was sent before.

    That one may take effect between the two questions: it closes the task, so what is refused then is what it did itself.
    """
    known = await run_in_threadpool(earlier, desk, activity, request_id)
    if known is not None:
        return known
    try:
        return await run_in_threadpool(prepare, *given, **more)
    except Refusal:
        known = await run_in_threadpool(earlier, desk, activity, request_id)
        if known is None:
            raise
        return known


def earlier(desk: Desk, activity: str, request_id: str) -> Receipt | None:
    """The receipt of a request that is sent again after its answer was lost: its task may be closed by now."""
    return None if desk.key is None else receipt(desk, activity, request_id)


def receipt(desk: Desk, activity: str, request_id: str) -> Receipt | None:
    """What became of a request, where it took effect."""
    with reading(desk.engine) as session:
        return applied.earlier(session, applied.of_command(activity, request_id))


def _who(desk: Desk, task_id: UUID) -> tuple[By, str]:
    """Who measures, and which process follows the inspection; another kind of task is refused before anything travels."""
    with reading(desk.engine) as session:
        task = tasks_lock.find_open(session, task_id)
        task_rules.check_measures(task.kind)
        facts = _facts(session, task)
        absent = task_rules.acting_for(desk.principal, facts)
        return desk.by(absent), runs.load(session, task.run_id).row.workflow_id


def _facts(session: Any, task: HumanTask) -> task_rules.TaskFacts:
    assignee = session.get(Person, task.assignee_id) if task.assignee_id else None
    return task_rules.TaskFacts(
        status=task.status,
        role=task.role,
        assignee_id=task.assignee_id,
        assignee_name=assignee.name if assignee else "",
    )


def _prepare(
    desk: Desk,
    task_id: UUID,
    outcome: str | None,
    form: Mapping[str, Any],
    reason: str | None,
    signing: Signing | None,
) -> tuple[CompleteTask, str]:
    """Ask the rules, then prove the password, then write the attempt (DESIGN 7.1, 7.2)."""
    with reading(desk.engine) as session:
        task = tasks_lock.find(session, task_id)
        run = runs.load(session, task.run_id)
        stage, workflow_id, task_key = run.definition.stage(task.stage), run.row.workflow_id, task.id
    command = CompleteTask(
        command_id=desk.command_id(str(task_id)),
        task_id=task_id,
        stage=stage.key,
        by=desk.by(),
        outcome=outcome,
        form=dict(form),
        reason=reason,
        digest=signing.digest if signing else None,
        meaning=signing.meaning if signing else None,
        request_id=desk.command_id(str(task_id)),
    )
    try:
        with reading(desk.engine) as session:
            task = tasks_lock.find_open(session, task_id)
            command = command.model_copy(
                update={"by": desk.by(task_rules.acting_for(desk.principal, _facts(session, task)))}
            )
            if stage.signature is not None and signing is None:
                raise rules.NEEDED()
            if stage.signature is None and signing is not None:
                raise rules.NOT_NEEDED()
            if signing is not None and stage.signature is not None and signing.meaning != stage.signature.meaning:
                raise rules.MEANING(right=stage.signature.title.say("zh"))
            previewing.check(session, command, now(session))
            if signing is not None:
                signed = of_run(session, task.run_id)
                said = completing.statement(signed, stage, command, command.digest or "")
                command = command.model_copy(update={"statement": digest(said)})
    except Refusal as refusal:
        if signing is not None:
            _attempt(desk, command, signing, refusal.code, task_key)
        raise
    if signing is None:
        return command, workflow_id
    proof = passwords.verify_for_signing(desk.engine, desk.principal.account_id, signing.password)
    attempt = _attempt(desk, command, signing, proof.result, task_key)
    check_proof(proof)
    # the update's id is the attempt's: the server answers a repeated one with the first answer
    return command.model_copy(update={"attempt_id": attempt, "command_id": f"{task_id}:{attempt}"}), workflow_id


def check_proof(proof: passwords.Proof) -> None:
    """Refuse a signature whose password was not proven."""
    match proof.result:
        case "accepted":
            return
        case "must_change":
            raise rules.MUST_CHANGE()
        case "locked" | "disabled":
            raise rules.LOCKED()
        case _:
            raise rules.WRONG_PASSWORD(left=proof.left)


def _attempt(desk: Desk, command: CompleteTask, signing: Signing, result: str, task_key: int | None = None) -> int:
    """Write what was tried, in a transaction of its own: it stays, whatever comes of it."""
    with act(desk.engine, actor_of(desk.principal)) as session:
        if task_key is None:
            found = session.connection().execute(
                text("select id from human_task where public_id = :id"), {"id": command.task_id}
            )
            task_key = found.scalar()
        row = SigningAttempt(
            task_id=task_key,
            person_id=desk.principal.person_id,
            account_id=desk.principal.account_id,
            on_behalf_of_id=command.by.on_behalf_of,
            meaning=signing.meaning[:100],
            digest=signing.digest[:100],
            statement=command.statement,
            result=result,
        )
        session.add(row)
        session.flush()
        return row.id
