"""An automatic stage is carried out: its effects in their order and the way on, in one transaction, by nobody (DESIGN 6).

The workflow asks for it once for each time that the stage is opened; asked twice, it has been done.  What goes wrong is a fault that
people see, and the stage stays open until somebody has it done again.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from sqlmodel import Session

from models.messages.process import By, Receipt, RunAutomatic
from models.process.timer import locked
from models.rules import process
from models.rules.definition import Stage, StageKind
from models.store import lots, runs
from models.store.runs import Run

SYSTEM = By(person_id=0, name="Batchwright", actor_id="service:clock", source="worker")

Do = Callable[[Session, Run, Stage, By, datetime], Mapping[str, Any]]
"""Does an effect in the transaction; answers ids and counts for the receipt."""


class UndeclaredError(LookupError):
    """A stage names an effect that no noun has declared."""


_declared: dict[str, Do] = {}


def declare(name: str, do: Do) -> None:
    """Hand in what an effect of automatic stages does; the same name twice is an error."""
    if _declared.setdefault(name, do) is not do:
        raise UndeclaredError(f"the effect {name} is declared twice")


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
    for name in stage.does:
        if name not in _declared:
            raise UndeclaredError(f"nobody has declared {name}, which {run.definition.key} names")
        data |= _declared[name](session, run, stage, SYSTEM, now)
    if run.row.lot_id is not None:
        lots.note(session, run.row.lot_id, f"{run.definition.key}.{stage.key}", None, {"outcome": "done"})
    # after the effects: a fact that one of them makes true may have moved another track
    runs.advance(session, run, process.done(run.definition, run.state, stage.key, now), SYSTEM, now)
    session.flush()
    return Receipt(act="automatic", at=now, data=data, run=runs.view(session, run))
