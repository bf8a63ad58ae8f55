"""What a process's workflow waits for and carries out by itself.  Fields are only ever added."""

from datetime import datetime
from typing import Literal

from models.kernel.messages import Message


class Timer(Message):
    """A moment at which a stage's task escalates, or one of a legal deadline, named by its key in the record.

    `kind` is `stage` where a stage escalates that is no person's, `until` where a wait is over; `opened_at` is its round, `daily`
    says that a calendar may move it, so it is asked for each day.  `round` is when its stage was opened: a stage that is open again has the
    same moment once more where an answered day sets it.
    """

    stage: str
    at: datetime
    level: int
    to_role: str
    deadline: int | None = None
    kind: Literal["task", "stage", "until"] = "task"
    opened_at: datetime | None = None
    daily: bool = False
    round: datetime | None = None


class RunAutomatic(Message):
    """An automatic stage is open: carry it out.  `opened_at` is its round."""

    run_id: int
    stage: str
    opened_at: datetime
