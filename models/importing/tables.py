"""Where migrated records came from: runs of an import and every source row, with its hash and what became of it."""

from sqlalchemy import CheckConstraint, UniqueConstraint

from models.kernel.columns import UUID, Any, SQLModel, datetime, instant, json_document, key, public_key, ref, words


class ImportRun(SQLModel, table=True):
    """One run of `batchwright import` on one file."""

    __tablename__ = "import_run"
    id: int = key()
    public_id: UUID = public_key()
    source: str = words()
    file_name: str = words()
    file_digest: str = words()
    at: datetime = instant(now=True)
    report: dict[str, Any] = json_document()


class ImportRow(SQLModel, table=True):
    """One source row; `row_hash` is the SHA-256 of its canonical form, so that the original can be proven."""

    __tablename__ = "import_row"
    __table_args__ = (
        UniqueConstraint("source", "kind", "source_key"),
        CheckConstraint("outcome in ('imported', 'merged', 'rejected')", name="outcome"),
    )
    id: int = key()
    run_id: int = ref("import_run.id")
    source: str = words()
    kind: str = words()
    source_key: str = words()
    row_hash: str = words()
    outcome: str = words()
    codes: list[str] = json_document()
    target_table: str | None = words(nullable=True)
    target_id: int | None = None
