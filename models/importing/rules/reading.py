"""What a reader hands over: source rows with their fate, neutral records to store, findings to show.

A record names its table and columns and points at other records by reference; who stores it needs no knowledge of the
source.  `Intake` is the readers' pen: it keeps the account of every row.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

import rfc8785

from models.identifier.rules.scanned_field import Asked
from models.importing.rules import numbers
from models.importing.rules.codes import BAD_DATE, BAD_QUANTITY, CONTRADICTORY, DANGLING, LABEL_READ, MISSING
from models.kernel.refusal import Refusal
from models.kernel.time import reported as told_moment

EARLIEST = 1970
_DAY = len("2026-05-31")
HAN = re.compile("[\u3400-\u9fff]")
"""Chinese characters."""
RowKey = tuple[str, str]  # kind and source key


@dataclass(frozen=True, slots=True)
class Record:
    """A row to store: `values` by column, `refs` from column to the reference of another record."""

    table: str
    ref: str
    row: RowKey
    values: dict[str, Any]
    refs: dict[str, str | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Finding:
    """Something to know about a source row; `outcome` is `rejected` or `flagged`."""

    kind: str
    key: str
    outcome: str
    refusal: Refusal

    def as_dict(self) -> dict[str, Any]:
        """The wire form."""
        said = self.refusal.as_dict()
        return {"kind": self.kind, "key": self.key, "outcome": self.outcome} | {
            name: said[name] for name in ("code", "clause", "zh", "en", "params")
        }


@dataclass(slots=True)
class SourceRow:
    """One row of the source: its hash over the canonical form (RFC 8785) and what becomes of it."""

    kind: str
    key: str
    row_hash: str
    outcome: str = "merged"
    target: str | None = None
    codes: list[str] = field(default_factory=list)

    @property
    def id(self) -> RowKey:
        """Kind and key."""
        return self.kind, self.key


@dataclass(slots=True)
class Reading:
    """A file as read."""

    source: str
    rows: dict[RowKey, SourceRow]
    records: list[Record]
    findings: list[Finding]
    repeats: dict[str, int]  # rows per kind that only repeat an earlier row of the file


def row_hash(raw: Any) -> str:
    """SHA-256 of the canonical form (RFC 8785) of a source row; anybody can compute it again from the original.

    A number beyond RFC 8785 (an integer over 2^53) keeps all its digits.
    """
    try:
        canonical = rfc8785.dumps(raw)
    except rfc8785.CanonicalizationError:
        canonical = json.dumps(raw, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()
    return hashlib.sha256(canonical).hexdigest()


class Intake:
    """Keeps the account while a reader works."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.rows: dict[RowKey, SourceRow] = {}
        self.records: dict[str, Record] = {}  # by reference
        self.findings: list[Finding] = []
        self.repeats: dict[str, int] = {}

    def open(self, kind: str, key: str, raw: Any) -> SourceRow | None:
        """Account for a row; None when it repeats an earlier row of the file (a contradicting repeat is rejected)."""
        digest = row_hash(raw)
        known = self.rows.get((kind, key))
        if known is None:
            row = self.rows[kind, key] = SourceRow(kind, key, digest)
            return row
        if known.row_hash == digest:
            self.repeats[kind] = self.repeats.get(kind, 0) + 1
            return None
        again = SourceRow(kind, f"{key} ({digest[:12]})", digest)
        if again.id in self.rows:
            self.repeats[kind] = self.repeats.get(kind, 0) + 1
        else:
            self.rows[again.id] = again
            self.reject(again, CONTRADICTORY())
        return None

    def take(self, row: SourceRow, target: str | None = None) -> None:
        """The row is imported as the record `target`; a rejected one stays so."""
        if row.outcome == "rejected":
            return
        row.outcome, row.target = "imported", target

    def merge(self, row: SourceRow, target: str | None = None) -> None:
        """What the row says lives in the record `target`; a rejected one stays so."""
        if row.outcome == "rejected":
            return
        row.outcome, row.target = "merged", target

    def reject(self, row: SourceRow, why: Refusal) -> None:
        """The row is left out."""
        row.outcome, row.target = "rejected", None
        row.codes.append(why.code)
        self.findings.append(Finding(row.kind, row.key, "rejected", why))

    def flag(self, row: SourceRow, why: Refusal) -> None:
        """The row is taken over, but somebody should look."""
        row.codes.append(why.code)
        self.findings.append(Finding(row.kind, row.key, "flagged", why))

    def record(
        self,
        table: str,
        ref: str,
        row: SourceRow,
        values: dict[str, Any],
        refs: Mapping[str, str | None] | None = None,
    ) -> str:
        """Hand over a record; answers its reference.  A label in a column of numbers is its number, or rejects the row."""
        numbered = values | {
            name: self.number(row, name, str(values[name]), asked)
            for name, asked in numbers.NUMBERS.get(table, {}).items()
            if values.get(name) is not None
        }
        self.records[ref] = Record(table, ref, row.id, numbered, dict(refs or {}))
        return ref

    def number(self, row: SourceRow, name: str, cell: str, asked: Asked) -> str:
        """The number in a cell; a label that has none leaves the row out, with the clause."""
        try:
            found = numbers.number_in(cell, asked)
        except Refusal as refusal:
            self.reject(row, refusal)
            return cell
        if found != cell:
            self.flag(row, LABEL_READ(field=name, cell=cell[:80], number=found))
        return found

    def reading(self) -> Reading:
        """The finished account.

        A row whose record points at a record of a rejected row is rejected too, until nothing dangles.
        """
        leans: dict[str, list[Record]] = {}
        for record in self.records.values():
            for ref in record.refs.values():
                if ref is not None:
                    leans.setdefault(ref, []).append(record)
        of_row: dict[RowKey, list[str]] = {}
        for record in self.records.values():
            of_row.setdefault(record.row, []).append(record.ref)
        present = {ref for ref, record in self.records.items() if self.rows[record.row].outcome != "rejected"}
        gone = [ref for ref in (*self.records, *leans) if ref not in present]
        while gone:  # wave by wave: what is looked at is only what leans on what went
            dangling = {record.row: ref for ref in gone for record in leans.get(ref, ()) if record.ref in present}
            gone = []
            for row_id, ref in dangling.items():
                self.reject(self.rows[row_id], DANGLING(what=ref))
                lost = [one for one in of_row[row_id] if one in present]
                present.difference_update(lost)
                gone += lost
        kept = [record for record in self.records.values() if record.ref in present]
        for row in self.rows.values():
            if row.outcome == "merged" and row.target is not None and row.target not in present:
                row.target = None
        return Reading(self.source, self.rows, kept, self.findings, self.repeats)


