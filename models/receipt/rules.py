"""When a supplier's lot arrived, where that is told afterwards (ALCOA+)."""

from datetime import datetime

from models.kernel.refusal import Kind
from models.kernel.time.moments import Zone
from models.kernel.time.reported import happened

RECEIVED_WHEN = Kind(
    "LOT-036",
    "ALCOA+",
    "收货时间 {at} 不可能：在将来，或距今超过 {days} 天。",
    "The lot can't have arrived at {at}: that lies in the future, or more than {days} days back.",
    422,
)


def check_arrived(arrived: datetime | None, now: datetime, zone: Zone) -> datetime | None:
    """When a supplier's lot arrived, where it is told after it was put into quarantine; it opens no door."""
    return happened(arrived, now, zone, RECEIVED_WHEN)
