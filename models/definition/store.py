"""Process definitions in the record: read by digest, never "the latest" inside a run (DESIGN 8, REQUIREMENTS 84)."""

from collections.abc import Iterable
from functools import lru_cache

from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from models.definition.document import Definition, canonical, digest
from models.definition.tables import DefinitionVersion
from models.definition.yaml_text import parse_yaml
from models.kernel.refusal import Kind

UNKNOWN = Kind("DEF-900", "DESIGN 8", "没有生效的流程定义「{key}」。", "There is no effective definition “{key}”.", 404)
TAMPERED = Kind(
    "DEF-901",
    "DESIGN 8",
    "流程定义 {key} 与其摘要不符，已停止使用。",
    "The text of definition {key} does not match its digest; it is not used.",
)


NEWEST = (
    "select distinct on (key) id, key from definition_version where status = 'effective' order by key, version desc"
)
IN_FORCE = f"(select array_agg(n.id order by n.key) from ({NEWEST}) n)"  # noqa: S608 - our own words
"""The keys of the versions that new runs of every process start with, in the order of the processes; part of a statement."""

_read: dict[tuple[str, int], Definition] = {}


def effective(session: Session, key: str) -> int:
    """The key of the version that new runs start with."""
    row = session.exec(newest(key)).first()
    if row is None:
        raise UNKNOWN(key=key)
    return row


def newest(key: str) -> SelectOfScalar[int]:
    """The question for the key of the version that new runs start with."""
    return (
        select(DefinitionVersion.id)
        .where(DefinitionVersion.key == key, DefinitionVersion.status == "effective")
        .order_by(col(DefinitionVersion.version).desc())
        .limit(1)
    )


def every_effective(session: Session, ids: Iterable[int] | None) -> list[tuple[int, Definition]]:
    """What new runs of every process start with, of the keys that `IN_FORCE` has answered."""
    return [(one, by_key(session, one)) for one in ids or ()]


def by_key(session: Session, definition_id: int) -> Definition:
    """The definition that a run is bound to.  Never changes once runs use it, so it is read and verified once."""
    known = (str(session.get_bind().engine.url), definition_id)
    if known not in _read:
        _read[known] = read(session.get_one(DefinitionVersion, definition_id))
    return _read[known]


def read(row: DefinitionVersion) -> Definition:
    """The definition of a row, verified against its digest."""
    return _parse(row.body, row.digest, row.key)


@lru_cache(maxsize=256)
def _parse(body: str, wanted: str, key: str) -> Definition:
    definition = Definition.model_validate_json(body)
    if digest(definition) != wanted:
        raise TAMPERED(key=key)
    return definition


def ship(session: Session, document: str) -> DefinitionVersion:
    """Store a shipped definition as effective, once; its approval is the release of the software that carries it."""
    definition = parse_yaml(document)
    sha = digest(definition)
    known = session.exec(select(DefinitionVersion).where(DefinitionVersion.digest == sha)).first()
    if known is not None:
        return known
    row = DefinitionVersion(
        key=definition.key,
        version=definition.version,
        digest=sha,
        body=canonical(definition).decode(),
        status="effective",
    )
    session.add(row)
    session.flush()
    return row
