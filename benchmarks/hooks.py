"""Acts that cause three follow-up processes ÷ the same without, and how soon what they cause is in an inbox (REQUIREMENTS 39; DESIGN 6a).

    .venv/bin/python benchmarks/hooks.py [--json] [--repeats N]

The act is raising a nonconformance, as its activity does it: rules, rows, its review with the task, the audit trail, one transaction.  A
critical one causes a CAPA and two processes more, each a run with tasks of its own and a row of the outbox, and the causes are logged; of
another one the same three triggers are asked and begin nothing.  Both take turns on one plant.  A fact is in the inbox when a reader of
its own finds the task that it caused: counted from the moment at which the act began, at rest, and while others raise without a pause.
Temporal stays out of it: what is to be done stands in the record, and workflows follow.
"""

import statistics
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from uuid import uuid4

from sqlalchemy import create_engine, text

from benchmarks import _timing
from benchmarks.inbox import cluster
from models import migrations
from models.definition.document import Definition
from models.kernel.store.act import reading
from models.lot.kind import OF_GOODS
from models.nonconformance.messages import RaiseNonconformance
from models.nonconformance.rules import Severity
from models.process import kinds
from models.process.kind import Kind
from runtime.postgres import APPLICATION, OWNER, Postgres
from tests.support.definitions import end, small, task
from tests.support.definitions import text as words
from tests.support.plant.direct import direct, do
from tests.support.plant.plant import Plant
from tests.support.processes.waiting import ship
from tests.support.servers.database import know_tests

NAME = "hooks"
ACTS = 20
"""Acts of each kind in one repeat."""
SEEN = 40
"""Facts whose way into the inbox is timed, at rest and under load."""
OTHERS = 4
"""People who raise without a pause while it is timed under load; about as many as two processors carry."""
CRITICAL = {"op": "eq", "fact": "nonconformance.opened.severity", "value": "critical"}
TASKS = text("""
select count(*) from human_task t join subject s on s.id = t.subject_id
 where t.status = 'open' and t.process = :process and s.number = :number
""")
CAUSED = text("select code, count(*) as n from cause group by code")


def drawn(key: str) -> Definition:
    """A process about a finding that a critical one begins."""
    trigger = {"fact": "nonconformance.opened", "when": CRITICAL, "process": key, "title": words("so")}
    return small(task("look", next="end"), end(), key=key, subject="nonconformance", triggers=[trigger])


@contextmanager
def plant(server: Postgres) -> Iterator[Plant]:
    """A furnished plant with two more processes that a critical finding begins, beside its CAPA."""
    with server.connect() as connection:
        server.create_database(connection, NAME)
    migrations.upgrade(server.url(OWNER, NAME))
    know_tests(server, NAME)
    more = [drawn("hook-one"), drawn("hook-two")]
    kinds.install(
        [
            Kind(
                family=one.key,
                subject="nonconformance",
                prefix=one.key,
                workflow="Disposition",
                rank=5,
                signed_as=OF_GOODS,
            )
            for one in more
        ],
        (),
        (),
    )
    engine = create_engine(server.url(APPLICATION, NAME), pool_size=OTHERS + 2)
    made = direct(engine)
    ship(made, *more)
    yield made
    engine.dispose()


def raised(made: Plant, severity: Severity) -> str:
    """One act; the number of the finding."""
    command = RaiseNonconformance(
        command_id=str(uuid4()), by=made.by("li.cang"), title="毛刺", item_no="PEEK-20", severity=severity
    )
    return str(do(made.engine, "raise_nonconformance", command).data["number"])


def many(made: Plant, severity: Severity) -> float:
    """Seconds of as many acts, one after the other."""
    return _timing.seconds(lambda: [raised(made, severity) for _ in range(ACTS)])


def at_once(made: Plant, severity: Severity) -> float:
    """Acts per second of several people who raise as many each at the same time."""
    people = [threading.Thread(target=many, args=(made, severity)) for _ in range(OTHERS)]

    def all_of_them() -> None:
        for one in people:
            one.start()
        for one in people:
            one.join()

    return OTHERS * ACTS / _timing.seconds(all_of_them)


def seen(made: Plant) -> float:
    """Seconds from the beginning of a critical act until somebody else finds the task that it caused."""
    found = ""
    began = time.perf_counter()
    found = raised(made, Severity.CRITICAL)
    while True:
        with reading(made.engine) as session:
            asked = {"process": "hook-two", "number": found}
            if session.connection().execute(TASKS, asked).scalar_one():
                return time.perf_counter() - began


def delays(made: Plant) -> list[float]:
    """As many of these, one after the other."""
    return sorted(seen(made) for _ in range(SEEN))


def under_load(made: Plant) -> list[float]:
    """The same while others raise without a pause."""
    stop = threading.Event()

    def without_a_pause() -> None:
        while not stop.is_set():
            raised(made, Severity.CRITICAL)

    others = [threading.Thread(target=without_a_pause) for _ in range(OTHERS)]
    for one in others:
        one.start()
    try:
        return delays(made)
    finally:
        stop.set()
        for one in others:
            one.join()


def p95(values: list[float]) -> float:
    """The value that nineteen of twenty stay below; of sorted ones."""
    return values[int(len(values) * 0.95)]


def measure(made: Plant, repeats: int) -> dict[str, float]:
    """The ratios."""
    for severity in (Severity.CRITICAL, Severity.MAJOR):
        many(made, severity)  # connections and plans are there from now on
    cases = {
        f"{ACTS} acts that cause three": partial(many, made, Severity.CRITICAL),
        f"{ACTS} acts that cause nothing": partial(many, made, Severity.MAJOR),
        f"facts/s of {OTHERS} at once that cause three": partial(at_once, made, Severity.CRITICAL),
        f"facts/s of {OTHERS} at once that cause nothing": partial(at_once, made, Severity.MAJOR),
    }
    three, none, three_at_once, none_at_once = _timing.medians(cases, repeats).values()
    rest, load = [], []
    for _ in range(repeats):
        rest += delays(made)
        load += under_load(made)
    rest.sort()
    load.sort()
    told = {"facts/s, one at a time": ACTS / three, "facts/s, at once": three_at_once}
    told |= {"p95 at rest, ms": p95(rest) * 1e3, "p95 under load, ms": p95(load) * 1e3}
    print(f"  { ({name: round(value, 1) for name, value in told.items()}) }", file=sys.stderr)
    return {
        "acts that cause three follow-up processes ÷ the same without": three / none,
        f"facts/s of {OTHERS} people at once: without ÷ with three follow-up processes": none_at_once / three_at_once,
        f"facts/s with three follow-up processes: {OTHERS} people at once ÷ one at a time": three_at_once
        * three
        / ACTS,
        "fact → task in the inbox at rest: p95 ÷ median": p95(rest) / statistics.median(rest),
        f"fact → task in the inbox, p95: while {OTHERS} others raise ÷ at rest": p95(load) / p95(rest),
    }


def main() -> None:
    """Furnish, raise, print."""
    given = _timing.arguments(repeats=3)
    with cluster() as server, plant(server) as made:
        ratios = measure(made, given.repeats)
        with reading(made.engine) as session:
            counted = {row.code: row.n for row in session.connection().execute(CAUSED)}
        print(f"  caused: {counted}", file=sys.stderr)
    _timing.report(ratios, given.repeats, as_json=given.json)


if __name__ == "__main__":
    main()
