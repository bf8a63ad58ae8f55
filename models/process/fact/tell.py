"""A fact is told: in the transaction that made it true it is kept, waits go on, and triggers begin what they ask (DESIGN 6, 6a).

Whoever tells one holds its subject, as every act does, so two facts about a subject come one after the other, and what is open when
the second is told is what the first left open.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, select

from models.kernel.tables import Outbox
from models.process import kinds
from models.process.context import Ctx
from models.process.fact import trigger, values
from models.process.messages.process import By
from models.process.run import Run
from models.process.store import runs
from models.process.tables.fact import Cause, Fact

MOVED = "moved"


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
    fact, again = _keep(
        session,
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
    if again:
        return Told(fact, again=True)
    known = values.known(name, kept)
    moved = runs.move(session, about.key, about.key_of(subject), name, by, now, known)
    for one, stages in moved:
        for stage in stages:
            session.add(_moved(fact, one, stage))
        if news:
            session.add(Outbox(fact="process.changed", payload={"run": one.row.id}))
    session.flush()
    trigger.ask(session, trigger.Asked(fact, subject, about, known, frozenset(one.row.id for one, _ in moved)), by, now)
    return Told(fact, moved=tuple(one for one, _ in moved))


def _keep(session: Session, row: dict[str, Any]) -> tuple[Fact, bool]:
    """The row of the fact, and whether it was there before."""
    statement = insert(Fact).values(**row).on_conflict_do_nothing().returning(Fact)
    made = session.exec(statement).scalars().first()
    if made is not None:
        return made, False
    same = (Fact.subject_id == row["subject_id"], Fact.name == row["name"], Fact.once == row["once"])
    return session.exec(select(Fact).where(*same)).one(), True


def _moved(fact: Fact, run: Run, stage: str) -> Cause:
    title, process = run.definition.stage(stage).title, run.definition.title
    return Cause(
        fact_id=fact.id,
        definition_id=run.row.definition_id,
        stage=stage,
        run_id=run.row.id,
        code=MOVED,
        because_zh=f"「{process.say('zh')}」{run.number} 在「{title.say('zh')}」等的就是它",
        because_en=f"“{process.say('en')}” of {run.number} was waiting for it at “{title.say('en')}”",
    )
