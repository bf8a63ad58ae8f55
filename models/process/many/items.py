"""The items of a stage that goes through many: linked subjects or rows of a table, and what the run of each begins with (DESIGN 6)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlmodel import Session, col, select

from models.definition.condition import Scalar
from models.definition.document import Stage
from models.kernel.refusal import Kind
from models.process import kinds
from models.process.many import for_each as process_many
from models.process.run import Run
from models.process.tables.subject import RunLink, Subject

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


def _linked(session: Session, run: Run, stage: Stage, role: str) -> dict[str, Item]:
    """The subjects that the run is linked to in the role, of the kind that the stage's process is about, by number."""
    about = kinds.about(kinds.of(stage.process or "").subject)
    keys = session.exec(
        select(Subject.id)
        .join(RunLink, col(RunLink.subject_id) == Subject.id)
        .where(RunLink.run_id == run.row.id, RunLink.role == role, Subject.kind == about.key)
        .order_by(col(Subject.id))
    ).all()
    rows = session.exec(
        select(about.table).where(about.table.subject_id.in_(keys)).order_by(about.table.subject_id)
    ).all()
    return {about.number(row): Item(row) for row in rows}


def items(session: Session, run: Run, stage: Stage) -> dict[str, Item]:
    """The items of the stage by name, the same one once; PRC-015 where they are too many."""
    each = stage.for_each
    if each is not None and each.links is not None:
        found = _linked(session, run, stage, each.links)
    else:
        table = process_many.rows(stage, run.state)
        found = {name: Item(run.subject, _known(row)) for name, row in table.items()}
    if len(found) > MOST:
        raise TOO_MANY(zh=stage.title.say("zh"), en=stage.title.say("en"), count=len(found), most=MOST)
    return found


def _known(row: Mapping[str, Any]) -> dict[str, Scalar]:
    """The answers of a row as facts that conditions of its run read: `item.column`."""
    return {f"item.{key}": value for key, value in row.items() if isinstance(value, str | int | float | bool)}
