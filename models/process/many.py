"""The items of a stage that goes through many: linked subjects or rows of a table, and what the run of each begins with (DESIGN 6)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlmodel import Session

from models.process.kinds import UndeclaredError
from models.process.run import Run
from models.rules import process_many
from models.rules.definition import Stage
from models.rules.definition_condition import Scalar
from models.rules.refusals import Kind

MOST = 500
"""Items of one stage: as many as one answer to a workflow takes with their runs."""
TOO_MANY = Kind(
    "PRC-015",
    "DESIGN 6",
    "步骤「{zh}」要逐项进行 {count} 项，一次最多 {most} 项；请分成几次。",
    "“{en}” would begin {count} items; {most} at most are done at once. Split them.",
    422,
)


@dataclass(frozen=True)
class Item:
    """One of them: what its run is about, and what that run knows from the beginning."""

    subject: Any
    facts: Mapping[str, Scalar] = field(default_factory=dict)


Linked = Callable[[Session, Run, str], Mapping[str, Any]]
"""The subjects that are linked to a run in a role, by their number."""

_linked: list[Linked] = []


def links_by(linked: Linked) -> None:
    """Hand in how linked subjects are found."""
    _linked[:] = [linked]


def items(session: Session, run: Run, stage: Stage) -> dict[str, Item]:
    """The items of the stage by name, the same one once; PRC-015 where they are too many."""
    each = stage.for_each
    if each is not None and each.links is not None:
        if not _linked:
            raise UndeclaredError(f"nobody has declared how subjects are linked, which {stage.key} asks for")
        found = {name: Item(subject) for name, subject in _linked[0](session, run, each.links).items()}
    else:
        table = process_many.rows(stage, run.state)
        found = {name: Item(run.subject, _known(row)) for name, row in table.items()}
    if len(found) > MOST:
        raise TOO_MANY(zh=stage.title.say("zh"), en=stage.title.say("en"), count=len(found), most=MOST)
    return found


def _known(row: Mapping[str, Any]) -> dict[str, Scalar]:
    """The answers of a row as facts that conditions of its run read: `item.column`."""
    return {f"item.{key}": value for key, value in row.items() if isinstance(value, str | int | float | bool)}