def words_of(fields: dict[str, Any], name: str) -> str | None:
    """A trimmed text, None when it is empty."""
    value = fields.get(name)
    return str(value).strip() or None if value is not None else None


def english(fields: dict[str, Any], name: str) -> str | None:
    """The English name beside `name`: said as `{name}_en`, or the name itself where it is written without Chinese."""
    said = words_of(fields, f"{name}_en")
    own = words_of(fields, name)
    return said or (own if own is not None and HAN.search(own) is None else None)


def yes_or_no(value: Any) -> bool | None:
    """What a flag of a source says, in any of the ways that XML and people write it; None where it says nothing."""
    said = str(value).strip().lower() if value is not None else ""
    return True if said in {"true", "1", "yes", "y"} else False if said in {"false", "0", "no", "n"} else None


def needed(fields: dict[str, Any], name: str) -> str:
    """A text that must be there."""
    value = words_of(fields, name)
    if value is None:
        raise MISSING(what=name)
    return value


def quantity_of(fields: dict[str, Any], name: str) -> Decimal:
    """A finite quantity, not negative."""
    value = fields.get(name)
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        raise BAD_QUANTITY(value=value) from None
    # a programming language reads 12_04 as 1204; nobody who typed it meant that
    if "_" in str(value) or not number.is_finite() or number < 0 or number >= Decimal(10) ** 14:
        raise BAD_QUANTITY(value=value)
    return number.normalize() + 0


def date_of(fields: dict[str, Any], name: str) -> str | None:
    """A calendar date as ISO text, None when empty; none before 1970, where clocks begin and nothing was recorded."""
    value = words_of(fields, name)
    if value is None:
        return None
    try:
        if len(value) != _DAY:
            datetime.fromisoformat(value)  # a time beside the day is left out; anything else beside it is no date
        day = date.fromisoformat(value[:_DAY])
    except ValueError:
        raise BAD_DATE(value=value) from None
    if day.year < EARLIEST:
        raise BAD_DATE(value=value)
    return day.isoformat()


def instant_of(fields: dict[str, Any], name: str) -> str | None:
    """An instant as ISO text, in UTC where it names no zone; a day alone stays one, for whoever knows the plant's zone."""
    value = words_of(fields, name)
    if value is None:
        return None
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        raise BAD_DATE(value=value) from None
    if (moment if moment.tzinfo else moment.replace(tzinfo=UTC)) < told_moment.EARLIEST:
        raise BAD_DATE(value=value)
    if len(value) <= _DAY:
        return date.fromisoformat(value).isoformat()
    return moment.isoformat() if moment.tzinfo else moment.isoformat() + "+00:00"
