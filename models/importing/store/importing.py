"""Stores what a reader read: one transaction for a file, every source row accounted for, twice is the same as once.

A row already imported with the same hash counts as merged; with another hash it is rejected, because an imported record
is never silently overwritten (STANDARDS D 98).  Migrated records are marked as such and never carry a signature (D 99).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlmodel import Session

from models.hold.store import holds
from models.importing.rules.codes import CHANGED, DANGLING, FUTURE, NUMBER_TAKEN, OTHER_UNIT, SHARED_IDENTIFIER
from models.importing.rules.inventree.lots import BEFORE_THE_IMPORT
from models.importing.rules.reading import Finding, Reading, Record, RowKey, SourceRow
from models.importing.store.insert import (
    NATURAL_KEYS,
    TABLES,
    ids_of_numbers,
    insert_in_order,
    registered_devices,
    reserve_lots,
    table,
)
from models.importing.tables import ImportRun
from models.kernel.refusal import Refusal
from models.kernel.store.act import Actor, now, zone
from models.kernel.time import reported as told_moment
from models.kernel.time.moments import day_begins, plant_day
from models.production.rules.operation import CLOCK_SKEW
from models.recall.store import joined as recall_joined
from models.supplier.store import approvals

HAPPENED = frozenset(
    {"at", "created_at", "finished_at", "shipped_at", "arrived_at", "recorded_at", "opened_at", "decided_at"}
)
"""Columns that say when something happened."""


@dataclass
class Report:
    """The account of a file; `as_dict` is the contract of `batchwright import --json`."""

    source: str
    kinds: dict[str, dict[str, int]]
    findings: list[Finding]

    def as_dict(self) -> dict[str, Any]:
        """`{"source", "kinds": {KIND: {"read", "imported", "merged", "rejected", "flagged"}}, "findings": […]}`."""
        return {
            "source": self.source,
            "kinds": self.kinds,
            "findings": [finding.as_dict() for finding in self.findings],
        }


def actor(source: str, file_name: str) -> Actor:
    """Who changes something in an import: the other system, with the file as its message."""
    return Actor(f"import:{source}", f"{source} import", source, source_ref=file_name, reason="migration")


def load(session: Session, reading: Reading, file_name: str, file_digest: str) -> Report:
    """Store a reading in the caller's transaction; answers the account."""
    plan = Plan(session, reading)
    plan.begin_days_here(zone(session))
    plan.compare_with_earlier_runs()
    plan.find_existing_numbers()
    plan.refuse_the_future(now(session))
    plan.leave_expired_alone(plant_day(now(session), zone(session)))
    plan.drop_what_dangles()
    report = plan.report()
    run = ImportRun(
        source=reading.source, file_name=file_name, file_digest=file_digest, report=report.as_dict() | {"findings": []}
    )
    session.add(run)
    session.flush()
    plan.store(run.id)
    approvals.carry_over(session)
    recall_joined.imported(session, run.id, now(session))
    holds.follow_import(session, now(session))
    return report


