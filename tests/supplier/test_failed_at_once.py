"""A failed incoming inspection, in one transaction: all that follows from it, or nothing; wherever it is cut off, and each once (REQ 39, 40, 50, 51; STANDARDS N, Q 88).

What follows: the lot is kept, a nonconformance with its owner and the day by which it is decided, a CAPA where the rule says so, the alert of a chart
with tightened sampling, a lot in the series of the switching rules, the score, and what Temporal is to be told.  Here the act is cut off before its
n-th statement; `tests/faults` kills a real worker within it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import Engine, event

from models.kernel.refusal import Refusal
from models.process.messages.process import CompleteTask
from tests.drift.conftest import watched
from tests.support.often import DEEP, often
from tests.support.plant.direct import do
from tests.support.plant.plant import Plant
from tests.support.processes.drifting import arrived, came, verdict
from tests.support.processes.failing import graver, left

EVERYTHING = {
    "verdict": ["failed"],
    "signatures": 1,
    "lot": "received",
    "task": ["disposition"],
    "nonconformances": [["major", "open", True, True]],
    "capas": [["open", True]],
    "points": 1,
    "alerts": 1,
    "sampling": [["normal", "tightened"]],
    "severity": "tightened",
    "facts": [
        "capa.opened",
        "inspection.failed",
        "nonconformance.opened",
        "supplier.drift",
        "supplier.sampling_switched",
    ],
    "causes": ["begun", "begun"],
}
"""What one failed inspection leaves; of a nonconformance whether it has an owner and a due day, of a CAPA whether it is tied to its cause."""


class DiedError(BaseException):
    """The process is gone: nothing catches it."""


@contextmanager
def dying(engine: Engine, at: int) -> Iterator[list[str]]:
    """Whoever asks the database is gone before the statement of that number; answers the statements that were sent."""
    sent: list[str] = []

    def asked(conn: Any, cursor: Any, statement: str, *_: Any) -> None:
        del conn, cursor
        sent.append(statement)
        if len(sent) == at:
            raise DiedError

    event.listen(engine, "before_cursor_execute", asked)
    try:
        yield sent
    finally:
        event.remove(engine, "before_cursor_execute", asked)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def shop(desk: Plant) -> Plant:
    graver(desk.engine)
    return desk


async def failing(shop: Plant, name: str) -> CompleteTask:
    """A lot of a watched item from a supplier one of whose lots failed lately, measured far beyond the limits; the verdict that nobody has signed."""
    item = await watched(shop, name, rules="calm")
    await came(shop, f"{name}-A", item, f"W-{name}", 12.0)
    await arrived(shop, f"{name}-B", item, f"W-{name}", (12.0, 12.0, 12.0), bad=2)
    await verdict(shop, f"{name}-B", "failed")
    await arrived(shop, f"{name}-X", item, f"W-{name}", (13.0, 13.0, 13.0))
    return shop.completion(shop.task(f"{name}-X", "inspect"), shop.by("lin.jian"), "failed")


async def test_all_that_follows_is_there_at_once_and_wherever_it_is_cut_off_nothing_is(shop: Plant) -> None:
    command = await failing(shop, "CUT")
    before = left(shop, "CUT-X")
    tried, at = 0, 1
    while True:
        with dying(shop.engine, at) as sent:
            try:
                done = do(shop.engine, "complete_task", command)
            except DiedError:
                assert left(shop, "CUT-X") == before, sent[-1]
                tried += 1
                at += 1 if DEEP else often(17, 1)
                continue
        break
    assert tried >= often(4, 60)
    assert left(shop, "CUT-X") == EVERYTHING
    assert done.data["outcome"] == "failed"
    with pytest.raises(Refusal, match="TASK-002"):
        do(shop.engine, "complete_task", command)
    assert left(shop, "CUT-X") == EVERYTHING
