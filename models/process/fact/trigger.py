"""What the triggers of the effective definitions make of a fact, and why not (DESIGN 6, 6a).

Each trigger that names the fact is asked once, in the transaction that told it, and what it caused is written down beside it: it began
a run, joined one that was open, or did neither, because.  Temporal starts what was begun when the dispatcher hands it on.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.exc import DBAPIError
from sqlmodel import Session, col, select

from models.definition import store as definitions
from models.definition.condition import Scalar, holds
from models.definition.document import Definition, Trigger
from models.definition.tables import DefinitionVersion
from models.kernel.refusal import Refusal
from models.kernel.store import later
from models.kernel.store.walls import refusal_of
from models.kernel.tables import Outbox
from models.kernel.text import Text
from models.process import engine as process
from models.process import kinds
from models.process.messages.process import By
from models.process.run import Run
from models.process.store import runs
from models.process.subject import SubjectKind
from models.process.tables.fact import Cause, Fact
from models.process.tables.process import HumanTask, ProcessRun
from models.process.tables.subject import RunLink
from models.process.time import timer

IN_FORCE = "definitions in force"
"""Where a session keeps the keys of what is in force when its act tells a fact; that doesn't change in the middle of an act."""
DEEPEST = 8
"""Facts that one act may tell by what the first of them began; a circle of triggers ends there."""

BEGUN = Text("开始了「{zh}」{run}", "“{en}” of {run} began")
JOINED = Text("并入正在进行的「{zh}」{run}", "“{en}” of {run} is under way and takes it up")
TAKEN = Text("「{zh}」{run} 已由另一触发器并入", "“{en}” of {run} has taken it up by another trigger")
NONE_OPEN = Text("没有进行中的「{zh}」可以并入", "no “{en}” is under way that takes it up")
NOT_SO = Text("条件不成立", "its condition doesn't hold")
NOT_THERE = Text("流程「{process}」没有生效的版本", "no version of the process “{process}” is in force")
NOBODY = Text("没有人能建立这样的对象", "nothing can make what the process is about")
HAD = Text("「{zh}」每个对象只进行一次，{run} 已经有了", "“{en}” runs once for each, and {run} has had one")
CIRCLE = Text("触发绕了圈", "the triggers go round in a circle")


@dataclass(frozen=True)
class Asked:
    """A fact that was just told: what it is about, what conditions know by it, and the runs that its waits have moved.

    `taken` are the runs that triggers of it have begun or joined so far: a run takes a fact up once.
    """

    fact: Fact
    subject: Any
    about: SubjectKind
    known: Mapping[str, Scalar]
    moved: frozenset[int] = frozenset()
    taken: set[int] = field(default_factory=set)


@dataclass(frozen=True)
class Answer:
    """What a trigger made of it."""

    code: str
    because: Text
    run: Run | None = None
    owner: int | None = None


def ask(session: Session, asked: Asked, by: By, now: datetime) -> None:
    """Ask every trigger that names the fact, in the order of the definitions."""
    depth = session.info.get("facts_within", 0)
    session.info["facts_within"] = depth + 1
    try:
        for definition_id, number, trigger in _naming(session, asked.fact.name):
            answer = Answer("circle", CIRCLE) if depth >= DEEPEST else _try(session, asked, trigger, by, now)
            if answer.run is not None:
                asked.taken.add(answer.run.row.id)
            later.add(session, Cause, **_cause(asked.fact, definition_id, number, answer))
    finally:
        session.info["facts_within"] = depth


def _naming(session: Session, name: str) -> Iterator[tuple[int, int, Trigger]]:
    for definition_id, definition in definitions.every_effective(session, session.info[IN_FORCE]):
        for number, trigger in enumerate(definition.triggers):
            if trigger.fact == name:
                yield definition_id, number, trigger


def _cause(fact: Fact, definition_id: int, number: int, answer: Answer) -> dict[str, Any]:
    return {
        "fact_id": fact.id,
        "definition_id": definition_id,
        "trigger": number,
        "stage": None,
        "run_id": answer.run.row.id if answer.run is not None else None,
        "owner_id": answer.owner,
        "code": answer.code,
        "because_zh": answer.because.zh,
        "because_en": answer.because.en,
    }


def _try(session: Session, asked: Asked, trigger: Trigger, by: By, now: datetime) -> Answer:
    """Carry it out; what can't begin is no reason to refuse the act that made the fact true."""
    try:
        with session.begin_nested():
            return _carry_out(session, asked, trigger, by, now)
    except Refusal as refusal:
        return Answer(refusal.code, Text(refusal.zh, refusal.en))
    except DBAPIError as error:
        refused = refusal_of(error)
        if refused is None or not _wall(error):
            raise
        return Answer(refused.code, Text(refused.zh, refused.en))


def _wall(error: DBAPIError) -> bool:
    """Whether a rule of the database said no; a lock that was not to be had is tried again with the whole act."""
    return (getattr(error.orig, "sqlstate", None) or "").startswith(("BW", "23"))


