"""Process definitions as people read them: every version, and one whole (DESIGN 8; REQUIREMENTS 84)."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlmodel import Session, col, select

from models.definition import store as definitions
from models.definition.document import Definition, Text
from models.definition.tables import DefinitionVersion

RUNNING = text(
    "select definition_id, count(*) as running from process_run where status = 'running' group by definition_id"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class DefinitionView:
    """A version of a process in a list; `running` is how many runs are on it now."""

    key: str
    version: int
    title: Text
    description: Text
    status: str
    digest: str
    effective_from: datetime | None
    created_at: datetime
    running: int


@dataclass(frozen=True, kw_only=True, slots=True)
class DefinitionList:
    """Every version of every process."""

    items: tuple[DefinitionView, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class DefinitionDetail:
    """A version with its text: `definition` for programs, `canonical` is what was signed."""

    view: DefinitionView
    definition: Definition
    canonical: str


def everything(session: Session) -> DefinitionList:
    """All versions, by process, newest first.  Two statements."""
    rows = session.exec(
        select(DefinitionVersion).order_by(col(DefinitionVersion.key), col(DefinitionVersion.version).desc())
    ).all()
    running = _running(session)
    return DefinitionList(items=tuple(_view(row, running) for row in rows))


def titles(session: Session) -> tuple[tuple[str, Text], ...]:
    """Key and title of every process, in the order of their keys, as its newest version calls it."""
    rows = session.exec(
        select(DefinitionVersion).order_by(col(DefinitionVersion.key), col(DefinitionVersion.version).desc())
    ).all()
    newest = {row.key: row for row in reversed(rows)}
    return tuple((key, definitions.read(newest[key]).title) for key in sorted(newest))


def one(session: Session, key: str, version: int) -> DefinitionDetail:
    """One version, verified against its digest."""
    row = session.exec(
        select(DefinitionVersion).where(DefinitionVersion.key == key, DefinitionVersion.version == version)
    ).first()
    if row is None:
        raise definitions.UNKNOWN(key=f"{key[:60]} v{version}")
    return DefinitionDetail(view=_view(row, _running(session)), definition=definitions.read(row), canonical=row.body)


def _running(session: Session) -> dict[int, int]:
    return {row.definition_id: row.running for row in session.connection().execute(RUNNING)}


def _view(row: DefinitionVersion, running: dict[int, int]) -> DefinitionView:
    definition = definitions.read(row)
    return DefinitionView(
        key=row.key,
        version=row.version,
        title=definition.title,
        description=definition.description,
        status=row.status,
        digest=row.digest,
        effective_from=row.effective_from,
        created_at=row.created_at,
        running=running.get(row.id, 0),
    )
