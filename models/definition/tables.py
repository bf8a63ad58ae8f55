"""Versions of process definitions; immutable after approval."""

from sqlalchemy import CheckConstraint, UniqueConstraint

from models.kernel.columns import SQLModel, datetime, instant, key, ref, subject_key, words


class DefinitionVersion(SQLModel, table=True):
    """One version of a process definition; `body` is its canonical text, `digest` the SHA-256 of it."""

    __tablename__ = "definition_version"
    __table_args__ = (
        UniqueConstraint("key", "version"),
        CheckConstraint("status in ('draft', 'in_review', 'approved', 'effective', 'superseded')", name="status"),
    )
    id: int = key()
    subject_id: int = subject_key("definition_version", unique=False)
    key: str = words()
    version: int
    digest: str = words(unique=True)
    body: str = words()
    status: str = words("draft")
    author_id: int | None = ref("person.id", nullable=True)
    effective_from: datetime | None = instant(nullable=True)
    created_at: datetime = instant(now=True)
