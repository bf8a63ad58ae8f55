"""Every workflow type, for workers and replays.

Not in the package's `__init__`: the sandbox imports a workflow's module anew for each workflow, and would import all.
"""

from typing import Any

from workflows.batch_lifecycle import BatchLifecycle
from workflows.confirm_receivers import ConfirmReceivers
from workflows.correction import Correction
from workflows.disposition import Disposition
from workflows.drill_plan import DrillPlan
from workflows.fault_retry import FaultRetry
from workflows.hold import Hold
from workflows.inspection import Inspection
from workflows.legal_deadline import LegalDeadline
from workflows.nonconformance import Nonconformance
from workflows.notice_mail import NoticeMail
from workflows.outbox import OutboxDispatch
from workflows.packing import Packing
from workflows.pull_goods import PullGoods
from workflows.recall import Recall
from workflows.recall_booking import RecallBooking
from workflows.release import Release
from workflows.reshape import Reshape
from workflows.shipment import Shipment
from workflows.stock import Stock
from workflows.trace_health import TraceHealth
from workflows.upkeep import Upkeep

ALL: list[type[Any]] = [
    BatchLifecycle,
    Inspection,
    Release,
    Recall,
    PullGoods,
    ConfirmReceivers,
    LegalDeadline,
    Disposition,
    Nonconformance,
    NoticeMail,
    RecallBooking,
    Shipment,
    Hold,
    Reshape,
    Correction,
    Packing,
    Stock,
    DrillPlan,
    OutboxDispatch,
    TraceHealth,
    FaultRetry,
    Upkeep,
]
