"""A load: batches that were sterilised, cleaned or cured together, in one machine at one time (requirement 62).

Each batch keeps the record of its own operation; they share the number that the machine's cycle bears.  The number is
what makes a co-exposure, so a number that is used for two cycles is refused while the person still stands at the machine.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from models.kernel.refusal import Kind
from models.kernel.time.moments import Zone, minute

_CLAUSE = "REQ 62; ISO 13485 7.5.5"

NO_MACHINE = Kind(
    "OPR-018",
    _CLAUSE,
    "写了炉次 {load}，就必须写明设备。",
    "Load {load} needs the machine that it ran in.",
    422,
)
OTHER_MACHINE = Kind(
    "OPR-019",
    _CLAUSE,
    "炉次 {load} 已记录在设备 {there}（批次 {lot}），不能再记录在 {here}。",
    "Load {load} is recorded in {there} (lot {lot}) and can't be in {here} too.",
)
OTHER_TIME = Kind(
    "OPR-020",
    _CLAUSE,
    "炉次 {load} 的时间是 {start} 至 {end}（批次 {lot}），与此次记录不重叠；请核对炉次号。",
    "Load {load} ran from {start} to {end} (lot {lot}), which this record does not overlap; check the number.",
)


@dataclass(frozen=True)
class Ran:
    """A batch's operation in a load."""

    lot_no: str
    started_at: datetime
    finished_at: datetime
    machines: frozenset[str]


def check_load(load: str, here: Ran, others: Collection[Ran], zone: Zone) -> None:
    """Refuse a load without a machine, in another machine than before, or at another time."""
    if not here.machines:
        raise NO_MACHINE(load=load)
    for other in others:
        if not here.machines & other.machines:
            raise OTHER_MACHINE(
                load=load,
                there=", ".join(sorted(other.machines)) or "–",
                lot=other.lot_no,
                here=", ".join(sorted(here.machines)),
            )
        if here.started_at > other.finished_at or here.finished_at < other.started_at:
            raise OTHER_TIME(
                load=load,
                start=minute(other.started_at, zone),
                end=minute(other.finished_at, zone),
                lot=other.lot_no,
            )
