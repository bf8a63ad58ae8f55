"""A machine or gauge with its newest calibration, as the rules and the record of its use need it (ISO 13485 7.6)."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from sqlalchemy import literal_column
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Session, col, select

from models.equipment import rules as equipment_rules
from models.equipment.tables import Calibration, Equipment
from models.kernel.refusal import Refusal

Found = tuple[equipment_rules.Machine, Equipment, Calibration | None]
BLOCKS: Any = literal_column(
    "(select coalesce(json_agg(json_build_array(b.placed_at, b.lifted_at, b.doubted_since, b.doubted_until) order by b.id), '[]')"
    " from equipment_block b where b.equipment_id = equipment.id)",
    JSONB,
)
"""With the machine and not after it: whoever asks for one asks no more often because of them."""
DOWNS: Any = literal_column(
    "(select coalesce(json_agg(json_build_array(d.breakdown_no, d.happened_at, case d.status when 'back' then d.ended_at end) order by d.id), '[]')"
    " from breakdown d where d.equipment_id = equipment.id)",
    JSONB,
)
"""The same of its breakdowns; one that is out of use for good has no end."""


class Known(NamedTuple):
    """A machine with all its calibrations, the oldest first, the times in which it was blocked or is doubted, and its breakdowns."""

    machine: Equipment
    calibrations: list[Calibration]
    blocks: tuple[equipment_rules.Block, ...]
    downs: tuple[equipment_rules.Down, ...] = ()


def find(session: Session, number: str) -> Found:
    """The machine with that number."""
    newest = (
        select(Calibration.id)
        .where(Calibration.equipment_id == Equipment.id)
        .order_by(col(Calibration.performed_at).desc(), col(Calibration.id).desc())
        .limit(1)
        .correlate(Equipment)
        .scalar_subquery()
    )
    asked = select(Equipment, Calibration, BLOCKS, DOWNS).join(Calibration, col(Calibration.id) == newest, isouter=True)
    found = session.exec(asked.where(Equipment.equipment_no == number)).first()
    if found is None:
        raise unknown(number)
    machine, last, blocks, downs = found
    return facts(machine, last, _blocks(blocks), _downs(downs)), machine, last


def with_calibrations(session: Session, numbers: Sequence[str]) -> dict[str, Known]:
    """The machines with these numbers, each with all its calibrations; what is missing isn't there."""
    asked = (
        select(Equipment, Calibration, BLOCKS, DOWNS)
        .join(Calibration, col(Calibration.equipment_id) == col(Equipment.id), isouter=True)
        .where(col(Equipment.equipment_no).in_(numbers))
        .order_by(col(Calibration.performed_at), col(Calibration.id))
    )
    found: dict[str, Known] = {}
    rows: Iterable[tuple[Equipment, Calibration | None, Any, Any]] = session.exec(asked)
    for machine, one, blocks, downs in rows:
        known = found.setdefault(machine.equipment_no, Known(machine, [], _blocks(blocks), _downs(downs)))
        known.calibrations.extend([one] if one is not None else [])
    return found


def unknown(number: str) -> Refusal:
    """EQP-001 of that number."""
    return equipment_rules.UNKNOWN_EQUIPMENT(equipment=number[:80])


def facts(
    machine: Equipment,
    last: Calibration | None,
    blocks: tuple[equipment_rules.Block, ...] = (),
    downs: tuple[equipment_rules.Down, ...] = (),
) -> equipment_rules.Machine:
    """A machine with its newest calibration as the rules see it."""
    return equipment_rules.Machine(
        equipment_no=machine.equipment_no,
        kind=machine.kind,
        in_service=machine.status == "in_service",
        needs_calibration=machine.needs_calibration,
        last_result=last.result if last else None,
        due_at=last.due_at if last else None,
        blocks=blocks,
        downs=downs,
    )


def _blocks(rows: list[list[str | None]]) -> tuple[equipment_rules.Block, ...]:
    return tuple(equipment_rules.Block(*(map(_at, row))) for row in rows)  # type: ignore[arg-type]


def _downs(rows: list[list[str]]) -> tuple[equipment_rules.Down, ...]:
    return tuple(equipment_rules.Down(number, _instant(since), _at(until)) for number, since, until in rows)


def _instant(told: str) -> datetime:
    return datetime.fromisoformat(told).astimezone(UTC)


def _at(told: str | None) -> datetime | None:
    """An instant as JSON has it, to the microsecond, like any other."""
    return None if told is None else _instant(told)
