"""Files that records refer to: each content once, under its SHA-256; who attached it, under which name, is a row of its own."""

from sqlalchemy import BigInteger, CheckConstraint, LargeBinary, UniqueConstraint

from models.kernel.columns import UUID, Field, SQLModel, datetime, instant, key, public_key, ref, words


class StoredFile(SQLModel, table=True):
    """One content: its SHA-256 in hex, its size in bytes, and what its bytes say it is.  Append-only.

    A wall compares digest and size with the parts when the transaction ends.
    """

    __tablename__ = "stored_file"
    __table_args__ = (
        CheckConstraint("digest ~ '^[0-9a-f]{64}$'", name="digest"),
        CheckConstraint("size > 0", name="size"),
        CheckConstraint(
            "type in ('pdf', 'png', 'jpeg', 'heic', 'mp4', 'xlsx', 'docx', 'zip', 'csv', 'txt')", name="type"
        ),
    )
    id: int = key()
    digest: str = words(unique=True)
    size: int = Field(sa_type=BigInteger)
    type: str = words()
    at: datetime = instant(now=True)


class StoredPart(SQLModel, table=True):
    """One MiB of a content, the last part what is left; append-only."""

    __tablename__ = "stored_part"
    __table_args__ = (
        UniqueConstraint("file_id", "place"),
        CheckConstraint("place >= 0", name="place"),
        CheckConstraint("length(data) between 1 and 1048576", name="data"),
    )
    id: int = key()
    file_id: int = ref("stored_file.id", index=False)
    place: int
    data: bytes = Field(sa_type=LargeBinary)


class Attachment(SQLModel, table=True):
    """A file as somebody attached it.  Append-only; the same person's same file under the same name is the same row."""

    __tablename__ = "attachment"
    __table_args__ = (
        UniqueConstraint("file_id", "name", "uploaded_by_id"),
        CheckConstraint("length(name) between 1 and 200 and name !~ '[/\\\\[:cntrl:]]'", name="name"),
    )
    id: int = key()
    public_id: UUID = public_key()
    file_id: int = ref("stored_file.id", index=False)
    name: str = words()
    uploaded_by_id: int = ref("person.id")
    at: datetime = instant(now=True)
