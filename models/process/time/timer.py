"""A moment of an open stage has come: a wait is over, or somebody is told that something takes too long (DESIGN 6, *Time*).

The record decides: its clock says whether it is time, and its row whether the stage is still open in that round.  Whoever asks twice,
early, or for a round that is over changes nothing.
"""

from datetime import datetime

from sqlmodel import Session

from models.process import engine as process
from models.process import kinds
from models.process.acts.clock import CLOCK
from models.process.context import Ctx
from models.process.messages.process import Escalate, Receipt
from models.process.run import Run
from models.process.state import OpenStage
from models.process.store import runs
from models.process.time import clock


def came(session: Session, command: Escalate, now: datetime) -> Receipt:
    """Do what the moment is for, where it has come; `early` says in how many seconds of the record's clock it will."""
    run = locked(session, command.run_id)
    here = _open(run, command)
    at = _moment(session, run, here, command) if here is not None else None
    if here is None or at is None:
        return _answer(session, run, now, raised=False)
    if at > now:
        return _answer(session, run, now, raised=False, early=(at - now).total_seconds())
    if command.kind == "until":
        step = process.elapse(
            run.definition, run.state, here.key, now, opened_at=command.opened_at, site=clock.site(session)
        )
        run.about.told(session, run.subject_key, f"{run.definition.key}.{here.key}", None, {"outcome": "elapsed"})
        runs.advance(session, run, step, CLOCK, now)
    else:
        run.row.state = process.raised(run.definition, run.state, here.key, command.level).model_dump(mode="json")
        run.row.version += 1
        session.add(run.row)
        _tell(session, run, here, command, now)
    session.flush()
    return _answer(session, run, now, raised=True)


def locked(session: Session, run_id: int) -> Run:
    """The run, after its subject, as every act locks them: a fact and a moment never wait for each other in a circle."""
    run = runs.load(session, run_id)
    run.about.lock(session, run.subject_key)
    return runs.load(session, run_id, lock=True)


def _open(run: Run, command: Escalate) -> OpenStage | None:
    """The stage, where it is still open in the round that the command is of."""
    here = next((one for one in run.state.open if one.key == command.stage), None)
    if here is None or run.row.status != "running":
        return None
    return None if command.opened_at is not None and here.opened_at > command.opened_at else here


def _moment(session: Session, run: Run, here: OpenStage, command: Escalate) -> datetime | None:
    """When the definition has it, by the calendar of today; None where it hasn't, or somebody was told already."""
    asked = ("until" if command.kind == "until" else "stage", command.level, command.to_role)
    return next(
        (
            one.at
            for one in clock.timers(run.definition, run.state, clock.site(session))
            if one.stage == here.key and (one.kind, one.level, one.to_role) == asked
        ),
        None,
    )


def _tell(session: Session, run: Run, here: OpenStage, command: Escalate, now: datetime) -> None:
    data = {"stage": here.key, "level": command.level, "to": command.to_role}
    run.about.told(session, run.subject_key, "task.escalated", None, data)
    if run.about.published is not None:
        run.about.published(session, run.subject, "task.escalated", {**data, "process": run.row.workflow_id})
    stage = run.definition.stage(here.key)
    for effect in kinds.escalated(run.definition, stage):
        effect.do(Ctx(session, run, CLOCK, now, stage=stage))


def _answer(session: Session, run: Run, now: datetime, *, raised: bool, early: float | None = None) -> Receipt:
    data = {"raised": raised} | ({} if early is None else {"early": early})
    return Receipt(act="escalate", at=now, data=data, run=runs.view(session, run))
