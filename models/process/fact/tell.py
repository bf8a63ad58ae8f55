"""A fact is told: in the transaction that made it true it is kept, waits go on, and triggers begin what they ask (DESIGN 6, 6a).

Whoever tells one holds its subject, as every act does, so two facts about a subject come one after the other, and what is open when
the second is told is what the first left open.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ARRAY, BigInteger, literal_column, true
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import aliased
from sqlmodel import Session, select
from sqlmodel.sql.expression import SelectOfScalar

from models.definition import store as definitions
from models.kernel.store import later
from models.kernel.tables import Outbox
from models.process import kinds
from models.process.context import Ctx
from models.process.fact import trigger, values
from models.process.messages.process import By
from models.process.run import Run
from models.process.store import runs
from models.process.tables.fact import Cause, Fact
from models.process.tables.process import ProcessRun

MOVED = "moved"
IN_FORCE: Any = literal_column(definitions.IN_FORCE, ARRAY(BigInteger))


class OtherSubjectError(TypeError):
    """A fact is told about a kind of thing that it isn't declared for."""


@dataclass(frozen=True)
class Told:
    """A fact that was told; `again` where it had been told of the same before, and `moved` are the runs that waited for it."""

    fact: Fact
    again: bool = False
    moved: tuple[Run, ...] = ()


def of_step(ctx: Ctx, name: str, said: Mapping[str, Any] | None = None, *, once: str | None = None) -> Told:
    """A fact about what the run is about, made true by a step of it."""
    return tell(ctx.session, ctx.subject, name, ctx.by, ctx.now, said, once=once, run=ctx.run.row.id, held=True)


def tell(
    session: Session,
    subject: Any,
    name: str,
    by: By,
    now: datetime,
    said: Mapping[str, Any] | None = None,
    *,
    once: str | None = None,
    happened_at: datetime | None = None,
    run: int | None = None,
    news: bool = True,
    held: bool = False,
) -> Told:
    """Say that something became true about `subject`, a row of its noun's table, with the values that the fact declares.

    `once` is what it is told of: told again of the same, it is no second fact and moves nothing.  Raises
    `kinds.UndeclaredError` for a fact that no noun declares.  Without `news` the caller tells the workflows that follow what moved;
    `held`: it has locked the subject already.
    """
    kind, about = kinds.fact(name), kinds.of_row(subject)
    if about.key not in kind.subjects:
        raise OtherSubjectError(f"{name} is told about a {about.key}, and declared for {', '.join(kind.subjects)}")
    kept = values.check(kind, said or {})
    if not held:
        about.lock(session, about.key_of(subject))
    fact, waiting = _keep(
        session,
        runs.open_about(about.key, about.key_of(subject)),
        {
            "name": name,
            "subject_id": int(subject.subject_id),
            "values": kept,
            "once": once,
            "person_id": by.person_id or None,
            "run_id": run,
            "happened_at": happened_at or now,
        },
    )
    if waiting is None:
        return Told(fact, again=True)
    known = values.known(name, kept)
    moved = _move(session, fact, runs.move_these(session, waiting, name, by, now, known), news=news)
    trigger.ask(session, trigger.Asked(fact, subject, about, known, frozenset(one.row.id for one in moved)), by, now)
    for one in kinds.hears(name):
        one.do(session, subject, kept, by, now)
    return Told(fact, moved=moved)


def _move(session: Session, fact: Fact, moved: Iterable[tuple[Run, tuple[str, ...]]], *, news: bool) -> tuple[Run, ...]:
    """Write down which runs the fact has moved; with `news` their workflows are told."""
    found = []
    for one, stages in moved:
        for stage in stages:
            later.add(session, Cause, **_moved(fact, one, stage))
        if news:
            later.add(session, Outbox, fact="process.changed", payload={"run": one.row.id})
        found.append(one)
    session.flush()
    return tuple(found)


def _keep(
    session: Session, open_: SelectOfScalar[ProcessRun], row: dict[str, Any]
) -> tuple[Fact, list[ProcessRun] | None]:
    """The row of the fact, with the open runs about its subject, locked; None where the fact was there before.

    One statement: nobody begins or ends a run of the subject meanwhile, for we hold it.
    """
    told = insert(Fact).values(**row).on_conflict_do_nothing().returning(Fact).cte("new_fact")
    fact, run = aliased(Fact, told), aliased(ProcessRun, open_.subquery("open_runs"))
    asked = select(fact, run, IN_FORCE).select_from(fact).join(run, true(), isouter=True)
    found = session.execute(asked.execution_options(populate_existing=True)).all()
    if not found:
        same = (Fact.subject_id == row["subject_id"], Fact.name == row["name"], Fact.once == row["once"])
        return session.exec(select(Fact).where(*same)).one(), None
    session.info.setdefault(trigger.IN_FORCE, found[0][2])
    return found[0][0], [one[1] for one in found if one[1] is not None]


def _moved(fact: Fact, run: Run, stage: str) -> dict[str, Any]:
    title, process = run.definition.stage(stage).title, run.definition.title
    return {
        "fact_id": fact.id,
        "definition_id": run.row.definition_id,
        "trigger": None,
        "stage": stage,
        "run_id": run.row.id,
        "owner_id": None,
        "code": MOVED,
        "because_zh": f"「{process.say('zh')}」{run.number} 在「{title.say('zh')}」等的就是它",
        "because_en": f"“{process.say('en')}” of {run.number} was waiting for it at “{title.say('en')}”",
    }
