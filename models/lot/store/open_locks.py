"""The open locks of a batch: which approved changes pause it, and whose decision each waits for (`models.change` sets and decides them)."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session

from models.definition.document import StageKind
from models.kernel.text import Text
from models.lot.rules import locked
from models.lot.rules.locked import Lock, Step
from models.person.rules.known_roles import role_name
from models.process import kinds
from models.process.context import Ctx

_OPEN = """
select c.change_no, c.title, coalesce(c.title_en, c.title) as title_en, k.step, k.seq, k.locked_at,
       (select t.role from human_task t
         where t.run_id = (select min(r.id) from process_run r where r.subject_id = c.subject_id) and t.status = 'open' order by t.id limit 1) as role,
       b.public_id as subject
  from change_lock k join change c on c.id = k.change_id join subject b on b.id = c.subject_id
 where k.lot_id = :lot and k.decided_at is null and k.freed_at is null order by k.id
"""
OPEN = text(_OPEN)
AS_JSON = f"""
(select coalesce(json_agg(json_build_array(o.change_no, o.title, o.title_en, o.step, o.seq, o.locked_at, o.role, o.subject)), '[]') from ({_OPEN}) o)
"""  # noqa: S608 - our own words
"""The same as a part of another statement; `of_json` reads it."""
WHOSE = "quality_manager"
"""Who decides where no task of the change is open."""


def open_of(session: Session, lot_id: int) -> tuple[Lock, ...]:
    """The open locks of a lot, the oldest first."""
    return tuple(_lock(*row) for row in session.connection().execute(OPEN, {"lot": lot_id}))


def of_json(rows: Iterable[Sequence[Any]]) -> tuple[Lock, ...]:
    """Those that `AS_JSON` has found."""
    return tuple(
        _lock(number, zh, en, step, seq, datetime.fromisoformat(since).astimezone(UTC), role, UUID(subject))
        for number, zh, en, step, seq, since, role, subject in rows
    )


def step_of(ctx: Ctx) -> Step | None:
    """Which step of the batch the step of a run is, as its family or its effects declare; None where it moves the batch no further.

    `task_batch_step` in the database says the same, and a test holds the two together.
    """
    definition, stage = ctx.run.definition, ctx.stage
    if stage is None or stage.kind is StageKind.WAIT:
        return None
    declared = (ctx.run.kind.step, *(one.step for one in kinds.effects(definition, stage)))
    return next((Step(one) for one in declared if one), None)


def check_step(ctx: Ctx) -> None:
    """CHG-001 for a step of a run that a change pauses."""
    step = step_of(ctx)
    if step is not None:
        locked.check(ctx.subject.lot_no, open_of(ctx.session, ctx.subject.id), step)


def _lock(number: str, zh: str, en: str, step: str, seq: int, since: datetime, role: str | None, subject: UUID) -> Lock:
    whose = role or WHOSE
    who = Text(role_name(whose, "zh"), role_name(whose, "en"))
    return Lock(number, Text(zh, en), Step(step), seq, since, who, subject)
