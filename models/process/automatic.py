"""An automatic stage is carried out: its effects in their order and the way on, in one transaction, by nobody (DESIGN 6).

The workflow asks for it once for each time that the stage is opened; asked twice, it has been done.  What goes wrong is a fault that
people see, and the stage stays open until somebody has it done again.
"""

from datetime import datetime
from typing import Any

from sqlmodel import Session

from models.definition.document import StageKind
from models.process import engine as process
from models.process import kinds
from models.process.acts.clock import CLOCK
from models.process.context import Ctx
from models.process.messages.process import Receipt
from models.process.messages.timer import RunAutomatic
from models.process.store import runs
from models.process.time.timer import locked


def carry_out(session: Session, command: RunAutomatic, now: datetime) -> Receipt:
    """Carry the stage out where it is still open in the round that the command is of."""
    run = locked(session, command.run_id)
    here = next((one for one in run.state.open if one.key == command.stage), None)
    stage = run.definition.find(command.stage)
    if (
        here is None
        or stage is None
        or stage.kind is not StageKind.ACTION
        or here.opened_at > command.opened_at
        or run.row.status != "running"
    ):
        return Receipt(act="automatic", at=now, data={"done": False}, run=runs.view(session, run))
    data: dict[str, Any] = {"done": True, "stage": stage.key}
    known: dict[str, Any] = {}
    ctx = Ctx(session, run, CLOCK, now, stage=stage)
    for effect in kinds.effects(run.definition, stage):
        effect.check(ctx)
        answered = effect.do(ctx)
        known |= {name: answered[name] for name in effect.gives}
        data |= answered
    run.about.told(session, run.subject_key, f"{run.definition.key}.{stage.key}", None, {"outcome": "done"})
    # after the effects: a fact that one of them makes true may have moved another track
    runs.advance(session, run, process.done(run.definition, run.state, stage.key, now, known), CLOCK, now)
    session.flush()
    return Receipt(act="automatic", at=now, data=data, run=runs.view(session, run))
