"""The audit trail in words: which record, which field, from what to what (REQUIREMENTS 103)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from models.store.queries_audit import AuditEventView
from models.store.queries_audit import AuditPage as Found
from ui.i18n import Words
from ui.pages.audit import AuditPage, AuditRow, Change
from ui.parts import LotRef, Pager, lot_href

INNER = frozenset({"id", "public_id", "lot_key", "supplier_lot_key", "serial_key"})
"""Columns that only machines read; the export has them."""
TELLING = {"lot_fact": "fact", "hold": "reason", "inspection": "inspection_no", "signature": "printed_name"}
"""What tells a new record from the others of its kind."""
STATES = {"lot": "status.lot_", "human_task": "audit.task_", "inspection": "audit.inspection_"}
SOURCES = {"web", "api", "worker", "import", "demo"}


def page(
    words: Words, found: Found, lot: LotRef, names: Mapping[tuple[str, int], str], zone: ZoneInfo, cursor: str
) -> AuditPage:
    """The trail of a batch, newest first."""
    here = f"{lot_href(lot.lot_no)}/audit"
    return AuditPage(
        subject=lot.lot_no,
        rows=tuple(_row(words, one, names, zone) for one in found.items),
        pager=Pager(
            shown=len(found.items),
            next_href=f"{here}?{urlencode({'cursor': found.next})}" if found.next else None,
            first_href=here if cursor else None,
        ),
        lot=lot,
    )


def _row(words: Words, one: AuditEventView, names: Mapping[tuple[str, int], str], zone: ZoneInfo) -> AuditRow:
    who = one.actor_name
    if one.on_behalf_of:
        who = words("lot.for_whom", who=who, whom=one.on_behalf_of)
    source = words(f"audit.source_{one.source}") if one.source in SOURCES else one.source
    return AuditRow(
        seq=one.seq,
        at=one.at,
        who=who,
        source=" · ".join(part for part in (source, _workflow(one.workflow)) if part),
        operation=one.operation,  # type: ignore[arg-type]  # the trigger writes these three
        record=_record(words, one),
        changes=tuple(
            Change(
                column=words.known(f"audit.column_{change.column}", change.column),
                before=_said(words, one.table_name, change.column, change.before, names, zone),
                after=_said(words, one.table_name, change.column, change.after, names, zone),
            )
            for change in one.changes
            if change.column not in INNER and not (change.before is None and change.after in (None, {}, ""))
        ),
        reason=one.reason or "",
        leaf=one.leaf,
    )


def _record(words: Words, one: AuditEventView) -> str:
    """Which record, and for a new one what it is: “时间线 · 放行”."""
    name = words.known(f"audit.table_{one.table_name}", one.table_name)
    column = TELLING.get(one.table_name)
    value = next((change.after for change in one.changes if change.column == column), None)
    if one.operation != "insert" or not isinstance(value, str):
        return name
    said = words.known(f"fact.{value.replace('.', '_')}", value) if column == "fact" else value
    return f"{name} · {said}"


def _workflow(name: str | None) -> str:
    """`release/H-1/1/<run>` without the run, which only machines read."""
    return (name or "").rsplit("/", 1)[0]


def _said(  # noqa: PLR0911 - one line per kind of value
    words: Words, table: str, column: str, value: Any, names: Mapping[tuple[str, int], str], zone: ZoneInfo
) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return words("form.answer_yes" if value else "form.answer_no")
    if isinstance(value, int) and (column, value) in names:
        return names[column, value]
    if column == "status" and table in STATES:
        return words.known(f"{STATES[table]}{value}", str(value))
    if column == "kind" and table in {"lot", "item"}:
        return words.known(f"lot.kind_{value}", str(value))
    if isinstance(value, str):
        return _moment(value, zone)
    if column == "state" and isinstance(value, dict):
        return " ".join(str(stage.get("key")) for stage in value.get("open", ())) or str(value.get("result") or "–")
    if isinstance(value, dict):
        return ", ".join(f"{key}: {one}" for key, one in value.items() if not isinstance(one, dict | list))[:300]
    return str(value)


def _moment(value: str, zone: ZoneInfo) -> str:
    """An instant in the plant's zone; every other text as it is."""
    if len(value) >= 19 and value[4:5] == "-" and "T" in value:
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            return value
        return moment.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S") if moment.tzinfo else value
    return value
