"""The audit trail in words: which record, which field, from what to what (REQUIREMENTS 103)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from models.audit.queries.trail import AuditEventView
from models.audit.queries.trail import AuditPage as Found
from models.definition.document import Text
from models.kernel.time.moments import second
from models.person.rules.known_roles import role_name
from ui.audit.columns import name_of
from ui.audit.page import AuditPage, AuditRow, Change
from ui.frame.i18n import Words
from ui.frame.parts import LotRef, Pager, lot_href
from ui.frame.words.numbers import plain

INNER = frozenset({"id", "public_id", "lot_key", "supplier_lot_key", "serial_key"})
"""Columns that only machines read; the export has them."""
TELLING = {
    "lot_fact": "fact",
    "hold": "reason",
    "inspection": "inspection_no",
    "signature": "printed_name",
    "human_task": "stage",
}
"""What tells a new record from the others of its kind."""
STATES = {
    "lot": "status.lot_",
    "human_task": "audit.task_",
    "inspection": "audit.inspection_",
    "work_order": "status.order_",
}
SOURCES = {"web", "api", "worker", "import", "demo"}


@dataclass(frozen=True)
class Said:
    """What the record's own words mean: keys by column, steps of processes, and the zone of its times."""

    names: Mapping[tuple[str, int], str]
    titles: Mapping[str, Text]
    zone: ZoneInfo

    def step(self, words: Words, key: str) -> str:
        """A step's title; a step of a definition that is not there any more keeps its key."""
        return self.titles[key].say(words.language) if key in self.titles else key


def page(words: Words, found: Found, lot: LotRef, said: Said, cursor: str) -> AuditPage:
    """The trail of a batch, newest first."""
    here = f"{lot_href(lot.lot_no)}/audit"
    return AuditPage(
        subject=lot.lot_no,
        rows=rows(words, found, said),
        pager=Pager(
            shown=len(found.items),
            next_href=f"{here}?{urlencode({'cursor': found.next})}" if found.next else None,
            first_href=here if cursor else None,
        ),
        lot=lot,
    )


def rows(words: Words, found: Found, said: Said) -> tuple[AuditRow, ...]:
    """What was changed, newest first."""
    return tuple(_row(words, one, said) for one in found.items)


def _row(words: Words, one: AuditEventView, said: Said) -> AuditRow:
    ours = one.actor_id.startswith("service:")  # what the software itself wrote is in both languages
    who = words.half(one.actor_name) if ours else one.actor_name
    if one.on_behalf_of:
        who = words("lot.for_whom", who=who, whom=one.on_behalf_of)
    source = words(f"audit.source_{one.source}") if one.source in SOURCES else one.source
    return AuditRow(
        seq=one.seq,
        at=one.at,
        who=who,
        source=" · ".join(part for part in (source, _workflow(one.workflow)) if part),
        operation=one.operation,  # type: ignore[arg-type]  # the trigger writes these three
        record=_record(words, one, said),
        changes=tuple(
            Change(
                column=name_of(words, one.table_name, change.column),
                before=_said(words, one.table_name, change.column, change.before, said),
                after=_said(words, one.table_name, change.column, change.after, said),
            )
            for change in one.changes
            if change.column not in INNER and not (change.before is None and change.after in (None, {}, ""))
        ),
        reason=words.half(one.reason or "") if ours else one.reason or "",
        leaf=one.leaf,
    )


def _record(words: Words, one: AuditEventView, said: Said) -> str:
    """Which record, and for a new one what it is: “时间线 · 放行”."""
    name = words.known(f"audit.table_{one.table_name}", one.table_name)
    column = TELLING.get(one.table_name)
    value = next((change.after for change in one.changes if change.column == column), None)
    if one.operation != "insert" or not isinstance(value, str):
        return name
    if column == "fact":
        value = words.known(f"fact.{value.replace('.', '_')}", said.step(words, value))
    elif column == "stage":
        value = said.step(words, value)
    return f"{name} · {value}"


def _one_of(value: Any) -> str:
    """One of several: a row of a table by what comes first in it that says anything."""
    if isinstance(value, dict):
        return str(value.get("title") or next((one for one in value.values() if isinstance(one, str) and one), ""))
    return str(value)


def _workflow(name: str | None) -> str:
    """`release/H-1/1/<run>` without the run, which only machines read."""
    return (name or "").rsplit("/", 1)[0]


def _said(  # noqa: C901, PLR0911, PLR0912 - one line per kind of value
    words: Words, table: str, column: str, value: Any, said: Said
) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return words("form.answer_yes" if value else "form.answer_no")
    if isinstance(value, int) and (column, value) in said.names:
        return said.names[column, value]
    if column == "status" and table in STATES:
        return words.known(f"{STATES[table]}{value}", str(value))
    if column == "kind" and table in {"lot", "item"}:
        return words.known(f"lot.kind_{value}", str(value))
    if isinstance(value, int | float):
        return plain(value)
    if column == "state" and isinstance(value, dict):
        steps = [said.step(words, str(stage.get("key"))) for stage in value.get("open", ())]
        return " · ".join(steps) or str(value.get("result") or "–")
    if column == "stage" and isinstance(value, str):
        return said.step(words, value)
    if column == "role" and isinstance(value, str):
        return role_name(value, words.language)
    if column in {"outcome", "disposition"} and isinstance(value, str):
        return words.known(f"fact.outcome_{value}", value)
    if isinstance(value, str):
        return _moment(value, said.zone)
    if isinstance(value, dict) and {"zh", "en"} <= value.keys():  # said in both: the reader's
        told = {key: one for key, one in value.items() if key not in {"zh", "en"}}
        return ", ".join([str(value[words.language]), *(f"{key}: {one}" for key, one in told.items())])[:300]
    if isinstance(value, list):
        return words("list.comma").join(_one_of(one) for one in value)[:300]
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
        return second(moment, zone) if moment.tzinfo else value
    return value
