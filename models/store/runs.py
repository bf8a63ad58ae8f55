"""Runs of process definitions: begin, advance, end, and the tasks that they open, all inside the caller's transaction.

The transaction of an act carries everything that follows from it: the next task, the begun subprocess, the parent's
next stage.  PostgreSQL is the record; workflows learn of it from the returned `RunView` (DESIGN 2.1, 2.2).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, text
from sqlmodel import Session, col, select

from models.messages.followers import TYPES
from models.messages.process import By, ChildStart, RunView, Timer
from models.rules import process
from models.rules.definition import Definition, Stage, StageKind, canonical
from models.rules.definition_condition import Scalar
from models.rules.process import RunState, Step
from models.rules.refusals import Kind
from models.store import definitions, effects, effects_recall, recall_duties
from models.store.act import moved
from models.store.heritage import HERITAGE
from models.tables.lots import Lot
from models.tables.processes import HumanTask, ProcessRun
from models.tables.recalls import Recall

UNKNOWN = Kind("PRC-404", "DESIGN 2.5", "找不到该流程。", "There is no such process.", 404)

PREFIX = {"batch-lifecycle": "lot", "incoming-inspection": "inspection", "final-inspection": "inspection"}
RANK = {
    "recall": 0,
    "pull-goods": 0,
    "confirm-receivers": 0,
    "legal-deadline": 0,
    "release": 1,
    "disposition": 1,
    "nonconformance": 1,
    "incoming-inspection": 3,
    "final-inspection": 2,
    "batch-lifecycle": 4,
}
"""The consequence of a task's process, 0 gravest; the inbox sorts by it and by lateness."""


BEHIND = text(f"""
{HERITAGE}
select 'inspector' as part, decided_by_id as person_id from inspection
 where lot_id in (select lot_id from heritage) and decided_by_id is not null
union select 'inspector', r.recorded_by_id from inspection_result r join inspection i on i.id = r.inspection_id
 where i.lot_id in (select lot_id from heritage) and r.recorded_by_id is not null
union select 'operator', done_by_id from human_task
 where lot_id in (select lot_id from heritage) and role = 'operator' and status = 'done' and done_by_id is not null
union select 'operator', p.person_id from operation_person p join operation_run r on r.id = p.operation_run_id
 where r.lot_id in (select lot_id from heritage)
union select 'operator', recorded_by_id from operation_run where lot_id in (select lot_id from heritage)
union select 'operator', person_id from lot_fact
 where lot_id in (select lot_id from heritage) and fact = 'lot.link_corrected' and person_id is not null
""")  # noqa: S608 - our own words


@dataclass
class Run:
    """A run with what is needed to advance it; its subject is a lot or a recall."""

    row: ProcessRun
    definition: Definition
    subject: Lot | Recall

    @property
    def lot(self) -> Lot:
        """The lot of a run on a lot; asked of a recall it is a programming error."""
        if not isinstance(self.subject, Lot):
            message = f"{self.row.workflow_id} is no run on a lot"
            raise TypeError(message)
        return self.subject

    @property
    def number(self) -> str:
        """What is printed: the lot's number or the recall's."""
        return self.subject.lot_no if isinstance(self.subject, Lot) else self.subject.recall_no

    @property
    def state(self) -> RunState:
        """The engine's state."""
        return RunState.model_validate(self.row.state)


def load(session: Session, run_id: int, *, lock: bool = False) -> Run:
    """A run by its key; with `lock`, nobody else advances it meanwhile."""
    row = session.get(ProcessRun, run_id, with_for_update=lock, populate_existing=lock)
    if row is None:
        raise UNKNOWN()
    return _run(session, row)


def recall_of(session: Session, run_id: int) -> int:
    """The key of the recall that a run is about."""
    found = session.exec(select(ProcessRun.recall_id).where(ProcessRun.id == run_id)).first()
    if found is None:
        raise UNKNOWN()
    return found


def of_lot(session: Session, lot_no: str, *, lock: bool = False) -> Run | None:
    """The life of a lot, if a workflow follows it."""
    query = select(ProcessRun).where(ProcessRun.workflow_id == f"lot/{lot_no}")
    row = session.exec(query.with_for_update().execution_options(populate_existing=True) if lock else query).first()
    return None if row is None else _run(session, row)


