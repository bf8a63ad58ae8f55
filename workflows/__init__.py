"""Durable workflows: wait, ask rules, call activities, carry state."""

from typing import Any

from workflows.batch_lifecycle import BatchLifecycle
from workflows.hold import Hold
from workflows.inspection import Inspection
from workflows.outbox import OutboxDispatch
from workflows.release import Release
from workflows.shipment import Shipment

ALL: list[type[Any]] = [BatchLifecycle, Inspection, Release, Shipment, Hold, OutboxDispatch]
