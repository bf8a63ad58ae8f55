"""Whether everything that the definitions in use name has been declared by some noun (DESIGN 6a)."""

from sqlmodel import Session, col, or_, select

from models.definition.store import read
from models.definition.tables import DefinitionVersion
from models.process import kinds
from models.process.tables.process import ProcessRun


def check_declared(session: Session) -> None:
    """Everything that definitions in force, or under way, name is declared by a noun; raises `kinds.UndeclaredError` else.

    Asked when a worker starts: better none than one that stops in the middle of somebody's act.
    """
    under_way = select(ProcessRun.definition_id).where(ProcessRun.status == "running")
    rows = session.exec(
        select(DefinitionVersion).where(
            or_(col(DefinitionVersion.status) == "effective", col(DefinitionVersion.id).in_(under_way))
        )
    ).all()
    kinds.check(read(row) for row in rows)
