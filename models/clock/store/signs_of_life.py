"""Signs of life of workers, written and read through the record (REQUIREMENTS 122; DESIGN 4).

Temporal forgets a poller only minutes after it died; a worker that stands still is seen here within `SILENT` seconds.
"""

import json
from dataclasses import dataclass

from sqlalchemy import Engine, text

EVERY = 2.0
"""Seconds between two signs of life."""
FIRST = 120.0
"""Seconds that a worker has for its first sign of life: it loads the rules, and finds database and engine."""
SILENT = 10.0
"""Seconds without one, after which a worker counts as gone."""

WRITE = text(
    "insert into worker_beat (worker, process, queues, build, at)"
    " values (:worker, :process, cast(:queues as jsonb), :build, clock_timestamp())"
    " on conflict (worker) do update set at = clock_timestamp()"
)
FORGET = text("delete from worker_beat where worker = :worker or at < clock_timestamp() - interval '1 day'")
SERVING = text(
    "select count(*) filter (where b.at > clock_timestamp() - make_interval(secs => :silent)) as alive,"
    " extract(epoch from clock_timestamp() - max(b.at))::float as silent"
    " from worker_beat b where b.queues ? :queue"
)
OF_PROCESS = text(
    "select extract(epoch from clock_timestamp() - max(b.at))::float from worker_beat b where b.process = :process"
)


@dataclass(frozen=True)
class Serving:
    """How many workers serve a queue, and for how many seconds the last of them has been silent (None: never any)."""

    alive: int
    silent: float | None


def write(engine: Engine, worker: str, process: int, queues: tuple[str, ...], build: str) -> None:
    """A sign of life, by the clock of the record."""
    given = {"worker": worker, "process": process, "queues": json.dumps(queues), "build": build}
    with engine.begin() as connection:
        connection.execute(WRITE, given)


def forget(engine: Engine, worker: str) -> None:
    """A worker stops in order: nobody waits for it.  What others left a day ago goes with it."""
    with engine.begin() as connection:
        connection.execute(FORGET, {"worker": worker})


def serving(engine: Engine, queue: str) -> Serving:
    """Who serves the queue now."""
    with engine.begin() as connection:
        row = connection.execute(SERVING, {"queue": queue, "silent": SILENT}).one()
    return Serving(row.alive, row.silent)


def silence(engine: Engine, process: int) -> float | None:
    """For how many seconds a process has been silent; None when it never said anything."""
    with engine.begin() as connection:
        found: float | None = connection.execute(OF_PROCESS, {"process": process}).scalar()
    return found
