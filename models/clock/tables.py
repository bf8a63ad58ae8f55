"""Clocks and signs of life: jumps that were accepted, differences, workers."""

from sqlalchemy import BigInteger, CheckConstraint, Column
from sqlmodel import Field

from models.kernel.columns import SQLModel, datetime, instant, json_document, key, words


class ClockJump(SQLModel, table=True):
    """The clock was found behind the record and accepted as it is: which event was the last, of when, and why.

    From here on times are compared with what is written after it.
    """

    __tablename__ = "clock_jump"
    __table_args__ = (CheckConstraint("length(trim(reason)) > 0", name="reason"),)
    id: int = key()
    at: datetime = instant(now=True)
    last_at: datetime = instant()
    last_event_id: int = Field(sa_column=Column(BigInteger, nullable=False))
    reason: str = words()


class ClockDifference(SQLModel, table=True):
    """The clocks of record and engine were found apart, or in agreement again: by how many milliseconds the record's is ahead.

    `last_event_id` is the last event of before.  What is written while they are apart says no more than that.
    """

    __tablename__ = "clock_difference"
    __table_args__ = (CheckConstraint("ahead_least <= ahead_most", name="order"),)
    id: int = key()
    at: datetime = instant(now=True)
    apart: bool
    ahead_least: int = Field(sa_column=Column(BigInteger, nullable=False))
    ahead_most: int = Field(sa_column=Column(BigInteger, nullable=False))
    last_event_id: int = Field(sa_column=Column(BigInteger, nullable=False))


class WorkerBeat(SQLModel, table=True):
    """A sign of life that a worker writes every two seconds; one that stands still for ten is no worker any more.

    Every ten seconds it has compared the record's clock with the engine's: milliseconds by which the record's is ahead, at least
    and at most.
    """

    __tablename__ = "worker_beat"
    id: int = key()
    worker: str = words(unique=True)
    process: int = Field(sa_column=Column(BigInteger, nullable=False))
    queues: list[str] = json_document()
    build: str = words("")
    at: datetime = instant(now=True)
    compared_at: datetime | None = instant(nullable=True)
    ahead_least: int | None = Field(default=None, sa_column=Column(BigInteger, nullable=True))
    ahead_most: int | None = Field(default=None, sa_column=Column(BigInteger, nullable=True))
