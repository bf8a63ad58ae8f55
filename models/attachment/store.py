"""Keeps contents in the database, each once, and gives them out piece by piece.

In the database, not in a folder: content and the record that names it are written in one transaction and saved by one backup, and
every API process on whichever server sees the same files (docs/explanation/attachments.md).
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import IO, Any
from uuid import UUID

from sqlalchemy import Engine, text
from sqlmodel import Session

from models.attachment.rules import attachment as rules
from models.attachment.rules.sniff import MEDIA, FileType
from models.kernel.store.act import Actor, act, reading

KEEP = text(
    "insert into stored_file (digest, size, type) values (:digest, :size, :type) on conflict (digest) do nothing returning id"
)
FIND = text("select f.id from stored_file f where f.digest = :digest")
PART = text("insert into stored_part (file_id, place, data) values (:file, :place, :data)")
ATTACH = text(
    "insert into attachment (file_id, name, uploaded_by_id) values (:file, :name, :person)"
    " on conflict (file_id, name, uploaded_by_id) do nothing"
)
VIEW = (
    "select a.public_id, a.name, a.at, f.id as file, f.digest, f.size, f.type, p.public_id as person,"
    " said(p.name, p.name_en) as uploaded_by from attachment a join stored_file f on f.id = a.file_id"
    " join person p on p.id = a.uploaded_by_id"
)
ATTACHED = text(f"{VIEW} where a.file_id = :file and a.name = :name and a.uploaded_by_id = :person")
ONE = text(f"{VIEW} where a.public_id = :number")
OF_DIGESTS = text(f"{VIEW} where f.digest = any(cast(:digests as text[])) order by a.id")
KEPT = text("select f.digest from stored_file f where f.digest = any(cast(:digests as text[]))")
READ = text("select p.data from stored_part p where p.file_id = :file and p.place = :place")


@dataclass(frozen=True)
class Arrived:
    """A file that is here whole: its bytes, their SHA-256 in hex and how many they are."""

    file: IO[bytes]
    digest: str
    size: int


@dataclass(frozen=True)
class Attached:
    """A file as somebody attached it; `file` is the key of its content."""

    number: UUID
    name: str
    digest: str
    size: int
    type: FileType
    media_type: str
    uploaded_by: str
    uploaded_by_id: UUID
    at: datetime
    file: int


def attach(engine: Engine, actor: Actor, person_id: int, arrived: Arrived, name: str, kind: FileType) -> Attached:
    """Keep the content if it is new, and that this person attached it.  Twice is harmless: the first row is answered."""
    with act(engine, actor) as session:
        file = keep(session, arrived, kind)
        connection, values = session.connection(), {"file": file, "name": name, "person": person_id}
        connection.execute(ATTACH, values)
        return _view(connection.execute(ATTACHED, values).one())


def keep(session: Session, arrived: Arrived, kind: FileType) -> int:
    """Keep the content if it is new; answers the key of the one there is."""
    connection = session.connection()
    given = {"digest": arrived.digest, "size": arrived.size, "type": kind.value}
    file = connection.execute(KEEP, given).scalar_one_or_none()
    if file is None:
        return int(connection.execute(FIND, {"digest": arrived.digest}).scalar_one())
    arrived.file.seek(0)
    for place in range(rules.parts_of(arrived.size)):
        connection.execute(PART, {"file": file, "place": place, "data": arrived.file.read(rules.PART)})
    return int(file)


def one(session: Session, number: UUID) -> Attached:
    """One attachment.  ATT-007."""
    row = session.connection().execute(ONE, {"number": number}).one_or_none()
    if row is None:
        raise rules.UNKNOWN(number=number)
    return _view(row)


def of_digests(session: Session, digests: Sequence[str]) -> tuple[Attached, ...]:
    """Who attached these contents under which names, oldest first: what a form holds are digests."""
    if not digests:
        return ()
    rows = session.connection().execute(OF_DIGESTS, {"digests": list(digests)})
    return tuple(_view(row) for row in rows)


def lacking(session: Session, digests: Sequence[str]) -> tuple[str, ...]:
    """Those of the contents that a form names which aren't here, in their order."""
    known = set(session.connection().execute(KEPT, {"digests": list(digests)}).scalars()) if digests else set()
    return tuple(digest for digest in digests if digest not in known)


def content(engine: Engine, wanted: Attached) -> Iterator[bytes]:
    """The bytes, a piece at a time, each in a short transaction of its own: contents never change, and readers are slow.

    The last piece leaves only when the whole has its digest; else ATT-009, and the reader is left with less than was announced.
    """
    whole = hashlib.sha256()
    last = b""
    for place in range(rules.parts_of(wanted.size)):
        with reading(engine) as session:
            found = session.connection().execute(READ, {"file": wanted.file, "place": place}).scalar_one_or_none()
        if place:
            yield last
        last = bytes(found or b"")
        whole.update(last)
    if whole.hexdigest() != wanted.digest:
        raise rules.DAMAGED(number=wanted.number)
    yield last


def _view(row: Any) -> Attached:
    kind = FileType(row.type)
    return Attached(
        number=row.public_id,
        name=row.name,
        digest=row.digest,
        size=row.size,
        type=kind,
        media_type=MEDIA[kind],
        uploaded_by=row.uploaded_by,
        uploaded_by_id=row.person,
        at=row.at,
        file=row.file,
    )