@dataclass
class Plan:
    """What will be inserted, what exists already, and what is refused."""

    session: Session
    reading: Reading
    ids: dict[str, int] = field(default_factory=dict)  # database id by record reference
    unchanged: set[RowKey] = field(default_factory=set)
    stored_rejected: set[RowKey] = field(default_factory=set)
    new: list[Record] = field(default_factory=list)
    known: dict[RowKey, tuple[str, str, int | None]] = field(default_factory=dict)

    def begin_days_here(self, zone: str) -> None:
        """A day without a time is the plant's: it begins there, and today's has begun."""
        for record in self.reading.records:
            for column in HAPPENED & record.values.keys():
                told = str(record.values[column] or "")
                if len(told) == len("2026-05-31"):
                    begins = max(day_begins(date.fromisoformat(told), zone), told_moment.EARLIEST)
                    record.values[column] = begins.isoformat()

    def compare_with_earlier_runs(self) -> None:
        """Set aside rows that are stored already; reject those that have changed since."""
        stored = table("import_row").c
        query = select(stored.kind, stored.source_key, stored.row_hash, stored.outcome, stored.target_id)
        found_rows = self.session.execute(query.where(stored.source == self.reading.source))
        known = {(kind, key): (digest, outcome, target) for kind, key, digest, outcome, target in found_rows}
        for row in self.reading.rows.values():
            found = known.get(_again(row)) or known.get(row.id)
            if found is None:
                continue
            digest, outcome, target = found
            if outcome == "rejected":
                if row.outcome == "rejected":
                    self.stored_rejected.add(row.id)
            elif digest == row.row_hash:
                self.unchanged.add(row.id)
                if row.target is not None and target is not None:
                    self.ids[row.target] = target
            elif row.outcome != "rejected":
                self._reject(row, CHANGED())
        self.known = known

    def find_existing_numbers(self) -> None:
        """Number by number: what another row of this source brought is shared, what belongs to somebody else is refused."""
        for name, columns in NATURAL_KEYS.items():
            records = [record for record in self.reading.records if record.table == name and record.ref not in self.ids]
            found = ids_of_numbers(self.session, name, columns, records)
            devices = registered_devices(self.session, (key for key, _ in found.values())) if name == "item" else {}
            for record in records:
                number = tuple(str(record.values[column]) for column in columns)
                if number not in found:
                    continue
                row = self.reading.rows[record.row]
                existing, ours = found[number]
                if row.id in self.unchanged or ours:
                    self.ids[record.ref] = existing
                elif name == "item_identifier":
                    self.ids[record.ref] = existing
                    row.outcome = "merged"
                    self._flag(row, SHARED_IDENTIFIER(value=record.values["code"], other="another item"))
                elif row.outcome == "rejected":
                    continue
                elif existing in devices and record.values["kind"] == devices[existing][0]:
                    self._same_device(row, record, existing, devices[existing][1])
                else:
                    self._reject(row, NUMBER_TAKEN(number=" ".join(number)))

    def _same_device(self, row: SourceRow, record: Record, device: int, unit: str) -> None:
        """A product whose number is the DI of a registered device is that device, whose master data stay as they are."""
        if record.values["uom"] != unit:
            self._reject(row, OTHER_UNIT(number=record.values["item_no"], ours=unit, theirs=record.values["uom"]))
        else:
            self.ids[record.ref], row.outcome = device, "merged"

    def refuse_the_future(self, at: datetime) -> None:
        """A row that tells of something which has not happened yet is rejected; nothing is known before it happened."""
        for record in self.reading.records:
            row = self.reading.rows[record.row]
            if row.id in self.unchanged or row.outcome == "rejected":
                continue
            for column in HAPPENED & record.values.keys():
                told = record.values[column]
                if told is not None and datetime.fromisoformat(str(told)) > at + CLOCK_SKEW:
                    self._reject(row, FUTURE(what=f"{record.table}.{column}", value=told))
                    break

    def leave_expired_alone(self, today: date) -> None:
        """Nothing leaves a batch that has expired, not even in a ledger told afterwards: its links and papers say what did."""
        lots = {record.ref: record.values["expires_on"] for record in self.reading.records if record.table == "lot"}
        expired = {ref for ref, day in lots.items() if day is not None and day < today.isoformat()}
        self.reading.records[:] = [
            record
            for record in self.reading.records
            if not (
                record.table == "stock_movement"
                and record.values["reason"] == BEFORE_THE_IMPORT
                and record.refs["lot_id"] in expired
            )
        ]

    def drop_what_dangles(self) -> None:
        """Records to insert: of new rows only, and only when everything they point at is there."""
        rows = self.reading.rows
        while True:
            self.new = [
                record
                for record in self.reading.records
                if record.ref not in self.ids
                and record.row not in self.unchanged
                and rows[record.row].outcome != "rejected"
            ]
            there = {record.ref for record in self.new} | set(self.ids)
            dangling = {
                record.row: ref
                for record in self.new
                for ref in record.refs.values()
                if ref is not None and ref not in there
            }
            if not dangling:
                return
            for row_id, ref in dangling.items():
                self._reject(rows[row_id], DANGLING(what=ref))

    def _reject(self, row: SourceRow, why: Refusal) -> None:
        row.outcome, row.target = "rejected", None
        row.codes.append(why.code)
        self.reading.findings.append(Finding(row.kind, row.key, "rejected", why))

    def _flag(self, row: SourceRow, why: Refusal) -> None:
        row.codes.append(why.code)
        self.reading.findings.append(Finding(row.kind, row.key, "flagged", why))

    def report(self) -> Report:
        """Per kind: read = imported + merged + rejected; flagged overlaps."""
        kinds: dict[str, Counter[str]] = {}
        for row in self.reading.rows.values():
            counts = kinds.setdefault(row.kind, Counter())
            outcome = "merged" if row.id in self.unchanged and row.outcome != "rejected" else row.outcome
            counts["read"] += 1
            counts[outcome] += 1
            counts["flagged"] += bool(row.codes) and outcome != "rejected"
        for kind, repeats in self.reading.repeats.items():
            kinds[kind]["read"] += repeats
            kinds[kind]["merged"] += repeats
        shape = ("read", "imported", "merged", "rejected", "flagged")
        return Report(
            self.reading.source,
            {kind: {name: counts[name] for name in shape} for kind, counts in sorted(kinds.items())},
            self.reading.findings,
        )

    def store(self, run_id: int) -> None:
        """Insert everything, table by table.

        A migrated lot must name its source row and the row names its target, so the lots' keys are reserved first.
        """
        by_table: dict[str, list[Record]] = {name: [] for name in TABLES}
        for record in self.new:
            by_table[record.table].append(record)
        before_lots = TABLES[: TABLES.index("lot")]
        for name in before_lots:
            self._insert(by_table[name])
        lots = by_table["lot"]
        for record, lot_id in zip(lots, reserve_lots(self.session, [self._values(lot) for lot in lots]), strict=True):
            self.ids[record.ref] = lot_id
        lot_rows = {record.row for record in lots}
        row_ids = self._insert_rows(run_id, [row for row in self.reading.rows.values() if row.id in lot_rows])
        insert_in_order(
            self.session,
            "lot",
            [self._values(lot) | {"id": self.ids[lot.ref], "import_row_id": row_ids[lot.row]} for lot in lots],
        )
        for name in TABLES[TABLES.index("lot") + 1 :]:
            self._insert(by_table[name])
        self._insert_rows(run_id, [row for row in self.reading.rows.values() if row.id not in lot_rows])

    def _insert(self, records: list[Record]) -> None:
        """Insert records of one table; those that point at others of the same table come after them."""
        waiting = records
        while waiting:
            inside = {record.ref for record in waiting}
            ready = [record for record in waiting if not inside & set(record.refs.values())] or waiting
            made = insert_in_order(self.session, ready[0].table, [self._values(record) for record in ready])
            self.ids.update(zip((record.ref for record in ready), made, strict=True))
            done = {record.ref for record in ready}
            waiting = [record for record in waiting if record.ref not in done]

    def _values(self, record: Record) -> dict[str, Any]:
        links = {column: None if ref is None else self.ids.get(ref) for column, ref in record.refs.items()}
        return record.values | links

    def _insert_rows(self, run_id: int, rows: list[SourceRow]) -> dict[RowKey, int]:
        """The evidence: every new source row with its hash, fate, codes and target."""
        tables = {record.ref: record.table for record in self.reading.records}
        rows = [row for row in rows if row.id not in self.unchanged and row.id not in self.stored_rejected]
        rows = [row for row in rows if not (row.outcome == "rejected" and row.id in self.known)]
        values = []
        for row in rows:
            key = _again(row)[1] if row.id in self.known else row.key
            target = row.target if row.target in self.ids else None
            values.append(
                {
                    "run_id": run_id,
                    "source": self.reading.source,
                    "kind": row.kind,
                    "source_key": key,
                    "row_hash": row.row_hash,
                    "outcome": row.outcome,
                    "codes": sorted(set(row.codes)),
                    "target_table": tables[target] if target else None,
                    "target_id": self.ids[target] if target else None,
                }
            )
        if not values:
            return {}
        made = insert_in_order(self.session, "import_row", values)
        return dict(zip((row.id for row in rows), made, strict=True))


def _again(row: SourceRow) -> RowKey:
    """Where a row is kept that was rejected in an earlier run and is good now: evidence is never overwritten."""
    return row.kind, f"{row.key} ({row.row_hash[:12]})"
