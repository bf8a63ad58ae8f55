"""How many statements an act sends: each is a round trip, and an act waits for all of them.

The numbers are limits: whoever needs fewer lowers them, whoever needs more says why.
"""

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Engine, event

from models.inspection.messages import MeasuredValue, RecordResults
from tests.support.plant import direct
from tests.support.plant.plant import Plant

LIFE = (
    ("create_work_order", 12),
    ("record_operation", 23),
    ("record_operation", 27),
    ("record_results", 10),
    ("complete_task", 20),
    ("complete_task", 12),
    ("complete_task", 11),
    ("complete_task", 16),
    ("complete_task", 13),
    ("ship", 16),
)
"""A batch of hip stems from its order to the last unit shipped: ordered, two operations, measured, its verdict signed, packed, reviewed,
approved, put away, shipped.  The last statement of each writes what the act only tells, and asks who did it once more.  Each task asks
which change has paused the batch, and all evidence of a batch which CAPAs it and what it is made of are in."""
READ_AGAIN: Counter[tuple[str, str]] = Counter()
"""What an act of that life reads once more with the same question: nothing."""


@dataclass
class Sent:
    """What one act sent: statement and parameters."""

    act: str
    statements: list[tuple[str, str]] = field(default_factory=list)

    @property
    def again(self) -> Counter[tuple[str, str]]:
        """Tables that were asked the same more than once."""
        found: Counter[tuple[str, str]] = Counter()
        for (statement, _), times in Counter(self.statements).items():
            table = re.search(r"\bfrom (\w+)", statement, re.IGNORECASE)
            if times > 1 and table is not None:
                found[self.act, table[1]] += times - 1
        return found


@contextmanager
def counting(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Sent]]:
    """What every act sends meanwhile."""
    acts: list[Sent] = []
    do = direct.do

    def counted(engine: Engine, name: str, command: Any) -> Any:
        sent = Sent(name)

        def note(*given: Any) -> None:
            sent.statements.append((" ".join(given[2].split()), str(given[3])))

        event.listen(engine, "before_cursor_execute", note)
        try:
            return do(engine, name, command)
        finally:
            event.remove(engine, "before_cursor_execute", note)
            acts.append(sent)

    with monkeypatch.context() as patched:
        patched.setattr(direct, "do", counted)
        yield acts


async def live(plant: Plant, number: str) -> None:
    """A whole life."""
    await plant.make(number, "R-LIFE", 50)
    await plant.release(number)
    await plant.ship(f"SH-{number}", number, 50)


async def test_a_life_sends_no_more_statements_than_it_did(desk: Plant, monkeypatch: pytest.MonkeyPatch) -> None:
    await desk.material("R-LIFE", 1000)
    await live(desk, "W-FIRST")  # so that what is asked once a process has been asked
    with counting(monkeypatch) as acts:
        await live(desk, "W-LIFE")
    assert [sent.act for sent in acts] == [name for name, _ in LIFE]
    more = {
        f"{place} {sent.act}": (len(sent.statements), most)
        for place, (sent, (_, most)) in enumerate(zip(acts, LIFE, strict=True))
        if len(sent.statements) > most
    }
    assert more == {}
    again: Counter[tuple[str, str]] = sum((sent.again for sent in acts), Counter())
    assert again <= READ_AGAIN, again - READ_AGAIN


async def test_many_values_take_no_more_statements_than_few(desk: Plant, monkeypatch: pytest.MonkeyPatch) -> None:
    await desk.material("R-VALUES", 1000)
    numbers = {}
    for pieces in (1, 3):
        lot = f"W-V{pieces}"
        await desk.order(lot, 50)
        first = desk.operation(lot, 10, equipment=("M-07",), consumes=({"lot_no": "R-VALUES", "quantity": 50},))
        air = ({"quantity": "humidity", "value": 45, "unit": "%", "lower": 30, "upper": 60},)
        last = desk.operation(lot, 20, environment=air, produced=50, equipment=("W-03",))
        for done in (first, last):
            await desk.door.record_operation(desk.client, lot, done)
        task = desk.task(lot, "inspect")
        values = tuple(
            MeasuredValue(characteristic=2, sample_no=n + 1, value=Decimal(12), equipment_no="G-17")
            for n in range(pieces)
        )
        command = RecordResults(
            command_id=str(uuid4()), task_id=UUID(str(task.public_id)), by=desk.by("lin.jian"), values=values
        )
        with counting(monkeypatch) as acts:
            await desk.door.record_results(desk.client, desk.workflow_of(task), command)
        numbers[pieces] = [len(sent.statements) for sent in acts]
    assert numbers[1] == numbers[3]
