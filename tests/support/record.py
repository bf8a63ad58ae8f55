"""What the record says, as a whole: to prove that a "no" changed nothing (DESIGN 2.5)."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal

import pytest
from sqlalchemy import Engine, TextClause, text
from sqlmodel import SQLModel

from models import metadata
from models.kernel.refusal import Refusal

metadata.load()

TABLES = sorted(SQLModel.metadata.tables)
KEPT = [name for name in TABLES if name != "login_session"]
"""All but sessions, which change with every page: whoever is refused may have just logged in."""
FINGERPRINT = text(
    " union all ".join(
        # names of our own tables; a sum is the same in whatever order the rows come, and half the work of sorting them
        f"select '{name}' as name, count(*) as rows, coalesce(sum(hashtextextended(t::text, 0)), 0) as digest from {name} t"  # noqa: S608
        for name in KEPT
    )
)
VERSIONS = text(
    " union all ".join(
        # every change of a row gives it a transaction later than all before: with as many rows and the same sum, each is as it was
        f"select '{name}' as name, count(*) as rows, coalesce(sum(xmin::text::bigint), 0) as digest from {name}"  # noqa: S608
        for name in KEPT
    )
)
"""A sixth of the work of reading all that stands in them, hundreds of times in a run; and a row written anew as it was counts too."""


def fingerprint(engine: Engine) -> dict[str, tuple[int, Decimal]]:
    """Number of rows and a digest of every table."""
    return _asked(engine, FINGERPRINT)


def versions(engine: Engine) -> dict[str, tuple[int, Decimal]]:
    """Number of rows of every table and which transactions wrote them: to compare two moments of one database."""
    return _asked(engine, VERSIONS)


def _asked(engine: Engine, what: TextClause) -> dict[str, tuple[int, Decimal]]:
    with engine.connect() as connection:
        return {row.name: (row.rows, row.digest) for row in connection.execute(what)}


@contextmanager
def unchanged(engine: Engine) -> Iterator[None]:
    """Nothing in any table is other than before: no row, no audit event, no bookkeeping."""
    before = versions(engine)
    yield
    after = versions(engine)
    assert [name for name in KEPT if before[name] != after[name]] == []


@dataclass
class Caught:
    """The refusal, once it was raised."""

    refusal: Refusal | None = None

    @property
    def zh(self) -> str:
        return self.refusal.zh if self.refusal else ""

    @property
    def en(self) -> str:
        return self.refusal.en if self.refusal else ""


@contextmanager
def refused(engine: Engine, code: str, status: int | None = None, *, zh: str = "", en: str = "") -> Iterator[Caught]:
    """The block is refused with `code`, in two whole languages, under a clause; and the record is as it was."""
    caught = Caught()
    with unchanged(engine), pytest.raises(Refusal) as info:
        yield caught
    caught.refusal = info.value
    check_sentences(info.value)
    assert (info.value.code, zh in info.value.zh, en in info.value.en) == (code, True, True), str(info.value)
    assert status in {None, info.value.status}


def check_sentences(refusal: Refusal) -> None:
    """A code, a clause, a Chinese and an English sentence without holes, and short enough to read."""
    assert re.fullmatch(r"[A-Z]+-\d{3}", refusal.code)
    assert refusal.clause.strip()
    assert re.search(r"[\u4e00-\u9fff]", refusal.zh)
    assert re.search(r"[A-Za-z]{3}", refusal.en)
    assert not re.search(r"[{}]", refusal.zh + refusal.en)
    assert len(refusal.zh) < 600
    assert len(refusal.en) < 600
