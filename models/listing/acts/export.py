"""A list that is taken out of the record as a file: written whole, recorded, then handed out (21 CFR 11.10(b), (e)).

The file waits on the disk and not in memory, and the database is done with it before the first byte leaves: however many rows and
however slow the reader, nothing is held open.  What was taken out, by whom and when is recorded before anybody has it.
"""

import hashlib
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import IO, Any

from sqlalchemy import Engine, text
from sqlmodel import Session

from models.kernel import spreadsheet
from models.kernel.store.act import Actor, act, now, reading
from models.kernel.time.moments import Zone
from models.listing import store
from models.listing.rules import Asked, Listed, canonical, cells, file_name, heads

IN_MEMORY = 1 << 20
"""Bytes of a file that wait in memory; the rest waits on the disk."""
PIECE = 1 << 16
RECORD = text(
    "insert into list_export (person_id, list_key, query, language, rows, size, digest)"
    " values (:person, :list, :query, :language, :rows, :size, :digest)"
)


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Which rows of which list, in whose words: `given` is what narrows it beside its columns, `about` how that is called."""

    listed: Listed
    asked: Asked
    zone: Zone
    language: str
    given: Mapping[str, Any]
    about: str = ""


@dataclass(frozen=True)
class Taken:
    """A file that is written and recorded; `digest` is its SHA-256 in hex, `size` in bytes."""

    file: IO[bytes]
    name: str
    digest: str
    size: int
    rows: int

    def pieces(self) -> Iterator[bytes]:
        """Its bytes; it is gone afterwards."""
        with self.file as file:
            file.seek(0)
            while piece := file.read(PIECE):
                yield piece

    def close(self) -> None:
        """Throw it away, whether anybody has read it or not."""
        self.file.close()


def export(engine: Engine, actor: Actor, person_id: int, login: str, wanted: Wanted) -> Taken:
    """Write every row that was asked for, as one state of the record, and record who took them out."""
    file = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 - it is closed when it has been handed out
    try:
        with reading(engine) as session:
            rows, size, digest = _write(session, file, wanted)
        with act(engine, actor) as session:
            given = {"rows": rows, "size": size, "digest": digest, "language": wanted.language}
            query = canonical(wanted.listed, wanted.given, wanted.asked)
            given |= {"person": person_id, "list": wanted.listed.key, "query": query}
            session.connection().execute(RECORD, given)
            name = _name(wanted, login, now(session), digest)
    except BaseException:
        file.close()
        raise
    return Taken(file, name, digest, size, rows)


def _write(session: Session, file: IO[bytes], wanted: Wanted) -> tuple[int, int, str]:
    whole = hashlib.sha256()
    lines = size = 0
    found = store.every(session, wanted.listed, wanted.given, wanted.asked, wanted.zone)
    rows = (cells(wanted.listed, row, wanted.zone, wanted.language) for row in found)
    for line in spreadsheet.lines(heads(wanted.listed, wanted.language), rows):
        part = line.encode()
        whole.update(part)
        file.write(part)
        lines += 1
        size += len(part)
    return lines - 1, size, whole.hexdigest()


def _name(wanted: Wanted, login: str, at: datetime, digest: str) -> str:
    called = file_name(wanted.listed, wanted.about, wanted.asked, login, at, wanted.zone, wanted.language)
    safe = "".join("_" if one in '/\\:*?"<>|' or not one.isprintable() else one for one in called)
    return f"{safe} {digest[:12]}.csv"