def _run(session: Session, row: ProcessRun) -> Run:
    definition = definitions.by_key(session, row.definition_id)
    if row.recall_id is not None:
        return Run(row, definition, session.get_one(Recall, row.recall_id))
    return Run(row, definition, session.get_one(Lot, row.lot_id))


def begin(
    session: Session,
    key: str,
    subject: Lot | Recall,
    by: By,
    now: datetime,
    *,
    parent: ProcessRun | None = None,
    facts: Mapping[str, Scalar] | None = None,
    workflow_id: str | None = None,
) -> Run:
    """Begin a run of the effective definition and everything that it opens at once."""
    version = definitions.effective(session, key)
    definition = definitions.by_key(session, version)
    lot = subject if isinstance(subject, Lot) else None
    recall = subject if isinstance(subject, Recall) else None
    known: dict[str, Scalar] = {"lot.kind": lot.kind, "lot.status": lot.status} if lot is not None else {}
    known |= facts or {}
    step = process.start(definition, known, now)
    row = ProcessRun(
        workflow_id=workflow_id or _workflow_id(session, key, subject),
        definition_id=version,
        lot_id=lot.id if lot is not None else None,
        recall_id=recall.id if recall is not None else None,
        parent_id=parent.id if parent else None,
        state=step.state.model_dump(mode="json"),
    )
    session.add(row)
    session.flush()
    run = Run(row, definition, subject)
    _follow(session, run, step, by, now)
    return run


def advance(session: Session, run: Run, step: Step, by: By, now: datetime) -> None:
    """Store a step of the engine and do what follows from it."""
    run.row.state = step.state.model_dump(mode="json")
    run.row.version += 1
    session.add(run.row)
    _follow(session, run, step, by, now)


def fact(session: Session, lot: Lot, name: str, by: By, now: datetime) -> bool:
    """A fact about a lot became true: whatever waits for it goes on.  Answers whether something did."""
    rows = session.exec(
        select(ProcessRun)
        .where(ProcessRun.lot_id == lot.id, ProcessRun.status == "running")
        .order_by(col(ProcessRun.id))
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    moved = False
    for row in rows:
        run = _run(session, row)
        if _waits_for(run, name):
            advance(session, run, process.fact(run.definition, run.state, name, now), by, now)
            moved = True
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


def groups(session: Session, lot_id: int | None) -> dict[str, frozenset[str]]:
    """The people who inspected and who made the lot, whom a release excludes; nobody where there is no lot.

    They stay behind its goods when these are split off or merged under another number.
    Who measured has inspected, whoever signed the verdict; who packed and labelled has made,
    and so has who corrected what went into it: it is their record that the release would rely on.
    """
    if lot_id is None:
        return {}
    rows = session.connection().execute(BEHIND, {"lot": lot_id}).all()
    return {
        "lot.inspectors": frozenset(str(row.person_id) for row in rows if row.part == "inspector"),
        "lot.operators": frozenset(str(row.person_id) for row in rows if row.part == "operator"),
    }


def view(session: Session, run: Run, *, parents: bool = True, text: bool = False) -> RunView:
    """The run as its workflow needs to know it: open stages, escalation moments, begun children.

    With `text` the frozen definition goes along: a workflow gets it once, at its beginning, and never asks again.
    """
    children = [
        child
        for one in run.state.open
        if (stage := run.definition.stage(one.key)).kind is StageKind.SUBPROCESS
        for child in _children(session, run, stage)
    ]
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
        children=tuple(children),
        parent=parent,
        definition=canonical(run.definition).decode() if text else None,
        moved=moved(session),
        cancelled=run.row.status == "cancelled",
        workflow_type=TYPES[run.definition.key],
        title=run.definition.title.say("zh"),
    )


def timers(session: Session, run: Run) -> list[Timer]:
    """Its escalation moments, and those of a recall's legal deadlines that are still to come."""
    found = task_timers(run)
    if isinstance(run.subject, Recall) and run.definition.key == "recall":
        found += recall_duties.timers(session, run.subject)
    return found


