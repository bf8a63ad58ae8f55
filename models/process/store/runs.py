"""Runs of process definitions: begin, advance, end, and the tasks that they open, all inside the caller's transaction.

The transaction of an act carries everything that follows from it: the next task, the begun subprocess, the parent's
next stage.  PostgreSQL is the record; workflows learn of it from the returned `RunView` (DESIGN 2.1, 2.2).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from models.definition import store as definitions
from models.definition.condition import Scalar
from models.definition.document import Owner, Stage, StageKind, canonical, results
from models.kernel import refusal as refusals
from models.kernel.store.act import moved
from models.kernel.store.act import now as act_now
from models.process import engine as process
from models.process import kinds
from models.process.context import Ctx
from models.process.engine import Step
from models.process.kind import Kind
from models.process.many import items as many
from models.process.messages.process import By, ChildStart, RunView
from models.process.messages.timer import Timer
from models.process.run import Run
from models.process.store import owners, written
from models.process.subject import Groups, SubjectKind
from models.process.tables.process import HumanTask, ProcessRun
from models.process.tables.subject import RunLink
from models.process.time import clock


@dataclass(frozen=True)
class Place:
    """Where in its parent one of many stands: the stage, the item, and the moment that the round began."""

    stage: str
    item: str
    opened_at: datetime


LOCKED = "runs locked"
"""Where a session keeps the runs that its act has locked."""
UNKNOWN = refusals.Kind("PRC-404", "DESIGN 2.5", "找不到该流程。", "There is no such process.", 404)
NOBODY = By(person_id=0, name="Batchwright", actor_id="service:clock", source="worker")
"""Who asks when the record itself wants to know."""


def load(session: Session, run_id: int, *, lock: bool = False) -> Run:
    """A run by its key; with `lock`, nobody else advances it meanwhile."""
    row = session.get(ProcessRun, run_id, with_for_update=lock, populate_existing=lock)
    if row is None:
        raise UNKNOWN()
    if lock:  # nobody changes it any more, and a session forgets what nobody holds
        session.info.setdefault(LOCKED, []).append(row)
    return _run(session, row)


def locked(session: Session, task: HumanTask) -> Run:
    """What a task is about, then its run and the task itself, locked against everybody else in that order, as every act locks them.

    The task is as it stands then: whoever was faster may have closed it.
    """
    return of_task(session, task, lock=True)


def of_task(session: Session, task: HumanTask, *, lock: bool = False) -> Run:
    """The run of a task with what it is about, in one statement."""
    about = kinds.about(kinds.of(task.process).subject)
    key = getattr(task, about.column)
    query = (
        select(about.table, ProcessRun, HumanTask)
        .join(ProcessRun, getattr(ProcessRun, about.column) == about.key_column)
        .join(HumanTask, col(HumanTask.run_id) == ProcessRun.id)
        .where(about.key_column == key, col(HumanTask.id) == task.id)
    )
    if lock and about.before is not None:
        about.before(session, key)
    if lock:  # in the order of `of`; whoever only refers to one of them need not wait
        query = query.with_for_update(key_share=True, of=[about.table, ProcessRun, HumanTask])
    subject, row, _ = session.exec(query.execution_options(populate_existing=lock)).one()
    return Run(row, definitions.by_key(session, row.definition_id), subject)


def of(session: Session, workflow_id: str, *, lock: bool = False) -> Run | None:
    """The run that a workflow of that id follows, if there is one."""
    query = select(ProcessRun).where(ProcessRun.workflow_id == workflow_id)
    row = session.exec(query.with_for_update().execution_options(populate_existing=True) if lock else query).first()
    return None if row is None else _run(session, row)


def _run(session: Session, row: ProcessRun) -> Run:
    definition = definitions.by_key(session, row.definition_id)
    about = kinds.about(definition.subject)
    return Run(row, definition, about.row(session, getattr(row, about.column)))


def begin(
    session: Session,
    key: str,
    subject: Any,
    by: By,
    now: datetime,
    *,
    parent: ProcessRun | None = None,
    facts: Mapping[str, Scalar] | None = None,
    workflow_id: str | None = None,
    place: Place | None = None,
    owner: Owner | None = None,
) -> Run:
    """Begin a run of the effective definition and everything that it opens at once; `place` where it is one of many.

    `owner` is by what whoever gets its first steps is found, before what these say themselves.
    """
    kind = kinds.of(key)
    about = kinds.about(kind.subject)
    with session.no_autoflush:  # what waits is written with the run
        version, earlier = _version(session, key, about, subject, counted=workflow_id is None and kind.several)
    definition = definitions.by_key(session, version)
    step = process.start(definition, {**about.facts(subject), **(facts or {})}, now)
    named: dict[str, Any] = {about.column: about.key_of(subject)}
    row = ProcessRun(
        workflow_id=workflow_id or _workflow_id(kind, about.number(subject), earlier),
        definition_id=version,
        parent_id=parent.id if parent else None,
        parent_stage=place.stage if place else None,
        parent_item=place.item if place else None,
        parent_round=place.opened_at if place else None,
        state=step.state.model_dump(mode="json"),
        **named,
    )
    session.add(row)
    written.write(session)
    run = Run(row, definition, subject)
    _follow(session, run, step, by, now, owner)
    return run


def link(session: Session, run_id: int, subject_id: int, role: str) -> None:
    """Tie what else a run touches to it, as what; twice is once."""
    row = {"run_id": run_id, "subject_id": subject_id, "role": role}
    session.connection().execute(insert(RunLink).values(**row).on_conflict_do_nothing())


def advance(session: Session, run: Run, step: Step, by: By, now: datetime) -> None:
    """Store a step of the engine and do what follows from it."""
    run.row.state = step.state.model_dump(mode="json")
    run.row.version += 1
    session.add(run.row)
    _follow(session, run, step, by, now)


def fact(session: Session, about: str, subject_key: int, name: str, by: By, now: datetime) -> bool:
    """A fact about a subject became true: whatever waits for it goes on.  Answers whether something did."""
    return bool(move(session, about, subject_key, name, by, now))


def move(
    session: Session,
    about: str,
    subject_key: int,
    name: str,
    by: By,
    now: datetime,
    values: Mapping[str, Scalar] | None = None,
) -> list[tuple[Run, tuple[str, ...]]]:
    """Let whatever waits for the fact go on, which knows its `values` then; answers those runs, with the stages that waited."""
    rows = session.exec(open_about(about, subject_key).execution_options(populate_existing=True)).all()
    return move_these(session, rows, name, by, now, values)


def open_about(about: str, subject_key: int) -> SelectOfScalar[ProcessRun]:
    """The question for the open runs about a subject, which locks them in their order."""
    column = getattr(ProcessRun, kinds.about(about).column)
    open_ = select(ProcessRun).where(column == subject_key, ProcessRun.status == "running")
    return open_.order_by(col(ProcessRun.id)).with_for_update()


def move_these(
    session: Session,
    rows: Iterable[ProcessRun],
    name: str,
    by: By,
    now: datetime,
    values: Mapping[str, Scalar] | None = None,
) -> list[tuple[Run, tuple[str, ...]]]:
    """The same of runs that are locked: those that wait for the fact go on."""
    moved: list[tuple[Run, tuple[str, ...]]] = []
    for row in rows:
        run = _run(session, row)
        waits = _waits_for(run, name)
        if waits:
            advance(session, run, process.fact(run.definition, run.state, name, now, values), by, now)
            moved.append((run, waits))
    return moved


def cancel(session: Session, run: Run, reason: str, now: datetime) -> None:
    """Stop a run from outside: its open tasks are cancelled and stay visible."""
    for task in session.exec(
        select(HumanTask)
        .where(HumanTask.run_id == run.row.id, HumanTask.status == "open")
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all():
        task.status = "cancelled"
        task.reason = reason
        task.done_at = now
        session.add(task)
    run.row.status = "cancelled"
    run.row.result = "cancelled"
    run.row.ended_at = now
    run.row.version += 1
    session.add(run.row)
    session.flush()


def groups(session: Session, run: Run) -> Groups:
    """The people behind what the run is about, whom its steps can exclude."""
    return run.about.groups(session, run.subject_key)


def view(session: Session, run: Run, *, parents: bool = True, text: bool = False) -> RunView:
    """The run as its workflow needs to know it: open stages, escalation moments, begun children.

    With `text` the frozen definition goes along: a workflow gets it once, at its beginning, and never asks again.
    """
    children = _children(session, run)
    parent = None
    if parents and run.row.parent_id is not None and run.row.status != "running":
        parent = view(session, load(session, run.row.parent_id))
    return RunView(
        run_id=run.row.id,
        workflow_id=run.row.workflow_id,
        lot_no=run.number,
        definition_key=run.definition.key,
        definition_version=run.definition.version,
        definition_digest=run.state.definition,
        version=run.row.version,
        state=run.state,
        timers=tuple(sorted(timers(session, run), key=lambda timer: timer.at)),
        automatic=clock.automatic(run.row.id, run.definition, run.state),
        children=tuple(children),
        parent=parent,
        definition=canonical(run.definition).decode() if text else None,
        moved=moved(session),
        cancelled=run.row.status == "cancelled",
        workflow_type=run.kind.workflow,
        title=run.definition.title.say("zh"),
        due=due(session, run),
        site=session.info.get("site"),
        drill=run.about.practised(run.subject),
    )


def timers(session: Session, run: Run) -> list[Timer]:
    """The moments of its open stages, and those of deadlines that its kind knows beside them."""
    found = task_timers(session, run) + clock.timers(run.definition, run.state, clock.site(session))
    if run.kind.clocks is not None:
        found += run.kind.clocks.timers(_ctx(session, run, NOBODY, act_now(session)))
    return found


def due(session: Session, run: Run) -> datetime | None:
    """When the first of the open steps of people is to be done."""
    return min(
        (
            moment.at
            for one in run.state.open
            if (stage := run.definition.stage(one.key)).kind.human
            for moment in clock.moments_of(session, stage, run.state, one.opened_at)
            if moment.kind == "complete"
        ),
        default=None,
    )


def task_timers(session: Session, run: Run) -> list[Timer]:
    """The escalation moments of the stages at which people are waited for."""
    return [
        Timer(stage=one.key, at=moment.at, level=moment.level, to_role=moment.to_role or "", round=one.opened_at)
        for one in run.state.open
        if (stage := run.definition.stage(one.key)).kind.human
        for moment in clock.moments_of(session, stage, run.state, one.opened_at)
        if moment.kind == "escalation"
    ]


def _children(session: Session, run: Run) -> list[ChildStart]:
    """Its running subprocesses: of the stages that are open, and every one of many, also of a stage that waits no longer.

    The many go without the text of their definition, which their workflows ask for: an answer has room for their states.
    """
    stages = [run.definition.stage(one.key) for one in run.state.open]
    keys = {stage.process: stage.key for stage in reversed(stages) if stage.kind is StageKind.SUBPROCESS}
    if not keys and not run.state.many:
        return []
    found = _begun(run)
    if found is None:
        rows = session.exec(
            select(ProcessRun)
            .where(ProcessRun.parent_id == run.row.id, ProcessRun.status == "running")
            .order_by(col(ProcessRun.id))
        ).all()
        found = [_run(session, row) for row in rows]
    return [
        ChildStart(
            stage=child.row.parent_stage or keys[child.definition.key],
            workflow_id=child.row.workflow_id,
            definition_key=child.definition.key,
            run=view(session, child, parents=False, text=child.row.parent_item is None),
        )
        for child in found
        if child.row.parent_item is not None or child.definition.key in keys
    ]


def _begun(run: Run) -> list[Run] | None:
    """Its running subprocesses, where all that it waits for were begun just now; None where the record has to be asked."""
    places = [
        (one.key, one.opened_at) for one in run.state.open if run.definition.stage(one.key).kind is StageKind.SUBPROCESS
    ]
    if run.state.many or not all(place in run.begun for place in places):
        return None
    return [child for place in places if (child := run.begun[place]).row.status == "running"]


def _waits_for(run: Run, name: str) -> tuple[str, ...]:
    stages = (run.definition.stage(one.key) for one in run.state.open)
    return tuple(stage.key for stage in stages if stage.kind is StageKind.WAIT and stage.fact == name)


def _ctx(session: Session, run: Run, by: By, now: datetime, **more: Any) -> Ctx:
    return Ctx(session, run, by, now, **more)


def _follow(session: Session, run: Run, step: Step, by: By, now: datetime, owner: Owner | None = None) -> None:
    """Do what a step asks for: open tasks, begin subprocesses, end the run and tell its parent."""
    for stage in step.opened:
        if stage.kind.human:
            _open_task(session, run, stage, by, now, owner)
        elif stage.for_each is not None and stage.process is not None:
            _begin_many(session, run, stage, stage.process, by, now)
        elif stage.kind is StageKind.SUBPROCESS and stage.process is not None:
            run.begun[stage.key, now] = begin(session, stage.process, run.subject, by, now, parent=run.row)
        elif stage.kind is StageKind.WAIT and stage.fact:
            written.write(session)
            if run.about.already(session, run.subject, stage.fact):
                advance(session, run, process.fact(run.definition, run.state, stage.fact, now), by, now)
    if step.ended is not None and step.end is not None and run.row.status == "running":
        _end(session, run, run.definition.stage(step.end), step.ended, by, now)


def _end(session: Session, run: Run, last: Stage, result: str, by: By, now: datetime) -> None:
    """The run has its result: what its end does, and its parent goes on."""
    run.row.status, run.row.result, run.row.ended_at = "completed", result, now
    session.add(run.row)
    written.write(session)
    ctx = _ctx(session, run, by, now, stage=last, result=result)
    for effect in kinds.effects(run.definition, last):
        effect.check(ctx)
        effect.do(ctx)
    if run.row.parent_id is not None:
        parent = load(session, run.row.parent_id, lock=True)
        if not _listens(parent, run.row):
            return
        stage_key = run.row.parent_stage or _stage_of(parent, run.definition.key)
        step = process.child_result(parent.definition, parent.state, stage_key, result, now, item=run.row.parent_item)
        advance(session, parent, step, by, now)


def _listens(parent: Run, row: ProcessRun) -> bool:
    """Whether the parent still waits for it: one of many may end when enough others have, or in a round that is over."""
    if row.parent_item is None:
        return True
    here = next((one for one in parent.state.open if one.key == row.parent_stage), None)
    return here is not None and parent.row.status == "running" and here.opened_at == row.parent_round


def _begin_many(session: Session, run: Run, stage: Stage, key: str, by: By, now: datetime) -> None:
    """A run for each item; one that ends at once may end the stage before the others have begun."""
    items = many.items(session, run, stage)
    ends = results(definitions.by_key(session, definitions.effective(session, key)))
    advance(session, run, process.spread(run.definition, run.state, stage.key, tuple(items), now, ends), by, now)
    kind = kinds.of(key)
    for number, (name, item) in enumerate(items.items(), start=1):
        if not any(one.key == stage.key and one.opened_at == now for one in run.state.open):
            return
        place = Place(stage.key, name, now)
        about = kinds.about(kind.subject).number(item.subject)
        workflow_id = f"{kind.prefix}/{about}/{run.row.id}.{run.row.version}.{number}"
        begin(
            session, key, item.subject, by, now, parent=run.row, facts=item.facts, workflow_id=workflow_id, place=place
        )


def _stage_of(parent: Run, process_key: str) -> str:
    keys: Sequence[str] = [
        one.key for one in parent.state.open if parent.definition.stage(one.key).process == process_key
    ]
    return keys[0] if keys else process_key


def _open_task(session: Session, run: Run, stage: Stage, by: By, now: datetime, owner: Owner | None) -> None:
    moments = {moment.kind: moment.at for moment in clock.moments_of(session, stage, run.state, now)}
    about: dict[str, Any] = {run.about.column: run.subject_key}
    whose = owners.of_stage(session, run, stage, owner)
    session.add(
        HumanTask(
            run_id=run.row.id,
            process=run.definition.key,
            stage=stage.key,
            kind=stage.kind,
            role=stage.role or "",
            rank=run.kind.rank,
            assignee_id=whose,
            claimed_at=now if whose is not None else None,
            pick_up_by=moments.get("pick_up"),
            due_at=moments.get("complete"),
            opened_at=now,
            **about,
        )
    )
    written.write(session)
    if stage.kind is StageKind.INSPECTION:
        kinds.measured(run.definition).opens(_ctx(session, run, by, now, stage=stage))


def _version(session: Session, key: str, about: SubjectKind, subject: Any, *, counted: bool) -> tuple[int, int]:
    """The version that new runs start with and, where their number is `counted`, how many the subject has had."""
    if not counted:
        return definitions.effective(session, key), 0
    had = (
        select(func.count())
        .select_from(ProcessRun)
        .where(
            getattr(ProcessRun, about.column) == about.key_of(subject),
            col(ProcessRun.workflow_id).startswith(f"{kinds.of(key).prefix}/", autoescape=True),
        )
        .scalar_subquery()
    )
    version, earlier = session.exec(select(definitions.newest(key).scalar_subquery(), had)).one()
    if version is None:
        raise definitions.UNKNOWN(key=key)
    return version, earlier


def _workflow_id(kind: Kind, number: str, earlier: int) -> str:
    """`<prefix>/<number>`, and `<prefix>/<number>/<n>` where a subject can have several (DESIGN 6)."""
    return f"{kind.prefix}/{number}/{earlier + 1}" if kind.several else f"{kind.prefix}/{number}"
