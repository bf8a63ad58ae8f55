"""Which of its moments a process waits for, and how long."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from models.process.messages.timer import Timer

A_DAY = timedelta(days=1)
"""How often the record is asked about a moment that a calendar may move."""
ASKED_AGAIN = timedelta(hours=1)
"""How long a process waits at most for the record's clock before it asks again whether a moment has come."""
FAR = timedelta(days=365)
"""The longest that one timer of the engine waits for the end of a wait; then the record says how long it still is."""

Name = tuple[str, str, int]


def name(timer: Timer) -> Name:
    """Which moment it is, in a run; a wait's own moment and its escalations may be at the same time."""
    stage = timer.stage if timer.kind == "task" else f"{timer.kind}:{timer.stage}"
    if timer.round is not None:  # what the record said before it told rounds apart goes by the name of before
        stage = f"{stage}@{timer.round.isoformat()}"
    return stage, timer.at.isoformat(), timer.level


def summary(timer: Timer) -> str:
    """What people read beside it in the Temporal UI."""
    return f"{timer.stage} → {timer.to_role}" if timer.kind != "until" else f"{timer.stage} ⏱"


def next_of(timers: Sequence[Timer], fired: Collection[Name]) -> Timer | None:
    """The first that has not fired."""
    return next((one for one in timers if name(one) not in fired), None)


def asked_for(
    timers: Sequence[Timer], fired: Collection[Name], now: datetime, early: timedelta
) -> tuple[Timer | None, timedelta | None]:
    """The one that is waited for, and how long (`early` at least); one that a calendar may move is asked for each day."""
    timer = next_of(timers, fired)
    if timer is None:
        return None, None
    wait = max(timer.at - now, early)
    daily = next_of([one for one in timers if one.daily], fired)
    if daily is not None and wait > A_DAY:
        return daily, A_DAY
    return timer, min(wait, FAR) if timer.kind == "until" else wait