def task_timers(run: Run) -> list[Timer]:
    """The escalation moments of the stages at which people are waited for."""
    return [
        Timer(stage=one.key, at=moment.at, level=moment.level, to_role=moment.to_role or "")
        for one in run.state.open
        if (stage := run.definition.stage(one.key)).kind.human
        for moment in process.deadlines(stage, one.opened_at)
        if moment.kind == "escalation"
    ]


def _children(session: Session, run: Run, stage: Stage) -> list[ChildStart]:
    rows = session.exec(
        select(ProcessRun).where(ProcessRun.parent_id == run.row.id, ProcessRun.status == "running")
    ).all()
    found = [_run(session, row) for row in rows]
    return [
        ChildStart(
            stage=stage.key,
            workflow_id=child.row.workflow_id,
            definition_key=child.definition.key,
            run=view(session, child, parents=False, text=True),
        )
        for child in found
        if child.definition.key == stage.process
    ]


def _waits_for(run: Run, name: str) -> bool:
    stages = (run.definition.stage(one.key) for one in run.state.open)
    return any(stage.kind is StageKind.WAIT and stage.fact == name for stage in stages)


def _follow(session: Session, run: Run, step: Step, by: By, now: datetime) -> None:
    """Do what a step asks for: open tasks, begin subprocesses, end the run and tell its parent."""
    for stage in step.opened:
        if stage.kind.human:
            _open_task(session, run, stage, now)
        elif stage.kind is StageKind.SUBPROCESS and stage.process is not None:
            begin(session, stage.process, run.subject, by, now, parent=run.row)
        elif stage.kind is StageKind.WAIT and stage.fact and effects.already_true(session, run.lot, stage.fact):
            advance(session, run, process.fact(run.definition, run.state, stage.fact, now), by, now)
    if step.ended is not None and run.row.status == "running":
        run.row.status = "completed"
        run.row.result = step.ended
        run.row.ended_at = now
        session.add(run.row)
        session.flush()
        if isinstance(run.subject, Recall):
            if run.definition.key == "recall":
                effects_recall.ended(session, run.subject, step.ended, by, now)
        else:
            effects.ended(session, run.definition.key, run.row, run.lot, step.ended, by, now)
        if run.row.parent_id is not None:
            parent = load(session, run.row.parent_id, lock=True)
            stage_key = _stage_of(parent, run.definition.key)
            advance(
                session,
                parent,
                process.child_result(parent.definition, parent.state, stage_key, step.ended, now),
                by,
                now,
            )


def _stage_of(parent: Run, process_key: str) -> str:
    keys: Sequence[str] = [
        one.key for one in parent.state.open if parent.definition.stage(one.key).process == process_key
    ]
    return keys[0] if keys else process_key


def _open_task(session: Session, run: Run, stage: Stage, now: datetime) -> None:
    moments = {moment.kind: moment.at for moment in process.deadlines(stage, now)}
    session.add(
        HumanTask(
            run_id=run.row.id,
            lot_id=run.row.lot_id,
            recall_id=run.row.recall_id,
            process=run.definition.key,
            stage=stage.key,
            kind=stage.kind,
            role=stage.role or "",
            rank=RANK.get(run.definition.key, 5),
            pick_up_by=moments.get("pick_up"),
            due_at=moments.get("complete"),
            opened_at=now,
        )
    )
    session.flush()
    if stage.kind is StageKind.INSPECTION:
        effects.open_inspection(session, run.definition.key, run.lot, now)


def _workflow_id(session: Session, key: str, subject: Lot | Recall) -> str:
    """`recall/<recall_no>`, `lot/<lot_no>`, `inspection/<lot_no>/<n>`, `release/<lot_no>/<n>` (DESIGN 6)."""
    prefix = PREFIX.get(key, key)
    if isinstance(subject, Recall):
        return f"{prefix}/{subject.recall_no}"
    lot = subject
    if prefix == "lot":
        return f"lot/{lot.lot_no}"
    earlier = session.exec(
        select(func.count())
        .select_from(ProcessRun)
        .where(ProcessRun.lot_id == lot.id, col(ProcessRun.workflow_id).startswith(f"{prefix}/", autoescape=True))
    ).one()
    return f"{prefix}/{lot.lot_no}/{earlier + 1}"