def _carry_out(session: Session, asked: Asked, trigger: Trigger, by: By, now: datetime) -> Answer:
    if trigger.when is not None and not holds(trigger.when, {**asked.about.facts(asked.subject), **asked.known}, {}):
        return Answer("not_so", NOT_SO)
    try:
        definition = definitions.by_key(session, definitions.effective(session, trigger.process))
    except Refusal:
        return Answer("not_there", NOT_THERE.filled(process=trigger.process))
    if trigger.merge or trigger.joins:
        joined = _join(session, asked, trigger, by, now)
        if joined is not None and joined.row.id in asked.taken:
            return Answer("taken", _said(TAKEN, definition, joined.number))
        if joined is not None:
            return Answer("joined", _said(JOINED, definition, joined.number), joined)
    if trigger.joins:
        return Answer("none_open", _said(NONE_OPEN, definition, ""))
    return _begin(session, asked, trigger, definition, by, now)


def _said(words: Text, definition: Definition, run: str) -> Text:
    return words.filled(zh=definition.title.say("zh"), en=definition.title.say("en"), run=run)


def _join(session: Session, asked: Asked, trigger: Trigger, by: By, now: datetime) -> Run | None:
    """The open run that takes the fact up, if there is one; it may end while we wait for it."""
    about = kinds.about(kinds.of(trigger.process).subject)
    for key in session.exec(_open(session, asked, trigger, about)).all():
        run = timer.locked(session, key)
        if run.row.status != "running":
            continue
        if key not in asked.moved | asked.taken:
            step = process.fact(run.definition, run.state, asked.fact.name, now, asked.known)
            runs.advance(session, run, step, by, now)
            session.add(Outbox(fact="process.changed", payload={"run": key}))
        _tie(session, key, about, asked, trigger)
        session.flush()
        return run
    return None


def _tie(session: Session, run: int, about: SubjectKind, asked: Asked, trigger: Trigger) -> None:
    """Tie what the fact is about to the run, and what belongs to it for the same reason."""
    if trigger.link is not None:
        for subject in sorted({int(asked.fact.subject_id), *about.ties(session, asked.subject)}):
            runs.link(session, run, subject, trigger.link)


def _open(session: Session, asked: Asked, trigger: Trigger, about: SubjectKind) -> Any:
    """The runs of the process that are open for what the fact is about: about itself, linked to it, or taking up the like."""
    query = (
        select(ProcessRun.id)
        .join(DefinitionVersion, col(DefinitionVersion.id) == ProcessRun.definition_id)
        .where(DefinitionVersion.key == trigger.process, ProcessRun.status == "running")
        .order_by(col(ProcessRun.id))
    )
    if trigger.link is None:
        return query.where(ProcessRun.subject_id == asked.fact.subject_id)
    linked = select(RunLink.run_id).where(RunLink.subject_id == asked.fact.subject_id, RunLink.role == trigger.link)
    alike = getattr(ProcessRun, about.column).in_(sorted(about.takes(session, asked.subject)))
    return query.where(col(ProcessRun.id).in_(linked) | alike)


def _begin(session: Session, asked: Asked, trigger: Trigger, definition: Definition, by: By, now: datetime) -> Answer:
    about = kinds.about(definition.subject)
    kind = kinds.of(trigger.process)
    if about.key == asked.about.key:
        subject = asked.subject
    elif about.make is not None:
        subject = about.make(session, asked.fact.name, asked.subject, asked.fact.values, now)
    else:
        return Answer("nobody", NOBODY)
    workflow_id = f"{kind.prefix}/{about.number(subject)}"
    if not kind.several and runs.of(session, workflow_id) is not None:
        return Answer("had", _said(HAD, definition, about.number(subject)))
    run = runs.begin(session, trigger.process, subject, by, now, facts=asked.known, owner=trigger.owner)
    _tie(session, run.row.id, about, asked, trigger)
    session.add(_to_start(run, asked))
    session.flush()
    return Answer("begun", _said(BEGUN, definition, run.number), run, _given(session, run, trigger))


def _given(session: Session, run: Run, trigger: Trigger) -> int | None:
    """Whom a trigger with an owner gave the first step to; one statement, and none without an owner."""
    if trigger.owner is None:
        return None
    tasks = select(HumanTask.assignee_id).where(
        HumanTask.run_id == run.row.id, HumanTask.role == trigger.owner.role, col(HumanTask.assignee_id).is_not(None)
    )
    return session.exec(tasks.order_by(col(HumanTask.id)).limit(1)).first()


def _to_start(run: Run, asked: Asked) -> Outbox:
    """What has the dispatcher start the workflow that follows the run."""
    lot = int(run.row.lot_id) if run.row.lot_id is not None else None
    return Outbox(fact="process.begun", lot_id=lot, payload={"run": run.row.id, "fact": str(asked.fact.public_id)})
