"""Several people at the same instant: threads that start together, or one behind another, each with its own connection."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import cycle, islice
from threading import Barrier

from sqlalchemy import Engine, TextClause, text

from models.kernel.refusal import Refusal
from models.process.messages.process import Receipt
from tests.support.record import check_sentences
from tests.support.servers.stack import wait_for

Answer = Receipt | Refusal
Act = Callable[[], Receipt]
Sorted = tuple[list[Receipt], list[Refusal]]
LOCK = text("select from lot where lot_no = :lot for no key update")
WAITING = text("select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'")

SLOW = """
create function still_at_it() returns trigger language plpgsql as $$
begin
  while not pg_try_advisory_xact_lock_shared(4711) loop perform pg_sleep(0.05); end loop;
  return new;
end $$;
create trigger still_at_it before insert on {table} for each row execute function still_at_it()
"""
"""What is written to a table takes as long as somebody keeps the advisory lock 4711; for the superuser."""


def _answer(act: Act) -> Answer:
    """What the person is told.  Anything but a receipt or a refusal is a bug and is raised."""
    try:
        return act()
    except Refusal as refusal:
        return refusal


def together(*acts: Act) -> list[Answer]:
    """Everybody's answer, in the order given.  Who is first is left to the machine: on some it is always the same."""
    start = Barrier(len(acts))

    def one(act: Act) -> Answer:
        start.wait()
        return _answer(act)

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(one, acts))


def in_line(engine: Engine, lot: str, *acts: Act, lock: TextClause = LOCK) -> list[Answer]:
    """Everybody's answer, where the first given reaches this lot first and all are under way before it goes on.

    We hold the lot ourselves (or what else of that number `lock` holds) until each of them waits for it (or for another of them);
    PostgreSQL lets them on in that order.  An act that never waits fails the test after half a minute.
    """
    watching = engine.execution_options(isolation_level="AUTOCOMMIT")  # a transaction would see the same moment again
    with ThreadPoolExecutor(len(acts)) as pool, watching.connect() as watch, engine.begin() as ahead:
        ahead.execute(lock, {"lot": lot}).one()
        line: list[Future[Answer]] = []
        for act in acts:
            line.append(pool.submit(_answer, act))
            wait_for(lambda: watch.execute(WAITING).scalar_one() == len(line), what=f"act {len(line)} waits for {lot}")
    return [one.result() for one in line]


def orders(times: int) -> Iterator[int | None]:
    """Which of two acts is first, each time: None as the machine likes, then the one, then the other."""
    return islice(cycle((None, 0, 1)), times)


def split(answers: list[Answer]) -> Sorted:
    """Who did it, and who was told no, in two languages."""
    refused = [one for one in answers if isinstance(one, Refusal)]
    for one in refused:
        check_sentences(one)
    return [one for one in answers if isinstance(one, Receipt)], refused
