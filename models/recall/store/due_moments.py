"""What is due while the clock of a test home moves: every moment at which some workflow has to do something (DESIGN 13)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, Row, text
from sqlmodel import Session

from models.kernel.store.act import reading
from models.process.messages.timer import Timer
from models.process.store import runs
from models.process.time import clock
from models.recall.store import duties as recall_duties
from models.recall.tables.recall import Recall

FOLLOWED = text("""
select r.id, r.version, r.workflow_id, r.recall_id,
       coalesce((select jsonb_object_agg(t.stage, t.escalation_level) from human_task t
                  where t.run_id = r.id and t.status = 'open'), '{}') as levels
  from process_run r where r.status = 'running' or r.workflow_id = any(:waiting)
""")


@dataclass(frozen=True)
class Due:
    """A moment at which the workflow of a run has to do something."""

    workflow_id: str
    at: datetime


@dataclass
class Known:
    """The moments of runs by their key and version: they change with the version only."""

    timers: dict[tuple[int, int], list[Timer]] = field(default_factory=dict)


def followed(engine: Engine) -> list[str]:
    """The workflows that wait for a moment of the record."""
    with reading(engine) as session:
        return [row.workflow_id for row in _rows(session)]


def due(engine: Engine, known: Known) -> list[Due]:
    """Every moment that some workflow still has to act upon, past ones that it hasn't yet included."""
    with reading(engine) as session:
        rows = _rows(session)
        kept = {(row.id, row.version): known.timers.get((row.id, row.version)) for row in rows}
        for run_id, version in [key for key, timers in kept.items() if timers is None]:
            run = runs.load(session, run_id)
            others = clock.timers(run.definition, run.state, clock.site(session))
            kept[run_id, version] = runs.task_timers(session, run) + others
        known.timers = {key: timers or [] for key, timers in kept.items()}
        found = [
            Due(row.workflow_id, timer.at)
            for row in rows
            for timer in known.timers[row.id, row.version]
            if timer.kind != "task" or row.levels.get(timer.stage, timer.level) < timer.level
        ]
        return found + list(_duties(session, rows))


def _rows(session: Session) -> Sequence[Row[Any]]:
    waiting = recall_duties.waiting(session)
    return session.connection().execute(FOLLOWED, {"waiting": waiting}).all()


def _duties(session: Session, rows: Sequence[Row[Any]]) -> Iterable[Due]:
    for row in rows:
        if row.recall_id is not None and row.workflow_id.startswith("recall/"):
            recall = session.get_one(Recall, row.recall_id)
            for timer in recall_duties.timers(session, recall):
                yield Due(row.workflow_id, timer.at)
