"""Who took a list out of the record, and which views of lists people keep (DESIGN 2.6; 21 CFR 11.10(b), (e))."""

from sqlalchemy import BigInteger, CheckConstraint, Index, text
from sqlmodel import Field

from models.kernel.columns import UUID, SQLModel, count, datetime, flag, instant, key, public_key, ref, words


class ListExport(SQLModel, table=True):
    """A list as somebody took it out: which one, what was asked of it, how much it was.  Append-only.

    `digest` is the SHA-256 of the file in hex: whoever has the file finds who took it out, whatever it is called by then.
    """

    __tablename__ = "list_export"
    __table_args__ = (
        CheckConstraint("digest ~ '^[0-9a-f]{64}$'", name="digest"),
        CheckConstraint("rows >= 0", name="rows"),
        CheckConstraint("size > 0", name="size"),
        CheckConstraint("language in ('zh', 'en')", name="language"),
    )
    id: int = key()
    public_id: UUID = public_key()
    person_id: int = ref("person.id")
    list_key: str = words()
    query: str = words()
    language: str = words()
    rows: int = Field(sa_type=BigInteger)
    size: int = Field(sa_type=BigInteger)
    digest: str = words(index=True)
    at: datetime = instant(now=True)


class SavedView(SQLModel, table=True):
    """A list as somebody wants to find it again: what is asked of it (`query`, canonical), under a name of their own.

    `preset` is the one that the person's own page of the list begins with.  Others see it where it is shared with a role that
    its owner has, or with the whole plant.  `version` counts its changes: who changes it says which one they saw.
    """

    __tablename__ = "saved_view"
    __table_args__ = (
        CheckConstraint("name = btrim(name) and length(name) between 1 and 60 and name !~ '[[:cntrl:]]'", name="name"),
        CheckConstraint("not (for_everybody and for_role is not null)", name="shared"),
        CheckConstraint("version > 0", name="version"),
        Index("uq_saved_view_name", "person_id", "list_key", text("lower(name)"), unique=True),
        Index("uq_saved_view_preset", "person_id", "list_key", unique=True, postgresql_where=text("preset")),
        Index("ix_saved_view_shared", "list_key", postgresql_where=text("for_everybody or for_role is not null")),
    )
    id: int = key()
    public_id: UUID = public_key()
    person_id: int = ref("person.id", index=False)
    list_key: str = words()
    name: str = words()
    query: str = words()
    preset: bool = flag()
    for_role: str | None = words(nullable=True)
    for_everybody: bool = flag()
    version: int = count(1)
    created_at: datetime = instant(now=True)
    changed_at: datetime = instant(now=True)
